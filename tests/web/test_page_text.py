# SPDX-License-Identifier: ISC
"""What stands on each page: the names and texts that people, scripts and screen readers go by."""
import base64
import hashlib
import re

import pytest

from conftest import PASSWORD, ROOT
from pages import Browser, age_session, signed_in

OUT = ["/", "/login", "/register", "/logout", "/profile/{name}", "/nowhere"]
IN = ["/", "/?feed=following", "/settings", "/settings/delete", "/settings/export", "/logout",
      "/profile/{name}", "/profile/{other}", "/nowhere"]
TITLES = {"/": "Home", "/?feed=following": "Home", "/login": "Sign in", "/register": "Sign up",
          "/settings": "Settings", "/settings/delete": "Remove your account",
          "/settings/export": "Download your data", "/logout": "Sign out", "/nowhere": "Nothing here"}
KILO = 1024


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


@pytest.fixture(scope="module")
def pages(site, member):
    """{title of the case: page}: each page in each state."""
    names = {"name": member.member["username"], "other": site.register()["username"]}
    browsers = {"out": (Browser(site), OUT), "in": (member, IN)}
    found = {f"{path} {who}": browser.open(path.format(**names))
             for who, (browser, paths) in browsers.items() for path in paths}
    login, register, settings = (browsers[w][0].open(p).form()
                                 for w, p in (("out", "/login"), ("out", "/register"), ("in", "/settings")))
    found["/login failed"] = login.send(email="nobody@example.org", password="wrong")
    found["/login flash"] = Browser(site).open("/settings")
    found["/login expired"] = login.send(email="nobody@example.org", csrf_token="x")
    found["/register failed"] = register.send(username="a b", email="x", password="y")
    found["/settings failed"] = settings.send(username="a b", email="x", password="y", image="javascript:")
    found["/logout expired"] = member.open("/logout").form().send(csrf_token="x")
    old = signed_in(site)
    age_session(site, old.cookie(), authenticated_at=1000)
    found["/settings stale"] = old.open("/settings")
    found["/settings stale failed"] = found["/settings stale"].form().send(password="a new password")
    found["/profile flash"] = old.open("/settings").form().send(follow=True, bio="x")
    return found


def test_every_page_is_whole(pages):
    """The frame: language, title, one main with one container, a skip link first, one heading, ids once."""
    for case, page in pages.items():
        assert page.doctype.lower() == "doctype html" and page.one("html")["lang"] == "en", case
        assert page.one("meta[charset]")["charset"] == "utf-8" and page.one("meta[name=viewport]"), case
        assert re.fullmatch(r".+ - Postern", page.one("title").text), case
        assert page.one("main") is page.one(".container") and page.one("main")["id"] == "main", case
        first = next(n for n in page.one("body").walk())
        assert (first.tag, first["href"], first.text) == ("a", "#main", "Skip to the content"), case
        heads = [n for n in page.walk() if (n["aria-level"] or {"h1": "1"}.get(n.tag)) == "1"]
        assert len(heads) == 1 and heads[0].text, case
        ids = [n["id"] for n in page.walk() if n["id"]]
        assert len(ids) == len(set(ids)), case
        assert "conduit" not in page.answer.text.lower() and "{{" not in page.answer.text, case
        path = case.split()[0]
        assert path not in TITLES or page.one("title").text == f"{TITLES[path]} - Postern", case


def test_navbar_says_who_is_logged_in(pages, member):
    name = member.member["username"]
    for case, page in pages.items():
        nav = page.one("nav.navbar")
        assert nav.one("a.navbar-brand")["href"] == "/" and nav.one("a.navbar-brand").text == "Postern", case
        links = {n.text: n["href"] for n in nav.all("a.nav-link")}
        if case.endswith(" in"):
            assert links == {"Home": "/", "New Article": "/editor", "Settings": "/settings",
                             name: f"/profile/{name}"}
            assert nav.one(f"a[href=/profile/{name}] img.user-pic")["src"] == "/static/default-avatar.svg"
        elif page.user is None:
            assert links == {"Home": "/", "Sign in": "/login", "Sign up": "/register"}, case
            assert len(page.all("nav.navbar a[href=/login]")) == 1, case


def test_first_button_belongs_to_the_main_form(pages):
    wanted = {"/login": "Sign in", "/register": "Sign up", "/settings": "Update Settings",
              "/settings/delete": "Remove my account", "/settings/export": "Download",
              "/logout": "Sign out"}
    for case, page in pages.items():
        buttons = page.all("button[type=submit]")     # those of small forms do not say that they submit
        path = case.split()[0]
        if path in wanted:
            assert buttons[0].text == wanted[path], case
            assert buttons[0] in list(page.form(path).node.walk()), case
        else:
            assert buttons == [], case


