# SPDX-License-Identifier: ISC
"""The statuses of pages, and what people read when something is not right."""
import re
from urllib.parse import urlencode

import pytest
import requests

from accounts import newcomer
from conftest import PASSWORD
from pages import PROGRAMS, Browser, Reader, age_session, session_row, signed_in
from test_http import reachable
from ways import WAY

WRONG = ("This name or address and this password do not belong together. Try again, or choose a new"
         " password.")
MINUTE = 60


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


@pytest.fixture
def stale(site):
    """A browser whose login is sixteen minutes old."""
    browser = signed_in(site)
    age_session(site, browser.cookie(), authenticated_at=16 * MINUTE)
    return browser


NOBODY_KNOWS = object()     # the web server's own pages: it does not know who is logged in


def is_error(page, status, title, user=None):
    """An error page in the layout, for whoever is logged in."""
    guest = ["Home"] if user is NOBODY_KNOWS else ["Home", "Sign in", "Sign up"]
    user = None if user is NOBODY_KNOWS else user
    assert page.status == status and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.one("title").text.startswith(f"{title} - ") and page.texts("main h1") == [title]
    assert page.one("main.container .error-status").text == str(status) and page.user == user
    links = page.texts("nav.navbar a.nav-link")
    assert links == (["Home", "New Article", "Settings", user] if user else guest)
    assert page.one('main a.btn-primary[href=/]')
    return page


MISSING = ["/profile/" + "a" * 300, "/profile/" + "%C3%A9" * 300,
           "/nowhere", "/profile", "/profile/", "/profile/a/b", "/profile/nobody", "/profile/nobody%2Fx",
           "/login/", "/Login", "/login.html", "/settings/x", "/.git/config", "/index.php", "/tag", "/tag/", "/article", "/article/a/b",
           "/profile/..%2fx", "/a%20b", "/caf%C3%A9", "/" + "a" * 2000]


@pytest.mark.parametrize("path", reachable(MISSING), ids=lambda p: p[:30])
def test_no_such_page_is_404(site, member, path):
    for browser, user in ((Browser(site), None), (member, member.member["username"])):
        page = is_error(browser.open(path), 404, "Nothing here", user)
        assert page.one("main code").text == page.headers["X-Request-ID"]


def test_page_of_a_locked_or_removed_member_is_404(site, member):
    other = site.register()["username"]
    assert member.open(f"/profile/{other}").status == 200
    site.sql(f"UPDATE users SET locked = 1 WHERE username = '{other}'")
    is_error(member.open(f"/profile/{other}"), 404, "Nothing here", member.member["username"])
    site.sql(f"DELETE FROM users WHERE username = '{other}'")
    is_error(Browser(site).open(f"/profile/{other}"), 404, "Nothing here")


@pytest.mark.parametrize("path", ["/static/nowhere.css", "/static/", "/.well-known/security.txt"])
def test_what_the_web_server_does_not_find_is_404_too(site, path):
    page = is_error(Browser(site).open(path), 404, "Nothing here", NOBODY_KNOWS if WAY != "cgi" else None)
    assert (page.all("main code") == []) == (WAY != "cgi")      # it stands in the header alone, but where a program says it


def test_method_of_no_use_is_405(site, member):
    user = member.member["username"]
    for path in ("/", "/profile/nobody"):
        page = is_error(member.open(path, "POST"), 405, "Not like this", user)
        assert page.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert is_error(Browser(site).open("/login", "DELETE"), 405, "Not like this").headers["Allow"]
    if WAY != "cgi":        # TraceEnable is the host's
        is_error(Browser(site).open("/login", "TRACE"), 405, "Not like this", NOBODY_KNOWS)


@pytest.mark.parametrize("path", ["/register", "/login", "/settings", "/logout", "/"])
def test_too_large_a_form_is_413(site, member, path):
    answer = member.open(path, "POST", data={"bio": "x" * (1 << 20)})
    is_error(answer, 413, "Too large", NOBODY_KNOWS if WAY != "cgi" else member.member["username"])    # a program says it
    assert "error-status" in answer.answer.text


@pytest.mark.parametrize("program,path", [("login", "/login"), ("user", "/settings"), ("users", "/register")])
def test_program_alone_refuses_too_large_a_form(site, program, path):
    status, headers, body = site.cgi(program, "POST", DOCUMENT_URI=path, body=b"bio=" + b"x" * (1 << 20),
                                     type="application/x-www-form-urlencoded")
    assert status == 413 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert Reader(body.decode()).root.one("main h1").text == "Too large"


