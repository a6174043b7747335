# SPDX-License-Identifier: ISC
"""The gate: whom nginx lets in to places of its own, and what an application is told of them."""
import contextlib
import http.server
import json
import re
import threading
import time

import jwt
import pytest
import requests

from accounts import pair
from conftest import PASSWORD, free_port, running
from fcgi_client import request, talk, variables
from pages import Browser, age_session, signed_in
from test_nginx import raw
from workers import until

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
    """A site with locations of its own, for the length of a block."""
    with contextlib.ExitStack() as stack:
        port = free_port()
        site = None

        def prepare(s):
            folder = s.var / "locations"
            folder.mkdir()
            (folder / "own.conf").write_text(locations.replace("@VAR@", str(s.var)))
            for name, text in (files or {}).items():
                (s.var / name).parent.mkdir(parents=True, exist_ok=True)
                (s.var / name).write_text(text)
        site = stack.enter_context(running(settings, prepare))
        del port
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


def test_an_application_is_told_who_it_is_by_a_cookie(gate):
    browser = signed_in(gate, gate.ada)
    seen = told(browser.open("/gate/member/x").answer)
    id_ = gate.sql("SELECT id FROM users WHERE username = 'gateada'")[0][0]
    assert seen == {"x-postern-user": "gateada", "remote-user": "gateada", "x-remote-user": "gateada",
                    "x-webauth-user": "gateada", "x-postern-user-id": id_, "x-postern-role": "admin",
                    "x-postern-groups": "staff", "remote-groups": "staff",
                    "x-postern-email": "gateada@example.org", "remote-email": "gateada@example.org"}


def test_several_groups_have_a_comma_between(gate):
    gate.tool("group", "new", "Choir")
    gate.tool("group", "add", "Choir", "gateada")
    try:
        assert told(signed_in(gate, gate.ada).open("/gate/member/").answer)["remote-groups"] == "Choir,staff"
    finally:
        gate.tool("group", "remove", "Choir")


def test_a_short_token_is_believed_without_the_database(gate):
    """The mail address is not in it, so the application is not told."""
    seen = told(ask(gate, "/gate/member/", token=short(gate, gate.ada)))
    assert seen["x-postern-user"] == "gateada" and seen["x-postern-groups"] == "staff"
    assert "x-postern-email" not in seen and "remote-email" not in seen


def test_a_lasting_token_is_looked_up(gate):
    seen = told(ask(gate, "/gate/member/", token=gate.ada["token"]))
    assert seen["x-postern-email"] == "gateada@example.org" and seen["x-postern-role"] == "admin"


@pytest.mark.parametrize("place, ada, bob", [
    ("member", 200, 200), ("admin", 200, 403), ("staff", 200, 403), ("either", 200, 403), ("named", 200, 200),
    ("fresh", 200, 200), ("all", 200, 403), ("typo", 403, 403), ("cookie", 401, 401), ("bearer", 200, 200)])
def test_rules_for_tokens(gate, place, ada, bob):
    gate.expect("GATE_REQUIRE holds a word that is no rule")
    assert [passes(gate, place, token=short(gate, m)) for m in (gate.ada, gate.bob)] == [ada, bob]


@pytest.mark.parametrize("place, ada, bob", [
    ("member", 200, 200), ("admin", 200, 403), ("staff", 200, 403), ("either", 200, 403), ("named", 200, 200),
    ("fresh", 200, 200), ("all", 200, 403), ("typo", 403, 403), ("cookie", 200, 200), ("bearer", 401, 401)])
def test_rules_for_cookies(gate, place, ada, bob):
    gate.expect("GATE_REQUIRE holds a word that is no rule")
    assert [signed_in(gate, m).open(f"/gate/{place}/", follow=False).status for m in (gate.ada, gate.bob)] == [ada, bob]


def test_a_name_that_is_not_listed(gate):
    eve = gate.register()
    assert passes(gate, "named", token=short(gate, eve)) == 403


