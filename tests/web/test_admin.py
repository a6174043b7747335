# SPDX-License-Identifier: ISC
"""The members as an admin reads and changes them over the API, and the admin who must stay."""
import re

import pytest

from accounts import at_once, events, log_in, newcomer, refused_login, sign_up, user_of
from conftest import PASSWORD, errors_of
from forge import ABSENT, Mint, accepted, changed, claims_of, refused
from members import LAST, ROW, id_of, join, new_admin, new_group, new_member, only_admins, patch

NOT_FOUND = {"user": ["not found"]}
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(scope="module")
def admin(site):
    return new_admin(site)


@pytest.fixture
def mate(site):
    return new_member(site)


def listed(site, admin, **query):
    """(users, usersCount)"""
    answer = site.api("GET", "/users", token=admin["token"], params=query)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["users", "usersCount"]
    return answer.json()["users"], answer.json()["usersCount"]


def names(site, admin, **query):
    return [user["username"] for user in listed(site, admin, **query)[0]]


def test_S10_row_is_these_members_and_no_other(site, admin, mate):
    """Neither hash nor token, whoever it is of."""
    join(site, mate, "rowers", "Board")
    answer = site.api("GET", f"/users/{mate['id']}", token=admin["token"])
    assert answer.status_code == 200 and list(answer.json()) == ["user"]
    user = answer.json()["user"]
    assert list(user) == ROW
    assert re.fullmatch(MOMENT, user.pop("createdAt")) and re.fullmatch(MOMENT, user.pop("lastSeenAt"))
    assert user == {"id": mate["id"], "username": mate["username"], "email": mate["email"], "role": "member",
                    "locked": False, "waits": None, "groups": ["Board", "rowers"]}
    users, _ = listed(site, admin, search=mate["username"])
    assert [list(u) for u in users] == [ROW] and users[0]["groups"] == ["Board", "rowers"]
    everything = site.api("GET", "/users?limit=100", token=admin["token"]).text
    for secret in "$2b$", "eyJ", "hash", "_key", "bio":
        assert secret not in everything and secret not in answer.text, secret


def test_row_under_the_name_of_the_program(site, admin, mate):
    for path in f"/users.fcgi/{mate['id']}", f"/users.fcgi/users/{mate['id']}":
        answer = site.api("GET", path, token=admin["token"])
        assert answer.json()["user"]["username"] == mate["username"], path
    assert site.api("GET", "/users.fcgi?limit=1", token=admin["token"]).json()["users"]
    assert errors_of(site.api("GET", "/users.fcgi/users", token=admin["token"]), 422).keys() == {"id"}


def test_somebody_who_was_never_seen(site, admin):
    name = newcomer()["username"]
    site.tool("user", "add", name, f"{name}@example.org", input=PASSWORD)
    (user,), count = listed(site, admin, search=name)
    assert user["lastSeenAt"] is None and count == 1


def test_list_is_newest_first_and_pages(site, admin):
    mark = newcomer()["username"] + "p"
    for i in range(7):
        site.register(username=f"{mark}{i}", email=f"{mark}{i}@example.org")
    whole = [f"{mark}{i}" for i in reversed(range(7))]
    assert names(site, admin, search=mark) == whole
    assert names(site, admin, search=mark, limit=3) == whole[:3]
    assert names(site, admin, search=mark, limit=3, offset=5) == whole[5:]
    assert listed(site, admin, search=mark, limit=2, offset=99) == ([], 7)
    assert len(names(site, admin, search=mark, limit=0)) == 1        # clamped, as all lists are
    assert names(site, admin, search=mark, limit=1000, offset=-5) == whole
    for name in "limit", "offset":
        for value in "x", "", "1.5", "9" * 30:
            assert name in errors_of(site.api("GET", "/users", token=admin["token"], params={name: value}), 422)
    assert len(listed(site, admin)[0]) <= 20
    total = int(site.sql("SELECT COUNT(*) FROM users")[0][0])
    assert listed(site, admin)[1] == total


