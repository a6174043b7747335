# SPDX-License-Identifier: ISC
"""What admins, and the authors of articles, remove of others', and the pages where admins look through it all."""
import pytest

from articles import counted, say, write
from pages import Browser, signed_in
from test_page_articles import press


@pytest.fixture(scope="module")
def admin(site):
    browser = signed_in(site)
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{browser.member['username']}'")
    return browser


@pytest.fixture
def author(site):
    return site.register()


def removals(site, kind):
    return int(site.sql(f"SELECT COUNT(*) FROM events WHERE kind = '{kind}'")[0][0])


def test_admin_removes_an_article(site, admin, author):
    slug = write(site, author, tagList=["gone"])["slug"]
    page = admin.open(f"/article/{slug}")
    assert page.one(".actions button.moderate").text == "Remove" and "Delete Article" not in page.texts("button")
    assert not page.all(".ion-trash-a")
    before = removals(site, "article removed")
    assert press(page, ".actions button.moderate").location == "/"
    assert removals(site, "article removed") == before + 1
    assert site.api("GET", f"/articles/{slug}").status_code == 404 and counted(site) == []


def test_admin_removes_a_comment(site, admin, author):
    slug = write(site, author)["slug"]
    say(site, author, slug)
    page = admin.open(f"/article/{slug}")
    assert page.one(".card button.moderate").text == "Remove" and not page.all(".mod-options")
    assert press(page, ".card button.moderate").location == f"/article/{slug}"
    assert Browser(site).open(f"/article/{slug}").all(".comment-author") == []


def test_author_removes_what_others_say(site, author):
    slug, guest, browser = write(site, author)["slug"], site.register(), signed_in(site, author)
    say(site, guest, slug)
    say(site, author, slug)
    page = browser.open(f"/article/{slug}")
    assert len(page.all(".card button.moderate")) == 1 and len(page.all(".mod-options")) == 1
    press(page, ".card button.moderate")
    assert Browser(site).open(f"/article/{slug}").texts(".comment-author") == [author["username"]]
    seen = signed_in(site, guest).open(f"/article/{slug}")
    assert not seen.all(".moderate") and not seen.all(".mod-options")


def test_newest_articles(site, admin, author):
    slug = write(site, author)["slug"]
    page = admin.open("/admin/content")
    assert page.one("h1").text == "Content" and page.one(".feed-toggle a.active").text == "Articles"
    assert page.all(".card h2 a")[0]["href"] == f"/article/{slug}"
    assert [n["href"] for n in page.all("nav.navbar a") if n.text == "Content"] == ["/admin/content"]
    done = press(page, f"form[action=/article/{slug}/delete] button")
    assert (done.status, done.location) == (303, "/admin/content")
    assert admin.open("/admin/content").flash == [("success", "The article is removed.")]


def test_newest_comments(site, admin, author):
    slug = write(site, author)["slug"]
    said = [say(site, author, slug, f"Number {n}")["id"] for n in range(13)][::-1]
    page = admin.open("/admin/content?show=comments")
    assert page.texts(".card-block p")[1::2] == [f"Number {n}" for n in range(12, 2, -1)]
    assert [n.text for n in page.all("main a") if "comments&" in (n["href"] or "")] == ["Older comments"]
    older = admin.open("/admin/content?show=comments&page=2")
    assert older.texts(".card-block p")[1:6:2] == ["Number 2", "Number 1", "Number 0"]
    assert "Newer comments" in older.texts("main a")
    done = press(older, f"form[action=/article/{slug}/comments/{said[-1]}/delete] button")
    assert done.location == "/admin/content?show=comments&page=2"
    assert len(site.api("GET", f"/articles/{slug}/comments").json()["comments"]) == 12


def test_lock_the_author(site, admin, author):
    slug = write(site, author)["slug"]
    page = admin.open("/admin/content")
    form = next(f for f in page.all("form[action=/admin/content/lock]") if f.one("input[name=username]")["value"] == author["username"])
    pairs = {n["name"]: n["value"] for n in form.all("input")}
    done = admin.open("/admin/content/lock", "POST", data=pairs, follow=False)
    assert (done.status, done.location) == (303, "/admin/content")
    assert admin.open("/admin/content").flash == [("success", "The account is locked, and signed out everywhere.")]
    assert site.api("GET", "/user", token=author["token"]).status_code == 401
    assert admin.open("/admin/content/lock", "POST", data={**pairs, "username": "nobody-of-this-name"}).status == 404
    assert site.api("GET", f"/articles/{slug}").status_code == 200


@pytest.mark.parametrize("path", ["/admin/content", "/admin/content?show=comments"])
def test_A7_not_for_members(site, path):
    assert signed_in(site).open(path).status == 403
    assert Browser(site).open(path, follow=False).location.startswith("/login?next=%2Fadmin%2Fcontent")


def test_A7_lock_is_for_admins(site, author, admin):
    browser, path = signed_in(site), "/admin/content/lock"
    pairs = {"username": author["username"], "csrf_token": browser.open("/settings").token}
    assert browser.open(path, "POST", data=pairs).status == 403
    assert admin.open(path, "POST", data=pairs).status == 403       # the token of another
    assert site.api("GET", "/user", token=author["token"]).status_code == 200
