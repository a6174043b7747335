# SPDX-License-Identifier: ISC
"""What readers of feeds and search engines ask for: Atom, robots.txt, maps of the site, and what pages say of
themselves."""
import re
import xml.etree.ElementTree as xml

import pytest
import requests

from articles import change, favor, read, write
from conftest import running
from pages import Browser
from ways import SLASHES

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ODD = "<b>\"'&amp;]]>\u2028é"


def get(site, path, status=200, type="application/atom+xml; charset=utf-8", **headers):
    answer = requests.get(site.url + path, headers=headers, timeout=10)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.headers["Content-Type"] == type and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    return answer


def feed(site, query=""):
    root = xml.fromstring(get(site, f"/feed.xml{query}").content)
    assert root.tag == f"{ATOM}feed" and root.findtext(f"{ATOM}id") and root.findtext(f"{ATOM}title")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", root.findtext(f"{ATOM}updated"))
    return root, root.findall(f"{ATOM}entry")


def link(node, rel):
    return next(n.get("href") for n in node.findall(f"{ATOM}link") if n.get("rel") == rel)


@pytest.fixture(scope="module")
def author(site):
    return site.register()


def test_feed_of_all(site, author):
    new = write(site, author, title=ODD, description=ODD, tagList=[ODD])
    root, entries = feed(site)
    one = entries[0]
    assert one.findtext(f"{ATOM}title") == ODD and one.findtext(f"{ATOM}summary") == ODD
    assert one.findtext(f"{ATOM}author/{ATOM}name") == author["username"]
    assert [c.get("term") for c in one.findall(f"{ATOM}category")] == [ODD]
    assert link(one, "alternate") == one.findtext(f"{ATOM}id") == f"{site.url}/article/{new['slug']}"
    assert one.findtext(f"{ATOM}published") == new["createdAt"]
    assert one.findtext(f"{ATOM}updated") == new["updatedAt"] and len(entries) <= 20
    assert link(root, "self") == f"{site.url}/feed.xml" and link(root, "alternate") == f"{site.url}/"


@pytest.mark.parametrize("sign", ["\ufffe", "\uffff", "\u202e", "\U0010ffff", "&#0;", "]]>", "\ufdd0"])
def test_X8_N2_no_sign_spoils_the_feed_for_all(site, author, sign):
    """Whatever one author writes, all readers can read the rest."""
    new = write(site, author, title=f"A{sign}B", description=sign * 3 + "x", tagList=[f"t{sign}"])
    one = feed(site)[1][0]
    kept = "" if sign in "\ufffe\uffff" else sign
    assert one.findtext(f"{ATOM}title") == f"A{kept}B" and one.findtext(f"{ATOM}summary") == kept * 3 + "x"
    change(site, author, new["slug"], body="x")
    xml.fromstring(get(site, "/sitemap/1.xml", type="application/xml; charset=utf-8").content)


def test_feeds_of_a_tag_and_of_an_author(site, author):
    mine = [write(site, author, tagList=["fed/up & on"])["slug"] for _ in range(2)][::-1]
    write(site, site.register())
    for page in (f"/profile/{author['username']}", *(["/tag/fed%2Fup%20%26%20on"] if SLASHES else [])):
        address = Browser(site).open(page).one("link[rel=alternate]")["href"]
        root, entries = feed(site, address.removeprefix("/feed.xml"))
        assert [link(e, "alternate").rsplit("/")[-1] for e in entries][:2] == mine
        assert {e.findtext(f"{ATOM}author/{ATOM}name") for e in entries} == {author["username"]}
        assert link(root, "self") == site.url + address and link(root, "alternate") == site.url + page
    assert feed(site, "?tag=of-nothing")[1] == []
    get(site, "/feed.xml?author=nobody-of-this-name", 404)


