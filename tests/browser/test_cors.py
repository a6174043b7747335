# SPDX-License-Identifier: ISC
"""A page of another origin and the API, as a real browser lets them talk: what it may send, and what it may read."""
import http.server
import threading
from json import dumps, loads

import pytest

from conftest import PASSWORD, running

FETCH = """
    const [url, options] = arguments, done = arguments[arguments.length - 1];
    fetch(url, options).then(async r => done({status: r.status, body: await r.text(), id: r.headers.get("X-Request-ID"),
        kind: r.headers.get("Content-Type")})).catch(e => done({refused: String(e)}));"""
REFUSED = {"refused": "TypeError: Failed to fetch"}


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Another site</title>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def elsewhere():
    """The address of another site."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def open_site(elsewhere):
    with running({"POSTERN_CORS_ORIGINS": elsewhere, "POSTERN_CORS_EXPOSED": "X-Request-ID"}) as s:
        yield s


@pytest.fixture
def fetch(browser, elsewhere):
    """fetch(url, **options) from a page of that site."""
    chrome = browser(js=True)
    chrome.base = elsewhere
    chrome.open("/")
    return lambda url, **options: chrome.driver.execute_async_script(FETCH, url, options)


def test_a_named_site_reads_answers_and_errors(fetch, open_site):
    api = f"{open_site.url}/api"
    user = {"username": "afar", "email": "afar@example.org", "password": PASSWORD}
    json = {"Content-Type": "application/json"}
    made = fetch(f"{api}/users", method="POST", headers=json, body=dumps({"user": user}))
    assert made["status"] == 201 and '"token"' in made["body"] and len(made["id"]) == 32
    token = loads(made["body"])["user"]["token"]
    mine = fetch(f"{api}/user", headers={"Authorization": f"Token {token}"})
    assert mine["status"] == 200 and '"afar"' in mine["body"]
    changed = fetch(f"{api}/user", method="PUT", headers={**json, "Authorization": f"Token {token}"},
                    body='{"user": {"bio": "from afar"}}')
    assert changed["status"] == 200 and "from afar" in changed["body"]
    for path, options, status, text in (("/user", {}, 401, "is missing"), ("/nothing", {}, 404, "not found"),
                                        ("/user", {"headers": {"Authorization": "Bearer x"}}, 401, "is invalid"),
                                        ("/user", {"method": "POST", "body": "a=b"}, 405, "not allowed"),
                                        ("/users", {"method": "POST", "headers": json, "body": "{}"}, 422, "blank")):
        answer = fetch(api + path, **options)
        assert answer["status"] == status and text in answer["body"], (path, answer)
        assert answer["kind"] == "application/json; charset=utf-8"


def test_only_what_is_allowed(fetch, open_site):
    """Neither cookies, nor a header or a method that nobody allowed, nor pages."""
    user = f"{open_site.url}/api/user"
    assert fetch(user, credentials="include") == REFUSED
    assert fetch(user, headers={"X-Mine": "1"}) == REFUSED
    assert fetch(user, method="PATCH") == REFUSED
    assert fetch(f"{open_site.url}/login") == REFUSED
    assert fetch(user, credentials="omit")["status"] == 401


def test_others_are_refused(fetch, site):
    """A site that names nobody."""
    assert fetch(f"{site.url}/api/health/live") == REFUSED
    assert fetch(f"{site.url}/api/user", headers={"Authorization": "Bearer x"}) == REFUSED


def test_with_credentials(fetch, elsewhere):
    with running({"POSTERN_CORS_ORIGINS": elsewhere, "POSTERN_CORS_CREDENTIALS": "on"}) as s:
        answer = fetch(f"{s.url}/api/user", credentials="include")
        assert answer["status"] == 401 and answer["id"] is None     # nothing is exposed here
