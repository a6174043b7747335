# SPDX-License-Identifier: ISC
"""S6: where a browser goes on to after a login or a registration: a path of this site, else the home page."""
from urllib.parse import quote, unquote

import pytest

from accounts import newcomer
from pages import Browser, signed_in

BAD = [     # as it stands once the query is decoded
    "", " ", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "https:evil.example", "https://evil.example", "http:/evil.example",
    "HTTP://evil.example", "//evil.example@127.0.0.1", "\t//evil.example", " //evil.example",
    "\n//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\x0b/evil.example",
    "/\x00/evil.example", "/a\x00", "\x01/", "/\x7f", "/\u0085", "/\r\nSet-Cookie: a=b",
    "/settings\r\n\r\n<script>", "/%0d%0aSet-Cookie:a=b", "/%0D", "/%0a", "/%00", "/%09/evil.example",
    "/%7f", "/%c2%85", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x",
    "mailto:a@example.org", "@evil.example", "evil.example", "evil", ".", "..", "./", "?a=b", "#", "*",
    "/..//evil.example", "/../..//evil.example", "/.//evil.example", "/./", "/..", "/.", "/a/../settings",
    "/a/./b", "/a//b", "/%2e%2e//evil.example", "/%2e/", "/%2E%2E/x", "/a/%2e%2e/b", "/..;/x/..",
    "/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "/%5C", "/%252f%252fevil.example",
    "/%25", "/%", "/%2", "/%zz", "/a%", "/%u2215evil.example", "/%ff", "/settings#", "/#//evil.example",
    "/a\\b", "/a?b\\c", "/?" + "a" * 10000, "/" + "a" * 10000, "/" + "%41" * 700, "/login", "/register",
    "/logout", "/login?next=/login", "/logout?a", "/l%6fgin", "/%6cogout",
]
BAD_BYTES = [b"/\xff", b"/\xc0\xaf", b"/\xc0\xafevil.example", b"/\xed\xa0\x80", b"/?\xff", b"/\xe3\x80",
             b"/\xf8\x88\x80\x80\x80"]
GOOD = [
    "/", "/settings", "/?feed=following", "/?feed=following&page=2", "/profile/member1",
    "/article/a-slug?comments=1", "/tag/c%2B%2B", "/tag/caf%C3%A9?page=2", "/?q=a+b%20c",
    "/?q=//evil.example", "/?next=https://evil.example", "/?a=%0d%0aSet-Cookie:b", "/@evil.example", "/a:b",
    "/javascript:alert(1)", "/.well-known/x", "/...", "/a..b", "/settings/", "/loginx", "/login/x",
    "/Login", "/?" + "a" * 1998, "/~a/(b)!$'*,;=&c",
]
SPELT = [("/tag/café", "/tag/caf%C3%A9"), ("/a b", "/a%20b"), ("/?q=a b\"<>", "/?q=a%20b%22%3C%3E"),
         ("/\u202e", "/%E2%80%AE"), ("/\u3000/evil.example", "/%E3%80%80/evil.example"),
         ("/{{user}}`$(id)", "/%7B%7Buser%7D%7D%60$(id)")]
ALL = ([(quote(next, safe=""), "/") for next in BAD] + [(quote(next), "/") for next in BAD_BYTES]
       + [(quote(next, safe=""), next) for next in GOOD]
       + [(quote(next, safe=""), location) for next, location in SPELT])


def title(case):
    return case[0][:40] or "empty"


@pytest.fixture(scope="module")
def person(site):
    return site.register()


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


def leads(answer, location):
    """On, to exactly there, which is on this site; and with no header that somebody slipped in."""
    assert answer.status == 303 and answer.location == location
    assert answer.location.startswith("/") and not answer.location.startswith(("//", "/\\"))
    assert answer.location.isascii() and answer.location.isprintable() and " " not in answer.location
    assert all(c.startswith(("session-", "pre-", "flash-")) for c in answer.set_cookies)


def form_of(query, path="/login", browser=None, **more):
    """The query is part of the address, so what would make that too long can only stand in the form."""
    return browser.open(f"{path}?next={query}" if len(query) < 6000 else path, **more).form()


@pytest.mark.parametrize("case", ALL, ids=title)
def test_S6_login_goes_on_to_a_path_of_this_site_alone(site, person, case):
    query, location = case
    browser = Browser(site)
    form = form_of(query, browser=browser)
    assert form.values["next"] in ("", unquote(query, errors="replace"))
    assert (form.values["next"] == "") == (location == "/" and unquote(query) != "/")
    # The form with what it was given, and one where somebody has put the very text.
    answer = form.send(email=person["email"], password=person["password"])
    leads(answer, location if len(query) < 6000 else "/")
    browser.session.cookies.clear()
    typed = (f"email={person['username']}&password={quote(person['password'])}&next={query}"
             f"&csrf_token={browser.open('/login').token}")
    leads(browser.open("/login", "POST", data=typed, follow=False,
                       headers={"Content-Type": "application/x-www-form-urlencoded"}), location)


@pytest.mark.parametrize("case", ALL, ids=title)
def test_S6_registration_goes_on_to_a_path_of_this_site_alone(site, case):
    query, location = case
    browser = Browser(site)
    token = browser.open("/register").token
    user = newcomer()
    typed = "&".join(f"{k}={quote(v)}" for k, v in user.items()) + f"&csrf_token={token}&next={query}"
    leads(browser.open("/register", "POST", data=typed, follow=False,
                       headers={"Content-Type": "application/x-www-form-urlencoded"}), location)
    assert browser.open("/").user == user["username"]


