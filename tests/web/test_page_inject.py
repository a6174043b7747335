# SPDX-License-Identifier: ISC
"""What people type is shown as they typed it: no template (X5), no HTML, no address that runs, and no line of
a header or of a log (X6)."""
import re
from urllib.parse import quote

import pytest

from accounts import log_line, newcomer
from conftest import PASSWORD
from pages import Browser, signed_in, with_cookie
from ways import WAY

TEMPLATES = [
    "{{user}}", "{{{user}}}", "{{&site.name}}", "{{site.name}}", "{{#me}}x{{/me}}", "{{> nav}}",
    "{{! gone }}", "{{=<% %>=}}<%site.name%>", "{{<layout}}{{/layout}}", "{{", "}}", "%n%s%p%x", "%1$n",
    "${7*7}", "#{7*7}", "$(id)", "`id`", "<%= 7*7 %>", "<?php phpinfo() ?>", "\\x3cb\\x3e",
    "\\u003cb\\u003e", "\\", "%3Cb%3E", "&lt;b&gt;", "&amp;", "&#x3c;b&#62;", "&nbsp", "' OR '1'='1", "-- ",
    ";", "\"", "'", "NULL", "0", "false",
]
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>",
    "'><svg onload=alert(1)>", "\" autofocus onfocus=\"alert(1)", "' onmouseover='alert(1)",
    "\" hidden x=\"", "</textarea><script>alert(1)</script>", "</title><b>", "</style><b>",
    "</ul></main><form action=//evil>", "<!-- ", "-->", "<![CDATA[", "]]>",
    "<a href=javascript:alert(1)>x</a>", "<base href=//evil.example>", "<input name=csrf_token value=x>",
    "<b", "<b x='", "< script >", "<b/onclick=x>", "<ſcript>", "＜script＞", "\u202e<b>", "\u2028<b>\u2029",
    "a\tb<i>\tc", "<math><mtext></form><form><mglyph>", "<plaintext>",
]
TEXTS = TEMPLATES + MARKUP


def skeleton(page):
    """The elements of a page and the names of their attributes."""
    return [(n.tag, tuple(n.attrs)) for n in page.walk()]


@pytest.fixture(scope="module")
def member(site):
    return signed_in(site)


@pytest.fixture(scope="module")
def other(site):
    return signed_in(site)


def refused(site, path, member=None, **typed):
    """The page of a form that came back, for an expired token."""
    page = (member or Browser(site)).open(path).form().send(csrf_token="expired", **typed)
    assert page.status == 403
    return page


def value_of(page, name):
    """What stands in a control, as it was typed; HTML drops one line break at the beginning of a textarea."""
    return page.form().values[name]


@pytest.fixture(scope="module")
def plain(site, member):
    """The pages with nothing in them that could do harm."""
    assert member.open("/settings").form().send(bio="x", follow=True).status == 200
    return {"register": skeleton(refused(site, "/register", username="x", email="x", password="x")),
            "login": skeleton(refused(site, "/login", email="x", password="x")),
            "settings": skeleton(refused(site, "/settings", member, username="x", bio="x", image="x")),
            "own settings": skeleton(member.open("/settings")),
            "profile": skeleton(member.open(f"/profile/{member.member['username']}"))}


@pytest.mark.parametrize("text", TEXTS)
def test_X5_every_input_that_comes_back_is_literal(site, member, plain, text):
    page = refused(site, "/register", username=text, email=text, password=text, next=text)
    assert skeleton(page) == plain["register"]
    assert page.form().values == {**page.form().values, "username": text, "email": text, "password": ""}
    page = refused(site, "/login", email=text, password=text, next=text)
    assert skeleton(page) == plain["login"] and value_of(page, "email") == text
    page = refused(site, "/settings", member, username=text, email=text, bio=text, image=text, password=text)
    assert skeleton(page) == plain["settings"]
    assert page.form().values == {**page.form().values, "username": text, "email": text, "bio": text,
                                  "image": text, "password": ""}
    assert page.user == member.member["username"]


@pytest.mark.parametrize("text", TEXTS)
def test_X5_bio_is_literal(site, member, plain, text):
    assert member.open("/settings").form().send(bio=text).status == 303
    assert member.open("/").flash[0][0] == "success"
    settings, profile = member.open("/settings"), member.open(f"/profile/{member.member['username']}")
    assert settings.form().values["bio"] == text and profile.one(".user-info p").raw() == text
    assert skeleton(profile) == plain["profile"] and skeleton(settings) == plain["own settings"]