def test_search_is_a_part_of_name_or_address_as_it_stands(site, admin):
    """No character means another; case alone does not count."""
    odd = site.register(username="Srch_x-y.z", email="srch%o'd\"d@Example.org".replace("\"", ""))
    site.register(username="srchAx-y1z", email="srchpod@example.org")
    for search in "rch_x", "RCH_X", "srch_x-y.z", "ch%o'D", "D@EXAMPLE", "SRCH%":
        assert odd["username"] in names(site, admin, search=search, limit=100), search
    for search in "rch_x", "ch%o", "x-y.z":
        assert names(site, admin, search=search) == ["Srch_x-y.z"], search
    for search in "srch%z", "srch__-", "%", "\\", "' OR 1=1 -- ", "srch_x-y.zz":
        assert "srchAx-y1z" not in names(site, admin, search=search), search
    assert names(site, admin, search="\\") == [] and names(site, admin, search="ä€") == []
    assert len(names(site, admin, search="")) == len(names(site, admin)) == len(names(site, admin, search="  "))
    assert "search" in errors_of(site.api("GET", "/users?search=%00", token=admin["token"]), 422)


def test_filters_go_together(site, admin):
    mark = newcomer()["username"] + "f"
    made = {}
    for i, (role, locked) in enumerate([("member", 0), ("member", 1), ("admin", 0), ("admin", 1)]):
        site.register(username=f"{mark}{i}", email=f"{mark}{i}@example.org")
        site.sql(f"UPDATE users SET role = '{role}', locked = {locked} WHERE username = '{mark}{i}'")
        made[role, locked] = f"{mark}{i}"
    ask = dict(search=mark)
    assert set(names(site, admin, **ask, role="admin")) == {made["admin", 0], made["admin", 1]}
    assert set(names(site, admin, **ask, locked="true")) == {made["member", 1], made["admin", 1]}
    assert names(site, admin, **ask, role="member", locked="0") == [made["member", 0]]
    assert listed(site, admin, **ask, role="admin", locked="yes")[1] == 1
    assert len(names(site, admin, **ask, role="", locked="")) == 4
    for query in "role=root", "role=Admin", "locked=2", "locked=null":
        errors_of(site.api("GET", f"/users?{query}", token=admin["token"]), 422)


@pytest.mark.parametrize("role, groups", [("admin", []), ("admin", ["rowers"]), ("member", ["Board", "rowers"])])
def test_role_and_groups_are_changed(site, admin, mate, role, groups):
    for name in "rowers", "Board":
        new_group(site, name)
    answer = patch(site, admin, mate, role=role, groups=[name.upper() for name in groups])
    assert answer.status_code == 200
    user = answer.json()["user"]
    assert list(user) == ROW and (user["role"], user["groups"]) == (role, groups)
    assert user == site.api("GET", f"/users/{mate['id']}", token=admin["token"]).json()["user"]
    kinds = ([["role", str(mate["id"])]] if role == "admin" else []) + \
        ([["groups", str(mate["id"])]] if groups else [])
    assert events(site, answer) == kinds
    again = patch(site, admin, mate, role=role, groups=groups)
    assert again.json()["user"] == user and events(site, again) == []


