# SPDX-License-Identifier: ISC
"""N9, N10: conditions, ranges and odd headers on pages, the API and static files; methods nobody knows."""
import os

import pytest

from conftest import running
from pages import signed_in
from test_http import call, lasting, raw
from ways import STATIC, WAY

DATES = ["Sat, 01 Jan 2050 00:00:00 GMT", "yesterday", "Sun, 99 Foo 2026 99:99:99 GMT", "-1", "", "x" * 4000,
         "Thu, 01 Jan 1970 00:00:00 GMT", "Saturday, 01-Jan-50 00:00:00 GMT"]
LISTS = ["*", '"x"', 'W/"x"', ", ".join(f'"{i}"' for i in range(900)), '"' * 4000, ",,,", "x"]
RANGES = ["bytes=0-3", "bytes=-1", "bytes=9-1", "bytes=99999999999999999999-", "x", "bytes=" + ",".join(["0-"] * 1000),
          "bytes=" + ",".join(f"{i}-{i}" for i in range(600)), "bytes=,", "items=0-1", "bytes=0-0,-1"]
ACCEPTS = ["text/html;q=0", "*/*;q=0", ",".join(f"x/{i};q=0.{i}" for i in range(300)), "\xff", ";;;"]
ODD = [*((name, value) for name in ("If-Modified-Since", "If-Unmodified-Since", "Date") for value in DATES),
       *((name, value) for name in ("If-None-Match", "If-Match") for value in LISTS),
       *(("Range", value) for value in RANGES), *(("If-Range", value) for value in ('"x"', *DATES)),
       *((name, value) for name in ("Accept", "Accept-Encoding", "Accept-Language") for value in ACCEPTS)]
STYLE = "/static/style.css"


def without_cookies(headers):
    return {name: value for name, value in lasting(headers).items() if name != "set-cookie"}


@pytest.mark.parametrize("path", ["/login", "/nothing", "/profile/nobody", "/api/health/live", "/api/user"])
def test_N10_what_a_program_answers_is_never_304_nor_a_part(site, path):
    """Whatever the conditions: the whole answer, for it may be another one for everybody."""
    plain = call(site, "GET", path, api="", Cookie="pre=x")
    for name, value in ODD:
        answer = call(site, "GET", path, api="", **{name.replace("-", "_"): value})
        assert answer.status_code == plain.status_code, (name, value[:40])
        assert without_cookies(answer.headers.items()) == without_cookies(plain.headers.items()), (name, value[:40])
        assert len(answer.content) == len(plain.content)
    assert not {"etag", "last-modified", "accept-ranges"} & set(lasting(plain.headers.items()))


def test_N10_what_another_member_saw_is_nobody_elses(site):
    one, other = signed_in(site), signed_in(site)
    first = one.open("/settings")
    assert first.headers["Cache-Control"] == "no-store"
    for headers in ({"If-None-Match": "*"}, {"If-Modified-Since": first.headers["Date"]}):
        for browser in one, other:
            page = browser.open("/settings", headers=headers)
            assert page.status == 200 and page.user == browser.member["username"]
        answer = call(site, "GET", "/settings", api="", **headers)
        assert answer.status_code == 303 and answer.content == b""


def test_N9_odd_headers_on_a_static_file(site):
    whole = call(site, "GET", STYLE, api="")
    for name, value in ODD:
        answer = call(site, "GET", STYLE, api="", **{name.replace("-", "_"): value})
        good = {200}
        if name.startswith("If-"):
            good |= {304, 412} if name != "If-Range" else set()
        if name == "Range":
            good |= {206, 416}
        assert answer.status_code in good, (name, value[:40], answer.status_code)
        if answer.status_code == 200:
            assert answer.content == whole.content
        assert len(answer.content) <= len(whole.content), (name, value[:40])
        if answer.status_code in (412, 416):
            assert b"</html>" in answer.content or (WAY != "nginx" and answer.status_code == 412)
    etag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    for headers in ({"If_None_Match": etag}, {"If_None_Match": f'"a", W/{etag}'}, {"If_Modified_Since": date}):
        answer = call(site, "GET", STYLE, api="", **headers)
        assert (answer.status_code, answer.content) == (304, b""), headers
    part = call(site, "GET", STYLE, api="", Range="bytes=0-9", If_Range=etag)
    assert (part.status_code, part.content) == (206, whole.content[:10])


@STATIC
def test_N10_a_static_file_after_an_edit():
    """An old validator gives the new content, also when only the owner's folder changed."""
    with running() as s:
        s.stop()
        static = s.var / "mine" / "static"
        static.mkdir(parents=True)
        s.env["POSTERN_SITE_TEMPLATES"] = str(s.var / "mine")
        (static / "new.css").write_text("a {}\n")
        os.utime(static / "new.css", (1600000000, 1600000000))      # what comes from the future, Apache takes for new
        s.start()
        for path, name in ((STYLE, "style.css"), ("/static/new.css", "new.css")):
            old = call(s, "GET", path, api="")
            (static / name).write_text("b { color: red }\n")
            os.utime(static / name, (2000000000, 2000000000))
            for headers in {"If_None_Match": old.headers["ETag"]}, {"If_Modified_Since": old.headers["Last-Modified"]}, \
                    {"Range": "bytes=0-2", "If_Range": old.headers["ETag"]}:
                answer = call(s, "GET", path, api="", **headers)
                assert (answer.status_code, answer.content) == (200, b"b { color: red }\n"), headers
        (static / "new.css").unlink()
        assert call(s, "GET", "/static/new.css", api="", If_None_Match="*").status_code == 404


def test_N9_head_of_pages_and_files(site):
    for path in "/", "/login", "/settings", "/nothing", "/profile/nobody", STYLE, "/static/nothing", "/static/":
        get, bare = (raw(site, f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                     for method in ("GET", "HEAD"))
        heads = []
        for text in get, bare:
            head, _, body = text.partition(b"\r\n\r\n")
            status, *lines = head.decode().split("\r\n")
            heads.append((status, without_cookies(line.split(": ", 1) for line in lines)))
        if WAY != "nginx":      # Apache does not say of a HEAD that nothing would follow
            heads = [(s, {k: v for k, v in h.items() if (k, v) != ("content-length", "0")}) for s, h in heads]
        assert heads[0] == heads[1] and body == b"", path


def test_N9_methods_that_nobody_knows(site):
    for path in "/", "/login", "/settings", "/nothing", "/profile/nobody":
        for method in "BREW", "PROPFIND", "M-SEARCH", "GETX", "PUT", "DELETE":
            answer = call(site, method, path, api="")
            assert answer.status_code in (404, 405) and b"</html>" in answer.content, (method, path)
            assert (answer.status_code == 405) == ("Allow" in answer.headers), (method, path)
    for line in b"get / HTTP/1.1", b"G\xc3\x89T / HTTP/1.1", b"GE\tT / HTTP/1.1", b" GET / HTTP/1.1", b"X" * 300 + b" / HTTP/1.1":
        answer = raw(site, line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.split(b" ")[1] in (b"400", b"405"), line
    for path in "/login", STYLE:
        answer = raw(site, f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200 ") and answer.partition(b"\r\n\r\n")[2]
