# SPDX-License-Identifier: ISC
"""S9, S10: members that nobody may set, and what must stand in no answer, no log and no file."""
import hashlib
import json
import re

import pytest
import requests

from accounts import (at_once, hash_of, log_in, newcomer, pair, put, row, set_hash, sign_up, user_of, without)
from conftest import PASSWORD
from forge import claims_of
from ways import WAY

# Every column of every table, as it is called there and as clients would guess it, with a tempting value.
FORCED = {"id": 1, "user_id": 1, "userId": 1, "role": "admin", "is_admin": True, "isAdmin": True,
          "admin": True, "class": "owner", "full_at": "2001-01-01",
          "groups": ["admin"], "locked": True, "scopes": "read write gate", "last_used_at": "2001-01-01", "hash": "*0",
          "password_hash": "$2b$05$" + "a" * 53,
          "created_at": "2001-01-01 00:00:00", "createdAt": "2001-01-01T00:00:00.000Z",
          "updated_at": "2001-01-01 00:00:00", "updatedAt": "2001-01-01T00:00:00.000Z",
          "changed_at": "2001-01-01 00:00:00", "authenticated_at": "2050-01-01 00:00:00",
          "expires_at": "2050-01-01 00:00:00", "ended_at": "2001-01-01 00:00:00",
          "last_seen_at": "2001-01-01 00:00:00", "username_key": "admin", "usernameKey": "admin",
          "email_key": "x@example.org", "emailKey": "x@example.org", "token": "x", "sid": 1, "sub": 1,
          "fresh": True, "life": 10**9, "confirmed": True, "strong": "x", "since": "x", "who": "x",
          "email_verified": True, "verified": True, "address": "203.0.113.9", "agent": "x",
          "kind": "x", "subject": "x", "remembered": True, "remember": True, "request_id": "x", "me": 1,
          "current": True, "following": True, "actor_id": 1, "by_other": True,
          "group_id": 1, "name_key": "admin", "refresh": 9, "refreshed_at": "2001-01-01 00:00:00",
          "refreshed_before_at": "2001-01-01 00:00:00", "approved": True, "proved": True,
          "waits": None, "email_confirmed_at": "2001-01-01 00:00:00", "email_new": "x@example.org",
          "email_new_key": "x@example.org", "email_new_at": "2001-01-01 00:00:00",
          "letter": "test", "told": "{}", "mailing_id": 1, "state": "sent", "due_at": "2001-01-01 00:00:00",
          "done_at": None, "claim": "x", "tries": 0, "doubts": 0, "answer": "x", "subject": "x", "text": "x",
          "html": "x", "copies": "x", "hidden": "x", "reply_to": "x", "place": 1, "type": "x", "content": "x",
          "expires": 1, "used_at": None, "instead": [{"id": 1}], "website": "",
          "slug": "feed", "author_id": 1, "author": {"username": "admin"}, "title": "x", "description": "x", "body": "x",
          "tag_lines": "x", "favorites_count": 99, "favoritesCount": 99, "favorited": True, "articles_count": 99,
          "article_id": 1, "article": 1, "html": "<script>", "bodyHtml": "<script>", "renderer": "x", "n": 99,
          "last_at": "2050-01-01", "last_id": 99, "tag_id": 1, "article_created_at": "2001-01-01", "follower_id": 1,
          "followed_id": 1, "answer": "{}", "request": "x", "lines": "x",
          "file": "x", "data": "x", "file_id": 1, "size": 1, "sha256": "x", "uploading": False, "links": 9,
          "touched_at": "2001-01-01",
          "__proto__": {"role": "admin"}}
SESSION = "id, user_id, HEX(hash), remembered, created_at, authenticated_at, last_seen_at, expires_at, ended_at," \
          " address, agent"
KEPT = "id, username_key, email_key, role, locked, waits, email_confirmed_at, created_at"


def columns(site):
    return {c for (c,) in site.sql("SELECT column_name FROM information_schema.columns"
                                   " WHERE table_schema = 'postern'")}


