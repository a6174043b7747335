# SPDX-License-Identifier: ISC
"""Lists of articles, and an article with its comments, as pages: the names and texts that people and scripts go by,
and what the buttons do."""
import re

import pytest

from articles import comments_of, counted, favor, follow, read, say, write
from conftest import running
from pages import Browser, signed_in
from ways import SLASHES

EXTRA = {"tagList": ["river", "oak"]}


@pytest.fixture(scope="module")
def author(site):
    return site.register(bio="I row.")


@pytest.fixture(scope="module")
def reader(site):
    return signed_in(site)


@pytest.fixture(scope="module")
def slug(site, author):
    return write(site, author, **EXTRA)["slug"]


def previews(page):
    return page.texts(".article-preview a.preview-link h1")


def press(page, selector, **values):
    """Send the form that holds this button."""
    button = page.one(selector)
    node = button
    while node.tag != "form":
        node = node.parent
    name = {button["name"]: button["value"]} if button["name"] else {}
    pairs = {n["name"]: n["value"] for n in node.all("input")}
    if node["method"] == "get":
        return page.browser.open(node["action"], params=pairs, follow=False)
    return page.browser.open(node["action"], "POST", data={**pairs, **name, **values}, follow=False)


def test_preview(site, author, reader, slug):
    page = reader.open("/")
    one = next(p for p in page.all(".article-preview") if p.one("a.preview-link")["href"] == f"/article/{slug}")
    link = one.one("a.preview-link")
    assert [n.tag for n in link.children if not isinstance(n, str)] == ["h1", "p", "span", "ul"]
    assert link.one("h1").text == read(site, slug)["title"] and link.one("p").text == "What it is about"
    assert link.texts("ul.tag-list li.tag-default.tag-pill") == ["oak", "river"]
    assert one.one(".article-meta img")["src"].endswith("default-avatar.svg")
    assert one.one(".article-meta a.author")["href"] == f"/profile/{author['username']}"
    assert re.fullmatch(r"[A-Z][a-z]+ \d+, \d{4}", one.one("time").text)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", one.one("time")["datetime"])
    assert one.one("button.btn-outline-primary").text == "0"


def test_tabs(site, reader):
    member, guest = reader.open("/"), Browser(site).open("/")
    links = {n.text: (n["href"], "active" in n.classes) for n in member.all(".feed-toggle a.nav-link")}
    assert links == {"Your Feed": ("/?feed=following", False), "Global Feed": ("/", True)}
    assert guest.texts(".feed-toggle a.nav-link") == ["Global Feed"]
    yours = reader.open("/?feed=following")
    assert [n.text for n in yours.all(".feed-toggle a.active")] == ["Your Feed"]
    assert "Your feed is empty" in yours.one(".empty-feed-message").text
    assert yours.one(".empty-feed-message a[href=/]")
    assert Browser(site).open("/?feed=following", follow=False).location == "/login?next=%2F%3Ffeed%3Dfollowing"


def test_tag(site, author, reader):
    odd = "c & <unix>/?" if SLASHES else "c & <unix>?"
    new = write(site, author, tagList=[odd])
    page = reader.open("/")
    link = next(n for n in page.all(".sidebar .tag-list a.tag-pill") if n.text == odd)
    found = reader.open(link["href"])
    assert found.status == 200 and previews(found) == [new["title"]]
    assert [n.text for n in found.all(".feed-toggle a.active")] == [odd] and found.one("title").text == f"{odd} - Postern"
    nothing = reader.open("/tag/of-nothing")
    assert nothing.status == 200 and nothing.one(".empty-feed-message") and not previews(nothing)


def test_pager(site, reader):
    person = site.register()
    titles = [write(site, person, tagList=["paged"])["title"] for _ in range(12)][::-1]
    follow(site, reader.member, person["username"])
    for path, join in (("/tag/paged", "?"), ("/?feed=following", "&"), (f"/profile/{person['username']}", "?")):
        first = reader.open(path)
        assert previews(first) == titles[:10], path
        links = {n.text: n["href"] for n in first.all(".pagination .page-item a.page-link")}
        assert links == {"1": f"{path}{join}page=1", "2": f"{path}{join}page=2"}
        assert [n.text for n in first.all(".page-item.active")] == ["1"]
        second = reader.open(links["2"])
        assert previews(second) == titles[10:] and [n.text for n in second.all(".page-item.active")] == ["2"]
    follow(site, reader.member, person["username"], False)
    assert reader.open("/?page=2").status == 200