@pytest.mark.parametrize("text", [t for t in TEXTS if not t.isalnum()])
def test_X5_name_of_such_signs_is_refused(site, plain, text):
    page = Browser(site).open("/register").form().send(**{**newcomer(), "username": text})
    assert page.status == 422 and value_of(page, "username") == text
    field = page.one("#username")
    assert field["aria-invalid"] == "true" and "Username" in page.errors[0] and len(page.errors) == 1
    assert not [n for n in page.walk() if n.tag in ("b", "i", "svg", "math", "base") or "onerror" in n.attrs]
    assert len(page.all("img")) == 1 and len(page.all("form")) == 1 and len(page.all("script")) == 1


@pytest.mark.parametrize("email", ["`id`@example.org", "{{user}}@example.org", "%n%s@example.org",
                                   "'or'1'='1@example.org", "${id}@example.org", "a&amp@example.org",
                                   "#{1}@example.org"])
def test_X5_address_of_such_signs_is_literal(site, email):
    user = {**newcomer(), "email": email}
    browser = Browser(site)
    assert browser.open("/register").form().send(**user).status == 303
    page = browser.open("/settings")
    assert page.form().values["email"] == email and page.user == user["username"]
    assert Browser(site).log_in(user).status == 303


PICTURES = [
    "https://example.org/{{user}}", "https://example.org/\"><script>alert(1)</script>",
    "https://example.org/?a='b'", "https://example.org/`id`$(id)%n%s${7*7}",
    "HTTPS://example.org/&lt;&quot;", "http://a/ b<c>", "/x\" onerror=\"alert(1)",
    "//example.org/<img src=x onerror=y>", "x.png?\"'<>", "https://example.org/\u202e\u2028é",
    "http://example.org/x.png", "//example.org/x.png", "/\\example.org/x.png", "https://example.org/x.png",
    "/static/x.png",
]
AVATAR = "/static/default-avatar.svg"


@pytest.mark.parametrize("image", PICTURES)
def test_X5_picture_is_an_address_and_no_more(site, member, plain, image):
    assert member.open("/settings").form().send(image=image).status == 303
    assert member.open("/settings").form().values["image"] == image
    page = member.open(f"/profile/{member.member['username']}")
    assert skeleton(page) == plain["profile"]
    for node in (page.one("img.user-img"), page.one("img.user-pic")):
        assert node["src"].isascii() and not set(node["src"]) & set(" \"<>`{}\\^|")
        seen = re.match("https://|/(?!/)", image, re.I)    # the policy lets no other be seen
        assert node["src"] == (quote(image, safe=":/?#[]@!$&'()*+,;=%~") if seen else AVATAR)


RUNNING = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\tjavascript:alert(1)",
    "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
    "data:image/svg+xml,<svg/>", "DATA:text/html;base64,PHNjcmlwdD4=", "vbscript:x", "file:///etc/passwd",
    "blob:https://example.org/1", "about:blank", "https:x", "http:x", "mailto:a@example.org",
    "view-source:x", "\u00a0javascript:alert(1)", "\u2028javascript:x", "ftp://x/y",
]


@pytest.mark.parametrize("image", RUNNING)
def test_X5_address_that_runs_is_refused(site, member, image):
    before = site.checksum()
    page = member.open("/settings").form().send(image=image)
    assert page.status == 422 and page.form().values["image"].strip() == image.strip()
    assert page.errors == ["Picture address is not a web address"]
    assert site.checksum() == before


@pytest.mark.parametrize("image", RUNNING)
def test_X5_address_that_runs_never_is_a_source_even_from_the_table(site, other, image):
    """Whoever has put it there."""
    name = other.member["username"]
    site.sql(f"UPDATE users SET image = CONVERT(UNHEX('{image.encode().hex()}') USING utf8mb4)"
             f" WHERE username = '{name}'")
    page = other.open(f"/profile/{name}")
    for node in (page.one("img.user-img"), page.one("img.user-pic")):
        assert node["src"] == AVATAR


def test_X5_name_is_escaped_even_from_the_table(site):
    """A name that no form takes stands in text, address and title."""
    browser = signed_in(site)
    name = "\"><b>{{x}}&amp;'/"
    site.sql(f"UPDATE users SET username = '{name.replace(chr(39), chr(39) * 2)}' WHERE username ="
             f" '{browser.member['username']}'")
    page = browser.open("/")
    assert page.user == name and page.all("nav b") == []
    assert page.one("a.nav-user")["href"] == "/profile/" + quote(name, safe="")
    site.sql(f"DELETE u FROM users u JOIN addresses ON user_id = id WHERE email = '{browser.member['email']}'")


CRLF = [
    "\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "\r\n\r\n<script>alert(1)", "\u0085X-Evil: 1",
    "\u2028X-Evil: 1", "\x0bX-Evil: 1", "\x1b[31mred", "\r\nSet-Cookie: evil=1",
]


