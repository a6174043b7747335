# SPDX-License-Identifier: ISC
"""Pages of other sites and the API: who may read what, of the programs and of nginx, whatever the status."""
import pytest
import requests

from accounts import newcomer
from conftest import running
from pages import signed_in
from test_nginx import END, LARGE, OWN_ERRORS, another, dead, raw
from ways import NGINX

HERE, FOREIGN = "https://app.example", "https://evil.example"
SETTINGS = {"POSTERN_CORS_ORIGINS": f"{HERE} http://127.0.0.1:3000", "POSTERN_CORS_CREDENTIALS": "on",
            "POSTERN_CORS_EXPOSED": "X-Request-ID, Retry-After"}
HEADERS = {"Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-Request-ID, Retry-After"}


@pytest.fixture(scope="module")
def open_site():
    with running(SETTINGS) as s:
        yield s


def said(answer):
    """The headers of CORS."""
    return {k: v for k, v in answer.headers.items() if k.lower().startswith("access-control-")}


def varies(answer):
    return answer.headers.get("Vary", "").split(", ")


REQUESTS = {"200": ("GET", "/health/live", {}), "401": ("GET", "/user", {}), "404": ("GET", "/nothing", {}),
            "404-program": ("GET", "/user.fcgi/nothing", {}), "404-root": ("GET", "", {}),
            "405": ("DELETE", "/users", {}), "405-nginx": ("TRACE", "/users", {}),
            "413-nginx": ("POST", "/users", {"data": b"x" * (LARGE + 1)}),
            "415": ("POST", "/users", {"data": b"x", "headers": {"Content-Type": "text/plain"}}),
            "422": ("POST", "/users", {"json": {}}), "431-nginx": ("GET", "/user", {"headers": {"X": "x" * 9000}}),
            "401-token": ("GET", "/user", {"headers": {"Authorization": "Bearer x"}})}


def ask(url, case, origin):
    method, path, more = REQUESTS[case]
    # In front of all others: nginx does not read on behind a header that is too large.
    headers = {**({"Origin": origin} if origin else {}), **more.get("headers", {})}
    answer = requests.request(method, f"{url}/api{path}", timeout=20, **{**more, "headers": headers})
    assert answer.status_code == int(case[:3])
    return answer


# What nginx itself answers: Apache lets nobody read what it does.
CASES = [pytest.param(case, marks=NGINX) if "nginx" in case else case for case in REQUESTS]


@pytest.mark.parametrize("case", CASES)
def test_whatever_the_status(open_site, case):
    for origin in HERE, "http://127.0.0.1:3000", HERE.upper():
        answer = ask(open_site.url, case, origin)
        assert said(answer) == {"Access-Control-Allow-Origin": origin, **HEADERS}
        assert varies(answer) == ["Origin"]
    for origin in (FOREIGN, "null", f"{HERE}.evil.example", f"{HERE}:8443", "http://app.example",
                   "https://appXexample", None):
        answer = ask(open_site.url, case, origin)
        assert said(answer) == {} and varies(answer) == ["Origin"]


@pytest.mark.parametrize("case", CASES)
def test_off_by_default(site, case):
    answer = ask(site.url, case, HERE)
    assert said(answer) == {} and "Origin" not in varies(answer)


def test_registering(open_site):
    answer = open_site.api("POST", "/users", {"user": newcomer()}, headers={"Origin": HERE})
    assert answer.status_code == 201 and said(answer)["Access-Control-Allow-Origin"] == HERE


@NGINX
def test_dead_program_and_errors_of_a_real_server(open_site):
    with dead(open_site, "user"):
        answer = requests.get(f"{open_site.url}/api/user", headers={"Origin": HERE}, timeout=10)
        assert answer.status_code == 503 and said(answer) == {"Access-Control-Allow-Origin": HERE, **HEADERS}
        page = requests.get(f"{open_site.url}/settings", headers={"Origin": HERE}, timeout=10)
        assert page.status_code == 503 and said(page) == {} and "Origin" not in varies(page)
    with another(open_site) as url:
        for number, status in (403, 403), (429, 429), (500, 500), (502, 503), (504, 503):
            answer = requests.get(f"{url}/api/fails/{number}", headers={"Origin": HERE}, timeout=10)
            assert answer.status_code == status and varies(answer) == ["Origin"]
            assert said(answer) == {"Access-Control-Allow-Origin": HERE, **HEADERS}
            page = requests.get(f"{url}/fails/{number}", headers={"Origin": HERE}, timeout=10)
            assert page.status_code == status and said(page) == {}


def test_requests_that_have_no_path(open_site):
    """nginx has read neither path nor Origin of them, so they name nobody."""
    for case in "no-path", "long-path":
        _, headers, _ = raw(open_site, OWN_ERRORS[case][0].replace(END, END + f"Origin: {HERE}\r\n".encode()))
        assert not [name for name, _ in headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/", "/login", "/nothing", "/static/style.css", "/apis"])
def test_pages_are_for_nobody_else(open_site, path):
    for method in "GET", "OPTIONS":
        answer = requests.request(method, open_site.url + path, headers={"Origin": HERE}, timeout=10)
        assert said(answer) == {} and "Origin" not in varies(answer)


def preflight(site, path, method, headers=None, origin=HERE):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return requests.options(f"{site.url}/api{path}", headers=asked, timeout=10)


def test_preflight(open_site):
    answer = preflight(open_site, "/user", "PUT", "authorization,content-type,x-mine")
    assert answer.status_code == 204 and answer.content == b""
    assert said(answer) == {"Access-Control-Allow-Origin": HERE, "Access-Control-Allow-Credentials": "true",
                            "Access-Control-Allow-Methods": "GET, HEAD, PUT, DELETE",
                            "Access-Control-Max-Age": "600",
                            "Access-Control-Allow-Headers": "Authorization, Content-Type"}
    assert answer.headers["Allow"] == "GET, HEAD, PUT, DELETE, OPTIONS" and varies(answer) == ["Origin"]


@pytest.mark.parametrize("path, method, status", [("/user", "PATCH", 204), ("/user", "NONSENSE", 204),
                                                  ("/nothing", "GET", 404)])
def test_preflight_of_what_is_not_there(open_site, path, method, status):
    answer = preflight(open_site, path, method, "authorization")
    assert answer.status_code == status
    assert said(answer).keys() <= {"Access-Control-Allow-Origin", *HEADERS}


def test_preflight_of_others(open_site, site):
    for s, origin in (open_site, FOREIGN), (site, HERE):
        answer = preflight(s, "/user", "PUT", "authorization", origin)
        assert answer.status_code == 204 and said(answer) == {}


def test_S2_a_cookie_counts_nowhere_under_api(open_site):
    """With credentials, a browser would send the cookie of the pages along: the API takes no notice."""
    browser = signed_in(open_site)
    answer = browser.session.get(f"{open_site.url}/api/user", headers={"Origin": HERE}, timeout=10)
    assert browser.cookie() and answer.status_code == 401


def test_anybody(site):
    """By the program alone: * names nobody, and with credentials it does not start."""
    for origin in {"HTTP_ORIGIN": FOREIGN}, {}:
        status, headers, _ = site.cgi("user", path="/user", POSTERN_CORS_ORIGINS="*", **origin)
        assert status == 401 and headers["Access-Control-Allow-Origin"] == "*"
    done = site.tool("config", check=False, POSTERN_CORS_ORIGINS="*", POSTERN_CORS_CREDENTIALS="on")
    assert done.returncode != 0 and "cors.credentials must be off" in done.stderr