def tables(site, sub):
    """All that stands about a member, but for what a change of the bio moves."""
    return [site.sql(query.format(sub)) for query in (
        f"SELECT {KEPT}, username, email FROM users JOIN addresses ON user_id = id WHERE id = {{}}",
        "SELECT * FROM credentials WHERE user_id = {}", f"SELECT {SESSION} FROM sessions WHERE user_id = {{}}",
        "SELECT * FROM group_members WHERE user_id = {}")]


def form(members):
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in members.items()}


def test_S9_all_columns_are_tried(site):
    own = {"username", "email", "password", "bio", "image"}
    of_migrations = {"number", "name", "checksum", "state", "applied_at", "started_at", "finished_at", "up"}
    assert columns(site) - own - set(FORCED) - of_migrations == set()


@pytest.mark.parametrize("way", ["json", "form"])
def test_S9_register(site, way):
    user = newcomer()
    if way == "json":
        answer = site.api("POST", "/users", {**FORCED, "user": {**FORCED, **user}})
    else:
        answer = site.api("POST", "/users?role=admin&id=1", data={**form(FORCED), **user})
    made = user_of(answer, 201)
    assert without(made, "token") == {**without(user, "password"), "bio": None, "image": None}
    claims = claims_of(made["token"])
    plain = claims_of(user_of(sign_up(site, newcomer()), 201)["token"])
    assert claims.keys() == plain.keys() and claims["role"] == "member"
    id, username, email, role, locked, waits, confirmed, created = row(site, user["username"], KEPT)
    assert waits == confirmed == "NULL"
    assert (username, email, role, locked) == (user["username"], user["email"], "member", "0")
    assert int(id) > 4 and created > "2002"
    assert hash_of(site, user["username"]).startswith("$2b$05$")
    session = site.sql("SELECT id, ended_at, address, expires_at > NOW() + INTERVAL 8 DAY, remembered, hash"
                       f" FROM sessions WHERE user_id = {id}")
    assert session == [[claims["sid"], "NULL", "127.0.0.1", "0", "0", "NULL"]]


@pytest.mark.parametrize("way", ["json", "form"])
def test_S9_change(site, member, way):
    sub = claims_of(member["token"])["sub"]
    before = tables(site, sub)
    if way == "json":
        answer = site.api("PUT", "/user", {**FORCED, "user": {**FORCED, "bio": "changed"}}, member["token"])
    else:
        fields = {**form(FORCED), "bio": "changed"}
        answer = site.api("PUT", "/user?role=admin", token=member["token"], data=fields)
    assert user_of(answer) == {**without(member, "password"), "bio": "changed"}
    assert tables(site, sub) == before


def test_S9_login(site, member):
    sub = claims_of(member["token"])["sub"]
    before = tables(site, sub)
    who = {"email": member["email"], "password": PASSWORD}
    body = {**FORCED, **who, "user": {**FORCED, **who}}
    tokens = [user_of(site.api("POST", "/users/login", body))["token"]]
    answer = site.api("POST", "/login", body)
    assert answer.json()["expires_in"] == 900
    tokens.append(answer.json()["token"])
    tokens.append(site.api("POST", "/login?role=admin", data={**form(FORCED), **who}).json()["token"])
    for token in tokens:
        claims = claims_of(token)
        assert (claims["sub"], claims["role"]) == (sub, "member")
        assert claims["exp"] - claims["iat"] in (900, 7 * 86400)
    after = tables(site, sub)
    assert after[:2] == before[:2] and after[2][:1] == before[2] and len(after[2]) == 4


