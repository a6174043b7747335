# SPDX-License-Identifier: ISC
"""A site with guarded locations before an application that says what it was told."""
import contextlib
import http.server
import json
import threading

import pytest
import requests

from accounts import pair
from conftest import running

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
NAMES = ["X-Postern-User", "X-Postern-User-Id", "X-Postern-Email", "X-Postern-Role", "X-Postern-Groups",
         "Remote-User", "Remote-Email", "Remote-Groups", "X-Remote-User", "X-WEBAUTH-USER"]
RULES = {
    "member": ("both", "member"), "admin": ("both", "admin"), "staff": ("both", "group:staff"),
    "either": ("both", "group:staff,board"), "named": ("both", "user:gateada,GateBob"),
    "fresh": ("both", "fresh"), "all": ("both", "admin group:staff"), "typo": ("both", "member grup:staff"),
    "cookie": ("cookie", "member"), "bearer": ("bearer", "member"), "cors": ("bearer+preflight", "member"),
}


class Echo(http.server.BaseHTTPRequestHandler):
    """An application that answers with the headers it got."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"method": self.command, "path": self.path,
                           "headers": self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    do_GET = do_POST = do_OPTIONS = do_HEAD = do_PUT = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def echo():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def location(path, rule, port):
    accept, require = rule
    return (f'location /gate/{path}/ {{ auth_request "/postern-gate/{accept}/{require}";'
            f' include postern/gate-headers.conf; proxy_pass http://127.0.0.1:{port}; }}\n')


@contextlib.contextmanager
def gated(locations, settings=None, files=None):
    """A site with locations of its own, for the length of a block. Settings may hold @PORT@."""

    def prepare(s):
        s.env.update({n: v.replace("@PORT@", str(s.port)) for n, v in (settings or {}).items()})
        folder = s.var / "locations"
        folder.mkdir()
        (folder / "own.conf").write_text(locations.replace("@VAR@", str(s.var)))
        for name, text in (files or {}).items():
            (s.var / name).parent.mkdir(parents=True, exist_ok=True)
            (s.var / name).write_text(text)

    with running(None, prepare) as site:
        yield site


@pytest.fixture(scope="module")
def gate():
    """A site with a location for each rule before one application, a static folder, and members ada, an admin in
    the group staff, and bob, in none."""
    with echo() as port:
        own = "".join(location(name, rule, port) for name, rule in RULES.items())
        own += (f"location /open/ {{ include postern/gate-headers.conf; proxy_pass http://127.0.0.1:{port}; }}\n"
                'location /members/ { auth_request "/postern-gate/both/member"; root "@VAR@/www"; }\n'
                'location /public/ { root "@VAR@/www"; }\n')
        files = {"www/members/page.html": "for members\n", "www/public/page.html": "for all\n"}
        with gated(own, files=files) as s:
            s.ada, s.bob = (s.register(username=name, email=f"{name}@example.org") for name in ("gateada", "gatebob"))
            s.tool("group", "new", "staff")
            s.tool("group", "add", "staff", "gateada")
            s.tool("user", "role", "gateada", "admin")
            yield s


def ask(site, path, method="GET", token=None, **more):
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
    return requests.request(method, site.url + path, headers=headers, allow_redirects=False, timeout=30, **more)


def short(site, member):
    return pair(site, member["username"]).json()["token"]


def told(answer):
    """What the application was told of who it is: name to value, of the headers that identify."""
    assert answer.status_code == 200, answer.text
    headers = [(n, v) for n, v in answer.json()["headers"] if n.lower() in {x.lower() for x in NAMES}]
    assert len({n.lower() for n, _ in headers}) == len(headers), "a header twice"
    return {n.lower(): v for n, v in headers}


def passes(site, place, **more):
    return ask(site, f"/gate/{place}/", **more).status_code


def personal(site, member, *scopes):
    answer = site.api("POST", "/tokens", {"name": "x", "scopes": list(scopes), "days": 1}, member["token"])
    assert answer.status_code == 201, answer.text
    return answer.json()
