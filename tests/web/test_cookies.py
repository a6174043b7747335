# SPDX-License-Identifier: ISC
"""Cookies: what is set, to the letter, over HTTP and over TLS (S5); whatever comes; messages shown once."""
import contextlib
import re

import pytest
import requests

from accounts import newcomer
from conftest import free_port, running
from pages import Browser, Page, session_row, signed_in, with_cookie
from ways import LARGE_HEADERS, LASTING, NGINX

VALUE = "[A-Za-z0-9_-]{43}"
PATHS = ["/", "/login", "/register", "/settings", "/logout", "/profile/nobody", "/nowhere",
         "/?feed=following"]
HSTS = "Strict-Transport-Security"


@contextlib.contextmanager
def over_tls(**settings):
    """A site with a certificate of its own. Its first address is the one with TLS."""
    port = free_port()
    with running({"TLS_PORT": str(port), "POSTERN_SITE_URLS": f"https://127.0.0.1:{port}/ http://localhost",
                  **settings}) as s:
        s.expect("^[-.+*]+$")       # openssl shows how it makes the key
        yield s


class Secure(Browser):
    """A browser that comes by TLS. It is told each cookie by hand, for none of a domain is a host's that is
    called by its number."""

    def __init__(self, site):
        super().__init__(site, f"https://127.0.0.1:{site.env['TLS_PORT']}", site.var / "keys" / "tls.crt")


@pytest.fixture(scope="module")
def tls():
    with over_tls() as s:
        yield s


@pytest.fixture(scope="module")
def shared():
    with over_tls(POSTERN_SESSION_COOKIE_DOMAIN="example.org") as s:
        yield s


def set_by_all_forms(browser, carry=None):
    """The cookies that the forms set, one list each: login page, login, login to be remembered, logout,
    register, save."""
    member, said = browser.site.register(), []

    def step(page):
        said.append(page.set_cookies)
        for cookie in page.set_cookies if carry else ():
            carry(browser, cookie)
        return page

    step(browser.open("/login", follow=False))
    step(browser.log_in(member))
    step(browser.open("/logout").form("/logout").send())
    step(browser.log_in(member, remember="true"))
    step(browser.open("/logout").form("/logout").send())
    step(browser.open("/register").form().send(**newcomer()))
    step(browser.open("/settings").form().send(bio="saved"))
    return said


def check(said, name, tail):
    session, end = f"{name('session')}={VALUE}; Path=/{tail}", f"{name('session')}=; Path=/{tail}"
    flash, pre = f"{name('flash')}=%s; Path=/%s", f"{name('pre')}={VALUE}; Path=/%s"
    own = re.sub("; Domain=[^;]*", "", tail)
    remembered = session.replace("; HttpOnly", "; Max-Age=2592000; HttpOnly")
    ended = end.replace("; HttpOnly", "; Max-Age=0; HttpOnly")
    wanted = [[pre % own], [session], [ended, flash % ("info.signed-out", own)], [remembered],
              [ended, flash % ("info.signed-out", own)], [session, flash % ("success.registered", own)],
              [flash % ("success.saved", own)]]
    assert [len(cookies) for cookies in said] == [len(cookies) for cookies in wanted]
    for cookies, patterns in zip(said, wanted):
        for cookie, pattern in zip(cookies, patterns):
            assert re.fullmatch(pattern, cookie), cookie


def test_S5_cookies_over_http(site):
    check(set_by_all_forms(Browser(site)), lambda what: f"{what}-{site.port}", "; HttpOnly; SameSite=Lax")


def test_S5_cookies_over_tls(tls):
    check(set_by_all_forms(Secure(tls)), lambda what: f"__Host-{what}", "; HttpOnly; SameSite=Lax; Secure")


def carry(browser, cookie):
    """As a browser whose address is within the domain."""
    name, value = cookie.split(";")[0].split("=")
    if "Max-Age=0" in cookie:
        browser.session.cookies.clear("127.0.0.1", "/", name)
    elif "Domain" in cookie:
        browser.session.cookies.set(name, value, domain="127.0.0.1", path="/", secure=True)


