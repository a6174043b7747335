# SPDX-License-Identifier: ISC
"""Forms that nobody on this site has sent: S1 (the token), S2 (where it comes from), S3 (methods)."""
import json

import pytest

from accounts import newcomer
from conftest import PASSWORD
from letters import reset_token
from pages import EXPIRED, FOREIGN, NO_ORIGIN, Browser, session_row, signed_in

PAGE, FORM = "GET, HEAD, OPTIONS", "GET, HEAD, POST, OPTIONS"
ALLOWED = {"/": PAGE, "/login": FORM, "/register": FORM, "/settings": FORM, "/logout": FORM,
           "/email/verify": FORM, "/email/resend": FORM, "/password/forgot": FORM, "/password/reset": FORM,
           "/sessions": PAGE, "/settings/delete": FORM, "/settings/export": FORM,
           "/profile/nobody": PAGE, "/.well-known/change-password": PAGE}
NEW_PASSWORD = "a quite new password"


class Filled:
    """A form filled in, not yet sent: what was typed, what is secret, and where it leads when it is good."""

    def __init__(self, name, site):
        self.name, self.site = name, site
        self.query, self.secret_name = "", "password"
        getattr(self, name.rpartition("/")[2])()
        self.form = self.open()

    def open(self):
        return self.browser.open(f"/{self.name}{self.query}").form(f"/{self.name}")

    def register(self):
        self.browser, self.secret, self.goal = Browser(self.site), PASSWORD, "/"
        self.typed = {k: v for k, v in newcomer().items() if k != "password"}

    def login(self):
        member = self.site.register()
        self.browser, self.secret, self.goal = Browser(self.site), PASSWORD, "/"
        self.typed = {"email": member["email"], "remember": "true"}

    def settings(self):
        self.browser, self.secret = signed_in(self.site), NEW_PASSWORD
        name = newcomer()["username"]
        self.goal = f"/profile/{name}"
        self.typed = {"username": name, "email": f"{name}@example.org", "bio": "Two\r\n lines & <more>",
                      "image": "https://example.org/?a=1&b=2"}

    def logout(self):
        self.browser, self.secret, self.goal, self.typed = signed_in(self.site), None, "/", {}

    def verify(self):
        member = self.site.register()
        link = self.site.tool("user", "link", member["username"])
        self.browser, self.secret, self.goal = Browser(self.site), PASSWORD, "/login"
        self.secret_name, self.typed = "current_password", {"token": link.strip().rpartition("=")[2]}
        self.query = f"?token={self.typed['token']}"

    def reset(self):
        self.browser, self.secret, self.goal = Browser(self.site), NEW_PASSWORD, "/login"
        self.typed = {"token": reset_token(self.site, self.site.register()["email"])}
        self.query = f"?token={self.typed['token']}"

    def forgot(self):
        self.browser, self.secret, self.goal = Browser(self.site), None, "/login"
        self.typed = {"email": self.site.register()["email"]}

    def resend(self):
        self.forgot()

    @property
    def all(self):
        return {**self.typed, **({self.secret_name: self.secret} if self.secret else {})}

    def other(self):
        """A browser of somebody else, in the same state."""
        return signed_in(self.site) if self.name in ("settings", "logout") else Browser(self.site)

    def worked(self, answer):
        """Sent well: it leads on, and what the form is for has happened."""
        assert (answer.status, answer.location) == (303, self.goal), (answer.status, answer.errors)
        user = self.browser.open("/").user
        if self.goal == "/login" or self.name == "logout":
            return user is None
        return user is not None and user == self.typed.get("username", user)


@pytest.fixture(params=["register", "login", "settings", "logout", "email/verify", "email/resend",
                         "password/forgot", "password/reset"])
def filled(request, site):
    return Filled(request.param, site)


def unsigned(f):
    return f.form.send(csrf_token=None, **f.all)


def empty(f):
    return f.form.send(csrf_token="", **f.all)


def altered(f):
    token = f.form.values["csrf_token"]
    return f.form.send(csrf_token=("A" if token[0] != "A" else "B") + token[1:], **f.all)


