# SPDX-License-Identifier: ISC
"""The gate and the login: where a browser is sent, where it comes back to, and how a circle ends."""
import re
import time

import pytest
import requests

from conftest import PASSWORD
from gate_site import PAGE, RULES, ask, echo, gate, gated, location, told     # noqa: F401  gate is a fixture
from pages import Browser, age_session, signed_in
from test_nginx import raw
from ways import GATE

pytestmark = GATE


def test_the_login_leads_back(gate):
    browser = Browser(gate)
    answer = browser.open("/gate/member/wiki?a=1&b=%C3%A4", headers=PAGE, follow=False)
    assert answer.status == 302
    login = browser.open("/gate/member/wiki?a=1&b=%C3%A4", headers=PAGE)
    assert login.path.startswith("/login?gate=")
    there = login.form().send(email=gate.bob["email"], password=PASSWORD)
    assert there.status == 303 and there.location == "/gate/member/wiki?a=1&b=%C3%A4"
    assert told(browser.open(there.location).answer)["remote-user"] == "gatebob"


@pytest.mark.parametrize("headers, goes", [
    (PAGE, True), ({"Accept": "*/*"}, False), ({"Accept": "application/json"}, False), ({}, False),
    ({**PAGE, "Sec-Fetch-Mode": "navigate"}, True), ({**PAGE, "Sec-Fetch-Mode": "cors"}, False),
    ({"Accept": "*/*", "Sec-Fetch-Mode": "navigate"}, True), ({**PAGE, "Sec-Fetch-Mode": "websocket"}, False)])
def test_who_is_sent_to_the_login(gate, headers, goes):
    assert ask(gate, "/gate/member/", headers=headers).status_code == (302 if goes else 401)
    assert ask(gate, "/gate/bearer/", headers=headers).status_code == 401
    assert ask(gate, "/gate/member/", "POST", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/gate/member//evil", "/gate/member/%0d%0aSet-Cookie:x=y", "/gate/member/%5cevil",
                                  "/gate/member/" + 3000 * "x", "//evil.example.org/%2e%2e/gate/member/"])
def test_addresses_that_no_login_leads_back_to(gate, path):
    answer = raw(gate, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nAccept: text/html\r\n"
                       "Connection: close\r\n\r\n".encode())
    location = dict(answer[1])["Location"]
    assert answer[0] == 302 and re.fullmatch(rf"{gate.url}/login\?gate=\d+-none", location)


def test_a_token_in_an_address_goes_no_further(gate):
    location = ask(gate, "/gate/member/x?token=secret", headers=PAGE).headers["Location"]
    assert location.endswith("&next=%2Fgate%2Fmember%2Fx")


def loop_page(site, browser, why, next=""):
    """The page that ends a circle."""
    page = browser.open(f"/login?gate={int(time.time())}-{why}{next}", follow=False)
    assert page.status == 200 and page.texts("h1") == ["Signed in, but not there"] and not page.all("#email")
    return page


@pytest.mark.parametrize("why, word", [
    ("none", "session.cookie_domain"), ("name", "another port"), ("scheme", "https"), ("two", "Two different cookies"),
    ("host", "gate.sites"), ("ended", "same database")])
def test_a_circle_ends_in_a_page_that_says_why(gate, why, word):
    page = loop_page(gate, signed_in(gate, gate.bob), why, "&next=/gate/member/")
    assert word in page.one("p.hint").text
    assert page.one("a[href=/login?next=%2Fgate%2Fmember%2F]").text == "Try that page again"


def test_a_real_circle_ends(gate):
    """The cookie of another port: a browser that sends one which this site cannot know."""
    browser = signed_in(gate, gate.bob)
    there = ask(gate, "/gate/member/x", headers={**PAGE, "Cookie": "session-1=" + 43 * "A"}).headers["Location"]
    page = browser.open(there.removeprefix(gate.url), follow=False)
    assert "another port" in page.one("p.hint").text
    ended = ask(gate, "/gate/member/", headers={**PAGE, "Cookie": f"session-{gate.port}=" + 43 * "A"})
    assert re.search(r"gate=\d+-ended&", ended.headers["Location"])
    secure = ask(gate, "/gate/member/", headers={**PAGE, "Cookie": "__Host-session=" + 43 * "A"})
    assert re.search(r"gate=\d+-scheme&", secure.headers["Location"])


@pytest.mark.parametrize("query", ["gate={old}-none&", "gate=x&", "gate=&", "gate=-none&", "gate={old}&"])
def test_who_comes_back_later_goes_on(gate, query):
    browser = signed_in(gate, gate.bob)
    page = browser.open(f"/login?{query.format(old=int(time.time()) - 60)}next=/settings", follow=False)
    assert page.status == 303 and page.location == "/settings"