@pytest.mark.parametrize("who", ["nobody", "cookie", "token"])
@pytest.mark.parametrize("place", ["open", "gate/member"])
def test_spoofed_headers_never_arrive(gate, place, who):
    spoofed = {name: "root" for name in NAMES} | {"X_Postern_User": "root", "Remote_User": "root"}
    session = signed_in(gate, gate.bob).session if who == "cookie" else requests
    token = {"Authorization": f"Bearer {short(gate, gate.bob)}"} if who == "token" else {}
    answer = session.get(f"{gate.url}/{place}/", headers={**spoofed, **token}, allow_redirects=False)
    if place == "open":         # it asked nobody, so nobody is known
        assert told(answer) == {}
    elif who == "nobody":
        assert answer.status_code == 401
    else:
        assert told(answer)["remote-user"] == "gatebob"
    if answer.status_code == 200:
        assert "root" not in [v for _, v in answer.json()["headers"]]


@pytest.mark.parametrize("name", ["GATE_REQUIRE", "GATE-REQUIRE", "Gate-Accept", "X-GATE_ACCEPT", "FCGI-ROLE"])
def test_a_client_sets_no_rules(gate, name):
    assert ask(gate, "/gate/admin/", token=short(gate, gate.bob), headers={name: "member"}).status_code == 403


@pytest.mark.parametrize("path", [
    "/postern-gate/both/member", "/postern-gate/", "/postern-gate", "/postern%2dgate/both/member",
    "/x/../postern-gate/both/member", "//postern-gate/both/member"])