def shortened(f):
    return f.form.send(csrf_token=f.form.values["csrf_token"][:-1], **f.all)


def lengthened(f):
    return f.form.send(csrf_token=f.form.values["csrf_token"] + "=", **f.all)


def anothers(f):
    return f.form.send(csrf_token=f.other().open("/logout").token, **f.all)


def in_the_url(f):
    token = f.form.values["csrf_token"]
    pairs = f.form.filled(csrf_token=None, **f.all)
    return f.browser.open(f"/{f.name}?csrf_token={token}", "POST", data=pairs)


def twice_wrong_first(f):
    token = f.form.values["csrf_token"]
    pairs = [("csrf_token", "x"), *f.form.filled(csrf_token=None, **f.all), ("csrf_token", token)]
    return f.browser.open(f"/{f.name}", "POST", data=pairs)


def as_json(f):
    body = {**f.all, "user": f.all}
    return f.browser.open(f"/{f.name}", "POST", json=body)


def json_as_text(f):
    body = {**f.all, "user": f.all, "csrf_token": f.form.values["csrf_token"]}
    return f.browser.open(f"/{f.name}", "POST", data=json.dumps(body), headers={"Content-Type": "text/plain"})


def json_as_form(f):
    body = {**f.all, "csrf_token": f.form.values["csrf_token"]}
    return f.browser.open(f"/{f.name}", "POST", data=json.dumps(body),
                          headers={"Content-Type": "application/x-www-form-urlencoded"})


def form_as_text(f):
    body = "\r\n".join(f"{n}={v}" for n, v in f.form.filled(**f.all))
    return f.browser.open(f"/{f.name}", "POST", data=body.encode(), headers={"Content-Type": "text/plain"})


def unsigned_parts(f):
    return f.form.send(multipart=True, csrf_token=None, **f.all)


def token_as_a_file(f):
    pairs = [(n, (None, v)) for n, v in f.form.filled(csrf_token=None, **f.all)]
    pairs.append(("csrf_token", ("token.txt", f.form.values["csrf_token"])))
    return f.browser.open(f"/{f.name}", "POST", files=pairs)


def nothing_at_all(f):
    return f.browser.open(f"/{f.name}", "POST")


ATTACKS = [unsigned, empty, altered, shortened, lengthened, anothers, in_the_url, twice_wrong_first, as_json,
           json_as_text, json_as_form, form_as_text, unsigned_parts, token_as_a_file, nothing_at_all]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.__name__)
def test_S1_form_without_its_token_changes_nothing(site, filled, attack):
    if attack is anothers:
        filled.other = lambda other=filled.other(): other   # made before the tables are looked at
    before = site.checksum(), filled.browser.cookie()
    answer = attack(filled)
    assert answer.status == 403 and answer.errors == [EXPIRED]
    assert (site.checksum(), filled.browser.cookie()) == before


def test_S1_token_of_the_session_before_is_no_good(site, filled):
    signed = filled.browser.cookie() is not None
    if not signed:
        signed_in(site, browser=filled.browser)
    old = filled.browser.open("/logout").token
    filled.browser.log_out()
    if signed:
        signed_in(site, filled.browser.member, filled.browser)
    form = filled.open()
    before = site.checksum()
    answer = form.send(**filled.all, csrf_token=old)
    assert answer.status == 403 and site.checksum() == before
    assert form.values["csrf_token"] != old


def test_S1_token_of_before_the_login_is_no_good_after_it(site):
    browser = Browser(site)
    before = browser.open("/login").token
    signed_in(site, browser=browser)
    assert browser.open("/logout").form().send(csrf_token=before).status == 403
    assert browser.open("/").user


def test_S1_token_without_its_cookie_is_no_good(site, filled):
    filled.browser.session.cookies.clear()
    before = site.checksum()
    answer = filled.form.send(**filled.all)
    # The settings are for members: whoever has no cookie is asked to log in.
    assert answer.status == (303 if filled.name == "settings" else 403)
    assert answer.location == ("/login?next=%2Fsettings" if filled.name == "settings" else None)
    assert site.checksum() == before


