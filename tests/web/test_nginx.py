# SPDX-License-Identifier: ISC
"""The configuration of nginx: the errors it makes itself, and the locations made from routes."""
import re
import socket
import subprocess
import time

import pytest
import requests

from conftest import ROOT


def raw(site, request):
    """Bytes to nginx: status, headers as a list of pairs, body."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as s:
        s.sendall(request)
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), [tuple(line.split(": ", 1)) for line in lines], body.decode()


END = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
LARGE = 1 << 20
OWN_ERRORS = {
    "no-path": (b"NOT HTTP\r\n\r\n", 400, '{"errors":{"request":["is malformed"]}}'),
    "no-host": (b"GET /api/user HTTP/1.1\r\n\r\n", 400, '{"errors":{"request":["is malformed"]}}'),
    "nul-in-path": (b"GET /api/%00" + END + b"\r\n", 400, '{"errors":{"request":["is malformed"]}}'),
    "two-lengths": (b"POST /api/users" + END + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400,
                    '{"errors":{"request":["is malformed"]}}'),
    "unknown-path": (b"GET /api/nothing" + END + b"\r\n", 404, '{"errors":{"path":["not found"]}}'),
    "unknown-program": (b"GET /api/nothing.fcgi" + END + b"\r\n", 404, '{"errors":{"path":["not found"]}}'),
    "error-path": (b"GET /postern-error/503" + END + b"\r\n", 404, '{"errors":{"path":["not found"]}}'),
    "trace": (b"TRACE /api/user" + END + b"\r\n", 405, '{"errors":{"method":["is not allowed here"]}}'),
    "large": (b"POST /api/users" + END + b"Content-Length: %d\r\n\r\n" % (LARGE + 1) + b"x" * (LARGE + 1),
              413, '{"errors":{"body":["is too large"]}}'),
    "large-chunk": (b"POST /api/users" + END + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (LARGE + 1)
                    + b"x" * (LARGE + 1) + b"\r\n0\r\n\r\n", 413, '{"errors":{"body":["is too large"]}}'),
    "long-path": (b"GET /api/" + b"x" * 9000 + END + b"\r\n", 414, '{"errors":{"request":["has too long a path"]}}'),
    "large-header": (b"GET /api/user" + END + b"X: " + b"x" * 9000 + b"\r\n\r\n", 431,
                     '{"errors":{"request":["has too large headers"]}}'),
    "transfer-coding": (b"POST /api/users" + END + b"Transfer-Encoding: xchunked\r\n\r\n", 501,
                        '{"errors":{"request":["has an unknown transfer coding"]}}'),
    "version": (b"GET /api/user HTTP/3.0\r\nHost: a\r\n\r\n", 505,
                '{"errors":{"request":["has an unknown HTTP version"]}}'),
}


def check_own(answer, status, body):
    """An error of nginx: JSON, one request id, and nothing of the request."""
    assert answer[0] == status and answer[2] == body
    names = [name.lower() for name, _ in answer[1]]
    headers = {name.lower(): value for name, value in answer[1]}
    assert names.count("x-request-id") == 1 and re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["server"] == "nginx"
    assert ("retry-after" in headers) == (status in (429, 503))
    assert ("allow" in headers) == (status == 405)
    return headers


@pytest.mark.parametrize("case", OWN_ERRORS)
def test_errors_of_nginx_are_json(site, case):
    request, status, body = OWN_ERRORS[case]
    check_own(raw(site, request), status, body)


def test_largest_body_reaches_the_program(site):
    body = b" " * LARGE
    answer = raw(site, b"POST /api/users" + END + b"Content-Length: %d\r\n\r\n" % LARGE + body)
    assert answer[0] in (415, 422)


def test_dead_program_is_503(site):
    path = site.var / "run" / "user.sock"
    path.rename(path.with_suffix(".away"))
    try:
        answer = raw(site, b"GET /api/user" + END + b"\r\n")
    finally:
        path.with_suffix(".away").rename(path)
    headers = check_own(answer, 503, '{"errors":{"server":["is not ready, try again"]}}')
    assert headers["retry-after"] == "5"


def test_errors_of_programs_pass_untouched(site):
    status, headers, body = raw(site, b"GET /api/user" + END + b"\r\n")
    assert status == 401 and body == '{"errors":{"token":["is missing"]}}'
    assert ("WWW-Authenticate", "Bearer") in headers
    assert [name.lower() for name, _ in headers].count("x-request-id") == 1


def test_request_id_is_in_both_logs_and_the_query_in_none(site):
    answer = requests.get(f"{site.url}/api/user", params={"token": "not-to-be-seen"}, timeout=5)
    name = answer.headers["X-Request-ID"]
    end = time.monotonic() + 5
    while not (name in site.log("access") and name in site.log("user")):
        assert time.monotonic() < end
        time.sleep(0.02)
    line = next(line for line in site.log("access").splitlines() if name in line)
    assert " GET /api/user 401 " in line
    for log in (site.var / "log").iterdir():
        assert b"not-to-be-seen" not in log.read_bytes()


def routes(lines, what="locations"):
    return subprocess.run([str(ROOT / "nginx" / "routes.sh"), what], input="".join(lines), text=True,
                          capture_output=True, timeout=10)


LINES = ["articles\tGET\t/articles/:slug\t/article/:slug\tPUBLIC\n", "articles\tGET\t/articles\t/\tPUBLIC\n",
         "tags\tGET\t-\t/tag/:tag+\tPUBLIC\n", "token\tGET\t-\t/.well-known/jwks.json\tPUBLIC\n",
         "articles\tDELETE\t/articles/:slug\t-\tMEMBER\n"]


def test_routes_become_locations():
    made = routes(LINES)
    assert made.returncode == 0 and made.stderr == ""
    assert made.stdout == routes(reversed(LINES)).stdout == routes(LINES * 2).stdout
    found = re.findall(r"^location (\S+ \S+) +\{ fastcgi_pass postern_(\S+); \}$", made.stdout, re.M)
    assert found == [("= /", "articles"), ("= /.well-known/jwks.json", "token"), ("= /api/articles", "articles"),
                     (r"~ ^/api/articles/[^/]+$", "articles"), (r"~ ^/article/[^/]+$", "articles"),
                     (r"~ ^/tag/.+$", "tags"), (r"~ ^/api/(articles|tags|token)\.fcgi(?:/|$)", "$1")]
    sockets = re.findall(r"unix:@VAR@/run/(\w+)\.sock", routes(LINES, "upstreams").stdout)
    assert sockets == ["articles"] * 2 + ["tags"] * 2 + ["token"] * 2


@pytest.mark.parametrize("line", ["users\tGET\t/articles\t-\tPUBLIC\n", "users GET /users - PUBLIC\n",
                                  "Users;\tGET\t/users\t-\tPUBLIC\n"])
def test_routes_that_cannot_be(line):
    made = routes([*LINES, line])
    assert made.returncode != 0 and made.stdout == "" and made.stderr
