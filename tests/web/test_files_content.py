# SPDX-License-Identifier: ISC
"""/api/files/:id/content: names, types, Range, ETag; bodies as hostile clients send them."""
import io
import os
import random
import zipfile
from urllib.parse import quote

import pytest

from conftest import errors_of
from fcgi_client import leave, request, talk, variables
from files import PIECE, content, rows, stored, take, upload
from ways import SOCKETS
from workers import SANITIZED, until, workers

DATA = random.Random(9).randbytes(2 * PIECE + 1000)
END = len(DATA)
RANGES = [("bytes=0-0", 0, 1), ("bytes=0-", 0, END), ("bytes=5-9", 5, 10), ("bytes=-1", END - 1, END),
          (f"bytes=-{END}", 0, END), (f"bytes=-{END + 7}", 0, END), (f"bytes={END - 1}-", END - 1, END),
          (f"bytes={PIECE - 1}-{PIECE}", PIECE - 1, PIECE + 1), (f"bytes={PIECE}-{END + 99}", PIECE, END),
          ("BYTES=7-8", 7, 9), (f"bytes=0-{10**17}", 0, END)]
WHOLE = ["bytes=", "bytes=x", "bytes=5", "bytes=9-5", "bytes=-", "bytes=--1", "bytes=1-2-3", "bytes=0-1,3-4",
         "bytes=" + ",".join(["0-"] * 1000), "items=0-1", "bytes=0-1,", "bytes = 0-1", "bytes=0x0-1", f"bytes={10**18}-"]


@pytest.fixture(scope="module")
def kept(site):
    member = site.register()
    return member, take(site, member, DATA)


def test_headers(site, kept):
    member, file = kept
    got = content(site, member, file)
    assert got.content == DATA and got.headers["ETag"] == f'"{file["sha256"]}"'
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff" and got.headers["Accept-Ranges"] == "bytes"
    assert got.headers["Cache-Control"] == "private, no-cache" and got.headers["X-Request-ID"]


def test_head(site, kept):
    got = content(site, *kept, method="HEAD")
    assert got.status_code == 200 and got.content == b"" and got.headers["Content-Length"] == str(END)


@pytest.mark.parametrize("range, start, end", RANGES)
def test_U7_part_of_it(site, kept, range, start, end):
    got = content(site, *kept, Range=range)
    assert got.status_code == 206 and got.content == DATA[start:end]
    assert got.headers["Content-Range"] == f"bytes {start}-{end - 1}/{END}"
    head = content(site, *kept, method="HEAD", Range=range)
    assert head.status_code == 200 and head.headers["Content-Length"] == str(END)      # a range is for GET


@pytest.mark.parametrize("range", WHOLE)
def test_U7_ranges_that_are_none_or_many(site, kept, range):
    got = content(site, *kept, Range=range)
    assert got.status_code == 200 and got.content == DATA and "Content-Range" not in got.headers


@pytest.mark.parametrize("range", [f"bytes={END}-", f"bytes={10**17}-", "bytes=-0"])
def test_U7_no_byte_is_there(site, kept, range):
    got = content(site, *kept, Range=range)
    assert errors_of(got, 416) == {"range": ["is not within the file"]}
    assert got.headers["Content-Range"] == f"bytes */{END}"


def test_an_empty_file_has_no_part(site, member):
    file = take(site, member, b"")
    assert content(site, member, file).content == b""
    assert [content(site, member, file, Range=r).status_code for r in ("bytes=0-", "bytes=-1", "bytes=0-0")] == [416] * 3


def test_U7_if_range_and_if_none_match(site, kept):
    tag = f'"{kept[1]["sha256"]}"'
    for old in ('"x"', f"W/{tag}", "Sat, 29 Oct 1994 19:43:31 GMT"):
        assert content(site, *kept, Range="bytes=0-0", **{"If-Range": old}).status_code == 200
    assert content(site, *kept, Range="bytes=0-0", **{"If-Range": tag}).status_code == 206
    for known in (tag, f'"x", {tag}', "*", f"W/{tag}"):
        got = content(site, *kept, Range="bytes=0-0", **{"If-None-Match": known})
        assert got.status_code == 304 and got.content == b"" and got.headers["ETag"] == tag
    assert content(site, *kept, **{"If-None-Match": '"x"'}).status_code == 200