@pytest.mark.parametrize("query", ["/?feed=%ff", "/?feed=%00", "/?feed=a%0ab", "/?" + "a=b&" * 1500,
                                   "/profile/a%ffb", "/profile/a%0ab"], ids=lambda q: q[:20])
def test_query_or_path_that_cannot_be_is_422(site, member, query):
    is_error(member.open(query), 422, "Not quite right", member.member["username"])


@pytest.mark.parametrize("query", ["", "=", "=x", "=" + "x" * 300, "=%20", "=%C2%85", "=following%20",
                                   "=Following"])
def test_feed_that_is_none_is_all(site, member, query):
    for browser in (member, Browser(site)):
        page = browser.open(f"/?feed{query}")
        assert page.status == 200 and page.texts("main h1") == browser.open("/").texts("main h1"), query


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/settings", "/logout", "/profile/nobody",
                                  "/nowhere"])
def test_HEAD_is_GET_without_a_body(site, member, path):
    for browser in (member, Browser(site)):
        get, head = (browser.open(path, m, follow=False) for m in ("GET", "HEAD"))
        assert head.status == get.status and head.answer.content == b""
        once = {"Date", "X-Request-ID", "Set-Cookie", "Keep-Alive"}
        if WAY != "nginx" and get.headers["Content-Length"] == "0":
            once.add("Content-Length")      # Apache does not say of a HEAD that nothing would follow
        assert {k: v for k, v in head.headers.items() if k not in once} == {
            k: v for k, v in get.headers.items() if k not in once}


def test_OPTIONS_names_the_methods(site, member):
    for path, allowed in (("/", "GET, HEAD, OPTIONS"), ("/login", "GET, HEAD, POST, OPTIONS"),
                          ("/settings", "GET, HEAD, POST, OPTIONS")):
        for browser in (member, Browser(site)):     # closed pages too, and nobody is sent anywhere
            answer = browser.open(path, "OPTIONS", follow=False)
            assert answer.status == 204 and answer.headers["Allow"] == allowed
            assert answer.answer.content == b"" and answer.set_cookies == []
    assert member.open("/nowhere", "OPTIONS").status == 404


def test_failed_login_is_401_and_the_same_for_all(site):
    member, locked = site.register(), site.register()
    site.sql(f"UPDATE users SET locked = 1 WHERE username = '{locked['username']}'")
    seen = set()
    for email, password in ((member["email"], "wrong"), (member["username"], "wrong"),
                            (locked["email"], PASSWORD), ("nobody@example.org", PASSWORD),
                            ("no address at all", PASSWORD)):
        page = Browser(site).open("/login").form().send(email=email, password=password, remember="true")
        assert page.status == 401 and page.errors == [WRONG] and page.texts("main h1") == ["Sign in"]
        form = page.form()
        assert form.values == {**form.values, "email": email, "password": "", "remember": "true"}
        assert password not in page.answer.text and page.set_cookies == []
        text = re.sub(r'csrf_token" value="[^"]*"', "", page.answer.text.replace(email, ""))
        seen.add((text, tuple(sorted(k for k in page.headers))))
    assert len(seen) == 1


def about(form, name, *texts):
    """A field that is wrong says so beside it, and to a screen reader."""
    field = form.field(name)
    assert field["aria-invalid"] == "true"
    said = [n for n in form.node.all(".field-error") if n["id"] == f"{field['id']}-error"]
    assert [p.text for p in said[0].all("p")] == list(texts)
    assert form.describes(name)[-1] == " ".join(texts)


def test_name_and_address_that_are_taken_are_422(site):
    taken, user = site.register(), newcomer()
    typed = {"username": taken["username"].upper(), "email": taken["email"], "password": user["password"]}
    page = Browser(site).open("/register").form().send(**typed)
    assert page.status == 422
    assert page.errors == ["Username has already been taken", "Email has already been taken"]
    about(page.form(), "username", "Username has already been taken")
    about(page.form(), "email", "Email has already been taken")
    assert page.form().field("password")["aria-invalid"] is None
    assert page.form().send(**user).status == 303


def test_name_that_is_taken_is_422_in_the_settings(site, member):
    taken = site.register()
    typed = {"username": taken["username"], "bio": "kept", "image": "https://example.org/x"}
    page = member.open("/settings").form().send(**typed)
    assert page.status == 422 and page.errors == ["Username has already been taken"]
    form = page.form("/settings")
    about(form, "username", "Username has already been taken")
    assert form.values == {**form.values, **typed}
    assert page.user == member.member["username"]


