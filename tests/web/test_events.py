# SPDX-License-Identifier: ISC
"""The security history: what is written, and who may see what of it."""
import itertools

import pytest

from accounts import log_in, pair, put, user_of
from conftest import errors_of
from forge import claims_of

MEMBERS = ["kind", "createdAt", "address", "agent", "username", "actor", "requestId"]
FAR = "203.0.113.7"


def history(site, token, query=""):
    answer = site.api("GET", f"/events{query}", token=token)
    assert answer.status_code == 200 and list(answer.json()) == ["events", "eventsCount"], answer.text
    assert all(list(e) == MEMBERS for e in answer.json()["events"])
    return answer.json()["events"]


def kinds(site, token, query=""):
    return [e["kind"] for e in history(site, token, query)]


@pytest.fixture
def admin(site):
    made = site.register()
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{made['username']}'")
    return made


def done(site, kind, to, by):
    """Write what an admin does to a member, from far away."""
    site.sql("INSERT INTO events (created_at, kind, user_id, actor_id, by_other, address, agent, request_id)"
             f" VALUES (NOW(3), '{kind}', {claims_of(to['token'])['sub']}, {claims_of(by['token'])['sub']}, TRUE,"
             f" '{FAR}', 'secret agent', 'x')")


def test_own_newest_first(site, member):
    log_in(site, member["email"], "wrong")
    failed = log_in(site, member["email"], "wrong")
    token = user_of(log_in(site, member["email"]))["token"]
    user_of(put(site, {"token": token}, password="another password", email="2" + member["email"]))
    assert kinds(site, token) == ["email", "password", "login", "login failed", "login failed", "register"]
    events = history(site, token)
    assert [e["createdAt"] for e in events] == sorted((e["createdAt"] for e in events), reverse=True)
    assert events[3]["requestId"] == failed.headers["X-Request-ID"]
    assert {(e["username"], e["actor"], e["address"]) for e in events} == {(member["username"], None, "127.0.0.1")}


def test_logout_and_ended_devices_are_there(site, member):
    other = user_of(log_in(site, member["email"]))["token"]
    site.api("DELETE", f"/sessions/{claims_of(other)['sid']}", token=member["token"])
    assert kinds(site, member["token"])[0] == "session ended"


def test_paging(site, member):
    for _ in range(4):
        pair(site, member["username"])
    all = [e["requestId"] for e in history(site, member["token"])]
    assert len(all) == 5
    for limit, offset in itertools.product((1, 2, 5, 9), (0, 1, 4, 5, 9)):
        page = history(site, member["token"], f"?limit={limit}&offset={offset}")
        assert [e["requestId"] for e in page] == all[offset:offset + limit]
    assert len(history(site, member["token"], "?limit=0")) == 1
    assert len(history(site, member["token"], "?limit=1000&offset=-5")) == 5
    assert history(site, member["token"], f"?offset={2**63 - 1}") == []
    assert site.api("GET", "/events?limit=1", token=member["token"]).json()["eventsCount"] == 5
    for wrong in "limit=x", "offset=x", "limit=1.5", "limit=":
        assert errors_of(site.api("GET", f"/events?{wrong}", token=member["token"]), 422)


def test_default_limit_is_20(site, member):
    sub = claims_of(member["token"])["sub"]
    site.sql("INSERT INTO events (created_at, kind, user_id) VALUES "
             + ", ".join([f"(NOW(3), 'login', {sub})"] * 120))
    assert len(history(site, member["token"])) == 20
    assert len(history(site, member["token"], "?limit=500")) == 100


def test_S8_others_are_not_seen(site, member):
    other = site.register()
    for query in "", f"?user={other['username']}", f"?user_id={claims_of(other['token'])['sub']}":
        assert {e["username"] for e in history(site, member["token"], query)} == {member["username"]}
    assert errors_of(site.api("GET", "/events"), 401) == {"token": ["is missing"]}


def test_admin_sees_all_or_one(site, member, admin):
    assert len({e["username"] for e in history(site, admin["token"], "?limit=100")}) > 1
    everything = site.api("GET", "/events?limit=1", token=admin["token"]).json()["eventsCount"]
    assert everything == int(site.sql("SELECT COUNT(*) FROM events")[0][0])
    for spell in str, str.upper:
        query = f"?user={spell(member['username'])}"
        assert [e["username"] for e in history(site, admin["token"], query)] == [member["username"]]
        assert site.api("GET", f"/events{query}", token=admin["token"]).json()["eventsCount"] == 1
    for nobody in "nobody-here", "%25", "x' OR 1=1", "\u212a":
        answer = site.api("GET", f"/events?user={nobody}", token=admin["token"])
        assert answer.json() == {"events": [], "eventsCount": 0}


def test_S8_an_admin_no_more_sees_the_own_alone(site, admin):
    """What counts is the table, not the older word of the token."""
    token = user_of(log_in(site, admin["email"]))["token"]
    assert claims_of(token)["role"] == "admin"
    site.sql(f"UPDATE users SET role = 'member' WHERE username = '{admin['username']}'")
    assert {e["username"] for e in history(site, token)} == {admin["username"]}


@pytest.mark.parametrize("gone", [False, True])
def test_S10_what_an_admin_did_has_the_name_and_no_address(site, member, admin, gone):
    """And none comes to light when that admin's account goes."""
    done(site, "lock", member, admin)
    if gone:
        site.sql(f"DELETE FROM users WHERE username = '{admin['username']}'")
    answer = site.api("GET", "/events", token=member["token"])
    assert FAR not in answer.text and "secret agent" not in answer.text
    event = answer.json()["events"][0]
    assert (event["kind"], event["actor"]) == ("lock", None if gone else admin["username"])
    assert (event["address"], event["agent"]) == ("", "")
    export = site.api("GET", "/user/export", token=member["token"])
    assert export.status_code == 200 and FAR not in export.text and "secret agent" not in export.text


def test_admin_sees_where_an_admin_was(site, member, admin):
    done(site, "unlock", member, admin)
    event = history(site, admin["token"], f"?user={member['username']}")[0]
    assert (event["kind"], event["actor"], event["address"]) == ("unlock", admin["username"], FAR)


def test_of_a_removed_member_stays_what_happened(site, admin):
    member = site.register()
    request = history(site, member["token"])[0]["requestId"]
    site.sql(f"DELETE FROM users WHERE username = '{member['username']}'")
    event = next(e for e in history(site, admin["token"], "?limit=100") if e["requestId"] == request)
    assert (event["kind"], event["username"]) == ("register", None)