# What a file is called, and what it is.

NAMES = [("../../etc/passwd", "passwd", "passwd"), ("/etc/passwd", "passwd", "passwd"),
         ("C:\\dir\\my file.txt", "my file.txt", "my file.txt"), ("naïve é.txt", "naïve é.txt", "na__ve __.txt"),
         ("a;b=c.txt", "a;b=c.txt", "a;b=c.txt"), ("100%.txt", "100%.txt", "100_.txt"), ("-rf", "-rf", "-rf"),
         (".htaccess", ".htaccess", ".htaccess"), ("..", "file", "file"), ("x.php", "x.php", "x.php"),
         ("😀" * 100, "😀" * 63, "____" * 63), ("a" * 1000, "a" * 255, "a" * 255), ("a\u202egpj.exe", "agpj.exe", "agpj.exe"),
         ("\u061c\u200e\u200f\u202a\u2066b\u2069\u2065\u2010\u202f.x", "b\u2065\u2010\u202f.x", "b_________.x"),
         ("\u202e", "file", "file")]


@pytest.mark.parametrize("sent, name, ascii", NAMES)
def test_U3_names(site, member, sent, name, ascii):
    body = (b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\nx\r\n--b\r\n'
            b'Content-Disposition: form-data; name="inputFile"; filename="' + sent.encode() + b'"\r\n\r\ndata\r\n--b--\r\n')
    answer = site.api("POST", "/files", body, member["token"], headers={"Content-Type": "multipart/form-data; boundary=b"})
    file = answer.json()["file"]
    assert file["name"] == name
    assert content(site, member, file).headers["Content-Disposition"] == \
        f"attachment; filename=\"{ascii}\"; filename*=UTF-8''{quote(name, safe='')}"


@pytest.mark.parametrize("raw", [b'a"b', b'a\x00b', b"a\xff\xfeb", b"a\rb", b"a\x7fb\x1b"])
def test_U3_bytes_that_no_name_has(site, member, raw):
    body = (b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\nx\r\n--b\r\n'
            b'Content-Disposition: form-data; name="inputFile"; filename="' + raw + b'"\r\n\r\ndata\r\n--b--\r\n')
    answer = site.api("POST", "/files", body, member["token"], headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        name = answer.json()["file"]["name"]
        assert name.isprintable() and name in ("ab", "a")
        assert content(site, member, answer.json()["file"]).content == b"data"


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("a.txt", "a" * 100)
    return packed.getvalue()


KINDS = [(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 20, "image/png"), (b"%PDF-1.5\n", "application/pdf"),
         (b"just words\n", "text/plain"), (b"<!DOCTYPE html><html><script>alert(1)</script>", "text/html"),
         (b"GIF89a<script>alert(1)</script>", "image/gif"), (zipped(), "application/zip"),
         (b"", "application/x-empty"), (b"\xf5\0\xff\1" * 50, "application/octet-stream"),
         (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "text/plain")]


@pytest.mark.parametrize("data, kind", KINDS, ids=[k for _, k in KINDS])
def test_U1_U2_U6_its_content_says_what_it_is(site, member, data, kind):
    file = take(site, member, data, name="photo.jpg.php", type="image/jpeg")
    assert file["type"] == kind
    got = content(site, member, file)
    assert got.headers["Content-Type"] == kind and got.content == data
    assert got.headers["Content-Disposition"].startswith("attachment; ")


# Bodies.

def form(*parts, boundary=b"b", end=b"--\r\n"):
    return b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts) + b"--" + boundary + end


