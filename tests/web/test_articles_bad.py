# SPDX-License-Identifier: ISC
"""Bad input to articles, comments, feeds and their pages: SQL in every place (X1), line breaks (X6), columns that are
nobody's to set (S9), and methods (N9)."""
import re
import time
import urllib.parse

import pytest
import requests

from articles import change, comments_of, counted, draft, read, remove, say, slugs, write
from pages import signed_in
from test_leaks import FORCED, form

SQL = ["'", "\"", "\\", "\\'", "' OR '1'='1", "' OR 1=1 -- ", "1 OR 1=1", "1; SELECT SLEEP(3)", "' AND SLEEP(3) -- ",
       "' UNION SELECT 1,2,3,4,5,6,7,8,9 -- ", "1) OR SLEEP(3)#", "%27 OR SLEEP(3) -- ", ":me", ":slug", "/*!50000SLEEP(3)*/",
       "'||(SELECT password_hash FROM credentials)||'", "0x27", "`articles`", "\xbf' OR 1=1 -- ", "?", "$[*]", "[1]"]


@pytest.fixture(scope="module")
def author(site):
    return site.register()


@pytest.fixture(scope="module")
def there(site, author):
    slug = write(site, author, tagList=["there"])["slug"]
    return {"slug": slug, "id": say(site, author, slug)["id"], "name": author["username"]}


@pytest.fixture(scope="module")
def browser(site, author):
    return signed_in(site, author)


@pytest.mark.parametrize("text", SQL)
def test_X1_SQL_in_addresses_is_text(site, author, there, browser, text, unchanged):
    """It finds what has this name, which is nothing; it is soon there; no log says a word (conftest.py)."""
    start, quoted = time.monotonic(), urllib.parse.quote(text, "")
    for name in "tag", "author", "favorited":
        assert slugs(site, f"?{name}={quoted}") == ([], 0), name
        assert slugs(site, f"?tag=there&{name}2={quoted}&author={there['name']}") == ([there["slug"]], 1)
    for name in "limit", "offset":
        assert site.api("GET", f"/articles?{name}={quoted}").status_code == 422
    for method, path in (("GET", f"/articles/{quoted}"), ("GET", f"/articles/{quoted}/comments"),
                         ("POST", f"/articles/{quoted}/favorite"), ("DELETE", f"/articles/{quoted}"),
                         ("GET", f"/profiles/{quoted}"), ("POST", f"/profiles/{quoted}/follow"),
                         ("DELETE", f"/articles/{there['slug']}/comments/{quoted}")):
        assert site.api(method, path, token=author["token"]).status_code in (404, 422), (method, path)
    for path in (f"/?page={quoted}", f"/?feed={quoted}", f"/tag/{quoted}", f"/article/{quoted}", f"/editor/{quoted}",
                 f"/profile/{quoted}", f"/profile/{there['name']}/favorites?page={quoted}"):
        assert browser.open(path).status in (200, 404, 422), path
    for path, found in ((f"/feed.xml?tag={quoted}", (200,)), (f"/feed.xml?author={quoted}", (404,)),
                        (f"/sitemap/{quoted}.xml", (404, 422))):
        assert requests.get(site.url + path, timeout=10).status_code in found, path
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("text", SQL)
def test_X1_SQL_in_what_is_written_is_text(site, author, text):
    start = time.monotonic()
    new = write(site, author, title=f"x{text}", description=text, body=text, tagList=[text], headers={"Idempotency-Key": text.strip()}
                if text.isascii() else None)
    assert (new["title"], new["description"], new["body"], new["tagList"]) == (f"x{text}", text, text, [text])
    assert slugs(site, f"?tag={urllib.parse.quote(text, '')}") == ([new["slug"]], 1)
    said = say(site, author, new["slug"], text)
    assert [c["body"] for c in comments_of(site, new["slug"])] == [said["body"]] == [text]
    answer = change(site, author, new["slug"], {"If-Match": f'"{text.strip()}"'} if text.isascii() else None, description=text)
    assert answer.status_code == (412 if text.isascii() else 200)
    assert change(site, author, new["slug"], tagList=[text, "b"]).json()["article"]["tagList"] == sorted([text, "b"])
    remove(site, author, new["slug"])
    assert counted(site) == [] and time.monotonic() - start < 3