def submit(browser, url, fields):
    """Fill the form of a page and send it: where it leads."""
    token = re.search('name="csrf_token" value="([^"]+)"', browser.get(url, timeout=10).text)[1]
    answer = browser.post(f"{url}?role=admin&id=1", {**fields, "csrf_token": token}, allow_redirects=False,
                          headers={"Sec-Fetch-Site": "same-origin"}, timeout=10)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_S9_pages(site):
    browser, user, plain = requests.Session(), newcomer(), without(form(FORCED), "remember")
    assert submit(browser, f"{site.url}/register", {**plain, **user}) == "/"
    id, username, email, role, locked, waits, confirmed, created = row(site, user["username"], KEPT)
    assert waits == confirmed == "NULL"
    assert (username, email, role, locked) == (user["username"], user["email"], "member", "0")
    assert int(id) > 4 and created > "2002" and hash_of(site, username).startswith("$2b$05$")
    ((cookie,),) = {(c.value,) for c in browser.cookies if c.name.startswith("session")}
    session = site.sql("SELECT HEX(hash), ended_at, address, expires_at > NOW() + INTERVAL 8 DAY, remembered"
                       f" FROM sessions WHERE user_id = {id}")
    assert session == [[hashlib.sha256(cookie.encode()).hexdigest().upper(), "NULL", "127.0.0.1", "0", "0"]]
    before = tables(site, id)
    change = {**plain, **without(user, "password"), "bio": "changed"}
    assert submit(browser, f"{site.url}/settings", change) == f"/profile/{username}"
    assert tables(site, id) == before
    assert row(site, username, "bio") == ["changed"]
    browser = requests.Session()
    assert submit(browser, f"{site.url}/login", {**plain, **without(user, "username")}) == "/"
    after = tables(site, id)
    assert after[:2] == before[:2] and after[2][:1] == before[2] and len(after[2]) == 2


def age(site, token):
    """Make the login of a token an old one."""
    sid = claims_of(token)["sid"]
    site.sql(f"UPDATE sessions SET authenticated_at = '2001-01-01' WHERE id = {sid}")


def answers(site, me, other):
    """An answer of each kind from each row, as `me`, with `other` mentioned where it fits."""
    new = newcomer(username=other["username"], email=other["email"])
    yield sign_up(site, new)                                                    # 409
    yield sign_up(site, newcomer())                                             # 201
    yield sign_up(site, {**new, "password": "x"})                               # 422
    yield sign_up(site, newcomer(username=other["username"] + "!"))
    for who, password in ((other["email"], "wrong horse"), ("x" + other["email"], PASSWORD),
                          (me["email"], PASSWORD)):
        yield log_in(site, who, password)                                       # 401, 401, 200
        yield pair(site, who, password)
    yield put(site, me, bio="x")                                                # 200
    yield put(site, me, email=other["email"])                                   # 409
    yield put(site, me, username=other["username"], email=other["email"])
    yield put(site, me, email="not one")                                        # 422
    yield put(site, {"token": "x"}, email="x")                                  # 401
    age(site, me["token"])
    yield put(site, me, email="x" + me["email"])                                # 403
    yield put(site, me, email="x" + me["email"], current_password="wrong horse")
    yield site.api("GET", "/user", token=me["token"])                           # 200
    yield site.api("GET", "/user")                                              # 401
    yield site.api("POST", "/user", {}, me["token"])                            # 405
    yield site.api("DELETE", "/user", token=me["token"])                        # 403
    yield site.api("GET", "/user/export", token=me["token"])
    yield site.api("DELETE", "/sessions/1", token=me["token"])                  # 404
    yield site.api("GET", "/users", token=me["token"])                          # 403
    yield site.api("GET", f"/users/{row(site, other['username'], 'id')[0]}", token=me["token"])
    yield site.api("GET", f"/users/{other['username']}/x", token=me["token"])   # 404
    yield site.api("POST", "/users", b"{", headers={"Content-Type": "application/json"})
    yield site.api("POST", "/users", b"x", headers={"Content-Type": "text/plain"})              # 415
    yield site.api("POST", "/users", b"x" * (1 << 21), headers={"Content-Type": "application/json"})   # 413
    yield site.api("GET", "/health/live")
    yield site.api("GET", "/health/ready")


def test_S10_answers_hold_what_they_must_alone(site, member):
    other = site.register(bio="other's bio", image="/other.png")
    hash, own = hash_of(site, other["username"]), hash_of(site, member["username"])
    seen, allowed = set(), {"email", "token", "username", "bio", "image"}
    for answer in answers(site, member, other):
        seen.add(answer.status_code)
        everything = answer.text + "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
        for secret in (hash, own, "$2b$", other["email"], other["bio"], other["image"], other["token"],
                       PASSWORD, "wrong horse", "SELECT", "INSERT", "mysql", "maria", "errno", "postern_",
                       "/src/", str(site.var)):
            assert secret.lower() not in everything.lower(), (secret, everything)
        body = answer.json()
        assert set(body) <= {"user", "errors", "token", "token_type", "expires_in", "refresh_token", "status"}
        assert set(body.get("user", {})) <= allowed
        assert "Set-Cookie" not in answer.headers and "X-Powered-By" not in answer.headers
        assert answer.headers["Server"] == ("nginx" if WAY == "nginx" else "Apache")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert seen == {200, 201, 401, 403, 404, 405, 409, 413, 415, 422}