def test_S5_cookies_of_a_domain_over_tls(shared):
    """The session alone is shared; what belongs to this host keeps the name that no other may set."""
    said = set_by_all_forms(Secure(shared), carry)
    check(said, lambda what: "__Secure-session" if what == "session" else f"__Host-{what}",
          "; Domain=example.org; HttpOnly; SameSite=Lax; Secure")


def test_S5_cookies_of_a_domain_over_http(shared):
    said = Browser(shared).open("/login", headers={"Sec-Fetch-Site": "same-origin"}).set_cookies
    assert [re.sub(VALUE, "*", c) for c in said] == [f"pre-{shared.port}=*; Path=/; HttpOnly; SameSite=Lax"]


def test_S5_strict_transport_is_asked_for_over_tls_alone(site, tls, shared):
    for path in [*PATHS, "/api/user", "/api/nowhere"]:
        assert HSTS not in Browser(site).open(path, follow=False).headers
        assert HSTS not in Browser(tls).open(path, follow=False).headers
        for secure in (Secure(tls), Secure(shared)):
            assert secure.open(path, follow=False).headers[HSTS] == "max-age=31536000"


@LASTING
def test_S5_strict_transport_and_an_id_stand_on_what_nginx_answers_alone(site, tls):
    """Each once: `requests` would join two of them."""
    def asked(browser, method, path):
        more = {"headers": {"X": "x" * 9000}} if method == "LARGE" else {}
        method = "GET" if method == "LARGE" else method
        return browser.session.request(method, browser.url + path, timeout=10, **more)

    for method, path, status in (
            ("GET", "/static/style.css", 200), ("HEAD", "/static/script.js", 200),
            ("GET", "/static/none", 404), ("GET", "/favicon.ico", 200),
            ("POST", "/static/style.css", 405), ("TRACE", "/", 405),
            ("LARGE", "/", LARGE_HEADERS), ("LARGE", "/api/user", LARGE_HEADERS), ("GET", "/static/", 404)):
        for browser in Browser(site), Browser(tls), Secure(tls):
            answer = asked(browser, method, path)
            assert answer.status_code == status, path
            wanted = "max-age=31536000" if isinstance(browser, Secure) else None
            assert answer.headers.get(HSTS) == wanted, path
            assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"]), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path


@LASTING
def test_S5_plain_http_where_tls_is_spoken_is_told(tls):
    """In JSON on each path, for nothing but the first line of it is known."""
    for path in ("/", "/login?token=SECRET", "/api/user"):
        answer = requests.get(f"http://127.0.0.1:{tls.env['TLS_PORT']}{path}", timeout=10)
        assert answer.status_code == 400 and answer.json() == {"errors": {"request": ["is malformed"]}}
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
        assert "Set-Cookie" not in answer.headers
    for log in (tls.var / "log").iterdir():
        assert b"SECRET" not in log.read_bytes()


def test_S5_each_name_counts_in_its_own_place_alone(site, tls):
    """What came in the clear, where others may have set it, is no session of TLS, nor the other way round."""
    browser = signed_in(tls, browser=Secure(tls))
    session, name = browser.cookie(), browser.member["username"]
    assert browser.open("/").user == name
    url = browser.url
    for header in (f"session-{tls.port}={session}", f"session-{tls.env['TLS_PORT']}={session}",
                   f"session={session}", f"__Secure-session={session}", f"__host-session={session}"):
        answer = requests.get(url, headers={"Cookie": header}, verify=browser.session.verify, timeout=10)
        assert Page(browser, answer).user is None, header
    for header in (f"__Host-session={session}", f"__Secure-session={session}", f"session={session}"):
        assert with_cookie(tls, header).user is None
    assert with_cookie(tls, f"session-{tls.port}={session}").user == name
    assert with_cookie(tls, f"session-{site.port}={session}").user is None


def test_S2_address_with_tls_is_another_site_than_the_one_without(tls):
    browser = signed_in(tls, browser=Secure(tls))
    form = browser.open("/settings").form()
    for origin, status in ((browser.url, 303), (browser.url.replace("https", "http"), 403), (tls.url, 403),
                           ("http://localhost", 303), ("https://localhost", 403), ("https://127.0.0.1", 403)):
        assert form.send(bio="x", headers={"Origin": origin}).status == status, origin


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