@pytest.mark.parametrize("page", ["0", "-1", "9999999999999", "10001", "99999999999999999999"])
def test_N3_page_of_no_sense(reader, page):
    found = reader.open(f"/?page={page}")
    assert found.status in (200, 422)
    assert found.status == 422 or found.one(".feed-toggle")


def test_profile_tabs(site, author, slug, reader):
    favor(site, reader.member, slug)
    name, mine = author["username"], reader.member["username"]
    page = reader.open(f"/profile/{name}")
    assert page.texts(".feed-toggle a.nav-link") == [f"{name}’s Articles", "Favorited Articles"]
    assert page.one(".feed-toggle a.active").text == f"{name}’s Articles"
    assert read(site, slug)["title"] in previews(page)
    own = reader.open(f"/profile/{mine}/favorites")
    assert own.texts(".feed-toggle a.nav-link") == ["My Articles", "Favorited Articles"]
    assert own.one(".feed-toggle a.active").text == "Favorited Articles" and previews(own) == [read(site, slug)["title"]]
    assert own.one("button.btn-primary").text == "1" and not own.all(".user-info button")
    favor(site, reader.member, slug, False)
    assert reader.open(f"/profile/{mine}/favorites").one(".empty-feed-message")
    assert reader.open("/profile/nobody/favorites").status == 404


def test_article(site, author, reader, slug):
    said = say(site, author, slug, "What *I* say.")
    page = reader.open(f"/article/{slug}")
    whole = page.one(".article-page")
    assert whole.texts("h1") == [read(site, slug)["title"]] and len(page.all("h1")) == 1
    assert whole.one(".article-meta a.author").text == author["username"]
    assert whole.one(".article-meta img") and whole.one(".article-meta time")
    assert [n.tag for n in whole.one(".article-content").children if not isinstance(n, str)] == ["p"]
    assert whole.one(".article-content em").text == "text"
    assert whole.texts(".tag-list li") == ["oak", "river"] and len(whole.all(".tag-list")) == 1
    texts = whole.texts(".article-meta button")
    assert texts == [f"Follow {author['username']}", "Favorite Article (0)"]
    form = page.one("form.card.comment-form")
    assert form.one("textarea")["placeholder"] == "Write a comment..." and form.one("img.comment-author-img")
    assert page.all("button[type=submit]")[0].text == "Post Comment" and page.one("label[for=body]").text
    cards = [c for c in page.all(".card") if "comment-form" not in c.classes]
    assert [c.one(".card-block p").text for c in cards] == ["What I say."]
    assert not page.all(".mod-options") and not page.all(".moderate") and said["body"] == "What *I* say."
    assert page.one("title").text == f"{read(site, slug)['title']} - Postern"


def test_article_logged_out(site, author, slug):
    page = Browser(site).open(f"/article/{slug}")
    assert len(page.all("a[href=/login]")) == 1
    path = f"%2Farticle%2F{slug}"
    assert [n["href"] for n in page.all(".comments a[href]") if "/login" in n["href"]] == [f"/login?next={path}"]
    assert not page.all("textarea") and page.texts(".actions button") == [f"Follow {author['username']}",
                                                                         "Favorite Article (0)"]
    for button in (".actions form[action=/login] button i.ion-plus-round", ".actions i.ion-heart"):
        node = page.one(button).parent
        assert node.parent["method"] == "get" and node.parent.one("input")["value"] == f"/article/{slug}"
    login = page.browser.open("/login", params={"next": f"/article/{slug}"})
    member = site.register()
    assert login.form().send(email=member["email"], password=member["password"]).location == f"/article/{slug}"


def test_own_article(site, author, slug):
    page = signed_in(site, author).open(f"/article/{slug}")
    assert page.texts(".article-meta button") == ["Delete Article"]
    assert page.one(".article-meta a.btn").text == "Edit Article"
    assert page.one(".article-meta a.btn")["href"] == f"/editor/{slug}" and not page.all(".moderate")
    assert page.all(".mod-options button[type=submit] i.ion-trash-a")