def test_S1_filled_form_comes_back_without_the_password_and_works_when_sent_again(filled):
    answer = filled.form.send(**filled.all, csrf_token="expired")
    again = answer.form(f"/{filled.name}")
    assert answer.status == 403 and answer.errors == [EXPIRED]
    assert answer.one("[role=alert]").one("ul.error-messages")
    assert {n: again.values.get(n) for n in filled.typed} == filled.typed
    if filled.secret:
        assert filled.secret not in answer.answer.text and again.values[filled.secret_name] == ""
        assert filled.worked(again.send(**{filled.secret_name: filled.secret}))
    else:
        assert filled.worked(again.send())


@pytest.mark.parametrize("header", ["X-CSRFToken", "X-CSRF-Token"])
def test_S1_token_in_a_header_is_good(filled, header):
    token = filled.form.values["csrf_token"]
    assert filled.worked(filled.form.send(**filled.all, csrf_token=None, headers={header: token}))


def test_S1_wrong_token_in_the_form_is_not_mended_by_the_header(filled):
    token = filled.form.values["csrf_token"]
    assert filled.form.send(**filled.all, csrf_token="x", headers={"X-CSRFToken": token}).status == 403


def test_S1_multipart_form_with_its_token_is_good(filled):
    assert filled.worked(filled.form.send(multipart=True, **filled.all))


def test_S1_first_of_two_tokens_counts(filled):
    pairs = [*filled.form.filled(**filled.all), ("csrf_token", "x")]
    assert filled.worked(filled.browser.open(f"/{filled.name}", "POST", data=pairs, follow=False))


def test_S1_json_with_the_token_in_a_header_is_good(site):
    filled = Filled("register", site)
    answer = filled.browser.open("/register", "POST", follow=False, json=filled.all,
                                 headers={"X-CSRFToken": filled.form.values["csrf_token"]})
    assert filled.worked(answer)


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


P = "http://127.0.0.1:{port}"
NO = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": P, "Referer": P + "/settings"},
    {"Sec-Fetch-Site": "same-site", "Origin": P}, {"Sec-Fetch-Site": "", "Origin": P},
    {"Sec-Fetch-Site": "Same-Origin", "Origin": P},
    {"Sec-Fetch-Site": "same-origin, cross-site", "Origin": P}, {}, {"Origin": "null"},
    {"Origin": "null", "Referer": P + "/settings"}, {"Origin": "", "Referer": P + "/settings"},
    {"Origin": "http://evil.example"}, {"Origin": "http://evil.example", "Referer": P + "/settings"},
    {"Origin": "https://127.0.0.1:{port}"}, {"Origin": "http://127.0.0.1"}, {"Origin": P + "0"},
    {"Origin": P + ".evil.example"}, {"Origin": P + "@evil.example"},
    {"Origin": "http://127.0.0.1.evil.example:{port}"}, {"Origin": "http://evil.example/" + P},
    {"Origin": "http://evil.example " + P}, {"Origin": P + " http://evil.example"},
    {"Referer": "http://evil.example/settings"}, {"Referer": P + "0/settings"}, {"Referer": P + "1"},
    {"Referer": P + ".evil.example/settings"}, {"Referer": P + "@evil.example/settings"},
    {"Referer": "http://evil.example/?" + P + "/settings"}, {"Referer": "/settings"}, {"Referer": ""},
    {"Referer": P + "\\@evil.example/"}, {"Referer": P + "?@evil.example/"},
    {"Referer": P + "#@evil.example/"},
]
YES = [
    {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "none", "Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": P}, {"Origin": P}, {"Origin": "http://localhost:{port}"},
    {"Origin": P, "Referer": "http://evil.example/"}, {"Referer": P + "/settings?a=b"}, {"Referer": P + "/"},
    {"Referer": P}, {"Referer": "http://localhost:{port}/settings"},
]