def test_absent_members_stay_as_they_are(site, admin, mate):
    join(site, mate, "rowers")
    before = site.api("GET", f"/users/{mate['id']}", token=admin["token"]).json()
    for body in {}, {"nothing": 1}, {"role": "member"}, {"locked": False}, {"groups": ["rowers"]}:
        assert patch(site, admin, mate, **body).json() == before
    assert patch(site, admin, mate, groups=[]).json()["user"]["groups"] == []
    form = site.api("PATCH", f"/users/{mate['id']}", "groups=rowers&locked=off", admin["token"],
                    headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.json() == before


@pytest.mark.parametrize("user, key", [
    ({"role": "root"}, "role"), ({"role": "Admin"}, "role"), ({"role": ""}, "role"), ({"role": None}, "role"),
    ({"role": ["admin"]}, "role"), ({"locked": "yes please"}, "locked"), ({"locked": None}, "locked"),
    ({"locked": 1}, "locked"), ({"groups": None}, "groups"), ({"groups": "rowers"}, "groups"),
    ({"groups": ["nobody.knows"]}, "groups"), ({"groups": ["rowers", "nobody.knows"]}, "groups"),
    ({"groups": ["rowers,Board"]}, "groups"), ({"groups": [" rowers"]}, "groups"), ({"groups": [1]}, "groups"),
    ({"groups": ["rowers%"]}, "groups"), ({"groups": [f"g{i}" for i in range(51)]}, "groups")])
def test_refused_changes_change_nothing(site, admin, mate, user, key):
    join(site, mate, "rowers", "Board")
    before = site.checksum()
    assert errors_of(patch(site, admin, mate, **user), 422).keys() == {key}
    assert site.checksum() == before


def test_S9_no_other_column_is_taken(site, admin, mate):
    columns = [c for (c,) in site.sql("SELECT column_name FROM information_schema.columns"
                                      " WHERE table_schema = 'postern' AND table_name IN ('users', 'addresses', 'credentials')")]
    stored = ("SELECT * FROM users u JOIN credentials c ON c.user_id = u.id JOIN addresses a ON a.user_id = u.id"
              f" WHERE u.id = {mate['id']}")
    row = site.sql(stored)
    body = {name: 7 for name in columns if name not in ("role", "locked")}
    body |= {"username": "other", "email": "o@example.org", "password": "another one", "createdAt": "2001-01-01",
             "is_admin": True, "lastSeenAt": None, "bio": "x", "image": "/x", "id": admin["id"], "user_id": 1}
    assert patch(site, admin, mate, **body).status_code == 200
    assert site.sql(stored) == row
    new = newcomer(role="admin", locked=True, groups=["rowers"], id=1, is_admin=True)
    new_group(site, "rowers")
    made = user_of(sign_up(site, new), 201)
    user_of(site.api("PUT", "/user", {"user": {"role": "admin", "groups": ["rowers"], "locked": True}}, made["token"]))
    (user,), _ = listed(site, admin, search=new["username"])
    assert (user["role"], user["locked"], user["groups"]) == ("member", False, [])


def test_lock_ends_all_sessions_and_refuses_the_login(site, admin, mate):
    other = log_in(site, mate["email"]).json()["user"]["token"]
    short = site.api("POST", "/login", {"email": mate["email"], "password": PASSWORD}).json()["token"]
    answer = patch(site, admin, mate, locked=True)
    assert answer.json()["user"]["locked"] is True and events(site, answer) == [["lock", str(mate["id"])]]
    for token in mate["token"], other:
        refused(site, token, "has been revoked")
    assert errors_of(site.api("PUT", "/user", {"user": {"bio": "x"}}, short), 401)
    refused_login(log_in(site, mate["email"]))
    refused_login(log_in(site, mate["email"], "a wrong one"))
    answer = patch(site, admin, mate, locked=False)
    assert events(site, answer) == [["unlock", str(mate["id"])]]
    refused(site, mate["token"], "has been revoked")       # what has ended does not come back
    assert log_in(site, mate["email"]).status_code == 200


def test_removed_account_leaves_nothing_but_events(site, admin, mate):
    join(site, mate, "rowers")
    kept = site.sql(f"SELECT id FROM events WHERE user_id = {mate['id']}")
    assert kept
    answer = site.api("DELETE", f"/users/{mate['id']}", token=admin["token"])
    assert answer.status_code == 204 and answer.content == b""
    assert events(site, answer) == [["account removed", "NULL"]]
    for table, column in ("users", "id"), ("credentials", "user_id"), ("sessions", "user_id"), \
            ("group_members", "user_id"), ("events", "user_id"):
        assert site.sql(f"SELECT 1 FROM {table} WHERE {column} = {mate['id']}") == [], table
    ids = ", ".join(id for (id,) in kept)
    assert site.sql(f"SELECT COUNT(*) FROM events WHERE id IN ({ids})") == [[str(len(kept))]]
    refused(site, mate["token"], "has been revoked")
    refused_login(log_in(site, mate["email"]))
    for method, body in ("GET", None), ("PATCH", {"user": {"locked": True}}), ("DELETE", None):
        again = site.api(method, f"/users/{mate['id']}", body, admin["token"])
        assert errors_of(again, 404) == NOT_FOUND, method
    user_of(sign_up(site, {n: mate[n] for n in ("username", "email", "password")}), 201)


ROWS = [("GET", "/users", None, 200), ("GET", "/users/{id}", None, 200),
        ("PATCH", "/users/{id}", {"user": {"locked": False}}, 200), ("DELETE", "/users/{id}", None, 204)]


@pytest.mark.parametrize("method, path, body, good", ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_S8_rows_are_for_admins_alone(site, admin, mate, method, path, body, good):
    """Anonymous, bad token, another member, the member itself, a locked and a former admin: none may, and
    an id that is nobody's looks the same to them."""
    other, former, locked = new_member(site), new_admin(site), new_admin(site)
    short = site.api("POST", "/login", {n: other[n] for n in ("email", "password")}).json()["token"]
    site.sql(f"UPDATE users SET role = 'member' WHERE id = {former['id']}")
    site.sql(f"UPDATE users SET locked = TRUE WHERE id = {locked['id']}")
    before = site.checksum()
    for id in mate["id"], 10 ** 15:
        def ask(token):
            return site.api(method, path.format(id=id), body, token)
        assert errors_of(ask(None), 401) == {"token": ["is missing"]}
        assert errors_of(ask("x.y.z"), 401) == {"token": ["is invalid"]}
        assert errors_of(ask(locked["token"]), 401) == {"token": ["has been revoked"]}
        for who in other["token"], short, mate["token"], former["token"]:
            assert errors_of(ask(who), 403) == {"user": ["forbidden"]}
    assert site.checksum() == before
    if "{id}" in path:
        assert errors_of(site.api(method, path.format(id=10 ** 15), body, admin["token"]), 404) == NOT_FOUND
        for id in "x", "1.0", "-", "9" * 30:
            assert errors_of(site.api(method, path.format(id=id), body, admin["token"]), 422).keys() == {"id"}
    assert site.api(method, path.format(id=mate["id"]), body, admin["token"]).status_code == good


def test_S8_a_new_admin_gets_in_by_the_lasting_token_at_once(site, admin, mate):
    """A short one, which nobody looks up, says what was true at the login."""
    short = site.api("POST", "/login", {n: mate[n] for n in ("email", "password")}).json()["token"]
    patch(site, admin, mate, role="admin")
    assert site.api("GET", "/users", token=mate["token"]).status_code == 200
    assert errors_of(site.api("GET", "/users", token=short), 403)
    patch(site, admin, mate, role="member")
    assert errors_of(site.api("GET", "/users", token=mate["token"]), 403)


def test_other_methods(site, admin, mate):
    for path, allow in ("/users", "GET, HEAD, POST, OPTIONS"), (f"/users/{mate['id']}",
                                                                "GET, HEAD, PATCH, DELETE, OPTIONS"):
        for method in "PUT", "POST" if path != "/users" else "DELETE":
            answer = site.api(method, path, {"user": {}}, admin["token"])
            assert answer.status_code == 405 and answer.headers["Allow"] == allow
    head = site.api("HEAD", f"/users/{mate['id']}", token=admin["token"])
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize("how", [{"role": "member"}, {"locked": True}, {"role": "member", "locked": True}, None])
def test_the_last_admin_cannot_go(site, how):
    """Not even by himself; a locked admin is none."""
    last, locked, mate = new_admin(site), new_admin(site), new_member(site)
    site.sql(f"UPDATE users SET locked = TRUE WHERE id = {locked['id']}")

    def go(who):
        return site.api("DELETE", f"/users/{who['id']}", token=last["token"]) if how is None \
            else patch(site, last, who, **how)

    with only_admins(site, last, locked):
        before = site.checksum()
        assert errors_of(go(last), 409) == LAST
        assert site.checksum() == before
        assert go(mate).status_code < 300       # others may
        assert patch(site, last, locked, role="member").status_code == 200
        assert patch(site, last, last, role="admin", locked=False, groups=[]).status_code == 200
        second = new_admin(site)
        assert go(last).status_code < 300       # and so may he, now
        assert patch(site, second, second, role="member").status_code == 409


@pytest.mark.parametrize("how", [{"role": "member"}, {"locked": True}, None])
def test_two_admins_at_the_same_moment_leave_one(site, how):
    for i in range(8):
        one, two = new_admin(site), new_admin(site)

        def go(actor, on):
            if how is None:
                return lambda: site.api("DELETE", f"/users/{on['id']}", token=actor["token"])
            return lambda: patch(site, actor, on, **how)

        with only_admins(site, one, two):
            crossed = i % 2 == 0        # each the other, or each himself
            answers = at_once(go(one, two if crossed else one), go(two, one if crossed else two))
            left = site.sql("SELECT COUNT(*) FROM users WHERE role = 'admin' AND NOT locked")
            assert left == [["1"]], [a.text for a in answers]
            good = [a for a in answers if a.status_code < 300]
            bad = [a for a in answers if a not in good]
            assert len(good) == 1 and bad[0].status_code in (401, 403, 409), [a.text for a in answers]


def test_claims_of_tokens(site, admin, mate):
    join(site, mate, "rowers", "Board")
    for answer in log_in(site, mate["email"]).json()["user"], \
            site.api("POST", "/login", {n: mate[n] for n in ("email", "password")}).json():
        claims = claims_of(answer["token"])
        assert (claims["role"], claims["groups"]) == ("member", ["Board", "rowers"])
    assert claims_of(mate["token"])["groups"] == [] and claims_of(admin["token"])["role"] == "admin"
    assert claims_of(site.tool("token", mate["username"]).strip())["groups"] == ["Board", "rowers"]
    assert id_of(site, mate) == int(claims_of(mate["token"])["sub"])


def test_member_of_many_groups(site, admin, mate):
    """As many as may be, with names as long as may be: the token holds them all, and is taken each time."""
    groups = [new_group(site, f"g{i:02}".ljust(30, "x")) for i in range(50)]
    assert patch(site, admin, mate, groups=groups).json()["user"]["groups"] == groups
    token = log_in(site, mate["email"]).json()["user"]["token"]
    assert claims_of(token)["groups"] == groups
    for _ in range(3):
        assert user_of(site.api("GET", "/user", token=token))["username"] == mate["username"]
    assert errors_of(patch(site, admin, mate, groups=[*groups, "one.more"]), 422).keys() == {"groups"}


@pytest.mark.parametrize("groups", ["rowers", {"rowers": 1}, ["rowers", 1], [None], None, True])
def test_groups_of_a_token_that_are_none(site, mate, groups):
    mint, claims = Mint.of(site), claims_of(mate["token"])
    refused(site, mint.token(changed(claims, groups=groups)), what=groups)
    accepted(site, mint.token(changed(claims, groups=["rowers", "Board"])))
    accepted(site, mint.token(changed(claims, groups=ABSENT)))      # one of before there were groups


def test_an_admin_who_waits_is_none(site, admin):
    """Somebody who cannot log in yet keeps nobody from being the last admin, and nobody signs up over one."""
    waiting = site.register()
    for waits in "approval", "address":
        with only_admins(site, admin):
            site.sql(f"UPDATE users SET role = 'admin', waits = '{waits}' WHERE username = '{waiting['username']}'")
            assert errors_of(patch(site, admin, admin, role="member"), 409) == LAST
    user = {"username": waiting["username"].upper(), "email": "somebody.else@example.org", "password": PASSWORD}
    assert site.api("POST", "/users", {"user": user}).status_code == 409
    site.sql(f"UPDATE users SET role = 'member', waits = NULL WHERE username = '{waiting['username']}'")