def test_favorite_and_back(site, author):
    slug, browser = write(site, author)["slug"], signed_in(site)
    page = browser.open(f"/article/{slug}")
    done = press(page, f"form[action=/article/{slug}/favorite] button")
    assert (done.status, done.location) == (303, f"/article/{slug}") and read(site, slug)["favoritesCount"] == 1
    page = browser.open(f"/article/{slug}")
    assert page.one(".actions button.btn-primary").text == "Unfavorite Article (1)"
    home = browser.open("/")
    done = press(home, f"form[action=/article/{slug}/unfavorite] button")
    assert (done.status, done.location) == (303, "/") and read(site, slug)["favoritesCount"] == 0
    assert counted(site) == []


def test_follow_and_back(site, author, slug):
    browser, name = signed_in(site), author["username"]
    page = browser.open(f"/profile/{name}")
    assert [b.text for b in page.all("button")][0] == f"Follow {name}"
    assert [b.text for b in page.all("button") if "follow" in b.text.lower()] == [f"Follow {name}"]
    assert press(page, f"form[action=/profile/{name}/follow] button").location == f"/profile/{name}"
    page = browser.open(f"/article/{slug}")
    done = press(page, f"form[action=/profile/{name}/unfollow] button")
    assert (done.status, done.location) == (303, f"/article/{slug}")
    assert browser.open(f"/profile/{name}").one(".user-info button").text == f"Follow {name}"


def test_comment(site, author):
    slug, browser = write(site, author)["slug"], signed_in(site)
    form = browser.open(f"/article/{slug}").form(f"/article/{slug}")
    done = form.send(body="Well *said*.")
    assert (done.status, done.location) == (303, f"/article/{slug}")
    page = browser.open(f"/article/{slug}")
    assert page.one(".card .card-block em").text == "said" and page.one(".comment-author").text == browser.member["username"]
    blank = page.form(f"/article/{slug}").send(body="  ")
    assert blank.status == 422 and blank.errors == ["Your comment can't be blank"]
    assert blank.one(".article-page") and blank.one("textarea")["aria-invalid"] == "true"
    long = page.form(f"/article/{slug}").send(body="x" * 10001)
    assert long.status == 422 and long.form(f"/article/{slug}").values["body"] == "x" * 10001
    done = press(page, ".mod-options button")
    assert (done.status, done.location) == (303, f"/article/{slug}")
    page = browser.open(f"/article/{slug}")
    assert not page.all(".mod-options") and page.flash == [("success", "The comment is removed.")]


def test_N3_many_comments_make_no_large_page(site, author):
    """The newest thirty; the others stand behind a link."""
    slug = write(site, author)["slug"]
    site.sql("INSERT INTO comments (article_id, author_id, body, html, renderer, created_at, updated_at) SELECT a.id,"
             " a.author_id, seq, CONCAT('<p>', seq, '</p>'), 'x', NOW(3), NOW(3) FROM seq_1_to_75 JOIN articles a"
             f" WHERE slug = '{slug}' ORDER BY seq")
    browser = signed_in(site)
    page, seen = browser.open(f"/article/{slug}"), []
    for links in (["Older comments"], ["Older comments", "Newer comments"], ["Newer comments"]):
        assert len(page.answer.content) < 30 * 1024
        seen = page.texts(".comments .card-block p") + seen
        assert [t for t in page.texts(".comments p a") if t.endswith("comments")] == links
        page = browser.open(next((a["href"] for a in page.all(".comments p a") if a.text == "Older comments"), "/"))
    assert seen == [str(n) for n in range(1, 76)]
    said = browser.open(f"/article/{slug}?page=2").form(f"/article/{slug}").send(body="Newest")
    assert browser.open(said.location).texts(".comments .card-block p")[-1] == "Newest"
    assert browser.open(f"/article/{slug}?page=99").status == 200
    assert len(comments_of(site, slug)) == 76


def test_delete(site, author):
    slug, browser = write(site, author)["slug"], signed_in(site, author)
    done = press(browser.open(f"/article/{slug}"), f"form[action=/article/{slug}/delete] button")
    assert (done.status, done.location) == (303, "/")
    assert browser.open("/").flash == [("success", "The article is removed.")]
    assert browser.open(f"/article/{slug}").status == 404 and counted(site) == []