def test_all_that_is_wrong_is_said_at_once(site):
    page = Browser(site).open("/register").form().send(username="a b", email="nobody", password="short")
    name = "Username may hold letters a to z, digits, _ - . (first a letter or digit)"
    assert page.status == 422
    assert page.errors == [name, "Email is not a mail address",
                           "Password is too short (minimum is 8 characters)"]
    form = page.form()
    about(form, "username", name)
    about(form, "password", "Password is too short (minimum is 8 characters)")
    assert form.values == {**form.values, "username": "a b", "email": "nobody", "password": ""}
    page = form.send(username=None, email="", password=" ")
    assert page.status == 422
    assert page.errors == ["Username can't be blank", "Email can't be blank", "Password can't be blank"]


@pytest.mark.parametrize("values,error", [
    ({"username": "admin"}, "Username is reserved"), ({"username": ""}, "Username can't be blank"),
    ({"email": "@"}, "Email is not a mail address"),
    ({"image": "javascript:x"}, "Picture address is not a web address"),
    ({"bio": "x" * 5001}, "About you is too long (maximum is 5000 characters)"),
    ({"password": "short"}, "New password is too short (minimum is 8 characters)"),
    ({"password": "x" * 73}, "New password is too long (maximum is 72 bytes)")], ids=lambda v: str(v)[:24])
def test_settings_that_cannot_be_are_422(site, member, values, error):
    before = site.checksum()
    page = member.open("/settings").form().send(**values)
    assert page.status == 422 and page.errors == [error] and page.texts("main h1") == ["Your Settings"]
    about(page.form(), *values, error)
    assert site.checksum() == before


@pytest.mark.parametrize("values", [{"email": "n{}@example.org"}, {"password": "a new password"}], ids=str)
def test_login_too_old_asks_for_the_password(site, stale, values):
    values = {k: v.format(newcomer()["username"]) for k, v in values.items()}
    form = stale.open("/settings").form()
    assert form.field("current_password")["autocomplete"] == "current-password"
    assert form.send(bio="needs none").status == 303
    before = site.checksum()
    for given, error in (("", "Current password is needed"), ("wrong", "Current password is wrong")):
        page = form.send(**values, current_password=given)
        assert page.status == 422 and page.errors == [error]
        form = page.form()
        about(form, "current_password", error)
        assert form.values["current_password"] == "" and "wrong" not in form.values.values()
        assert form.values["email"] == values.get("email", stale.member["email"])
    assert site.checksum() == before
    assert form.send(**values, current_password=PASSWORD).status == 303
    age = session_row(site, stale.cookie(), "TIMESTAMPDIFF(SECOND, authenticated_at, NOW(3))")
    assert int(age[0]) < MINUTE
    assert "current_password" not in stale.open("/settings").form().values


@pytest.mark.parametrize("text", ['"' * 1_000_000, "&" * 1_000_000, "é" * 400_000], ids=lambda text: text[0])
def test_value_far_too_long_is_not_shown_again(site, member, text):
    """Its signs would be five times as many in HTML."""
    for path in ("/register", "/login", "/settings"):
        form = (member if path == "/settings" else Browser(site)).open(path).form(path)
        for name in [n for n in form.values if n != "csrf_token"] + ["nothing"]:
            for token in (form.values["csrf_token"], "expired"):
                pairs = form.filled(**{"csrf_token": token, name: None})
                body = f"{urlencode(pairs)}&{name}=".encode() + text.replace("&", "%26").encode()[:999_999]
                page = form.page.browser.open(path, "POST", data=body, follow=False,
                                              headers={"Content-Type": "application/x-www-form-urlencoded"})
                if (page.status, name) != (303, "nothing"):
                    assert page.status in (401, 403, 422), (path, name)
                    assert page.form(path).values.get(name, "") == "", (path, name)
                assert len(page.answer.content) < 16_000, (path, name)


def test_what_is_somewhat_too_long_is_shown_again(site, member):
    for name, length in (("bio", 6000), ("username", 40), ("email", 300), ("image", 2100)):
        page = member.open("/settings").form().send(**{name: "é" * length})
        assert page.status == 422 and page.form().values[name] == "é" * length, name


@pytest.mark.parametrize("sent", ["true", "on", "1", "yes", "evil", "TRUE", "false", "off", "0", "", "no",
                                  "true ", "\" checked x=\""])
def test_box_comes_back_ticked_only_by_a_yes(site, sent):
    for token in ({}, {"csrf_token": "expired"}):
        page = Browser(site).open("/login").form().send(email="nobody", password="x", remember=sent, **token)
        box = page.form().field("remember")
        assert ("checked" in box.attrs) == (sent in ("true", "on", "1", "yes")) and box["value"] == "true"