def test_every_input_has_a_label_that_is_seen_and_what_describes_it(pages):
    for case, page in pages.items():
        for n in page.walk():
            if n.tag not in ("input", "textarea", "select") or n["type"] == "hidden":
                continue
            assert n["id"] and len(page.all(f"label[for={n['id']}]")) == 1, (case, n.attrs)
            label = page.one(f"label[for={n['id']}]")
            assert label.text and "hidden" not in " ".join(label.classes) and "placeholder" not in n.attrs
            told = (n["aria-describedby"] or "").split()
            assert all(page.one(f"#{id}").text for id in told), (case, n.attrs)
            notes = [i for i in (f"{n['id']}-hint", f"{n['id']}-error") if page.all(f"#{i}")]
            assert told == notes, (case, n.attrs)
            assert (n["aria-invalid"] == "true") == (f"{n['id']}-error" in told), (case, n.attrs)


def test_errors_stand_in_one_list_that_is_read_out(pages):
    for case, page in pages.items():
        if "failed" in case or "expired" in case:
            assert page.one("[role=alert] ul.error-messages") and page.errors, case
            # Beside each field, too: as many as in the list, unless the form as a whole is meant.
            beside = page.texts(".field-error p")
            assert beside == page.errors or beside == [], case
        else:
            for selector in ("[role=alert]", ".error-messages", ".field-error", "[aria-invalid]"):
                assert page.all(selector) == [], case


def test_nothing_runs_and_nothing_is_styled_but_by_our_files(site, pages):
    for case, page in pages.items():
        policy = dict(d.split(" ", 1) for d in page.headers["Content-Security-Policy"].split("; "))
        style = page.one("style").raw()
        hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == {
            "default-src": "'none'", "style-src": f"'self' 'sha256-{hash}'", "script-src": "'self'",
            "img-src": "'self' https:", "connect-src": "'self'", "form-action": "'self'",
            "base-uri": "'none'", "frame-ancestors": "'none'"}, case
        assert page.headers["Referrer-Policy"] == "same-origin", case
        for n in page.walk():
            assert not [a for a in n.attrs if a.startswith("on") or a == "style"], (case, n.attrs)
            assert n.tag != "script" or n["src"] == "/static/script.js" and not n.raw(), case
            assert n.tag not in ("iframe", "object", "embed", "base", "frame"), case
            for a in ("src", "href", "action") if n["rel"] != "canonical" else ():
                assert re.match("/(?!/)|#", n[a] or "/"), (case, n[a])


def test_pictures_styles_and_scripts_are_there(site, pages):
    wanted = {n[a] for page in pages.values() for n in page.walk() for a in ("src", "href")
              if n.tag in ("img", "link", "script") and n[a] and n["rel"] not in ("canonical", "alternate")}
    assert {"/static/default-avatar.svg", "/static/style.css", "/static/logo.svg"} <= wanted
    types = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "ico": "image/x-icon",
             "png": "image/png"}
    for path in [*wanted, "/favicon.ico", "/apple-touch-icon.png"]:
        answer = Browser(site).session.get(site.url + path, timeout=10)
        assert answer.status_code == 200 and answer.content, path
        assert answer.headers["Content-Type"].split(";")[0] == types[path.rsplit(".")[-1]], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_page_weighs_little(pages):
    css, js = ((ROOT / "static" / name).stat().st_size for name in ("style.css", "script.js"))
    assert css <= 13 * KILO
    for case, page in pages.items():
        assert len(page.answer.content) + css + js < 30 * KILO, case
        assert int(page.headers["Content-Length"]) == len(page.answer.content)


def attrs(form, name, *wanted):
    return {a: form.field(name)[a] for a in wanted}


def test_login_page(pages):
    page = pages["/login out"]
    form = page.form("/login")
    assert page.texts("main h1") == ["Sign in"] and page.status == 200
    assert list(form.values) == ["csrf_token", "next", "email", "password"]
    assert attrs(form, "email", "type", "inputmode", "autocomplete", "autocapitalize", "required") == {
        "type": "text", "inputmode": "email", "autocomplete": "username", "autocapitalize": "off",
        "required": None}
    assert "required" in form.field("email").attrs and "required" in form.field("password").attrs
    assert attrs(form, "password", "type", "autocomplete") == {"type": "password",
                                                               "autocomplete": "current-password"}
    assert attrs(form, "remember", "type", "value", "checked") == {"type": "checkbox", "value": "true",
                                                                   "checked": None}
    assert [form.label(n) for n in ("email", "password", "remember")] == [
        "Email or username", "Password", "Remember me on this device"]
    assert page.one("main a[href=/password/forgot]").text == "Forgot your password?"
    assert page.one("main a[href=/register]").text == "Need an account?"