ROWS = ["/article/{slug}", "/article/{slug}/favorite", "/article/{slug}/unfavorite", "/article/{slug}/delete",
        "/article/{slug}/comments/{id}/delete", "/profile/{name}/follow", "/profile/{name}/unfollow"]


@pytest.fixture(scope="module")
def there(site, author):
    slug = write(site, author)["slug"]
    favor(site, author, slug)
    return {"slug": slug, "id": say(site, author, slug)["id"], "name": author["username"]}


@pytest.mark.parametrize("row", ROWS)
def test_S1_form_without_its_token_changes_nothing(site, author, there, row):
    browser, other = signed_in(site, author), signed_in(site).open("/settings").token
    before = site.checksum()
    for token in (None, "x" * 43, other):
        answer = browser.open(row.format(**there), "POST", data={"body": "x", **({"csrf_token": token} if token else {})})
        assert answer.status == 403, row
    good = {"csrf_token": browser.open("/settings").token, "body": "x"}
    for headers in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.open(row.format(**there), "POST", data=good, headers=headers).status == 403
    assert site.checksum() == before


@pytest.mark.parametrize("row", ROWS)
def test_S3_form_of_nobody_leads_to_the_login(site, there, row, unchanged):
    answer = Browser(site).open(row.format(**there), "POST", data={"body": "x"}, follow=False)
    assert answer.status == 303 and answer.location.startswith("/login")


@pytest.mark.parametrize("row", [r for r in ROWS if r.endswith("delete")])
def test_S8_what_is_anothers_stays(site, there, row):
    browser = signed_in(site)
    answer = browser.open(row.format(**there), "POST", data={"csrf_token": browser.open("/settings").token})
    assert answer.status == 403
    assert site.api("GET", f"/articles/{there['slug']}").status_code == 200
    assert Browser(site).open(f"/article/{there['slug']}").all(".comment-author")


@pytest.mark.parametrize("row", ROWS)
def test_form_for_what_is_not_there(site, reader, row):
    path = row.format(slug="no-such-slug", id=1, name="nobody-of-this-name")
    answer = reader.open(path, "POST", data={"csrf_token": reader.open("/settings").token, "body": "x"})
    assert answer.status == 404


@pytest.mark.parametrize("next", ["//example.org", "https://example.org", "/\\example.org", "javascript:alert(1)"])
def test_X9_button_leads_to_no_other_site(site, reader, there, next):
    token = reader.open("/settings").token
    for path, home in ((f"/article/{there['slug']}/favorite", f"/article/{there['slug']}"),
                       (f"/profile/{there['name']}/follow", f"/profile/{there['name']}")):
        answer = reader.open(path, "POST", data={"csrf_token": token, "next": next}, follow=False)
        assert (answer.status, answer.location) == (303, home)


def test_features_off():
    off = {f"POSTERN_FEATURES_{n}": "off" for n in ("COMMENTS", "FOLLOW")}
    with running(off) as bare:
        person = bare.register()
        slug, browser = write(bare, person)["slug"], signed_in(bare)
        page = browser.open(f"/article/{slug}")
        assert page.status == 200 and not page.all(".comments") and page.texts(".actions button") == ["Favorite Article (0)"]
        token = browser.open("/settings").token
        for path in (f"/article/{slug}", f"/profile/{person['username']}/follow"):
            assert browser.open(path, "POST", data={"csrf_token": token, "body": "x"}).status in (404, 405)
        assert not browser.open(f"/profile/{person['username']}").all(".user-info button")


def test_site_without_articles():
    with running({"POSTERN_FEATURES_ARTICLES": "off", "POSTERN_SITE_EXTERNAL_IMAGES": "off",
                  "POSTERN_SITE_TIME_ZONE": "Asia/Kolkata"}) as bare:
        browser = signed_in(bare)
        for path in ("/article/x", "/tag/x", "/editor", "/editor/x", "/feed.xml", "/sitemap/1.xml", "/admin/content",
                     f"/profile/{browser.member['username']}/favorites"):
            assert browser.open(path).status == 404, path
        page = browser.open(f"/profile/{browser.member['username']}")
        assert page.status == 200 and not page.all(".feed-toggle")
        assert "img-src 'self';" in page.headers["Content-Security-Policy"]