def test_feed_is_asked_for_again(site, author):
    write(site, author)
    first = get(site, "/feed.xml")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    tag = first.headers["ETag"]
    assert get(site, "/feed.xml", 304, **{"If-None-Match": tag}).content == b""
    change(site, author, write(site, author)["slug"], title="Something else")
    assert get(site, "/feed.xml", 200, **{"If-None-Match": tag}).headers["ETag"] != tag


def test_robots(site):
    text = get(site, "/robots.txt", type="text/plain; charset=utf-8").text
    assert text.startswith("User-agent: *\n") and f"Sitemap: {site.url}/sitemap.xml\n" in text
    assert "Disallow: /admin/\n" in text and "Disallow: /article" not in text


def test_maps_name_every_article(site, author):
    slug = write(site, author)["slug"]
    root = xml.fromstring(get(site, "/sitemap.xml", type="application/xml; charset=utf-8").content)
    assert root.tag == f"{MAP}sitemapindex"
    found = []
    for at in root.iter(f"{MAP}loc"):
        piece = xml.fromstring(get(site, at.text.removeprefix(site.url), type="application/xml; charset=utf-8").content)
        assert piece.tag == f"{MAP}urlset"
        found += [u.findtext(f"{MAP}loc") for u in piece]
    assert f"{site.url}/article/{slug}" in found and len(found) == len(set(found))
    assert len(found) == int(site.sql("SELECT COUNT(*) FROM articles")[0][0])
    for n, status in (("0", 422), ("x", 422), ("1000000", 200), ("99999999999999999999", 422)):
        get(site, f"/sitemap/{n}.xml", status, type="application/xml; charset=utf-8")


def test_pages_say_what_they_are(site, author):
    new = write(site, author, title="A \"title\"", description="About <it>")
    for path, title, text, type in ((f"/article/{new['slug']}", "A \"title\"", "About <it>", "article"),
                                    ("/", "Postern", "A small door for your site", "website"),
                                    ("/?page=2", "Postern", "A small door for your site", "website"),
                                    (f"/profile/{author['username']}", author["username"], None, "profile")):
        page = Browser(site).open(path)
        metas = {n["property"] or n["name"]: n["content"] for n in page.all("meta[content]")}
        assert metas.get("description") == metas.get("og:description") == text
        assert (metas["og:title"], metas["og:type"], metas["og:site_name"]) == (title, type, "Postern")
        assert metas["og:url"] == page.one("link[rel=canonical]")["href"] == site.url + path
        assert requests.get(metas["og:image"], timeout=10).status_code == 200
    for path in "/login", "/nowhere", f"/article/{new['slug']}x":
        assert not Browser(site).open(path).all("link[rel=canonical]")


def test_zone_and_pictures_of_other_sites(author):
    with running({"POSTERN_SITE_TIME_ZONE": "Asia/Kolkata", "POSTERN_SITE_EXTERNAL_IMAGES": "off"}) as far:
        person = far.register(image="https://example.org/me.png")
        slug = write(far, person, body="![weir](https://example.org/weir.jpg) ![here](/static/logo.svg)")["slug"]
        page = Browser(far).open(f"/article/{slug}")
        assert page.one(".article-meta time")["datetime"].endswith("+05:30")
        assert page.one(".article-content a")["href"] == "https://example.org/weir.jpg"
        assert [n["src"] for n in page.all("img") if not n["src"].startswith("/static/")] == []
        assert "img-src 'self';" in page.headers["Content-Security-Policy"]
        assert read(far, slug)["author"]["image"] == "https://example.org/me.png"
        favor(far, person, slug)


@pytest.mark.parametrize("zone", ["", "/etc/localtime", "../localtime", "Nowhere/Land", "Europe/Berlin/.."])
def test_zone_that_is_none_stops_the_start(site, zone):
    done = site.tool("static", str(site.var / "never"), check=False, POSTERN_SITE_TIME_ZONE=zone)
    assert done.returncode != 0 and "site.time_zone must be a name such as Europe/Berlin" in done.stderr
