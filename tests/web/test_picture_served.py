# SPDX-License-Identifier: ISC
"""GET /pictures/HEX.webp: who sees it, how long it is kept, and by whom."""
import os
import re
import signal
import time

import pytest
import requests

from accounts import put
from conftest import ROOT, errors_of, running
from pages import Browser, signed_in
from pictures import image_of, opened, png, stored
from ways import LASTING, NGINX, SLASHES
from workers import until

FOREVER = "public, max-age=31536000, immutable"


def fetch(site, path, method="GET", **headers):
    return requests.request(method, site.url + path, headers=headers, timeout=30, allow_redirects=False)


@pytest.fixture
def image(site, member):
    return image_of(site, member)


def test_what_is_said_of_it(site, image):
    answer = fetch(site, image)
    assert answer.status_code == 200
    opened(answer.content)
    headers = {n.lower(): v for n, v in answer.headers.items() if n not in ("Date", "Connection", "Keep-Alive", "Server", "Accept-Ranges")}
    assert re.fullmatch("[0-9a-f]{32}", headers.pop("x-request-id"))
    assert headers == {"content-type": "image/webp", "content-length": str(len(answer.content)), "etag": f'"{image[10:26]}"',
                       "cache-control": FOREVER, "x-content-type-options": "nosniff",
                       "content-security-policy": "default-src 'none'; sandbox"}


def by_the_program(site, image, method="GET", **variables):
    """Past nginx, as plain CGI: (status, headers, body)."""
    return site.cgi("profiles", method, DOCUMENT_URI=image, **variables)


def test_the_program_says_the_same_without_nginx(site, image):
    status, headers, body = by_the_program(site, image)
    assert status == 200 and headers["ETag"] == f'"{image[10:26]}"' and headers["Cache-Control"] == FOREVER
    assert headers["Content-Type"] == "image/webp" and "Set-Cookie" not in headers and "Vary" not in headers
    assert headers["Content-Length"] == str(len(body))
    opened(body)
    status, headers, nothing = by_the_program(site, image, "HEAD")
    assert status == 200 and headers["Content-Length"] == str(len(body)) and nothing == b""


TAGS = [('"{}"', 304), ('W/"{}"', 304), ('"x", "{}"', 304), ("*", 304), ('"x"', 200), ("{}", 200), ("", 200)]


@pytest.mark.parametrize("tag, status", TAGS)
def test_who_has_it_gets_304(site, image, tag, status):
    """From nginx and from the program alike."""
    tag = tag.format(image[10:26])
    answer = fetch(site, image, **{"If-None-Match": tag})
    assert answer.status_code == status and (status == 200 or answer.content == b"")
    code, headers, body = by_the_program(site, image, HTTP_IF_NONE_MATCH=tag)
    assert code == status and headers["ETag"] == f'"{image[10:26]}"' and headers["Cache-Control"] == FOREVER
    assert status == 200 or (body == b"" and "Content-Type" not in headers and "Content-Length" not in headers)


def test_head(site, image):
    """Asked for first or afterwards, it spoils nothing."""
    first, whole, second = fetch(site, image, "HEAD"), fetch(site, image), fetch(site, image, "HEAD")
    assert first.headers["Content-Length"] == second.headers["Content-Length"] == str(len(whole.content)) != "0"
    assert first.content == b"" and whole.status_code == 200


def lines(site, image):
    return [l for l in site.log("profiles").splitlines() if f"path={image} " in l]


@NGINX
def test_nginx_keeps_it(site, image):
    """Many ask, the program is asked once; each answer has an id of its own."""
    answers = [fetch(site, image, Cookie=f"session-{site.port}={'x' * 43}", **{"Accept-Language": str(i)})
               for i in range(20)]
    assert {a.status_code for a in answers} == {200} and len({a.content for a in answers}) == 1
    assert len({a.headers["X-Request-ID"] for a in answers}) == 20
    assert len(until(lambda: lines(site, image))) == 1


@pytest.mark.parametrize("range, status, piece", [
    ("bytes=0-3", 206, slice(0, 4)), ("bytes=-5", 206, slice(-5, None)), ("bytes=999999-", 416, None),
    ("bytes=" + ",".join(["0-"] * 1000), 200, slice(None)), ("bytes=0-0,2-2", 200, slice(None)), ("x", 200, slice(None))])
def test_U7_ranges(site, image, range, status, piece):
    whole = fetch(site, image).content
    answer = fetch(site, image, Range=range)
    assert answer.status_code in (status, 200) and len(answer.content) <= len(whole) + 400
    if answer.status_code == status and piece is not None:
        assert answer.content == whole[piece]