@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b", "a\x0bb", "a\x85b", "a\u2028b"])
def test_X6_line_breaks_make_no_header(site, author, there, browser, text):
    quoted = urllib.parse.quote(text)
    for path in f"/articles/{quoted}", f"/articles?tag={quoted}":
        answer = site.api("GET", path)
        assert answer.status_code in (200, 400, 404, 422) and "X-Evil" not in answer.headers, path
    for path in f"/tag/{quoted}", f"/article/{quoted}", f"/profile/{quoted}", f"/editor/{quoted}", f"/feed.xml?tag={quoted}":
        answer = browser.session.get(site.url + path, timeout=10)
        assert answer.status_code in (200, 400, 404, 422) and "X-Evil" not in answer.headers, path
    for next in f"/x{text}", f"/article/{text}":
        page = browser.open(f"/article/{there['slug']}/favorite", "POST", follow=False,
                            data={"csrf_token": browser.open("/settings").token, "next": next})
        assert page.status in (303, 422) and "X-Evil" not in page.headers
        assert page.status == 422 or not re.search(r"[\x00-\x20]", page.location)
    sent = site.api("POST", "/articles", {"article": draft(title=text)}, author["token"])
    assert sent.status_code == (201 if text == "a\u2028b" else 422), sent.text


def test_S9_forms_of_articles(site, author, browser):
    """Every column of every table beside what a form asks for: nothing of it is taken."""
    forced = {n: v for n, v in form(FORCED).items() if n not in ("title", "description", "body", "slug", "updatedAt", "csrf_token")}
    page = browser.open("/editor").form().send(**{**forced, **draft(title="Forced"), "tagList": "x"})
    assert page.status == 303, page.errors
    slug = page.location.split("/")[-1]
    made = read(site, slug)
    assert made["author"]["username"] == author["username"] and made["createdAt"] > "2002" and made["favoritesCount"] == 0
    kept = site.sql(f"SELECT id, author_id, favorites_count, created_at FROM articles WHERE slug = '{slug}'")
    page = browser.open(f"/editor/{slug}").form().send(**{**forced, "description": "Changed"})
    assert page.status == 303 and read(site, slug)["description"] == "Changed"
    assert site.sql(f"SELECT id, author_id, favorites_count, created_at FROM articles WHERE slug = '{slug}'") == kept
    page = browser.open(f"/article/{slug}").form(f"/article/{slug}").send(**{**forced, "body": "said"})
    (one,) = comments_of(site, slug)
    assert one["body"] == "said" and one["author"]["username"] == author["username"] and one["createdAt"] > "2002"
    assert counted(site) == []


READ = ["/api/articles", "/api/articles/{slug}", "/api/articles/{slug}/comments", "/api/tags", "/api/profiles/{name}", "/",
        "/tag/there", "/article/{slug}", "/profile/{name}", "/profile/{name}/favorites", "/feed.xml", "/robots.txt",
        "/sitemap.xml", "/sitemap/1.xml"]


@pytest.mark.parametrize("path", READ)
def test_N9_head_and_other_methods(site, there, path, unchanged):
    url = site.url + path.format(**there)
    get, head = (requests.request(method, url, timeout=10) for method in ("GET", "HEAD"))
    moving = {"Date", "X-Request-ID", "Set-Cookie", "Content-Length", "Transfer-Encoding", "Content-Encoding"}
    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert {n: v for n, v in get.headers.items() if n not in moving} == {n: v for n, v in head.headers.items() if n not in moving}
    for method in "PATCH", "DELETE", "PUT":
        answer = requests.request(method, url, timeout=10)
        assert answer.status_code in (401, 403, 405), method
        assert answer.status_code != 405 or "GET" in answer.headers["Allow"]
    assert requests.request("PROPFIND", url, timeout=10).status_code in (400, 405)