def test_login_that_grows_old_over_the_form_asks_for_the_password(site):
    browser = signed_in(site)
    form = browser.open("/settings").form()
    assert "current_password" not in form.values
    age_session(site, browser.cookie(), authenticated_at=16 * MINUTE)
    page = form.send(password="a new password", bio="typed")
    assert page.status == 422 and page.errors == ["Current password is needed"]
    assert page.form().values["bio"] == "typed"
    assert page.form().send(password="a new password", current_password=PASSWORD).status == 303


def test_same_address_in_other_letters_needs_no_password(stale):
    assert stale.open("/settings").form().send(email=stale.member["email"].upper()).status == 303


def test_static_error_pages_stand_in_the_layout(site):
    titles = {403: "Not allowed", 404: "Nothing here", 405: "Not like this", 413: "Too large",
              429: "Too many requests", 500: "Something broke", 503: "Back in a moment"}
    made = {int(p.stem): Reader(p.read_text()).root for p in (site.var / "errors").glob("[0-9]*.html")}
    assert made.keys() >= titles.keys()
    for status, root in made.items():
        assert root.one("main.container h1").text == titles.get(status, root.one("h1").text) != ""
        assert root.one(".error-status").text == str(status) and root.one("nav.navbar")


def test_static_error_page_has_the_policy_of_the_others(site):
    static, made = (Browser(site).open(p) for p in ("/static/nowhere", "/nowhere"))
    assert static.headers["Content-Security-Policy"] == made.headers["Content-Security-Policy"]
    assert static.one("style").raw() == made.one("style").raw()


def away(site, program, method="GET", path="/", cookie="", **more):
    site.expect("error database error 2002 in: connect")
    return site.cgi(program, method, DOCUMENT_URI=path, SERVER_PORT=str(site.port), HTTP_COOKIE=cookie,
                    POSTERN_DATABASE_SOCKET="/nowhere/db.sock", **more)


def test_database_away_is_503_and_keeps_the_cookie(site, member):
    cookie = f"session-{site.port}={member.cookie()}"
    for program, path in (("pages", "/"), ("user", "/settings"), ("login", "/login")):
        status, headers, body = away(site, program, path=path, cookie=cookie)
        assert status == 503 and headers["Retry-After"] == "5" and "Set-Cookie" not in headers
        assert Reader(body.decode()).root.texts("main h1") == ["Back in a moment"]


def test_database_away_is_nothing_to_a_page_that_needs_none(site):
    for program, path in (("login", "/login"), ("users", "/register")):
        assert away(site, program, path=path)[0] == 200


def test_form_comes_back_when_the_database_is_away(site):
    """It is no loss of what was typed."""
    browser, user = Browser(site), newcomer()
    pairs = dict(browser.open("/register").form().filled(**user))
    request = requests.Request("POST", site.url, data=pairs).prepare()
    cookie = f"pre-{site.port}={browser.cookie('pre')}"
    status, headers, body = away(site, "users", "POST", "/register", cookie, body=request.body.encode(),
                                 type=request.headers["Content-Type"], HTTP_ORIGIN=site.url)
    page = Reader(body.decode()).root
    assert status == 503 and headers["Retry-After"] == "5"
    assert page.texts("ul.error-messages li") == [
        "The site was too busy, so nothing was changed. Please send the form again in a moment."]
    assert page.one("#username")["value"] == user["username"] and PASSWORD not in body.decode()


def test_form_from_elsewhere_is_not_filled_in_either_when_the_database_is_away(site, member):
    """Nobody has looked at its token then, and the next click would send it with a good one."""
    cookie = f"session-{site.port}={member.cookie()}"
    for program, path, name in (("user", "/settings", "bio"), ("login", "/login", "email"),
                                ("users", "/register", "username")):
        for elsewhere in ({"HTTP_ORIGIN": "http://evil.example"}, {"HTTP_SEC_FETCH_SITE": "cross-site"}, {}):
            status, _, body = away(site, program, "POST", path, cookie, body=f"{name}=needle".encode(),
                                   type="application/x-www-form-urlencoded", **elsewhere)
            assert status in (403, 503) and b"needle" not in body, path


def test_each_program_with_pages_knows_its_error_page(site):
    for program in PROGRAMS:
        status, headers, body = site.cgi(program, DOCUMENT_URI="/none-of-its-own")
        assert status == 404 and Reader(body.decode()).root.texts("main h1") == ["Nothing here"]


def test_error_page_says_nothing_of_what_was_asked(site):
    page = Browser(site).open("/needle-in-a-path?needle=1", headers={"Referer": "http://needle.example/"})
    assert page.status == 404 and "needle" not in page.answer.text