def test_register_page(pages):
    page = pages["/register out"]
    form = page.form("/register")
    assert page.texts("main h1") == ["Sign up"]
    assert list(form.values) == ["csrf_token", "next", "invite", "username", "email", "password", "website"]
    assert attrs(form, "username", "type", "autocomplete", "autocapitalize", "maxlength") == {
        "type": "text", "autocomplete": "username", "autocapitalize": "off", "maxlength": "30"}
    assert attrs(form, "email", "type", "autocomplete", "autocapitalize", "maxlength") == {
        "type": "email", "autocomplete": "email", "autocapitalize": "off", "maxlength": "254"}
    assert attrs(form, "password", "type", "autocomplete", "minlength", "maxlength") == {
        "type": "password", "autocomplete": "new-password", "minlength": "8", "maxlength": "72"}
    assert all("required" in form.field(n).attrs for n in ("username", "email", "password"))
    assert [form.label(n) for n in ("username", "email", "password")] == ["Username", "Email", "Password"]
    assert form.describes("password") == ["At least 8 characters."]
    pattern = re.compile(form.field("username")["pattern"])
    assert all(pattern.fullmatch(name) for name in ("ada", "a", "a.b_c-d", "0-"))
    assert not any(pattern.fullmatch(name) for name in ("a.", "-a", "a b", "é", ".", ""))
    assert page.one("main a[href=/login]").text == "Have an account?"


def test_settings_page(pages, member):
    page = pages["/settings in"]
    form = page.form("/settings")
    assert page.texts("main h1") == ["Your Settings"]
    assert list(form.values) == ["csrf_token", "image", "username", "bio", "email", "password"]
    assert form.values == {**form.values, **{n: member.member[n] for n in ("username", "email")}}
    assert form.field("bio").tag == "textarea" and form.field("bio")["maxlength"] == "5000"
    assert attrs(form, "image", "type", "inputmode") == {"type": "text", "inputmode": "url"}
    assert form.field("password")["autocomplete"] == "new-password"
    assert "required" not in form.field("password").attrs and "required" not in form.field("bio").attrs
    assert attrs(form, "username", "autocomplete", "autocapitalize") == {"autocomplete": "username",
                                                                         "autocapitalize": "off"}
    logout = page.form("/logout")
    assert logout.node.one("button.btn-outline-danger").text == "Or click here to logout"
    assert page.one("main a[href=/sessions]") and page.one("main a[href=/files]")
    assert pages["/settings stale"].form().label("current_password") == "Current password"


def test_home_page(pages):
    out, feed = pages["/ out"], pages["/?feed=following in"]
    assert out.one(".banner h1").text == "Postern" and out.one(".sidebar .tag-list")
    tabs = [(n.text, n["href"], "active" in n.classes) for n in out.all(".feed-toggle a.nav-link")]
    assert tabs == [("Global Feed", "/", True)]
    tabs = [(n.text, n["href"], "active" in n.classes) for n in pages["/ in"].all(".feed-toggle a.nav-link")]
    assert tabs == [("Your Feed", "/?feed=following", False), ("Global Feed", "/", True)]
    tabs = [(n.text, n["href"], "active" in n.classes) for n in feed.all(".feed-toggle a.nav-link")]
    assert tabs == [("Your Feed", "/?feed=following", True), ("Global Feed", "/", False)]
    assert feed.one(".feed-toggle a[aria-current=page]").text == "Your Feed"
    assert feed.one(".empty-feed-message").text.startswith("Your feed is empty")
    assert feed.one(".empty-feed-message a[href=/]").text == "Global Feed"
    assert len(out.all(".empty-feed-message")) + len(out.all(".article-preview")) > 0


def test_profile_page(pages, site, member):
    name = member.member["username"]
    for case in ("/profile/{name} out", "/profile/{name} in", "/profile/{other} in"):
        info = pages[case].one(".profile-page .user-info")
        assert len(info.all("h4")) == len(info.all("p")) == len(info.all("img.user-img")) == 1
        assert "default-avatar.svg" in info.one("img.user-img")["src"] and info.one("p").text == ""
    assert pages["/profile/{name} in"].one("h4").text == name
    own = [len(pages[f"/profile/{{{who}}} {seen}"].all("main a[href=/settings]"))
           for who, seen in (("name", "in"), ("name", "out"), ("other", "in"))]
    assert own == [1, 0, 0]
    assert pages["/profile/{name} in"].one("main a[href=/settings]").text == "Edit Profile Settings"
    bio, image = "I row.\nOn Sundays.", "https://example.org/me.png"
    assert member.open("/settings").form().send(bio=bio, image=image).location == f"/profile/{name}"
    page = member.open(f"/profile/{name.upper()}")
    assert page.one(".user-info p").raw() == bio and page.one("img.user-img")["src"] == image
    assert page.one("img.user-pic")["src"] == image and page.one("main a[href=/settings]")
    member.open("/settings").form().send(bio="", image="")
    assert site.sql(f"SELECT bio IS NULL, image IS NULL FROM users WHERE username = '{name}'") == [["1", "1"]]


def test_change_of_the_password_has_its_well_known_address(site, member):
    for browser in (Browser(site), member):
        page = browser.open("/.well-known/change-password", follow=False)
        assert (page.status, page.location) == (303, "/settings")
    assert member.open("/.well-known/change-password").texts("main h1") == ["Your Settings"]


def test_password_stands_on_no_page(pages):
    for case, page in pages.items():
        assert PASSWORD not in page.answer.text and "wrong" not in page.answer.text, case
        assert all(n["value"] is None for n in page.all("input[type=password]")), case