def sent_with(site, member, headers):
    """Whether a form with the right token is taken from where `headers` say it comes from. If it is not, its
    page comes back with what is stored: the next click must not send what another site has typed."""
    bio, form = newcomer()["username"], member.open("/settings").form()
    headers = {k: v.format(port=site.port) for k, v in headers.items()}
    answer = form.send(bio=bio, username=bio, image="/x", headers={**NO_ORIGIN, **headers})
    taken = member.open("/settings").form().values["bio"] == bio
    assert taken == (answer.status == 303)
    assert taken or answer.status == 403 and answer.errors == [FOREIGN]
    assert taken or answer.form().values == form.values
    return taken


@pytest.mark.parametrize("headers", NO, ids=str)
def test_S2_form_of_another_site_is_refused(site, member, headers):
    assert not sent_with(site, member, headers)


@pytest.mark.parametrize("headers", YES, ids=str)
def test_S2_form_of_this_site_is_taken(site, member, headers):
    assert sent_with(site, member, headers)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {}],
                         ids=str)
def test_S2_each_form_of_another_site_is_refused(site, filled, headers):
    before = site.checksum(), filled.browser.cookie()
    answer = filled.form.send(**filled.all, headers={**NO_ORIGIN, **headers})
    assert answer.status == 403 and answer.errors == [FOREIGN]
    known = {"token": "", "username": ""} if filled.query else {}       # by the link that was opened
    assert {**known, **answer.form(f"/{filled.name}").values} == {**filled.form.values, **known}
    assert not [v for v in filled.all.values() if v != "true" and v in answer.answer.text]
    assert (site.checksum(), filled.browser.cookie()) == before


def test_S2_pages_may_be_opened_from_everywhere(site, member):
    for headers in ({"Sec-Fetch-Site": "cross-site", "Referer": "http://evil.example/"}, {"Origin": "null"}):
        assert member.open("/settings", headers=headers).status == 200
        assert Browser(site).open("/login", headers=headers).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [*ALLOWED, "/api/users", "/nowhere"])
def test_S3_asking_changes_nothing(site, member, method, path):
    token = member.open("/logout").token
    query = (f"?csrf_token={token}&username=changed&email=changed@example.org&password={NEW_PASSWORD}"
             "&bio=changed&_method=POST")
    before, cookie = site.checksum(), member.cookie()
    for headers in ({}, {"X-HTTP-Method-Override": "POST", "X-CSRFToken": token}):
        assert member.open(path + query, method, headers=headers).status in (200, 401, 404, 405, 422)
        assert Browser(site).open(path + query, method, headers=headers).status in (200, 401, 404, 405, 422)
    assert (site.checksum(), member.cookie()) == (before, cookie)
    assert member.open("/").user


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ALLOWED)
def test_S3_other_methods_are_refused_and_told_which_are_good(site, member, method, path):
    token = member.open("/logout").token
    before = site.checksum()
    for browser in (member, Browser(site)):
        answer = browser.open(path, method, data={"csrf_token": token, "bio": "changed"})
        assert answer.status == 405 and answer.headers["Allow"] == ALLOWED[path]
        assert answer.texts("main h1") == ["Not like this"]
    assert site.checksum() == before and member.open("/").user


@pytest.mark.parametrize("path", [p for p, allowed in ALLOWED.items() if "POST" not in allowed])
def test_S3_page_that_takes_no_form_says_so(member, path):
    answer = member.open(path, "POST", data={"csrf_token": member.open("/logout").token})
    assert answer.status == 405 and answer.headers["Allow"] == ALLOWED[path]


@pytest.mark.parametrize("override", ["DELETE", "PUT", "GET"])
def test_S3_method_cannot_be_overridden(site, member, override):
    """A form stays a form, whatever it says of its method: it is saved, and nothing else happens."""
    bio = newcomer()["username"]
    answer = member.open("/settings").form().send(bio=bio, _method=override,
                                                  headers={"X-HTTP-Method-Override": override})
    assert answer.status == 303 and member.open("/settings").form().values["bio"] == bio
    assert member.open("/settings", headers={"X-HTTP-Method-Override": override}).status == 200
    assert session_row(site, member.cookie(), "ended_at") == ["NULL"]