def test_the_check_itself_cannot_be_asked_for(gate, path):
    answer = raw(gate, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer[0] == 404


@pytest.mark.parametrize("path", [
    "/members/page.html", "/public/../members/page.html", "/public/%2e%2e/members/page.html",
    "/public/..%2fmembers/page.html", "/public/%2e%2e%2fmembers%2fpage.html", "//members/page.html",
    "/%6dembers/page.html", "/public/./../members/page.html", "/members/./page.html", "/members//page.html"])
def test_no_spelling_of_a_path_goes_round_the_gate(gate, path):
    answer = raw(gate, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer[0] == 401 and "for members" not in answer[2]


@pytest.mark.parametrize("path", ["/public/..%5cmembers/page.html", "/public/%252e%252e/members/page.html",
                                  "/public/..;/members/page.html", "/MEMBERS/page.html"])
def test_what_is_no_spelling_of_it_is_nothing(gate, path):
    assert raw(gate, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())[0] == 404


def test_a_static_folder(gate):
    assert ask(gate, "/public/page.html").text == "for all\n"
    assert ask(gate, "/members/page.html").status_code == 401
    assert ask(gate, "/members/page.html", token=short(gate, gate.bob)).text == "for members\n"
    assert ask(gate, "/members/nothing.html", token=short(gate, gate.bob)).status_code == 404
    assert ask(gate, "/members/nothing.html").status_code == 401     # nor is it told what is there


REFUSED = [
    ({}, "is missing", "Bearer"), ({"Authorization": "Bearer x"}, "is invalid", 'Bearer error="invalid_token"'),
    ({"Authorization": "Basic YTpi"}, "is invalid", 'Bearer error="invalid_token"'),
    ({"Authorization": "Bearer  x"}, "is invalid", 'Bearer error="invalid_token"'),
    ({"Authorization": ""}, "is invalid", 'Bearer error="invalid_token"'),
    ({"Authorization": "Bearer pst_" + 43 * "A"}, "has been revoked", 'Bearer error="invalid_token"')]


@pytest.mark.parametrize("headers, text, challenge", REFUSED)
def test_callers_of_an_api_get_json(gate, headers, text, challenge):
    answer = ask(gate, "/gate/member/", headers=headers)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == challenge
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == {"errors": {"token": [text]}}
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"]) and "Location" not in answer.headers


def test_tokens_of_the_wrong_kind(gate):
    both = pair(gate, "gateada").json()
    head, body, _ = both["token"].split(".")
    for token in (both["refresh_token"], f"{head}.{body}.", f"{head}.{body}.AAAA",
                  jwt.encode(jwt.decode(both["token"], options={"verify_signature": False}), 32 * "k", "HS256")):
        assert passes(gate, "member", token=token) == 401


@pytest.mark.parametrize("headers", [
    [("Authorization", "Bearer {token}"), ("Cookie", "{cookie}")],
    [("Authorization", "Basic YTpi"), ("Cookie", "{cookie}")],
    [("Cookie", "{cookie}; {other}")], [("Cookie", "{cookie}"), ("Cookie", "{other}")]])
def test_ambiguous_credentials(gate, headers):
    name = f"session-{gate.port}"
    values = {"token": short(gate, gate.bob), "cookie": f"{name}={signed_in(gate, gate.bob).cookie()}",
              "other": f"{name}={signed_in(gate, gate.ada).cookie()}"}
    lines = "".join(f"{n}: {v.format(**values)}\r\n" for n, v in headers)
    def status(place):
        return raw(gate, f"GET /gate/{place}/ HTTP/1.1\r\nHost: a\r\n{lines}Connection: close\r\n\r\n".encode())[0]
    assert status("member") == 401
    # Where one kind alone counts, the other is not looked at.
    cookies = sum("{other}" in v for _, v in headers)
    if any("{cookie}" in v for _, v in headers):
        assert status("cookie") == (401 if cookies else 200)
    if len([n for n, _ in headers if n == "Authorization"]) == 1 and "Bearer" in headers[0][1]:
        assert status("bearer") == 200


def test_two_headers_with_a_token(gate):
    """nginx itself refuses them; another web server might not."""
    bearer = ("HTTP_AUTHORIZATION", f"Bearer {short(gate, gate.bob)}")
    sent = [*variables("GET", "/postern-gate").items(), bearer]
    assert talk(gate.var / "run" / "auth.sock", request(sent)).status == 204
    assert talk(gate.var / "run" / "auth.sock", request([*sent, bearer])).status == 401


def test_the_same_cookie_twice_is_one(gate):
    cookie = f"session-{gate.port}={signed_in(gate, gate.bob).cookie()}"
    assert ask(gate, "/gate/member/", headers={"Cookie": f"{cookie}; x=y; {cookie}"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_all_methods_and_no_body_reaches_the_gate(gate, method):
    body = b"x" * 100000 if method in ("POST", "PUT") else None
    assert ask(gate, "/gate/member/", method, short(gate, gate.bob), data=body).status_code == 200
    assert ask(gate, "/gate/member/", method, data=body).status_code == 401


def test_the_login_leads_back(gate):
    browser = Browser(gate)
    answer = browser.open("/gate/member/wiki?a=1&b=%C3%A4", headers=PAGE, follow=False)
    assert answer.status == 302
    login = browser.open("/gate/member/wiki?a=1&b=%C3%A4", headers=PAGE)
    assert login.path.startswith("/login?gate=")
    there = login.form().send(email=gate.bob["email"], password=PASSWORD)
    assert there.status == 303 and there.location == "/gate/member/wiki?a=1&b=%C3%A4"
    assert told(browser.open(there.location).answer)["remote-user"] == "gatebob"


@pytest.mark.parametrize("headers, goes", [
    (PAGE, True), ({"Accept": "*/*"}, False), ({"Accept": "application/json"}, False), ({}, False),
    ({**PAGE, "Sec-Fetch-Mode": "navigate"}, True), ({**PAGE, "Sec-Fetch-Mode": "cors"}, False),
    ({"Accept": "*/*", "Sec-Fetch-Mode": "navigate"}, True), ({**PAGE, "Sec-Fetch-Mode": "websocket"}, False)])
def test_who_is_sent_to_the_login(gate, headers, goes):
    assert ask(gate, "/gate/member/", headers=headers).status_code == (302 if goes else 401)
    assert ask(gate, "/gate/bearer/", headers=headers).status_code == 401
    assert ask(gate, "/gate/member/", "POST", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/gate/member//evil", "/gate/member/%0d%0aSet-Cookie:x=y", "/gate/member/%5cevil",
                                  "/gate/member/" + 3000 * "x", "//evil.example.org/%2e%2e/gate/member/"])
def test_addresses_that_no_login_leads_back_to(gate, path):
    answer = raw(gate, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nAccept: text/html\r\n"
                       "Connection: close\r\n\r\n".encode())
    location = dict(answer[1])["Location"]
    assert answer[0] == 302 and re.fullmatch(rf"{gate.url}/login\?gate=\d+-none", location)


def test_a_token_in_an_address_goes_no_further(gate):
    location = ask(gate, "/gate/member/x?token=secret", headers=PAGE).headers["Location"]
    assert location.endswith("&next=%2Fgate%2Fmember%2Fx")


def test_after_the_logout_nobody_passes(gate):
    browser = signed_in(gate, gate.bob)
    assert browser.open("/gate/member/").status == 200
    cookie = {"Cookie": f"session-{gate.port}={browser.cookie()}"}
    browser.log_out()
    assert ask(gate, "/gate/member/", headers=cookie).status_code == 401


def test_a_lasting_token_ends_with_its_session(gate):
    member = gate.register()
    assert passes(gate, "member", token=member["token"]) == 200
    assert gate.api("DELETE", "/token", token=member["token"]).status_code == 204
    assert passes(gate, "member", token=member["token"]) == 401


def test_roles_groups_and_locks_count_at_once(gate):
    member = gate.register()
    name, browser = member["username"], signed_in(gate, member)
    assert browser.open("/gate/staff/", follow=False).status == 403
    gate.tool("group", "add", "staff", name)
    assert browser.open("/gate/staff/", follow=False).status == 200
    assert passes(gate, "staff", token=member["token"]) == 200     # it was made before
    gate.tool("group", "drop", "staff", name)
    assert browser.open("/gate/staff/", follow=False).status == 403
    gate.tool("user", "role", name, "admin")
    assert browser.open("/gate/admin/", follow=False).status == 200
    gate.tool("user", "lock", name)
    assert browser.open("/gate/member/", follow=False).status == 401
    assert passes(gate, "member", token=member["token"]) == 401


def test_an_old_login_is_asked_for_the_password_again(gate):
    browser = signed_in(gate, gate.bob)
    age_session(gate, browser.cookie(), authenticated_at=901)
    assert browser.open("/gate/member/").status == 200
    answer = ask(gate, "/gate/fresh/", headers={"Cookie": f"session-{gate.port}={browser.cookie()}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age=900'
    login = browser.open("/gate/fresh/", headers=PAGE)
    assert login.path.startswith("/login?gate=") and login.form().field("password")
    assert login.form().send(email=gate.bob["email"], password=PASSWORD).location == "/gate/fresh/"
    assert browser.open("/gate/fresh/").status == 200


def test_fresh_looks_at_the_session_of_a_short_token(gate):
    token = short(gate, gate.bob)
    session = jwt.decode(token, options={"verify_signature": False})["sid"]
    assert passes(gate, "fresh", token=token) == 200
    gate.sql(f"UPDATE sessions SET authenticated_at = NOW(3) - INTERVAL 901 SECOND WHERE id = {session}")
    assert passes(gate, "fresh", token=token) == 401
    assert passes(gate, "member", token=token) == 200


PREFLIGHT = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "PUT"}


@pytest.mark.parametrize("place, method, headers, status", [
    ("cors", "OPTIONS", PREFLIGHT, 200), ("bearer", "OPTIONS", PREFLIGHT, 401), ("cors", "GET", PREFLIGHT, 401),
    ("cors", "OPTIONS", {"Origin": "https://app.example.org"}, 401), ("cors", "PUT", PREFLIGHT, 401),
    ("cors", "OPTIONS", {"Access-Control-Request-Method": "PUT"}, 401)])
def test_preflight_by_a_switch(gate, place, method, headers, status):
    answer = ask(gate, f"/gate/{place}/", method, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert told(answer) == {}


def test_nothing_is_written_but_that_a_session_was_seen(gate):
    browser = signed_in(gate, gate.bob)
    token = short(gate, gate.bob)
    browser.open("/gate/member/")
    before, seen = gate.checksum(), f"SELECT last_seen_at FROM sessions WHERE hash = UNHEX(SHA2('{browser.cookie()}', 256))"
    for _ in range(3):
        browser.open("/gate/member/")
        ask(gate, "/gate/admin/", token=token)
    assert gate.checksum() == before
    age_session(gate, browser.cookie(), last_seen_at=301)
    old = gate.sql(seen)
    browser.open("/gate/member/")
    assert gate.sql(seen) > old


def test_while_the_database_is_away_nobody_passes_by_a_cookie(gate):
    """403, for a 401 would make clients throw good tokens away; a short token needs no database."""
    browser, token = signed_in(gate, gate.bob), short(gate, gate.bob)
    gate.sql("RENAME TABLE sessions TO sessions_away")
    gate.expect("sessions|database|1146")
    try:
        assert browser.open("/gate/member/", follow=False).status == 403
        assert passes(gate, "member", token=gate.bob["token"]) == 403
        assert passes(gate, "member", token=token) == 200
    finally:
        gate.sql("RENAME TABLE sessions_away TO sessions")
    assert browser.open("/gate/member/").status == 200


@pytest.mark.parametrize("variables_, status", [
    ({}, 401), ({"GATE_REQUIRE": " "}, 401), ({"GATE_ACCEPT": "nonsense"}, 403), ({"GATE_REQUIRE": "owner"}, 403),
    ({"GATE_REQUIRE": "group:"}, 403), ({"GATE_REQUIRE": "Member"}, 403), ({"CONTENT_LENGTH": "x"}, 401),
    ({"CONTENT_LENGTH": "5"}, 401), ({"REQUEST_METHOD": "BREW"}, 401), ({"DOCUMENT_URI": "/api/nothing"}, 401),
    ({"HTTP_AUTHORIZATION": "Bearer " + 9000 * "x"}, 401), ({"GATE_URI": "\x01\xff"}, 401)])
def test_the_program_answers_nothing_but_three_statuses(gate, variables_, status):
    gate.expect("GATE_(REQUIRE|ACCEPT)")
    answer = talk(gate.var / "run" / "auth.sock", request({**variables("GET", "/postern-gate"), **variables_}))
    assert answer.status == status and answer.body == b""


def test_rules_of_the_program(gate):
    token = short(gate, gate.ada)
    def status(**more):
        return talk(gate.var / "run" / "auth.sock", request(
            {**variables("GET", "/"), "HTTP_AUTHORIZATION": f"Bearer {token}", **more})).status
    assert status() == 204 and status(GATE_REQUIRE="  admin   member ") == 204
    assert status(GATE_REQUIRE="user:gateadam") == 403 and status(GATE_REQUIRE="user:gatead") == 403
    assert status(GATE_REQUIRE="user:,") == 403 and status(GATE_REQUIRE="group:,staff") == 204
    assert status(GATE_REQUIRE="group:STAFF user:x,GATEADA") == 204


def loop_page(site, browser, why, next=""):
    """The page that ends a circle."""
    page = browser.open(f"/login?gate={int(time.time())}-{why}{next}", follow=False)
    assert page.status == 200 and page.texts("h1") == ["Signed in, but not there"] and not page.all("#email")
    return page


@pytest.mark.parametrize("why, word", [
    ("none", "session.cookie_domain"), ("name", "another port"), ("scheme", "https"), ("two", "Two different cookies"),
    ("host", "gate.sites"), ("ended", "same database")])
def test_a_circle_ends_in_a_page_that_says_why(gate, why, word):
    page = loop_page(gate, signed_in(gate, gate.bob), why, "&next=/gate/member/")
    assert word in page.one("p.hint").text
    assert page.one("a[href=/login?next=%2Fgate%2Fmember%2F]").text == "Try that page again"


def test_a_real_circle_ends(gate):
    """The cookie of another port: a browser that sends one which this site cannot know."""
    browser = signed_in(gate, gate.bob)
    there = ask(gate, "/gate/member/x", headers={**PAGE, "Cookie": "session-1=" + 43 * "A"}).headers["Location"]
    page = browser.open(there.removeprefix(gate.url), follow=False)
    assert "another port" in page.one("p.hint").text
    ended = ask(gate, "/gate/member/", headers={**PAGE, "Cookie": f"session-{gate.port}=" + 43 * "A"})
    assert re.search(r"gate=\d+-ended&", ended.headers["Location"])
    secure = ask(gate, "/gate/member/", headers={**PAGE, "Cookie": "__Host-session=" + 43 * "A"})
    assert re.search(r"gate=\d+-scheme&", secure.headers["Location"])


@pytest.mark.parametrize("query", ["gate={old}-none&", "gate=x&", "gate=&", "gate=-none&", "gate={old}&"])
def test_who_comes_back_later_goes_on(gate, query):
    browser = signed_in(gate, gate.bob)
    page = browser.open(f"/login?{query.format(old=int(time.time()) - 60)}next=/settings", follow=False)
    assert page.status == 303 and page.location == "/settings"


def test_who_is_not_signed_in_sees_the_form(gate):
    for why in ("none", "ended", "two", "again", "nonsense"):
        page = Browser(gate).open(f"/login?gate={int(time.time())}-{why}&next=/settings")
        assert page.status == 200 and page.form().values["next"] == "/settings"


def test_an_unknown_host_leads_to_no_circle(gate):
    answer = raw(gate, b"GET /gate/member/ HTTP/1.1\r\nHost: other.example.org\r\nAccept: text/html\r\n"
                       b"Connection: close\r\n\r\n")
    location = dict(answer[1])["Location"]
    assert re.fullmatch(rf"{gate.url}/login\?gate=\d+-host", location)
    loop_page(gate, Browser(gate), "host")


def test_another_site_behind_the_same_login():
    """A sub-domain with session.cookie_domain: the login leads back there, and to no other host."""
    with echo() as app, contextlib.ExitStack() as stack:
        wiki_port = free_port()
        wiki = f"http://wiki.localhost:{wiki_port}"
        block = location("member", RULES["member"], app)
        site = stack.enter_context(gated(block, {"POSTERN_GATE_SITES": f"{wiki} https://other.example.org"}))
        host = f"wiki.localhost:{wiki_port}"
        seen = talk(site.var / "run" / "auth.sock", request({
            **variables("GET", "/postern-gate"), "GATE_URI": "/page?a=1", "GATE_ORIGIN": f"http://{host.upper()}",
            "HTTP_ACCEPT": "text/html"})).headers["X-Postern-Login"]
        back = f"{wiki}/page?a=1"
        assert seen.endswith("-none&next=" + requests.utils.quote(back, safe="")) and seen.startswith(f"{site.url}/login?")
        browser, member = Browser(site), site.register()
        form = browser.open(seen.removeprefix(site.url)).form()
        page = form.send(email=member["email"], password=PASSWORD)
        assert page.status == 303 and page.location == back
        assert f"form-action 'self' {wiki} https://other.example.org;" in browser.open("/").headers["Content-Security-Policy"]
        for evil in (f"{wiki}.evil.org/", f"{wiki}@evil.org/", f"{wiki}", f"{wiki}//evil.org", f"{wiki}/login",
                     f"{wiki}/%2e%2e/", "https://evil.org/", f"http://wiki.localhost:{wiki_port}1/", "//wiki.localhost/"):
            page = browser.open("/login?next=" + requests.utils.quote(evil, safe=""), follow=False)
            assert page.location == "/", evil


def personal(site, member, *scopes):
    answer = site.api("POST", "/tokens", {"name": "x", "scopes": list(scopes), "days": 1}, member["token"])
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("scopes, status", [(["gate"], 200), (["read", "write"], 403), (["gate", "read"], 200)])
def test_a_personal_token_needs_the_scope(gate, scopes, status):
    member = gate.register()
    answer = ask(gate, "/gate/member/", token=personal(gate, member, *scopes)["token"])
    assert answer.status_code == status
    if status == 200:
        assert told(answer)["x-postern-email"] == member["email"]


def test_a_personal_token_obeys_the_rules_and_its_end(gate):
    made = personal(gate, gate.ada, "gate")
    assert [passes(gate, place, token=made["token"]) for place in ("admin", "staff", "named", "bearer", "cookie")] == \
        [200, 200, 200, 200, 401]
    assert passes(gate, "fresh", token=made["token"]) == 403        # nobody logs in with it
    used = gate.sql(f"SELECT last_used_at FROM personal_tokens WHERE id = {made['id']}")
    assert used != [["NULL"]]
    assert passes(gate, "member", token=made["token"]) == 200
    assert gate.sql(f"SELECT last_used_at FROM personal_tokens WHERE id = {made['id']}") == used
    gate.sql("UPDATE users SET locked = TRUE WHERE username = 'gateada'")
    assert passes(gate, "member", token=made["token"]) == 401
    gate.sql("UPDATE users SET locked = FALSE WHERE username = 'gateada'")
    assert gate.api("DELETE", f"/tokens/{made['id']}", token=gate.ada["token"]).status_code == 204
    assert passes(gate, "member", token=made["token"]) == 401