def test_who_is_not_signed_in_sees_the_form(gate):
    for why in ("none", "ended", "two", "again", "nonsense"):
        page = Browser(gate).open(f"/login?gate={int(time.time())}-{why}&next=/settings")
        assert page.status == 200 and page.form().values["next"] == "/settings"


def test_an_unknown_host_leads_to_no_circle(gate):
    answer = raw(gate, b"GET /gate/member/ HTTP/1.1\r\nHost: other.example.org\r\nAccept: text/html\r\n"
                       b"Connection: close\r\n\r\n")
    location = dict(answer[1])["Location"]
    assert re.fullmatch(rf"{gate.url}/login\?gate=\d+-host", location)
    loop_page(gate, Browser(gate), "host")


@pytest.fixture(scope="module")
def shared():
    """Two names of one nginx that share a login: 127.0.0.1 has the pages, wiki.example.test is guarded."""
    with echo() as app, gated(location("member", RULES["member"], app), {
            "POSTERN_GATE_SITES": "http://wiki.example.test:@PORT@ https://other.example.org",
            "POSTERN_SESSION_COOKIE_DOMAIN": "example.test"}) as site:
        site.wiki = f"http://wiki.example.test:{site.port}"
        yield site


def test_another_site_behind_the_same_login(shared):
    host = {"Host": shared.wiki.removeprefix("http://").replace("wiki", "Wiki")}
    sent = ask(shared, "/gate/member/page?a=1", headers={**PAGE, **host})
    back = f"{shared.wiki}/gate/member/page?a=1"
    assert sent.status_code == 302
    assert re.fullmatch(rf"{shared.url}/login\?gate=\d+-none&next={re.escape(requests.utils.quote(back, safe=''))}",
                        sent.headers["Location"])
    browser, member = Browser(shared), shared.register()
    form = browser.open(sent.headers["Location"].removeprefix(shared.url)).form()
    page = form.send(email=member["email"], password=PASSWORD)
    assert page.status == 303 and page.location == back
    (cookie,) = [c for c in page.set_cookies if c.startswith("session-")]
    assert "; Domain=example.test;" in cookie
    answer = ask(shared, "/gate/member/page?a=1", headers={**host, "Cookie": cookie.split(";")[0]})
    assert told(answer)["remote-user"] == member["username"]


def signed_in_by_hand(site):
    """requests keeps no cookie of a domain that it has not asked: it is put into each request."""
    browser, member = Browser(site), site.register()
    page = browser.open("/login").form().send(email=member["email"], password=PASSWORD)
    (cookie,) = [c for c in page.set_cookies if c.startswith("session-")]
    browser.session.cookies.clear()
    browser.session.headers["Cookie"] = cookie.split(";")[0]
    return browser


def test_a_login_leads_to_the_named_sites_alone(shared):
    browser, wiki = signed_in_by_hand(shared), shared.wiki
    for good in (f"{wiki}/", f"{wiki}/a?b=c", "https://other.example.org/x"):
        assert browser.open("/login?next=" + requests.utils.quote(good, safe=""), follow=False).location == good
    for evil in (f"{wiki}.evil.org/", f"{wiki}@evil.org/", f"{wiki}", f"{wiki}//evil.org", f"{wiki}/login", f"{wiki}1/",
                 f"{wiki}/%2e%2e/", "https://evil.org/", "//wiki.example.test/", "http://other.example.org/",
                 f"x{wiki}/", f" {wiki}/", wiki.replace("wiki", "WIKI") + "/"):
        page = browser.open("/login?next=" + requests.utils.quote(evil, safe=""), follow=False)
        assert page.location == "/", evil
    policy = browser.open("/").headers["Content-Security-Policy"]
    assert f"form-action 'self' {wiki} https://other.example.org;" in policy


def test_an_old_login_is_asked_for_the_password_again(gate):
    browser = signed_in(gate, gate.bob)
    age_session(gate, browser.cookie(), authenticated_at=901)
    assert browser.open("/gate/member/").status == 200
    answer = ask(gate, "/gate/fresh/", headers={"Cookie": f"session-{gate.port}={browser.cookie()}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age=900'
    login = browser.open("/gate/fresh/", headers=PAGE)
    assert login.path.startswith("/login?gate=") and login.form().field("password")
    assert login.form().send(email=gate.bob["email"], password=PASSWORD).location == "/gate/fresh/"
    assert browser.open("/gate/fresh/").status == 200
