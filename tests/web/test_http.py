# SPDX-License-Identifier: ISC
"""HTTP around the rows: spellings of a path, methods, media types, sizes, old clients, odd headers."""
import http.client
import json
import re
import socket

import pytest

from accounts import BLANK, BROKEN, WRONG, log_in, log_line, newcomer, put, sign_up, user_of
from conftest import PASSWORD, errors_of
from ways import CHUNKS, WAY

METHOD = {"method": ["is not allowed here"]}
NOT_FOUND = {"path": ["not found"]}
LIMIT = 1 << 20
ALLOW = {"/users": "GET, HEAD, POST, OPTIONS", "/users/login": "POST, OPTIONS", "/login": "GET, HEAD, POST, OPTIONS",
         "/user": "GET, HEAD, PUT, DELETE, OPTIONS", "/health/live": "GET, HEAD, OPTIONS",
         "/health/ready": "GET, HEAD, OPTIONS"}
METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS BREW PROPFIND M-SEARCH GETX POS".split()


class Answer:
    """What came back, with the parts of `requests` that errors_of reads."""

    def __init__(self, status, headers, content):
        self.status_code, self.headers, self.content = status, headers, content
        self.text = content.decode()

    def json(self):
        return json.loads(self.content)


def call(site, method, path, body=None, api="/api", **headers):
    """A request whose path goes out as it is, below /api or, with `api` empty, for a page. A dict is sent as JSON;
    `type` is the media type."""
    if isinstance(body, dict):
        body, headers["type"] = json.dumps(body).encode(), headers.get("type", "application/json")
    names = {"type": "Content-Type", "token": "Authorization"}
    headers = {names.get(name, name.replace("_", "-")): value for name, value in headers.items()}
    if "Authorization" in headers:
        headers["Authorization"] = "Token " + headers["Authorization"]
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request(method, api + path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return Answer(answer.status, answer.headers, content)


def raw(site, request):
    """Bytes to nginx: the bytes of the answer, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
        s.sendall(request)
        return b"".join(iter(lambda: s.recv(65536), b""))


SPELLINGS = {
    "/users": ["/users.fcgi", "/users.fcgi?x=1", "/us%65rs", "//users", "/x/../users"],
    "/users/login": ["/login.fcgi/users/login", "/users//login", "/users/%6cogin", "/users/./login"],
    "/login": ["/login.fcgi", "/login.fcgi/login", "/login?x", "/%6cogin", "//login.fcgi"],
    "/user": ["/user.fcgi", "/user.fcgi/user", "/user.fcgi?", "/user?x/y", "/user.fcgi/./user"],
    "/health/live": ["/health.fcgi/live", "/health.fcgi/health/live", "/health//live"],
    "/health/ready": ["/health.fcgi/ready", "/health.fcgi/health/ready"]}


@pytest.mark.parametrize("path", SPELLINGS)
def test_spellings(site, member, path):
    who = {"email": member["email"], "password": PASSWORD}
    for spelling in [path, *SPELLINGS[path]]:
        if path == "/users":
            user_of(call(site, "POST", spelling, {"user": newcomer()}), 201)
        elif path == "/users/login":
            user_of(call(site, "POST", spelling, {"user": who}))
        elif path == "/login":
            assert call(site, "POST", spelling, who).json()["expires_in"] == 900
        elif path == "/user":
            user_of(call(site, "GET", spelling, token=member["token"]))
        else:
            assert call(site, "GET", spelling).json() == {"status": path.split("/")[2]}


WRONG_PATHS = """/ /users/ /user/ /users/login/ /login/ /health/live/ /health /health/ /USER /User /user.FCGI
    /user.fcgi/ /user.fcgi/user/ /user.fcgi/users /users.fcgi/1/x /users.fcgi/ /login.fcgi/users
    /login.fcgi/ /health.fcgi /health.fcgi/ /userx /user.fcgix /user.fcg /user.fcgi.fcgi /xuser.fcgi /.fcgi
    /.fcgi/user /user%2f /user%2Fuser /user%20 /%20user /user%0a /user.fcgi%0a /user.fcgi/user%0a
    /user.fcgi%0a/user /user%0d%0aX:%20y /us%2565r /user;x /user.html /user/x /users/1/x /users/1/ /api/user
    /cgi-bin/user.fcgi /user\\ /nothing /nothing.fcgi
    /postern.conf /user.fcgi%3fx /user%3fx""".split()


def reachable(paths):
    """Without those that the web server of plain CGI has no file name for, and answers by itself."""
    return [p for p in paths if WAY != "cgi" or ("%2f" not in p.lower() and len(p) < 1000 and not p.startswith(("/errors/", "/cgi-bin/")))]


def test_N9_paths_that_are_none(site, member, unchanged):
    for path in reachable([*WRONG_PATHS, "/user.fcgi/" + "x" * 4000, "/" + "user.fcgi/" * 100]):
        for answer in (call(site, "GET", path, token=member["token"]),
                       call(site, "POST", path, {"user": newcomer()})):
            assert errors_of(answer, 404) == NOT_FOUND, path
            assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert call(site, "OPTIONS", "/nothing").status_code == 404
    assert errors_of(call(site, "GET", ""), 404) == NOT_FOUND


@pytest.mark.parametrize("path", ALLOW)
def test_N9_S3_methods(site, member, unchanged, path):
    """Of the right ones we see elsewhere what they do; the others are refused, with the list."""
    for method in METHODS:
        if method in ALLOW[path].split(", "):
            continue
        answer = call(site, method, path, {"user": newcomer()}, token=member["token"])
        assert (answer.status_code, answer.headers["Allow"]) == (405, ALLOW[path]), method
        if method == "HEAD":
            assert answer.content == b""
        else:
            assert errors_of(answer, 405) == METHOD
    for more in {"X_HTTP_Method_Override": "PUT"}, {"X_Method_Override": "DELETE"}, {"X_HTTP_Method": "POST"}:
        answer = call(site, "PATCH", path, {"user": newcomer()}, token=member["token"], **more)
        assert answer.status_code == 405
        answer = call(site, "PATCH", path + "?_method=PUT", b"_method=POST", token=member["token"], **more)
        assert answer.status_code == 405
    for method in "get", "Post", "oPTIONS":
        assert errors_of(call(site, method, path), 400 if WAY == "nginx" else 405)      # nginx lets none through


@pytest.mark.parametrize("path", ALLOW)
def test_N9_options(site, path):
    for more in {}, {"token": "x"}, {"Origin": "https://e.org", "Access_Control_Request_Method": "PUT"}:
        answer = call(site, "OPTIONS", path, **more)
        assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", ALLOW[path])
        assert answer.headers["X-Request-ID"] and not answer.headers["Content-Length"]
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def lasting(headers):
    """Those that do not change from one answer to the next."""
    return {name.lower(): value for name, value in headers if name.lower() not in ("date", "x-request-id")}


def test_N9_head(site, member):
    for path in "/user", "/user.fcgi", "/health/live", "/health/ready", "/nothing", "/users", "/user/":
        for token in member["token"], "x", "":
            head = f" /api{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" \
                   f"Authorization: Token {token}\r\n\r\n"
            get, bare = (raw(site, (method + head).encode()) for method in ("GET", "HEAD"))
            assert get[:12] == bare[:12]
            got, _, body = get.partition(b"\r\n\r\n")
            assert bare.endswith(b"\r\n\r\n") and bare.count(b"\r\n\r\n") == 1 and body
            got, bare = ([line.split(": ", 1) for line in text.decode().split("\r\n")[1:] if line]
                         for text in (got, bare))
            assert lasting(got) == lasting(bare)
            assert lasting(got)["content-length"] == str(len(body))


def test_N9_old_http(site, member):
    """1.0 needs no Host, and 0.9 gets a body alone."""
    credential = f"Authorization: Token {member['token']}\r\n"
    answer = raw(site, f"GET /api/user HTTP/1.0\r\n{credential}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ") and b"Connection: close" in answer
    body = json.dumps({"user": newcomer()})
    answer = raw(site, "POST /api/users HTTP/1.0\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert raw(site, b"GET /api/health/live\r\n") == b'{"status":"live"}'
    assert json.loads(raw(site, b"GET /api/user\r\n")) == {"errors": {"token": ["is missing"]}}


def test_N9_expect_100_continue(site):
    body = json.dumps({"user": newcomer()}).encode()
    head = "POST /api/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" \
           "Expect: 100-continue\r\nContent-Length: {}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
        s.sendall(head.format(len(body)).encode())
        assert s.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(body)
        assert b"".join(iter(lambda: s.recv(65536), b"")).startswith(b"HTTP/1.1 201 ")
    if WAY == "cgi":    # the program alone knows the limit, and Apache asks for the body first
        return
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
        s.sendall(head.format(LIMIT + 1).encode())
        assert s.recv(10000).startswith(b"HTTP/1.1 413 ")       # and nothing of the body was asked for


ODD = [("Range", "bytes=0-3"), ("Range", "bytes=" + ",".join(f"{i}-{i}" for i in range(500))), ("Range", "x"),
       ("If-None-Match", "*"), ("If-None-Match", ", ".join(f'"{i}"' for i in range(900))),
       ("If-Match", '"x"'), ("TE", "gzip"),
       ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT"), ("If-Modified-Since", "yesterday"),
       ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"), ("If-Range", '"x"'), ("Accept", "text/html"),
       ("Accept", "x/" + "y" * 4000), ("Accept", ",;q=2,"), ("Accept-Encoding", "gzip, br, *;q=0"),
       ("Accept-Charset", "utf-16"), ("Accept-Language", "tlh"), ("Cookie", "session=x; session=y; =; ;"),
       ("Cookie", "a=" + "b" * 4000), ("Proxy", "http://evil.example"), ("X-Forwarded-For", "203.0.113.9"),
       ("X-Original-URL", "/api/health/live"), ("Transfer", "x"), ("Upgrade", "h2c"), ("Max-Forwards", "0"),
       ("Origin", "null"), ("Referer", "x\u00e4"), ("Content-Encoding", "gzip"), ("Date", "never")]


@pytest.mark.parametrize("name, value", ODD, ids=lambda x: x[:20])
def test_N9_headers_that_change_nothing(site, member, name, value):
    plain = call(site, "GET", "/user", token=member["token"])
    answer = call(site, "GET", "/user", token=member["token"], **{name: value})
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert lasting(answer.headers.items()) == lasting(plain.headers.items())


JSON_TYPES = ["application/json", "Application/JSON", "application/json; charset=utf-8",
              "application/json;charset=x", "application/json ; a=b", "application/vnd.x+json",
              "application/json\t;x"]
FORM_TYPES = ["application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8"]
NO_TYPES = [None, "", "text/plain", "text/json", "text/html", "multipart/mixed; boundary=x",
            "multipart/form-datax; boundary=x", "multipart/", "boundary=x", "multipart/form_data; boundary=x",
            "application/xml", "application/octet-stream", "application/jsonx", "application/json,text/plain",
            "application/json/x", "json", "application", "application/", "/", "*/*", "application/*",
            "x" * 999, ";application/json", "application/+", "application/x-www-form-urlencodedx",
            "application/x-ndjson", "charset=utf-8", "application/ json"]


def test_media_types(site, member):
    for type in JSON_TYPES:
        user_of(call(site, "POST", "/users", {"user": newcomer()}, type=type), 201)
        body = json.dumps({"user": {"bio": type}})
        assert user_of(call(site, "PUT", "/user", body, type=type, token=member["token"]))["bio"] == type
    for type in FORM_TYPES:
        answer = call(site, "PUT", "/user", "bio=by+form", type=type, token=member["token"])
        assert user_of(answer)["bio"] == "by form"
    # Each is read as what it says it is.
    answer = call(site, "PUT", "/user", "bio=x", type=JSON_TYPES[0], token=member["token"])
    assert errors_of(answer, 422) == BROKEN
    answer = call(site, "PUT", "/user", '{"user":{"bio":"x"}}', type=FORM_TYPES[0], token=member["token"])
    assert user_of(answer)["bio"] == "by form"


def test_media_types_that_are_none(site, member, unchanged):
    for type in NO_TYPES:
        more = {} if type is None else {"type": type}
        for path in "/users", "/users/login", "/login", "/user":
            method = "PUT" if path == "/user" else "POST"
            for body in json.dumps({"user": newcomer(), **newcomer()}), "x":
                answer = call(site, method, path, body, token=member["token"], **more)
                assert errors_of(answer, 415) == {"body": ["must be JSON or a form"]}, (type, path)


def test_empty_bodies(site, member, unchanged):
    """Without a body its type does not matter: one is missing, or none is needed."""
    for type in *JSON_TYPES, *FORM_TYPES, "text/plain", "x":
        for path in "/users", "/users/login":
            assert errors_of(call(site, "POST", path, b"", type=type), 422) == {"user": BLANK}
        assert errors_of(call(site, "POST", "/login", b"", type=type), 401) == WRONG
        user_of(call(site, "GET", "/user", b"", type=type, token=member["token"]))
        user_of(call(site, "GET", "/user", None, type=type, token=member["token"]))
        assert call(site, "OPTIONS", "/user", b"", type=type).status_code == 204
    assert errors_of(call(site, "PUT", "/user", token=member["token"]), 422) == {"user": BLANK}


def test_stray_bodies(site, member, unchanged):
    """On rows that read none a body is not looked at, whatever it is."""
    for body in b"{}", b'{"user":{"bio":"x"}}', b"{", b"[" * 10_000, b"\xff\0", b"x" * LIMIT:
        for type in "application/json", "application/x-www-form-urlencoded", "text/plain":
            user_of(call(site, "GET", "/user", body, type=type, token=member["token"]))
            assert call(site, "GET", "/health/live", body, type=type).status_code == 200
            assert call(site, "HEAD", "/user", body, type=type, token=member["token"]).status_code == 200
    if CHUNKS:
        chunks = iter([b'{"user":', b"{}}"])
        user_of(call(site, "GET", "/user", chunks, token=member["token"]))


def padded(size):
    body = json.dumps({"user": newcomer()}).encode()
    return body + b" " * (size - len(body))


def test_largest_body(site, member):
    user_of(call(site, "POST", "/users", padded(LIMIT), type="application/json"), 201)
    if CHUNKS:
        body = padded(5000)
        chunks = iter([body[:9], body[9:]])
        user_of(call(site, "POST", "/users", chunks, type="application/json"), 201)


def test_too_large(site, member, unchanged):
    """nginx refuses it, and so does the program itself where there is none: in the same words."""
    large = {"body": ["is too large"]}
    for path, method in ("/users", "POST"), ("/login", "POST"), ("/user", "PUT"), ("/user", "GET"):
        for size in LIMIT + 1, 3 * LIMIT:
            body = padded(size)
            answer = call(site, method, path, body, type="application/json", token=member["token"])
            assert errors_of(answer, 413) == large
            status, headers, content = site.cgi(path[1:], method, body=body, type="application/json",
                                                HTTP_AUTHORIZATION=f"Token {member['token']}")
            assert errors_of(Answer(status, headers, content), 413) == large
    status, _, content = site.cgi("users", "POST", body=padded(1025), type="application/json",
                                  POSTERN_LIMITS_BODY="1024")
    assert (status, json.loads(content)) == (413, {"errors": large})


def test_health_lives_without_a_database(site):
    away = {"POSTERN_DATABASE_SOCKET": str(site.var / "nowhere.sock")}
    status, headers, content = site.cgi("health", path="/live", **away)
    assert (status, json.loads(content)) == (200, {"status": "live"})
    assert headers["Cache-Control"] == "no-store"


def test_request_ids(site, member):
    """Each answer has its own, nobody else chooses it, and the log knows it."""
    token, seen = member["token"], set()
    for _ in range(20):
        answers = [call(site, "GET", "/user", token=token, X_Request_ID="0123456789abcdef", Request_ID="x"),
                   call(site, "GET", "/user"), call(site, "GET", "/nothing"), call(site, "HEAD", "/user"),
                   call(site, "PATCH", "/user"), sign_up(site, {}), log_in(site, "nobody")]
        seen |= {answer.headers["X-Request-ID"] for answer in answers}
    assert len(seen) == 20 * 7 and all(re.fullmatch("[0-9a-f]{32}", one) for one in seen)
    line = log_line(site, "user", call(site, "GET", "/user.fcgi/user?x=y", token=token))
    expected = {"method": "GET", "path": "/api/user.fcgi/user", "status": "200", "user": member["username"]}
    assert {name: line[name] for name in expected} == expected
    assert {"status": "401", "user": "-"}.items() <= log_line(site, "user", put(site, {"token": "x"})).items()


def test_request_ids_of_plain_cgi(site):
    for given in "0123abcd", "0123456789abcdefABCDEF-" * 2, "f" * 64:
        assert site.cgi("health", path="/live", REQUEST_ID=given)[1]["X-Request-ID"] == given
    for given in "", "1234567", "f" * 65, "0123456789abcdeg", "01234567 x=y", "01234567\nx", "\u00e4" * 9:
        headers = site.cgi("health", path="/live", REQUEST_ID=given)[1]
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])


def test_X6_one_request_one_line(site):
    """Whatever stands in a path: no line of the log is made up by it."""
    for path, logged in (("/user.fcgi/%0a2026-01-01T00:00:00.000Z%20user[1]%20error%20x", "%0A2026"),
                         ("/user.fcgi/%20status=200%20user=admin", "%20status%3D200%20user%3Dadmin"),
                         ("/user.fcgi/%1b[2J%7f%22%5c", "%1B[2J%7F%22%5C"),
                         ("/user.fcgi/%25s%25n", "%25s%25n")):
        line = log_line(site, "user", call(site, "GET", path))
        assert logged in line["path"] and (line["status"], line["user"]) == ("404", "-")