D = b'Content-Disposition: form-data; name="description"\r\n\r\nraw'
F = b'Content-Disposition: form-data; name="inputFile"; filename="f"\r\n\r\n'
BAD = {
    "not ended": (form(D, F + b"x" * 3 * PIECE)[:-6], 422),
    "no boundary in it": (b"x" * 3 * PIECE, 413),
    "short, without a boundary": (b"x" * 300, 422),
    "10,000 parts": (form(*[D] * 10000), 422),
    "200 parts": (form(*[D] * 200), 422),
    "a part header of 1 MB": (form(b"X: " + b"x" * PIECE + b"\r\n" + F), 422),
    "a text of 1 MB": (form(b'Content-Disposition: form-data; name="description"\r\n\r\n' + b"x" * PIECE, F), 413),
    "a second large file": (form(D, F + b"x", F + b"y" * PIECE), 413),
    "an epilogue": (form(D, F + b"x") + b"z" * PIECE, 413),
    "nested": (form(D, F.replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n") + b"--c\r\n"), 422),
    "nothing": (b"", 422),
}


@pytest.mark.parametrize("kind", BAD)
def test_U4_forms_that_are_none(site, member, kind):
    body, status = BAD[kind]
    before = rows(site)
    answer = site.api("POST", "/files", body, member["token"], headers={"Content-Type": "multipart/form-data; boundary=b"})
    errors_of(answer, status)
    assert rows(site) == before


@pytest.mark.parametrize("type", ["multipart/form-data", "multipart/form-data; boundary=" + "b" * 71,
                                  "multipart/form-data; boundary=\"b\tb\"", "text/plain", "application/json"])
def test_U4_types_that_are_none(site, member, type):
    before = rows(site)
    answer = site.api("POST", "/files", form(D, F + b"x"), member["token"], headers={"Content-Type": type})
    assert answer.status_code in (415, 422)
    assert rows(site) == before


@pytest.mark.parametrize("inside", [b"\r\n--bb\r\n", b"\r\n--b x\r\n", b"\r\n-" * 40000, b"\r" * 70000, b"\r\n--" * 20000,
                                    b"a--b--\r\n", b"\n--b\n", b"\r\n--b" + b" " * 200 + b"x"])
def test_U4_what_looks_like_a_boundary_inside(site, member, inside):
    for pad in (0, 65536 - 150, 65536 - 75, PIECE - 3):
        data = b"a" * pad + inside + b"z"
        answer = site.api("POST", "/files", form(D + str(pad).encode(), F + data), member["token"],
                          headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert content(site, member, answer.json()["file"]).content == data


def raw(site, member, body, length=None, **more):
    """The request as FastCGI variables."""
    return variables("POST", "/api/files", body, CONTENT_TYPE="multipart/form-data; boundary=b",
                     HTTP_AUTHORIZATION=f"Token {member['token']}",
                     **({} if length is None else {"CONTENT_LENGTH": str(length)}), **more)


@SOCKETS
@pytest.mark.parametrize("difference", [-1, 1, -PIECE, PIECE])
def test_U4_longer_or_shorter_than_declared(site, member, difference):
    body, before = form(D, F + b"x" * 3 * PIECE), rows(site)
    answer = talk(site.var / "run/files.sock", request(raw(site, member, body, len(body) + difference), body))
    assert answer.status == 400 and answer.json() == {"errors": {"body": ["is not as long as Content-Length says"]}}
    assert rows(site) == before


@SOCKETS
def test_a_client_that_goes_leaves_nothing_to_be_seen(site, member):
    """It says it sends 40 MiB, and goes in the middle."""
    body, before = form(D, F + os.urandom(40 * PIECE)), rows(site)
    whole = request(raw(site, member, body), body)
    for cut in (len(whole) // 2, len(whole) - 9, 2000):
        leave(site.var / "run/files.sock", whole[:cut])
    assert until(lambda: rows(site) == before, 20)
    assert stored(site, member) == []


@SOCKETS
@pytest.mark.skipif(SANITIZED, reason="ASan takes memory of its own")
def test_memory_stays_small(site, member):
    body = os.urandom(64 * PIECE)
    pids = workers(site, "files")
    file = take(site, member, body)
    assert content(site, member, file).content == body
    for pid in pids:
        status = dict(l.split(":\t") for l in open(f"/proc/{pid}/status").read().splitlines() if ":\t" in l)
        assert int(status["VmHWM"].split()[0]) * 1024 < 16e6


def test_as_plain_cgi(site, member):
    body = form(D, F + b"x" * (PIECE + 3))
    status, _, answer = site.cgi("files", "POST", "", body, "multipart/form-data; boundary=b",
                                 HTTP_AUTHORIZATION=f"Token {member['token']}")
    assert status == 201
    (file,) = stored(site, member)
    status, headers, got = site.cgi("files", "GET", f"/{file['id']}/content",
                                    HTTP_AUTHORIZATION=f"Token {member['token']}")
    assert status == 200 and got == b"x" * (PIECE + 3) and headers["Content-Length"] == str(PIECE + 3)