def is_one_answer(site, program, page, statuses):
    """No header, cookie or line that somebody slipped in; one line in the log."""
    assert page.status in statuses, page.status
    assert "X-Evil" not in page.headers and not [c for c in page.set_cookies if "evil" in c]
    assert not [v for v in page.headers.values() if "evil" in v.lower() and not v.startswith("/")]
    line = log_line(site, program, page.answer)
    assert line["status"] == str(page.status)
    assert line.keys() == {"id", "method", "path", "status", "us", "user"}
    return line


@pytest.mark.parametrize("text", CRLF, ids=ascii)
def test_X6_line_breaks_make_no_header_and_no_line(site, member, text):
    raw = quote(text)
    visitor = Browser(site)
    line = is_one_answer(site, "profiles", visitor.open(f"/profile/a{raw}"), (404, 422))
    assert line["path"].isascii() and line["path"].startswith("/profile/a%")
    is_one_answer(site, "pages", visitor.open(f"/nowhere{raw}", follow=False), (404,))
    is_one_answer(site, "pages", visitor.open(f"/?feed=following&x={raw}", follow=False), (303,))
    is_one_answer(site, "pages", visitor.open(f"/?feed={raw}", follow=False), (200, 422))
    is_one_answer(site, "login", visitor.open(f"/login?next=/{raw}", follow=False), (200,))
    is_one_answer(site, "login", member.open(f"/login?next=/{raw}", follow=False), (303,))
    form = visitor.open("/login").form()
    is_one_answer(site, "login", form.send(email=f"a{text}", password=PASSWORD, next=f"/{text}"), (401, 422))
    user = newcomer()
    form = visitor.open("/register").form()
    is_one_answer(site, "users", form.send(**{**user, "username": f"a{text}"}), (422,))
    is_one_answer(site, "users", form.send(**{**user, "email": f"a{text}@example.org"}), (422,))
    is_one_answer(site, "users", form.send(**user, csrf_token=text), (403,))
    form = member.open("/settings").form()
    is_one_answer(site, "user", form.send(username=f"a{text}"), (422,))
    is_one_answer(site, "user", form.send(email=f"a{text}@example.org"), (422,))
    is_one_answer(site, "user", form.send(**{f"bio{text}": text}), (303,))
    is_one_answer(site, "user", form.send(image=f"https://example.org/{text}"), (422, 303))


def test_X6_bytes_that_are_no_text_make_no_line(site):
    for header in (b"a=\x80\xff", b"flash-%d=\xe2\x80\xa8" % site.port):
        is_one_answer(site, "pages", with_cookie(site, header), (200,))
    for headers in ({"User-Agent": b"\xff\x1b[31m"}, {"X-Request-ID": "x id=1"}, {"X-CSRFToken": b"\xff"},
                    {"Referer": b"\xff"}, {"Sec-Fetch-Site": b"\xff"}):
        page = Browser(site).open("/", headers=headers)
        if WAY != "nginx" and b"\x1b" in headers.get("User-Agent", b""):
            assert page.status == 400       # Apache lets no such byte through
            continue
        assert is_one_answer(site, "pages", page, (200,))["id"] == page.headers["X-Request-ID"] != "x id=1"


def test_X6_bio_with_line_breaks_is_kept_and_is_no_header(site, member):
    bio = "one\r\ntwo\nthree\r\n\r\nX-Evil: 1"
    is_one_answer(site, "user", member.open("/settings").form().send(bio=bio), (303,))
    assert "three" in member.open(f"/profile/{member.member['username']}").one(".user-info p").raw()


def test_X6_location_of_a_renamed_member_is_a_path(site):
    browser = signed_in(site)
    page = browser.open("/settings").form().send(username="a_b-c.d9")
    assert page.location == "/profile/a_b-c.d9"
    site.sql("DELETE FROM users WHERE username = 'a_b-c.d9'")


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\x00b",
                                  b"\xe2\x82"])
def test_N2_what_is_no_text_is_refused_and_not_shown(site, member, text):
    """Bytes that are no UTF-8, and NUL, in each field of a form."""
    before = site.checksum()
    token = member.open("/settings").token
    for field, label in (("bio", "About you"), ("image", "Picture address"), ("username", "Username"),
                         ("email", "Email"), ("password", "New password")):
        body = {"csrf_token": token, "username": member.member["username"], "email": member.member["email"],
                field: text}
        for multipart in (False, True):
            sent = {"files": [(n, (None, v)) for n, v in body.items()]} if multipart else {"data": body}
            page = member.open("/settings", "POST", **sent)
            assert page.status == 422 and page.errors == [f"{label} must be UTF-8 without NUL"]
            assert page.form().values[field] == ""
    assert site.checksum() == before


def test_N4_first_of_two_fields_counts(site, member):
    pairs = member.open("/settings").form().filled(bio="first")
    pairs.append(("bio", "second"))
    assert member.open("/settings?bio=query", "POST", data=pairs, follow=False).status == 303
    assert member.open("/settings").form().values["bio"] == "first"
