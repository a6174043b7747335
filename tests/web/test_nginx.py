# SPDX-License-Identifier: ISC
"""The configuration of nginx: the errors it makes itself, and the locations made from routes."""
import base64
import contextlib
import hashlib
import os
import re
import signal
import socket
import subprocess
import time

import pytest
import requests

from conftest import ROOT, free_port, page_of
from ways import LARGE_HEADERS, NGINX, WAY
from workers import until


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
    "page-nul-in-path": (b"GET /login%00" + END + b"\r\n", 400, '{"errors":{"request":["is malformed"]}}'),
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


@NGINX
@pytest.mark.parametrize("case", OWN_ERRORS)
def test_errors_of_nginx_under_api_are_json(site, case):
    request, status, body = OWN_ERRORS[case]
    check_own(raw(site, request), status, body)


def test_largest_body_reaches_the_program(site):
    body = b" " * LARGE
    answer = raw(site, b"POST /api/users" + END + b"Content-Length: %d\r\n\r\n" % LARGE + body)
    assert answer[0] in (415, 422)


NOT_READY = '{"errors":{"server":["is not ready, try again"]}}'


@contextlib.contextmanager
def dead(site, *programs):
    """Nobody listens for these programs, or for any."""
    paths = [path for path in (site.var / "run").glob("*.sock")
             if path.stem in programs or (not programs and path.stem != "db")]
    assert paths
    for path in paths:
        path.rename(path.with_suffix(".away"))
    try:
        yield
    finally:
        for path in paths:
            path.with_suffix(".away").rename(path)


@NGINX
def test_dead_program_is_503(site):
    with dead(site, "user"):
        headers = check_own(raw(site, b"GET /api/user" + END + b"\r\n"), 503, NOT_READY)
        own_page(site, requests.get(f"{site.url}/settings", timeout=10), 503)
        assert requests.get(f"{site.url}/login", timeout=10).status_code == 200
    assert headers["retry-after"] == "5"


ALL = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def own_page(site, answer, status, allow=ALL):
    """A page of nginx: the one that `postern static` made, which knows nothing of the request."""
    text = page_of(answer, status)
    assert text == (site.var / "errors" / f"{status}.html").read_text()
    assert f'<p class="error-status" aria-hidden="true">{status}</p>' in text
    assert "<form" not in text and "csrf" not in text
    assert answer.headers["Content-Security-Policy"] == (site.var / "errors" / "policy").read_text()
    assert answer.headers["Server"] == "nginx" and "Set-Cookie" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "same-origin"       # once
    assert answer.headers.get("Retry-After") == ("5" if status in (429, 503) else None)
    assert answer.headers.get("Allow") == (allow if status == 405 else None)


@NGINX
def test_all_programs_dead(site):
    """Every page says so, in the site's own look, and the API in JSON."""
    with dead(site):
        for path in "/", "/login", "/register?next=/settings", "/profile/ada", "/nothing", "/apis", "/?/api/":
            answer = requests.get(site.url + path, timeout=10)
            own_page(site, answer, 503)
            assert "<h1>Back in a moment</h1>" in answer.text
            head = requests.head(site.url + path, timeout=10)
            assert (head.status_code, head.content, head.headers["Retry-After"]) == (503, b"", "5")
            own_page(site, requests.post(site.url + path, {"email": "x"}, timeout=10), 503)
        for path in "/api", "/api/user", "/api/user.fcgi", "/api/nothing", "//api/user", "/api?x":
            check_own(raw(site, b"GET " + path.encode() + END + b"\r\n"), 503, NOT_READY)
        style = requests.get(f"{site.url}/static/style.css", timeout=10)
        assert style.status_code == 200 and style.headers["X-Content-Type-Options"] == "nosniff"
        assert requests.get(f"{site.url}/static/default-avatar.svg", timeout=10).status_code == 200
    page_of(requests.get(f"{site.url}/", timeout=10), 200)


@NGINX
def test_errors_of_nginx_elsewhere_are_pages(site):
    own_page(site, requests.get(f"{site.url}/postern-error/503", timeout=10), 404)
    own_page(site, requests.get(f"{site.url}/static/nothing.css", timeout=10), 404)
    own_page(site, requests.request("TRACE", f"{site.url}/login", timeout=10), 405)
    for path in "/register", "/", "/nothing":
        own_page(site, requests.post(site.url + path, b"x" * (LARGE + 1), timeout=10), 413)
    chunks = iter([b"x" * (LARGE + 1)])
    own_page(site, requests.post(f"{site.url}/login", chunks, timeout=10), 413)


