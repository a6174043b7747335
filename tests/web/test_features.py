# SPDX-License-Identifier: ISC
"""What a site may leave out: the rows of a feature that is off are not there, and no link leads to them. Who may
publish sees the link to the editor."""
import pytest
import requests

from conftest import running
from pages import Browser, signed_in

OFF = {f"POSTERN_FEATURES_{name}": "off" for name in ("API", "ARTICLES", "COMMENTS", "FOLLOW", "FILES")}


@pytest.fixture(scope="module")
def bare():
    with running(OFF) as s:
        yield s


@pytest.fixture(scope="module")
def someone(bare):
    bare.tool("user", "add", "someone", "someone@example.org", input="correct horse\n")
    return signed_in(bare, {"email": "someone", "password": "correct horse"})


def test_api_off(bare):
    for path, status in (("/health/live", 200), ("/health/ready", 200), ("/health.fcgi/live", 200), ("/user", 404),
                         ("/user.fcgi", 404), ("/users", 404), ("/login", 404), ("/nothing", 404)):
        for method in "GET", "POST", "OPTIONS":
            answer = requests.request(method, f"{bare.url}/api{path}", timeout=10)
            expected = status if status == 404 or method == "GET" else 405 if method == "POST" else 204
            assert answer.status_code == expected, (method, path)
            if expected == 404:
                assert answer.json() == {"errors": {"path": ["not found"]}} and "Allow" not in answer.headers


def links(page):
    return {n["href"] for n in page.all("a[href]")}


def test_links_vanish(bare, someone, site):
    everybody = signed_in(site)
    gone = {"/editor", "/files", "/?feed=following"}
    assert gone <= links(everybody.open("/")) | links(everybody.open("/settings"))
    for path in "/", "/settings", "/profile/someone", "/nothing":
        assert not gone & links(someone.open(path)), path
    page = someone.open("/")
    assert page.status == 200 and page.one(".banner") and not page.all(".feed-toggle, .sidebar")


def test_no_feed_of_ones_own(bare, someone):
    for browser in someone, Browser(bare):
        page = browser.open("/?feed=following", follow=False)
        assert page.status == 200 and "empty-feed-message" not in page.answer.text


def test_pages_stay(bare, someone):
    for path in "/", "/login", "/register", "/logout", "/profile/someone":
        assert Browser(bare).open(path).status == 200
    assert someone.open("/settings").form("/settings").send(bio="still here").status == 303


@pytest.mark.parametrize("publish, role, may", [("member", "member", True), ("admin", "member", False),
                                                ("admin", "admin", True), ("group:board", "member", False),
                                                ("group:board", "admin", True)])
def test_who_may_publish(site, publish, role, may):
    browser = signed_in(site)
    site.sql(f"UPDATE users SET role = '{role}' WHERE username = '{browser.member['username']}'")
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies)
    status, _, page = site.cgi("pages", path="", DOCUMENT_URI="/", SERVER_PORT=str(site.port), HTTP_COOKIE=cookie,
                               POSTERN_SITE_PUBLISH=publish)
    assert status == 200 and (b'href="/editor"' in page) == may


@pytest.mark.parametrize("name, value, said", [
    ("SITE_REGISTRATION", "sometimes", "must be one of: open confirm approve invite closed"),
    ("SITE_PUBLISH", "group:", "must be member, admin or group:NAME"), ("FEATURES_API", "yes", "must be on or off"),
    ("CORS_ORIGINS", "app.example", "must be addresses such as https://example.org, without a path")])
def test_bad_settings_stop_the_start(site, name, value, said):
    done = site.tool("config", check=False, **{f"POSTERN_{name}": value})
    assert done.returncode != 0 and done.stderr == f"postern: environment POSTERN_{name}: {said}\n"
