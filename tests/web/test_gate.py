# SPDX-License-Identifier: ISC
"""The gate: whom nginx lets in to places of its own, and what an application is told of them."""
import re

import jwt
import pytest
import requests

from accounts import pair
from fcgi_client import request, talk, variables
from gate_site import NAMES, ask, gate, passes, personal, short, told     # noqa: F401  gate is a fixture
from pages import age_session, signed_in
from test_nginx import raw
from ways import GATE

pytestmark = GATE


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