@NGINX
def test_too_large_headers_are_a_page(site):
    for headers in {"Cookie": "a=" + "b" * 9000}, {"X": "x" * 9000}:
        for path in "/", "/login", "/nothing", "/static/style.css":
            own_page(site, requests.get(site.url + path, headers=headers, timeout=10), 431)
        answer = requests.get(f"{site.url}/api/user", headers=headers, timeout=10)
        assert answer.status_code == 431
        assert answer.json() == {"errors": {"request": ["has too large headers"]}}


@NGINX
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_static_files_are_for_reading(site, method):
    for path in "/static/style.css", "//static/style.css", "/static/style.css?a=b":
        answer = requests.request(method, site.url + path, timeout=10)
        own_page(site, answer, 405, "GET, HEAD")


@contextlib.contextmanager
def another(site):
    """An nginx of the same configuration, with locations that fail as these may on a real server."""
    port, name = free_port(), "other"
    fails = "".join(f"location {api}/fails/{n} {{ return {n}; }}\n" for n in (403, 429, 500, 502, 504)
                    for api in ("", "/api"))
    text = (site.var / "run" / "nginx.conf").read_text()
    for old, new in ((f"127.0.0.1:{site.port} ", f"127.0.0.1:{port} "), ("run/nginx.", f"run/{name}."),
                     ("access_log log/access.log postern;", "access_log off;"),
                     ("server_name localhost;", f"server_name localhost;\n{fails}")):
        assert old in text
        text = text.replace(old, new)
    (site.var / "run" / f"{name}.conf").write_text(text)
    command = ["nginx", "-p", f"{site.var}/", "-c", f"{site.var}/run/{name}.conf", "-e", "stderr"]
    process = subprocess.Popen([*command, "-g", "user root;" if os.geteuid() == 0 else ""],
                               env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"})
    try:
        assert until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.fixture
def other(site):
    with another(site) as url:
        yield url


@NGINX
def test_errors_that_a_real_server_may_have(site, other):
    texts = {403: '{"errors":{"path":["forbidden"]}}', 500: '{"errors":{"server":["has failed"]}}',
             429: '{"errors":{"rate":["too many requests, try again later"]}}', 503: NOT_READY}
    for number in 403, 429, 500, 502, 504:
        status = 503 if number > 500 else number
        own_page(site, requests.get(f"{other}/fails/{number}", timeout=10), status)
        answer = requests.get(f"{other}/api/fails/{number}", timeout=10)
        check_own((answer.status_code, list(answer.headers.items()), answer.text), status, texts[status])


def test_policy_knows_the_style_of_the_page(site):
    """The hash in the policy is that of the one line of style, in pages of programs and of nginx."""
    policies = set()
    for path in "/", "/nothing", "/static/nothing", "/login":
        answer = requests.get(site.url + path, timeout=10)
        (style,) = re.findall("<style>(.*?)</style>", answer.text, re.S)
        hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policies.add(answer.headers["Content-Security-Policy"])
        assert f"style-src 'self' 'sha256-{hash}';" in answer.headers["Content-Security-Policy"]
    assert len(policies) == 1 and "unsafe" not in policies.pop()


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
    path = "/postern-run/user.fcgi" if WAY == "fcgid" else "/api/user"      # Apache names what it was led to
    assert f" GET {path} 401 " in line
    for log in (site.var / "log").iterdir():
        assert b"not-to-be-seen" not in log.read_bytes()


def test_query_of_a_request_that_fails_is_in_no_log(site):
    """Whatever the web server has to say of it: programs that are away, no such file, too large a body."""
    secret = "token=SECRET-of-somebody"
    if WAY in ("nginx", "proxy"):
        with dead(site, "user", "login"):
            for path in "/settings", "/api/user", "/login":
                for _ in range(3):      # until it knows that both sockets are away
                    assert requests.get(f"{site.url}{path}?{secret}", timeout=5).status_code == 503
    for path in "/static/nothing", "/static/", "/nothing", "/static/style.css/x":
        assert requests.get(f"{site.url}{path}?{secret}", timeout=5).status_code == 404
    assert requests.post(f"{site.url}/login?{secret}", b"x" * (LARGE + 1), timeout=5).status_code == 413
    assert requests.get(f"{site.url}/login?{secret}", headers={"X": "x" * 9000}, timeout=5).status_code == LARGE_HEADERS
    raw(site, f"GET /login?{secret} HTTP/1.1\r\n\r\n".encode())
    raw(site, f"GET /login?{secret}%00 NONE\r\n\r\n".encode())
    assert until(lambda: f" {LARGE_HEADERS} " in site.log("access"))
    for log in (site.var / "log").iterdir():
        assert b"SECRET" not in log.read_bytes(), log.name


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
