# SPDX-License-Identifier: ISC
"""N5: requests that two readers might take for one or for two (RFC 9112 section 11), through the real nginx.

A forged request hides in each: it would register a member, and does so where it is sent by itself. However
the bytes around it are read, one request gets one answer, and the hidden one is none.
"""
import json
import re
import socket

import pytest
import requests

import fcgi_client as fcgi
from accounts import newcomer
from conftest import errors_of
from forge import claims_of
from mutate import records, walk
from pages import signed_in
from test_http import Answer, raw
from test_nginx import dead
from ways import NGINX

HOST = b"Host: a\r\n"
TYPE = b"Content-Type: application/json\r\n"


def forged(host=HOST):
    """A request that registers a member, and the name of the member."""
    user = newcomer()
    body = json.dumps({"user": user}).encode()
    head = b"POST /api/users HTTP/1.1\r\n" + host + TYPE + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head + body, user["username"]


HIDDEN, NAME = forged()     # sent within others alone


def there(site, name):
    return site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{name}'") != [["0"]]


def exchange(site, data):
    """Send it, and read until the web server closes: the answers, one after the other."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
        received = b""
        try:
            s.sendall(data)
            while chunk := s.recv(65536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    return answers(received, data.startswith(b"HEAD "))


def answers(data, bare=False):
    """What came, taken apart by the Content-Length that each answer must have; `bare`: the first has no body."""
    found = []
    while data:
        head, end, data = data.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        assert end and re.fullmatch(r"HTTP/1\.1 \d{3} .*", status), head
        headers = requests.structures.CaseInsensitiveDict(line.split(": ", 1) for line in lines)
        number, length = int(status.split()[1]), 0 if bare and not found else int(headers.get("Content-Length", 0))
        found.append(Answer(number, headers, data[:length]))
        data = data[length:]
    return found


def chunked(body, size=b"%x", end=b"\r\n", last=b"0\r\n\r\n"):
    return size % len(body) + end + body + end + last


def framings(hidden):
    """Heads and bodies of a POST whose length can be read in two ways, and what is right to answer."""
    n = len(hidden)
    both = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n"
    yield "CL.TE", both % (5 + n), b"0\r\n\r\n" + hidden, 400
    yield "CL.TE, as if empty", both % 0, chunked(b"{}"), 400
    yield "TE.CL", b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunked(hidden), 400
    yield "CL twice, different", b"Content-Length: %d\r\nContent-Length: 0\r\n" % n, hidden, 400
    yield "CL twice, zero first", b"Content-Length: 0\r\nContent-Length: %d\r\n" % n, hidden, 400
    yield "CL twice, the same", b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}", 400
    for length in (b"+3", b"-1", b"3 3", b"0x3", b"3,3", b"3;", b"3.0", b"1e1", b"", b"x", b"\xb3", b"\t3", b"3\t3",
                   b"9" * 20, b"18446744073709551619", b"9223372036854775808"):
        yield f"CL: {length!r}", b"Content-Length: " + length + b"\r\n", b"{ }", 400
    for name in b"Content-Length ", b"Content-Length\t", b" Content-Length", b"\tContent-Length", b"Content-Length\0":
        yield f"name {name!r}", name + b": 0\r\nContent-Length: %d\r\n" % n, hidden, 400
    for coding in (b"xchunked", b"chunked, identity", b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked;x",
                   b'"chunked"', b"chunked\x0b", b"\x0bchunked", b"cow", b"", b"chunked,", b",chunked"):
        yield f"TE: {coding!r}", b"Transfer-Encoding: " + coding + b"\r\n", chunked(b"{}"), 501
        yield f"CL and TE: {coding!r}", b"Content-Length: %d\r\nTransfer-Encoding: %s\r\n" % (n, coding), hidden, 501
    for first, second in (b"chunked", b"identity"), (b"identity", b"chunked"), (b"chunked", b"chunked"):
        yield f"TE twice: {first!r} {second!r}", \
            b"Transfer-Encoding: %s\r\nTransfer-Encoding: %s\r\n" % (first, second), chunked(b"{}"), 400
    for line in (b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked", b" Transfer-Encoding: chunked",
                 b"Transfer-Encoding:\r\n chunked", b"Transfer-Encoding:\r\n\tchunked", b"X: y\r\n Transfer-Encoding: chunked",
                 b"X: y\rTransfer-Encoding: chunked", b"X: y\nTransfer-Encoding: chunked",
                 b"Transfer-Encoding: chunked\0", b"Transfer-Encoding\r\n: chunked", b"Transfer-Encoding: chunked\r",
                 b"Transfer-Encoding: chunked\n"):
        yield f"{line!r}", line + b"\r\nContent-Length: %d\r\n" % n, hidden, 400
    for size in (b"fffffffffffffffff", b"ffffffffffffffff", b"10000000000000002", b"8000000000000000", b"+2", b"-2", b"0x2",
                 b"", b"g", b"2\0", b" 2", b"\t2", b"4", b"1", b"2,", b"2\r", b"\xb2"):
        yield f"chunk of {size!r}", b"Transfer-Encoding: chunked\r\n", size + b"\r\n{}\r\n0\r\n\r\n", 400
    yield "no end of a chunk", b"Transfer-Encoding: chunked\r\n", b"2\r\n{}0\r\n\r\n", 400
    yield "no chunks", b"Transfer-Encoding: chunked\r\n", hidden, 400


def post(framing):
    return b"POST /api/users HTTP/1.1\r\n" + HOST + TYPE + framing + b"\r\n"


def test_N5_forged_request_is_good_by_itself(site):
    request, name = forged()
    (answer,) = exchange(site, request)
    assert answer.status_code == 201 and there(site, name)


def status_of(found):
    return [answer.status_code for answer in found]


@NGINX
def test_N5_two_ways_to_read_a_length(site, unchanged):
    """Refused, and with it all that comes behind on the connection."""
    for case, framing, body, status in framings(HIDDEN):
        found = exchange(site, post(framing) + body + HIDDEN)
        assert status_of(found) == [status], (case, [a.text for a in found])
        assert found[0].headers["Connection"] == "close", case
        errors_of(found[0], status)
    assert not there(site, NAME)


LIVE = b"GET /api/health/live HTTP/1.1\r\n"
NEXT = LIVE + HOST + b"Connection: close\r\n\r\n"


def bodies(hidden):
    """Requests whose body is a whole other request. It ends where they say."""
    length = b"Content-Length: %d\r\n" % len(hidden)
    chunks = b"Transfer-Encoding: chunked\r\n"
    for line in (b"POST /api/users", b"PUT /api/users", b"GET /api/users", b"HEAD /api/health/live", b"DELETE /nothing",
                 b"GET /api/health/live", b"GET /api/nothing", b"GET /static/style.css", b"POST /static/style.css",
                 b"GET /", b"POST /login", b"OPTIONS /api/users", b"BREW /api/users"):
        head = line + b" HTTP/1.1\r\n" + HOST + TYPE
        yield head + length + b"\r\n" + hidden
        yield head + chunks + b"\r\n" + chunked(hidden)
        yield head + chunks + b"\r\n" + chunked(hidden, last=b"0\r\nContent-Length: 9\r\nHost: b\r\n\r\n")
    for more in (b"Content_Length: 0\r\n", b"Transfer_Encoding: chunked\r\n", b"Content-Length-X: 0\r\n", b"X: y\n",
                 b"X:\r\n", b"Transfer-Encodin: chunked\r\n", b"TE: chunked\r\n", b"Trailer: Content-Length\r\n",
                 b"Upgrade: h2c\r\n", b"Keep-Alive: 9\r\n", b"Content-Encoding: chunked\r\n"):
        yield post(more + length) + hidden
        yield post(length + more) + hidden
    for coding in b"Chunked", b"CHUNKED", b" chunked", b"chunked ":
        yield post(b"Transfer-Encoding:" + coding + b"\r\n") + chunked(hidden)
    for size in b"%X", b"0000%x", b"%x;a=b", b'%x;a="b;\\"c"', b"%x;", b"%x ", b"%x;a" + b"b" * 3000, b"%x x":
        yield post(chunks) + chunked(hidden, size)
    yield post(chunks) + chunked(hidden, end=b"\n", last=b"0\n\n")
    yield post(chunks) + b"".join(b"1\r\n%c\r\n" % byte for byte in hidden) + b"0\r\n\r\n"


@NGINX
def test_N5_a_body_is_no_request(site, unchanged):
    """Whatever is answered: it is one answer, and the next request on the connection is the next."""
    for data in bodies(HIDDEN):
        found = exchange(site, data + NEXT)
        assert len(found) == 2 and found[1].content == b'{"status":"live"}', (data, status_of(found))
    assert not there(site, NAME)


@NGINX
def test_N5_no_request_in_what_is_no_body(site, unchanged):
    """In a path, a query or a header, raw or encoded, and behind what has no keep-alive."""
    line, rest = HIDDEN.split(b"\r\n", 1)
    encoded = "".join(f"%{byte:02x}" for byte in b" HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN).encode()
    for path in b"/api/user", b"/settings", b"/api/user?", b"/login?next=", b"/profile/", b"/static/":
        assert len(exchange(site, b"GET " + path + encoded + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")) == 1
    for head in (b"GET /api/user", b"GET /api/health/live HTTP/1.0\r\n\r\n", b"GET /api/health/live HTTP/1.0\r\n" + HOST + b"\r\n",
                 LIVE + HOST + b"Connection: close\r\n\r\n", LIVE + HOST + b"X: y\r" + line + b"\r\nConnection: close\r\n\r\n",
                 LIVE + HOST + b"Connection: close\r\nX: " + line + b"\r\n\r\n", b"GET  /api/user HTTP/1.1 x\r\n" + HOST + b"\r\n",
                 b"GET /api/user HTTP/1.1\r\n\r\n", b"\0" + LIVE + HOST + b"\r\n", b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n"):
        assert len(exchange(site, head + HIDDEN)) == 1, head
    (answer,) = exchange(site, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN)
    assert answer.status_code == 414
    # HTTP/0.9 is a body alone, and the end.
    assert raw(site, b"GET /api/health/live\r\n" + HIDDEN) == b'{"status":"live"}'
    assert not there(site, NAME)


def one(site, line, headers=HOST):
    (answer,) = exchange(site, line + b" HTTP/1.1\r\n" + headers + b"Connection: close\r\n\r\n")
    return answer


@NGINX
def test_N5_hosts(site):
    """None is believed: addresses are those of the settings."""
    for bad in (HOST * 2, HOST + b"Host: b\r\n", b"", b"Host: a/b\r\n", b"Host: a b\r\n", b"Host: a\0\r\n", b"Host : a\r\n",
                b"Host: ../a\r\n", b"Host: a..b\r\n", b"Host:\r\n"):
        assert one(site, b"GET /api/health/live", bad).status_code == 400, bad
    for host in b"evil.example", b"localhost", b"evil.example:99", b"[::1]", b"user@evil.example":
        for line in b"GET /settings", b"GET http://evil.example/settings", b"GET http://evil.example:99/settings?":
            answer = one(site, line, b"Host: " + host + b"\r\n")
            assert (answer.status_code, answer.headers.get("Location", "")[:18]) == (303, "/login?next=%2Fset"), (host, line)
            assert "evil" not in str(answer.headers) + answer.text
    request, name = forged(b"Host: evil.example\r\n")
    (answer,) = exchange(site, request.replace(b" /api", b" http://evil.example/api", 1))
    assert claims_of(answer.json()["user"]["token"])["iss"] == site.url and there(site, name)
    for line in b"GET //evil.example/settings", b"GET evil.example:80", b"CONNECT evil.example:80", b"GET *", b"OPTIONS *":
        assert 400 <= one(site, line).status_code < 500, line


@NGINX
def test_N5_paths(site, unchanged):
    """What nginx makes of a path is what is asked for, and nothing is above the root."""
    for path in (b"/%2e%2e/%2e%2e/etc/passwd", b"/../etc/passwd", b"/api/../../x", b"/static/%2e%2e/%2e%2e/postern.conf",
                 b"/%00", b"/api/user%00", b"/login%00.html", b"/static/style.css%00", b"/%", b"/%g0", b"/a\0b", b"/..%2f..%2fetc"):
        assert one(site, b"GET " + path).status_code == 400, path
    for path in b"/api/%2e%2e/settings", b"/x/../settings", b"/api/user/%2e%2e/..//settings", b"/%73ettings", b"/./settings":
        assert one(site, b"GET " + path).status_code == 303, path
    for path in b"/static/..%2f..%2f..%2fetc/passwd", b"/settings%0d%0aX:%20y", b"/settings%2f", b"/api/user%3f", b"/settings%0a", b"/settings;x", b"/static/%2e%2e%2fpostern.conf", b"/settings\\..", b"/%252e%252e/settings":
        assert one(site, b"GET " + path).status_code in (400, 404), path


@NGINX
def test_N5_what_a_program_gets(site):
    """A recorder in the place of a program: the variables that nginx makes of the headers."""
    path = site.var / "run" / "health.sock"
    with dead(site, "health"), socket.socket(socket.AF_UNIX) as recorder:
        recorder.bind(str(path))
        recorder.listen()
        recorder.settimeout(10)
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
            s.sendall(LIVE + HOST + b"Proxy: http://evil.example\r\nPROXY: x\r\nX_CSRFToken: x\r\nContent_Length: 5\r\n"
                      b"Author_ization: x\r\n_Authorization: x\r\nREMOTE_ADDR: x\r\nRemote-Addr: x\r\nHTTPS: on\r\n"
                      b"Request-Method: PUT\r\nDocument-URI: /x\r\nX.Dot: x\r\nGood-One: x\r\n\r\n")
            for _ in range(2):      # the socket stands twice in the upstream
                with recorder.accept()[0] as program:
                    got = dict(variables(program))
            assert s.recv(100).startswith(b"HTTP/1.1 503 ")
        path.unlink()
    assert "HTTP_PROXY" not in got and got.pop("HTTP_GOOD_ONE") == "x"
    assert {name: got[name] for name in ("REQUEST_METHOD", "DOCUMENT_URI", "REMOTE_ADDR", "CONTENT_LENGTH")} == {
        "REQUEST_METHOD": "GET", "DOCUMENT_URI": "/api/health/live", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": ""}
    ours = {"CONTENT_TYPE", "QUERY_STRING", "REQUEST_ID", "SERVER_PORT", *"REQUEST_METHOD DOCUMENT_URI REMOTE_ADDR".split()}
    named = {"HTTP_HOST", "HTTP_HTTPS", "HTTP_REMOTE_ADDR", "HTTP_REQUEST_METHOD", "HTTP_DOCUMENT_URI"}
    assert set(got) == ours | named | {"CONTENT_LENGTH"}


def variables(connection):
    """(name, value) of a request as the web server sends it: none twice."""
    data = b""
    while not data.endswith(fcgi.record(fcgi.STDIN)):
        data += connection.recv(65536)
    params, seen = b"".join(content for type, _, content in records(data) if type == fcgi.PARAMS), []
    at = 0
    for size, name in walk(params):
        start = params.index(name, at)
        value = params[start + len(name):start + size]
        seen.append((name.decode(), value.decode()))
        at = start + size
    assert len({name for name, _ in seen}) == len(seen), seen
    return seen


def test_N5_the_token_of_a_form_has_one_spelling(site):
    """nginx drops what has an underscore in its name, and so no second spelling reaches a program."""
    browser = signed_in(site)
    token = browser.open("/settings").token
    pairs = [(n, v) for n, v in browser.open("/settings").form("/settings").pairs() if n != "csrf_token"]
    for name, status in {"X_CSRFToken": 403, "X-CSRFToken": 303}.items():
        page = browser.open("/settings", "POST", data=pairs, headers={name: token}, follow=False)
        assert page.status == status, name