def test_U7_nobody_guesses_it(site, image):
    """Another name, another spelling of it, a path around it: 404, and not kept."""
    name = image[10:26]
    swapped = name[:-1] + ("0" if name[-1] != "0" else "1")
    for path in (f"/pictures/{swapped}.webp", f"/pictures/{name}", f"/pictures/{name}.png", f"/pictures/{name.upper()}x.webp",
                 f"/pictures/x/../{name}.png", "/pictures/", "/pictures/.webp", f"/pictures/{name}%00.webp",
                 f"/pictures/{name}'%20OR%201=1%20--.webp", "/pictures/%ff%fe.webp", "/pictures/%2e%2e%2fx.webp"):
        answer = fetch(site, path)
        assert answer.status_code in (400, 404, 422), (path, answer.status_code)
        assert answer.headers.get("Cache-Control") == "no-store" or not SLASHES
    assert errors_of(fetch(site, f"/pictures/{swapped}.webp"), 404) == {"picture": ["not found"]}


def test_a_name_has_one_spelling(site, image):
    answer = fetch(site, image.replace(image[10:26], image[10:26].upper()))
    assert answer.status_code == (200 if image[10:26].isdigit() else 404)


@pytest.mark.parametrize("method, status", [("POST", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 204),
                                            pytest.param("TRACE", 405, marks=LASTING)])
def test_other_methods(site, image, method, status):
    answer = fetch(site, image, method)
    assert answer.status_code == status and answer.headers["Allow"].startswith("GET, HEAD")


def test_no_cookie_and_no_token_is_looked_at(site, image):
    """A token in the address makes no session there, and an old cookie ends none."""
    member = site.register()
    answer = fetch(site, f"{image}?token={member['token']}", Cookie=f"session-{site.port}={'x' * 43}",
                   Authorization="Token wrong")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_another_program_of_the_address_is_a_page(site):
    """A name that ends like a file is still a name."""
    for end in ("json", "webp"):
        member = site.register(username=f"ends-in.{end}")
        page = Browser(site).open(f"/profile/{member['username']}")
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
        assert page.one(".user-info h4").text == member["username"]
        assert Browser(site).open(f"/nothing.{end}").headers["Content-Type"].startswith("text/html")


@NGINX
def test_a_removed_one_is_gone_from_nginx_in_time():
    """Ten minutes by the configuration; here that number is made two seconds."""
    with running() as own:
        conf = own.var / "run" / "nginx.conf"
        pages = own.var / "pages.conf"
        text = conf.read_text()
        short = (ROOT / "nginx" / "pages.conf").read_text().replace("fastcgi_cache_valid     200 10m;",
                                                                    "fastcgi_cache_valid     200 2s;")
        assert "200 2s;" in short
        pages.write_text(short + "location = /reloaded { return 204; }\n")
        conf.write_text(re.sub(r'include "[^"]*/nginx/pages.conf"', f'include "{pages}"', text))
        os.kill(int((own.var / "run" / "nginx.pid").read_text()), signal.SIGHUP)
        until(lambda: all(fetch(own, "/reloaded").status_code == 204 for _ in range(10)))
        member = own.register()
        image = image_of(own, member)
        assert fetch(own, image).status_code == 200
        own.api("DELETE", "/user/image", token=member["token"])
        assert fetch(own, image).status_code == 200 and stored(own, member) == []   # nginx has it still
        time.sleep(3)
        assert fetch(own, image).status_code == 404


def test_pages_of_other_sites_get_their_own_answer():
    """Though nginx keeps it: by the origin that asked."""
    with running({"POSTERN_CORS_ORIGINS": "https://app.example.org"}) as own:
        image = image_of(own, own.register())
        for _ in range(2):
            for origin, may in (("https://app.example.org", True), ("https://evil.example", False), (None, False)):
                answer = fetch(own, image, Origin=origin)
                assert answer.status_code == 200 and answer.headers["Vary"] == "Origin"
                assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)


def test_pages_show_it(site, member, image):
    browser = signed_in(site, member)
    page = browser.open(f"/profile/{member['username']}")
    assert page.one("img.user-img")["src"] == image and page.one("img.user-pic")["src"] == image
    put(site, member, image=None)
    assert browser.open("/").one("img.user-pic")["src"] == "/static/default-avatar.svg"


def test_png_and_its_twin_have_names_of_their_own(site, member):
    other = site.register()
    one, two = image_of(site, member, png()), image_of(site, other, png())
    assert one != two and fetch(site, one).content == fetch(site, two).content
