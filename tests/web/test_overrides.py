# SPDX-License-Identifier: ISC
"""A site of one's own: pages, widgets, partials and static files from the folder of site.templates, and what
the settings say of the site."""
import re
import subprocess
from urllib.parse import urlencode

import pytest

from accounts import newcomer
from conftest import BUILD, ROOT, running
from pages import PROGRAMS, Browser, Reader, signed_in

HOME = """{{<layout}}
{{$title}}The club{{/title}}
{{$main}}
<h1>Ahoy{{#me}}, {{username}}{{/me}}!</h1>
{{> greeting}}
{{/main}}
{{/layout}}
"""
FOOTER = """<footer class="mine">
{{#site.footer}}<a href="{{linkUrl}}">{{label}}</a>{{/site.footer}}
{{#site.contact}}<a href="{{site.contactUrl}}">{{site.contact}}</a>{{/site.contact}}
</footer>
"""
WIDGET = """{{<widgets/field}}
{{$control}}
<span class="mine"><input type="text" value="{{value}}" {{> widgets/attributes}}></span>
{{/control}}
{{/widgets/field}}
"""
FILES = {
    "home.html": HOME,
    "greeting.html": "<p class=\"greeting\">Welcome to {{site.name}}, {{site.tagline}}.</p>\n",
    "footer.html": FOOTER,
    "widgets/text.html": WIDGET,
    "widgets/password.html": WIDGET.replace('"text"', '"password"').replace("mine", "secret"),
    "static/style.css": "body { color: #123456 }\n",
    "static/own.svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n",
}
SETTINGS = {
    "POSTERN_SITE_NAME": "Rowing <b>Club</b> & \"Co\"", "POSTERN_SITE_TAGLINE": "on the {{river}}",
    "POSTERN_SITE_LOGO": "/static/own.svg", "POSTERN_SITE_ACCENT": "#8A1C4A",
    "POSTERN_SITE_FOOTER": "About us /about, Rules https://example.org/?a=1&b=2,  Mail mailto:a@example.org",
    "POSTERN_SITE_CONTACT": "office@example.org",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("own")
    write(path, FILES)
    return path


@pytest.fixture(scope="module")
def own(folder):
    with running({**SETTINGS, "POSTERN_SITE_TEMPLATES": str(folder)}) as s:
        yield s


def check(site, program, **settings):
    """PROGRAM --check under other settings: (status, last line of what it said)."""
    done = subprocess.run([str(BUILD / "cgi-bin" / f"{program}.fcgi"), "--check"], text=True, timeout=60,
                          env=site.tool_env(**settings), stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_page_of_the_folder_is_shown_in_the_installed_layout(own):
    page = Browser(own).open("/")
    assert page.texts("main h1") == ["Ahoy!"] and page.one("nav.navbar") and page.one("main.container")
    assert page.one("title").text == f"The club - {SETTINGS['POSTERN_SITE_NAME']}"
    browser = signed_in(own)
    assert browser.open("/").texts("main h1") == [f"Ahoy, {browser.member['username']}!"]


def test_partial_of_the_folder_stands_in_installed_pages(own):
    assert Browser(own).open("/").one("p.greeting").text == (
        f"Welcome to {SETTINGS['POSTERN_SITE_NAME']}, {SETTINGS['POSTERN_SITE_TAGLINE']}.")
    for path in ("/", "/login", "/register", "/nowhere", "/static/nowhere"):
        page = Browser(own).open(path)
        assert page.one("footer.mine") and not page.all("footer.site-footer"), path
    assert Browser(own).open("/login").texts("main h1") == ["Sign in"]


def test_widget_of_the_folder_stands_in_installed_forms(own):
    browser, user = Browser(own), newcomer()
    page = browser.open("/register")
    assert page.one("span.mine input")["name"] == "username" and page.one("input#email")
    page = page.form().send(**{**user, "username": "a \"b\""})
    assert page.status == 422 and page.one("span.mine input")["value"] == "a \"b\""
    assert page.one("span.mine input")["aria-invalid"] == "true" and page.one("#username-error")
    assert page.one("span.secret input")["value"] == "" and user["password"] not in page.answer.text
    assert page.form().send(**user).status == 303 and browser.open("/").user == user["username"]
    assert [n["name"] for n in browser.open("/settings").all("span.mine input")] == ["image", "username"]


def test_static_files_come_from_the_folder_first(own):
    get = Browser(own).session.get
    assert get(own.url + "/static/style.css", timeout=10).text == FILES["static/style.css"]
    assert get(own.url + "/static/own.svg", timeout=10).headers["Content-Type"].startswith("image/svg+xml")
    for name in ("script.js", "default-avatar.svg"):
        assert get(f"{own.url}/static/{name}", timeout=10).content == (ROOT / "static" / name).read_bytes()
    for path in ("/static/../home.html", "/static/%2e%2e/home.html", "/static/..%2fhome.html", "/home.html"):
        assert get(own.url + path, timeout=10).status_code in (400, 404)


def test_settings_stand_in_every_page(own):
    visitor, member = Browser(own), signed_in(own)
    for page in (visitor.open("/login"), visitor.open("/nowhere"), member.open("/settings")):
        brand = page.one("a.navbar-brand")
        assert brand.text == SETTINGS["POSTERN_SITE_NAME"] and brand.one("img")["src"] == "/static/own.svg"
        assert page.one("title").text.endswith(f" - {SETTINGS['POSTERN_SITE_NAME']}") and not page.all("b")
        style = page.one("style").raw()
        assert "--accent:#8a1c4a" in style and "prefers-color-scheme:dark" in style
        assert [(n.text, n["href"]) for n in page.all("footer a")] == [
            ("About us", "/about"), ("Rules", "https://example.org/?a=1&b=2"),
            ("Mail", "mailto:a@example.org"), ("office@example.org", "mailto:office@example.org")]


def test_contact_is_in_security_txt(own, site):
    answer = Browser(own).session.get(own.url + "/.well-known/security.txt", timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    contact, expires = answer.text.splitlines()
    assert contact == "Contact: mailto:office@example.org"
    assert re.fullmatch(r"Expires: \d{4}-\d\d-\d\dT00:00:00Z", expires)
    assert Browser(site).open("/.well-known/security.txt").status == 404


def test_policy_is_that_of_the_accent(own, site):
    """The line of style is known by its hash, so another colour has another one."""
    mine, other = (Browser(s).open("/login").headers["Content-Security-Policy"] for s in (own, site))
    assert mine != other and re.sub("sha256-[^']*", "", mine) == re.sub("sha256-[^']*", "", other)


def shown(site, program="pages", path="/", **settings):
    """A page under other settings, by plain CGI."""
    status, _, body = site.cgi(program, DOCUMENT_URI=path, **settings)
    assert status == 200
    return Reader(body.decode()).root


def test_what_is_not_set_leaves_nothing_empty(site):
    page = shown(site, POSTERN_SITE_TAGLINE="")
    assert page.all("footer a") == [] and page.all(".banner p") == []
    assert page.one("a.navbar-brand img")["src"] == "/static/logo.svg"


@pytest.mark.parametrize("contact,url", [("office@example.org", "mailto:office@example.org"),
                                         ("https://example.org/contact", "https://example.org/contact"),
                                         ("HTTP://example.org/a b", "HTTP://example.org/a%20b"),
                                         ("a\"b<c>@example.org", "mailto:a%22b%3Cc%3E@example.org")])
def test_contact_is_a_link(site, contact, url):
    page = shown(site, POSTERN_SITE_CONTACT=contact)
    assert [(n.text, n["href"]) for n in page.all("footer a")] == [(f"Contact: {contact}", url)]


@pytest.mark.parametrize("logo,url", [("https://example.org/a b.png", "https://example.org/a%20b.png"),
                                      ("/x\"y", "/x%22y"), ("javascript:alert(1)", "#"),
                                      ("data:image/png,x", "#")])
def test_logo_is_an_address(site, logo, url):
    assert shown(site, POSTERN_SITE_LOGO=logo).one("a.navbar-brand img")["src"] == url


@pytest.mark.parametrize("text", ["{{site.name}}", "<script>alert(1)</script>", "\"><b>", "%n%s", "$(id)`id`",
                                  "é\u202e"])
def test_X5_settings_are_shown_literally(site, text):
    contact = f"https://example.org/?{text}"
    page = shown(site, POSTERN_SITE_NAME=text, POSTERN_SITE_TAGLINE=text, POSTERN_SITE_CONTACT=contact,
                 POSTERN_SITE_FOOTER=f"{text} /about")
    assert page.one("a.navbar-brand span").raw() == text and page.one(".banner p").raw() == text
    assert [n.raw() for n in page.all("footer a")] == [text, f"Contact: {contact}"]
    assert len(page.all("script")) == 1 and not page.all("b")


@pytest.mark.parametrize("accent", ["red", "#fff", "2f6f5e", "#2f6f5g", "#2f6f5e;", "#2f6f5e}body{", "",
                                    "</style>"])
def test_accent_that_is_no_colour_stops_every_program(site, accent):
    for program in PROGRAMS:
        status, said = check(site, program, POSTERN_SITE_ACCENT=accent)
        assert status == 1 and "POSTERN_SITE_ACCENT: must be a colour such as" in said, said


def stops_all(site, said, **settings):
    """Every program with pages, and `postern static`, in one line."""
    for program in PROGRAMS:
        status, line = check(site, program, **settings)
        assert status == 1 and said in line and "\n" not in line, line
    done = site.tool("static", str(site.var / "never"), check=False, **settings)
    assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") == 1
    assert not (site.var / "never").exists()


@pytest.mark.parametrize("contact", [
    "office", "example.org/contact", "javascript:alert(1)", "data:text/html,x@y", "ftp://example.org", "mailto:",
    "a b@example.org", "//example.org/a@b", "a@example.org?subject=x"])
def test_contact_that_is_no_address_stops_every_program(site, contact):
    stops_all(site, "site.contact must be a mail address, or a web address with https:",
              POSTERN_SITE_CONTACT=contact)


ORIGINS = {     # site.urls: as browsers write them
    "http://EXAMPLE.org:80/": "http://example.org", "https://x:443": "https://x",
    "HTTPS://x.example:443/ \t http://y:8080/  https://z:80 http://z:443":
        "https://x.example http://y:8080 https://z:80 http://z:443",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080", "https://[::1]:443/": "https://[::1]",
    "http://x:180": "http://x:180", "https://x:8443": "https://x:8443", " http://x ": "http://x",
}


@pytest.mark.parametrize("urls", ORIGINS)
def test_S2_addresses_are_kept_as_browsers_write_origins(site, urls):
    assert f"\nsite.urls = {ORIGINS[urls]}\n" in site.tool("config", POSTERN_SITE_URLS=urls)


@pytest.mark.parametrize("urls,origin,status", [
    ("http://EXAMPLE.org:80/", "http://example.org", 303),
    ("http://EXAMPLE.org:80/", "https://example.org", 403),
    ("http://EXAMPLE.org:80/", "http://example.org:81", 403),
    ("http://EXAMPLE.org:80/", "http://example.org.evil.example", 403),
    ("http://a:80 https://X:443", "https://x", 303), ("http://a:80 https://X:443", "http://x", 403),
    ("http://a:80 https://X:443", "http://a", 303), ("http://a:80 https://X:443", "", 403),
    ("http://a:80 https://X:443", "http://a https://x", 403)])
def test_S2_form_from_an_address_written_otherwise_is_taken(site, urls, origin, status):
    browser, member = Browser(site), site.register()
    pairs = browser.open("/login").form().filled(email=member["email"], password=member["password"])
    found, headers, _ = site.cgi(
        "login", "POST", DOCUMENT_URI="/login", SERVER_PORT=str(site.port), HTTP_ORIGIN=origin,
        HTTP_COOKIE=f"pre-{site.port}={browser.cookie('pre')}", POSTERN_SITE_URLS=urls,
        body=urlencode(pairs).encode(), type="application/x-www-form-urlencoded")
    assert found == status and (status == 403 or headers["Location"] == "/")


@pytest.mark.parametrize("urls", [
    "", " ", "\t", "/", "example.org", "https://", "https:///", "http://:80", "https://:443/",
    "https:example.org", "ftp://example.org", "javascript://x", "https://example.org/path",
    "https://example.org//",
    "https://example.org/?a", "https://example.org?a", "https://example.org#a", "https://a@example.org",
    "https://example.org, https://example.net", "https://a;b", "https://example.org example.net",
    "https://example.org \"https://x\"", "https://a\\b", "'https://x'", "https://a:",
    "https://a:8o", "https://[]:80"])
def test_address_that_is_none_stops_every_program(site, urls):
    stops_all(site, "POSTERN_SITE_URLS: must be addresses such as https://example.org, without a path",
              POSTERN_SITE_URLS=urls)


@pytest.mark.parametrize("domain", [
    "example.org; x", "example.org;Path=/x", "a b", "example.org,", "example.org=", "EXAMPLE.org",
    "https://example.org", "example.org:80", "exämple.org", "*.example.org"])
def test_S5_cookie_domain_that_is_none_stops_every_program(site, domain):
    stops_all(site, "POSTERN_SESSION_COOKIE_DOMAIN: must be a domain such as example.org",
              POSTERN_SESSION_COOKIE_DOMAIN=domain)


@pytest.mark.parametrize("footer", ["About", "/about", "About /about, Rules", ",", "About ,"])
def test_footer_that_is_no_list_of_links_stops_every_program(site, footer):
    for program in PROGRAMS:
        status, said = check(site, program, POSTERN_SITE_FOOTER=footer)
        assert status == 1 and "site.footer must be of texts and addresses" in said, said


BROKEN = {      # file: (text, line)
    "error.html": ("<p>\n{{#error}}\n</p>\n", 2),
    "layout.html": ("<p>{{site.name}}</p>\n\n{{> nowhere}}\n", 3),
    "nav.html": ("<nav>\n<a href=\"{{site.name}}\">x</a></nav>\n", 2),
    "flash.html": ("{{{text}}}\n", 1),
    "footer.html": ("\n\n\n{{site.name\n", 4),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_of_all_pages_stops_every_program(site, tmp_path, name):
    text, line = BROKEN[name]
    write(tmp_path, {name: text})
    for program in PROGRAMS:
        status, said = check(site, program, POSTERN_SITE_TEMPLATES=str(tmp_path))
        assert status == 1 and f"{tmp_path}/{name}:{line}: " in said and "\n" not in said, said
    assert check(site, "health", POSTERN_SITE_TEMPLATES=str(tmp_path))[0] == 0      # which has no pages
    done = site.tool("static", str(tmp_path / "errors"), check=False, POSTERN_SITE_TEMPLATES=str(tmp_path))
    assert done.returncode == 1 and f"{tmp_path}/{name}:{line}: " in done.stderr


@pytest.mark.parametrize("name,program", [
    ("login.html", "login"), ("register.html", "users"), ("home.html", "pages"), ("settings.html", "user"),
    ("profile.html", "profiles"), ("logout.html", "token"), ("widgets/textarea.html", "user"),
    ("widgets/checkbox.html", "login"), ("admin-users.html", "admin"), ("pager.html", "admin")])
def test_broken_page_or_widget_stops_the_program_that_shows_it(site, tmp_path, name, program):
    write(tmp_path, {name: "<p>\n\n{{/never}}</p>\n"})
    status, said = check(site, program, POSTERN_SITE_TEMPLATES=str(tmp_path))
    assert status == 1 and f"{tmp_path}/{name}:3: " in said, said
    other = "tokens" if name == "pager.html" else "profiles" if program != "profiles" else "pages"
    assert check(site, other, POSTERN_SITE_TEMPLATES=str(tmp_path))[0] == 0


def test_whole_folder_passes_the_check(site, folder):
    for program in PROGRAMS:
        assert check(site, program, POSTERN_SITE_TEMPLATES=str(folder)) == (0, "")


def test_folder_that_is_not_there_stops_every_program(site, tmp_path):
    for program in PROGRAMS:
        status, said = check(site, program, POSTERN_SITE_TEMPLATES=str(tmp_path / "none"))
        assert status == 1 and "the folder of site.templates is not there" in said, said


def test_site_does_not_start_with_a_broken_file(own, folder):
    """What is wrong stands in the last line; mended, it starts again with all that was there."""
    member = own.register()
    own.stop()
    try:
        write(folder, {"home.html": HOME.replace("{{/main}}", "")})
        done = own.run("start")
        said = (done.stdout + done.stderr).strip().splitlines()[-1]
        assert done.returncode == 1 and re.search(rf"{folder}/home\.html:\d+: ", said), said
        assert own.run("status").returncode == 3
    finally:
        write(folder, {"home.html": HOME})
        own.start()
    assert signed_in(own, member).open("/").texts("main h1") == [f"Ahoy, {member['username']}!"]