ODD = [
    "", ";", ";;;;", "=", "==", "=;=", "; ", "a", "a;b;c", "session-{p}", "session-{p}=", "session-{p}==",
    "session-{p}=;", "session-{p} = x", "session-{p}=x", 'session-{p}="{v}"', "session-{p}='{v}'",
    "session-{p}={v}=", "session-{p}={v}x", "session-{p}=x{v}", "session-{p}=={v}", "session-{p}=%41{v}",
    "session-{p}=" + "A" * 42, "session-{p}=" + "A" * 44, "session-{p}=" + "." * 43,
    "session-{p}=" + "+" * 43, "session-{p}=" + "%" * 43, "session-{p}=" + "=" * 43,
    "session-{p}=../../etc/passwd", "session-{p}=' OR 1=1 -- ", "session-{p}={{{{user}}}}",
    "session-{p}=$(id)`id`%n%s", "session-{p}=<script>", "session-{p},x={v}", "session-{p}=" + "\xe9" * 43,
    "session-{p}=\xff\xfe", "\xc3\x28=\xa0", "Session-{p}={v}", "session-{p}0={v}", "xsession-{p}={v}",
    "x session-{p}={v}", "session-0={v}", "session={v}", "a=b session-{p}={v}", "a=session-{p}={v}",
    "pre-{p}=", "pre-{p}=x", "pre-{p}=" + "A" * 44, "flash-{p}=", "flash-{p}=" + "a" * 5000,
    "$Version=1; $Path=/", "session-{p}=" + "A" * 7000, "a=" + "b" * 7000, "; " * 3000, "a=b; " * 1400,
    "=" * 7000, "session-{p}=A A", "pre-{p}={v}; session-{p}=",
]


@pytest.mark.parametrize("header", ODD, ids=lambda h: re.sub("[^ -~]", "?", h[:30]) or "empty")
def test_S5_odd_cookies_are_nobodys_and_no_error(site, member, header):
    header = header.format(p=site.port, v=member.cookie())
    for path in PATHS:
        page = with_cookie(site, header.encode("latin-1"), path)
        assert 200 <= page.status < 500 and page.user is None, path
        assert page.status in (200, 303, 404)
        assert all("\xe9" not in c and len(c) < 200 for c in page.set_cookies)


def test_S5_of_fifty_cookies_the_right_one_is_found(site, member):
    session = f"session-{site.port}={member.cookie()}"
    others = [f"session-{n}={'B' * 43}" for n in range(site.port + 1, site.port + 50)]
    for place in (0, 25, 49):
        cookies = [*others[:place], session, *others[place:]]
        for between in ("; ", ";", " ;  ", ";\t"):
            assert with_cookie(site, between.join(cookies)).user == member.member["username"]


@pytest.mark.parametrize("path", ["/", "/settings", "/logout"])
def test_S5_seven_kilobytes_of_others_do_no_harm(site, member, path):
    session = f"session-{site.port}={member.cookie()}"
    for header in (f"a={'b' * 7000}; {session}", f"{session}; a={'b' * 7000}"):
        assert with_cookie(site, header, path).user == member.member["username"]


@NGINX
def test_S5_more_than_the_web_server_takes_is_told(site):
    answer = requests.get(site.url, headers={"Cookie": "a=" + "b" * 9000}, timeout=10)
    assert answer.status_code == 431 and "Set-Cookie" not in answer.headers
    assert Page(Browser(site), answer).texts("main h1") == ["Too much in the headers"]


def test_S5_first_of_two_cookies_counts(site, member):
    name, session, other = f"session-{site.port}", member.cookie(), signed_in(site)
    dead = "D" * 43
    pairs = [(session, dead, member.member), (dead, session, None), ("x", session, None), ("", session, None),
             (session, other.cookie(), member.member), (other.cookie(), session, other.member),
             (session, session, member.member)]
    for first, second, user in pairs:
        page = with_cookie(site, f"{name}={first}; {name}={second}")
        assert page.user == (user and user["username"]), (first, second)
    assert session_row(site, session, "ended_at") == ["NULL"]