@pytest.mark.parametrize("path", ["/login", "/register"])
@pytest.mark.parametrize("case", ALL, ids=title)
def test_S6_who_is_logged_in_goes_on_at_once(member, path, case):
    query, location = case
    if len(query) < 6000:
        leads(member.open(f"{path}?next={query}", follow=False), location)


def test_S6_next_of_multipart_form_is_checked_too(site, person):
    browser = Browser(site)
    for next, location in (("//evil.example", "/"), ("/settings", "/settings"), ("/\r\nA: b", "/")):
        browser.session.cookies.clear()
        typed = {"email": person["email"], "password": person["password"], "next": next}
        leads(browser.open("/login").form().send(multipart=True, **typed), location)


def test_S6_N4_first_of_two_counts(site, member, person):
    leads(member.open("/login?next=/settings&next=//evil.example", follow=False), "/settings")
    leads(member.open("/login?next=//evil.example&next=/settings", follow=False), "/")
    browser = Browser(site)
    form = browser.open("/login?next=%2Fsettings").form()
    pairs = [*form.filled(email=person["email"], password=person["password"]), ("next", "//evil.example")]
    leads(browser.open("/login", "POST", data=pairs, follow=False), "/settings")


def test_S6_next_in_the_address_of_the_post_is_not_read(site, person):
    browser = Browser(site)
    form = browser.open("/login").form()
    pairs = form.filled(email=person["email"], password=person["password"])
    leads(browser.open("/login?next=/settings", "POST", data=pairs, follow=False), "/")


@pytest.mark.parametrize("path", ["/settings", "/?feed=following", "/?feed=following&page=2",
                                  "/settings?a=b&c=%2F+d"])
def test_S6_closed_page_is_where_the_login_leads(site, person, path):
    browser = Browser(site)
    answer = browser.open(path, follow=False)
    assert (answer.status, answer.location) == (303, f"/login?next={quote(path, safe='')}")
    login = browser.open(answer.location)
    assert login.flash == [("info", "Please sign in to see that page.")]
    leads(login.form().send(email=person["email"], password=person["password"]), path)
    assert browser.open(path, follow=False).status == 200


def test_S6_next_outlives_errors(site, person):
    browser = Browser(site)
    answer = browser.open("/login?next=%2Fsettings").form().send(email=person["email"], password="wrong")
    assert answer.status == 401 and answer.form().values["next"] == "/settings"
    answer = answer.form().send(email=person["email"], password=person["password"], csrf_token="expired")
    assert answer.status == 403 and answer.form().values["next"] == "/settings"
    leads(answer.form().send(password=person["password"]), "/settings")


def other_form(page):
    """Where the link to the other of the two forms leads."""
    return next(n["href"] for n in page.all("main a") if n["href"].startswith(("/login", "/register")))


@pytest.mark.parametrize("path,other", [("/login", "/register"), ("/register", "/login")])
@pytest.mark.parametrize("next", ["/settings", "/?feed=following&page=2", "/tag/c%2B%2B?a=%26b", "/a b\"<é>"])
def test_S6_next_goes_along_to_the_other_form(site, path, other, next):
    """And back, also from a form that was refused."""
    browser = Browser(site)
    page = browser.open(f"{path}?next={quote(next, safe='')}")
    for page in (page, page.form().send(email="x", password="x"), page.form().send(csrf_token="expired")):
        assert other_form(page) == f"{other}?next={quote(next, safe='')}"
        there = browser.open(other_form(page))
        assert there.form().values["next"] == next
        assert other_form(there) == f"{path}?next={quote(next, safe='')}"
    user = newcomer() if other == "/register" else site.register()
    names = ("username", "email", "password") if other == "/register" else ("email", "password")
    leads(there.form().send(**{n: user[n] for n in names}), quote(next, safe="/?&=%"))


@pytest.mark.parametrize("next", ["", "//evil.example", "/login", "/\\x", "javascript:x", "/%0d"])
def test_S6_bad_next_does_not_go_along(site, next):
    for path, other in (("/login", "/register"), ("/register", "/login")):
        page = Browser(site).open(f"{path}?next={quote(next, safe='')}")
        for page in (page, page.form().send(next=next, csrf_token="expired")):
            assert other_form(page) == other and page.form().values["next"] == ""


@pytest.mark.parametrize("tail", ["&a=" + "%22" * 2400, "&a=" + "'" * 7000],
                         ids=lambda tail: tail[3:6])
def test_S6_too_long_a_query_of_a_closed_page_is_left_behind(site, tail):
    """What would not be taken as `next` is not offered, and cannot burst the headers of the answer."""
    answer = Browser(site).open("/?feed=following" + tail, follow=False)
    assert answer.status == 303 and answer.location in ("/login", "/login?next=%2F")


def test_S6_form_of_a_closed_page_leads_back_to_the_page(site):
    browser = Browser(site)
    answer = browser.open("/settings?next=//evil.example", "POST", follow=False,
                          data={"bio": "x", "next": "//evil.example"})
    assert (answer.status, answer.location) == (303, "/login?next=%2Fsettings")