def test_S10_errors_echo_nothing(site, member):
    """No part of what was sent comes back."""
    mark, seen = "echoed", set()
    members = "username", "email", "bio", "image", "password"
    bodies = [{"user": {name: mark + "!" * 5001 for name in members}},
              {"user": mark}, {mark: mark}, [mark], {"user": {mark: mark}}, {"user": {"username": [mark]}}]
    for method, path in ("POST", "/users"), ("POST", "/users/login"), ("POST", "/login"), ("PUT", "/user"):
        for body in *bodies, mark, '{"user":"' + mark:
            for type in "application/json", mark:
                data = body if isinstance(body, str) else json.dumps(body)
                answer = site.api(method, f"{path}?{mark}={mark}", data, member["token"],
                                  headers={"Content-Type": type, "X-Echo": mark, "User-Agent": mark})
                seen.add(answer.status_code)
                assert mark not in answer.text and mark not in str(answer.headers)
    assert {401, 415, 422} <= seen
    for path in f"/{mark}", f"/user.fcgi/{mark}", f"/{mark}.fcgi":
        assert mark not in site.api(mark.upper(), path).text + site.api("GET", path, token=mark).text


def used_secrets(site):
    """Send passwords and tokens along every way there is; what was sent."""
    first, second, third = "first-secret-0x5a", "second-secret-0x5b", "third secret 0x5c"
    user = newcomer(password=first)
    token = user_of(sign_up(site, user), 201)["token"]
    logged_in = user_of(log_in(site, user["email"], first))["token"]
    short = pair(site, user["username"], first).json()["token"]
    at_once(*[lambda: log_in(site, user["email"], third)] * 2)
    log_in(site, third, first)                                      # a password typed into the wrong field
    site.api("POST", f"/login?password={second}", data={"username": third, "password": second})
    site.api("POST", "/login", f"username=x&password={second}")
    site.api("POST", "/login", '{"password":"' + second)
    site.api("GET", f"/user?token={token}&password={second}", token=short)
    site.api("GET", "/nothing?token=" + token)
    site.api("GET", "/user", auth=(user["username"], second))
    site.api("GET", "/user", token=token[:-3] + "AAA")
    age(site, logged_in)
    put(site, {"token": logged_in}, password=second, current_password=third)
    user_of(put(site, {"token": logged_in}, password=second, current_password=first))
    set_hash(site, user["username"], "x")
    log_in(site, user["email"], second)
    return [first, second, third, token, logged_in, short]


def test_no_secret_in_any_file(site):
    """Neither in a log nor in the database's files nor anywhere else in the site's folder."""
    secrets = used_secrets(site)
    patterns = [re.escape(s).encode() for s in secrets]
    signatures = [s.rsplit(".", 1)[1] for s in secrets if s.count(".") == 2]
    patterns += [re.escape(s).encode() for s in signatures]
    found = re.compile(b"|".join(patterns) + b"|third%20secret|third\\+secret")
    files = [p for p in site.var.rglob("*") if p.is_file()]
    logs = {"user.log", "login.log", "users.log"} if WAY in ("nginx", "proxy") else {"error.log"}
    assert {"access.log", "users.ibd", *logs} <= {p.name for p in files}
    for file in files:
        hit = found.search(file.read_bytes())
        assert not hit, (file, hit)


def test_no_query_in_any_log(site):
    for path in "/user", "/users", "/login", "/nothing", "/user.fcgi", "/user/":
        for method in "GET", "POST":
            site.api(method, f"{path}?asked-in-the-query=1&x")
    for log in (site.var / "log").iterdir():
        assert b"asked-in" not in log.read_bytes(), log