def test_S5_dead_cookie_is_removed_but_no_other_is(site):
    name = f"session-{site.port}"
    for path in PATHS:
        page = with_cookie(site, f"{name}={'D' * 43}; other=1", path)
        assert page.set_cookies[0] == f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        assert not [c for c in page.set_cookies if "other" in c or c.count(name) > 1]


def flash_of(site, value, path="/"):
    return with_cookie(site, f"flash-{site.port}={value}", path)


FLASHES = {"info.sign-in": ("info", "Please sign in to see that page."),
           "info.signed-out": ("info", "You are signed out."),
           "success.registered": ("success", "Welcome! Your account is ready."),
           "success.saved": ("success", "Your settings are saved.")}


@pytest.mark.parametrize("steps", ["register", "save", "logout", "closed"])
def test_message_outlives_one_redirect_and_is_shown_once(site, steps):
    browser = Browser(site) if steps in ("register", "closed") else signed_in(site)
    if steps == "register":
        page = browser.open("/register").form().send(follow=True, **newcomer())
    elif steps == "save":
        page = browser.open("/settings").form().send(follow=True, bio="x")
    elif steps == "logout":
        page = browser.open("/settings").form("/logout").send(follow=True)
    else:
        page = browser.open("/settings")
    wanted = {"register": "success.registered", "save": "success.saved", "logout": "info.signed-out",
              "closed": "info.sign-in"}[steps]
    assert page.status == 200 and page.flash == [FLASHES[wanted]] and page.one("p.flash")["role"] == "status"
    assert f"flash-{site.port}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" in page.set_cookies
    assert browser.cookie("flash") is None
    for path in (page.path, "/"):
        assert browser.open(path).flash == []


def test_message_of_a_form_that_came_to_nothing_is_none(site):
    browser = signed_in(site)
    for page in (browser.open("/settings").form().send(bio="x", csrf_token="x"),
                 browser.open("/settings").form().send(username="not a name")):
        assert page.status in (403, 422) and page.flash == [] and page.set_cookies == []


def test_message_is_not_spent_on_a_HEAD(site):
    """Which shows nothing: a browser that looks ahead must not eat it."""
    browser = signed_in(site)
    assert browser.open("/settings").form().send(bio="x").status == 303
    for path in ("/", "/settings", "/nowhere", f"/profile/{browser.member['username']}"):
        page = browser.open(path, "HEAD")
        assert page.answer.content == b"" and page.set_cookies == [] and browser.cookie("flash")
    assert browser.open("/").flash == [FLASHES["success.saved"]] and browser.open("/").flash == []


def test_message_waits_over_two_redirects(site):
    """From a closed page to the login, and by way of its address, where somebody is logged in, home."""
    browser = signed_in(site)
    assert browser.open("/settings").form().send(bio="x").location.startswith("/profile/")
    assert browser.open("/login", follow=False).set_cookies == []
    assert browser.open("/").flash == [FLASHES["success.saved"]]


@pytest.mark.parametrize("key", FLASHES)
def test_messages_are_known_by_their_keys(site, key):
    assert flash_of(site, key).flash == [FLASHES[key]]


@pytest.mark.parametrize("value", [
    "", ".", "info", "info.", ".sign-in", "info.sign-in.", "danger.sign-in", "info.nothing", "INFO.sign-in",
    "info.sign-in%20", "info.sign_in", "success", "danger.You+lost", "x" * 40, "x" * 41, "x" * 4000, "<b>",
    "{{site.name}}", "$(id)", "%n%s", "info.sign-in,x"], ids=lambda value: value[:20])
def test_message_of_somebody_else_is_not_shown(site, value):
    for path in PATHS:
        page = flash_of(site, value, path)
        assert page.all(".flash") == [] and page.status in (200, 303, 404)
        without = flash_of(site, "none", path)      # where an article may have such a tag
        assert len(value) < 5 or page.answer.text.count(value) == without.answer.text.count(value)
