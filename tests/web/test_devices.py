# SPDX-License-Identifier: ISC
"""Devices over the API: /sessions, and how what was signed out stays out (J12, J13, S7, S8)."""
import pytest

from accounts import REVOKED, at_once, events, log_in, newcomer, pair, put, refused_login, sign_up, user_of
from conftest import PASSWORD, errors_of
from forge import claims_of, refused
from pages import Browser, signed_in

MEMBERS = ["id", "createdAt", "lastSeenAt", "expiresAt", "address", "agent", "remembered", "current"]
UNKNOWN = {"session": ["not found"]}
HOUR, DAY = 3600, 86400


def sid(token):
    return int(claims_of(token)["sid"])


def devices(site, token):
    answer = site.api("GET", "/sessions", token=token)
    assert answer.status_code == 200 and list(answer.json()) == ["sessions"], answer.text
    assert all(list(s) == MEMBERS for s in answer.json()["sessions"])
    return answer.json()["sessions"]


def ids(site, token):
    return [s["id"] for s in devices(site, token)]


def again(site, member):
    """One more login: its lasting token."""
    return user_of(log_in(site, member["email"], member["password"]))["token"]


def end(site, token, id=""):
    return site.api("DELETE", f"/sessions/{id}" if id != "" else "/sessions", token=token)


def move(site, id, **seconds):
    moved = ", ".join(f"{c} = NOW(3) - INTERVAL {s} SECOND" for c, s in seconds.items())
    site.sql(f"UPDATE sessions SET {moved} WHERE id = {id}")


def reads(site, token):
    """Whether every row that shows something of the member's devices lets a token in."""
    answers = [site.api("GET", path, token=token) for path in ("/sessions", "/events", "/user/export")]
    for answer in answers:
        assert answer.status_code == 200 or errors_of(answer, 401) == REVOKED, answer.text
    assert len({a.status_code for a in answers}) == 1, [a.status_code for a in answers]
    return answers[0].status_code == 200


def test_list(site, member):
    """The present one first, then as they were last seen."""
    second, third = again(site, member), again(site, member)
    move(site, sid(member["token"]), last_seen_at=100)
    move(site, sid(second), last_seen_at=200)
    move(site, sid(third), last_seen_at=250)
    assert ids(site, member["token"]) == [sid(member["token"]), sid(second), sid(third)]
    assert ids(site, third) == [sid(third), sid(member["token"]), sid(second)]
    assert [s["current"] for s in devices(site, third)] == [True, False, False]
    browser = Browser(site)
    browser.session.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) <b>é</b>".encode()
    signed_in(site, member, browser, remember="true")
    one = next(s for s in devices(site, third) if s["remembered"])
    assert one["agent"] == "Mozilla/5.0 (X11; Linux x86_64) <b>é</b>" and one["address"] == "127.0.0.1"
    assert one["createdAt"] == one["lastSeenAt"] < one["expiresAt"]


def test_S10_list_holds_nothing_else(site, member):
    browser, other = signed_in(site, member), site.register()
    text = site.api("GET", "/sessions", token=member["token"]).text
    for secret in browser.cookie(), member["token"], other["username"], member["email"], "$2b$", "hash":
        assert secret not in text
    assert sid(other["token"]) not in ids(site, member["token"])


def test_end_one(site, member):
    other = again(site, member)
    answer = end(site, member["token"], sid(other))
    assert (answer.status_code, answer.content) == (204, b"")
    assert events(site, answer) == [["session ended", claims_of(other)["sub"]]]
    refused(site, other, "has been revoked")
    assert ids(site, member["token"]) == [sid(member["token"])]
    assert errors_of(end(site, member["token"], sid(other)), 404) == UNKNOWN


def test_end_the_present_one(site, member):
    other = again(site, member)
    answer = end(site, other, sid(other))
    assert answer.status_code == 204 and events(site, answer)[0][0] == "logout"
    refused(site, other, "has been revoked")
    user_of(put(site, member, bio="still here"))


def test_end_all_others(site, member):
    others, stranger = [again(site, member) for _ in range(3)], site.register()
    browser = signed_in(site, member)
    answer = end(site, member["token"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert events(site, answer) == [["session ended", claims_of(member["token"])["sub"]]]
    for other in others:
        refused(site, other, "has been revoked")
    assert browser.open("/").user is None
    assert ids(site, member["token"]) == [sid(member["token"])]
    user_of(put(site, stranger, bio="untouched"))
    again_ended = end(site, member["token"])
    assert again_ended.status_code == 204 and events(site, again_ended) == []


@pytest.mark.parametrize("id", ["x", "0", "-1", "1.5", "1e3", "99999999999999999999", "%31x", "1'--"])
def test_end_of_what_is_no_id(site, member, unchanged, id):
    assert errors_of(end(site, member["token"], id), 422).keys() == {"id"}


def test_S8_sessions_belong_to_their_member(site, member):
    """Every row for owner, another, an admin and nobody: another's session is none."""
    other, admin = site.register(), site.register()
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{admin['username']}'")
    admin["token"] = again(site, admin)
    theirs = again(site, member)
    for stranger in other, admin:
        assert sid(theirs) not in ids(site, stranger["token"])
        assert errors_of(end(site, stranger["token"], sid(theirs)), 404) == UNKNOWN
        assert end(site, stranger["token"]).status_code == 204
    for method, path in ("GET", "/sessions"), ("DELETE", "/sessions"), ("DELETE", f"/sessions/{sid(theirs)}"), (
            "GET", "/events"), ("GET", "/user/export"), ("DELETE", "/user"):
        assert errors_of(site.api(method, path), 401) == {"token": ["is missing"]}, path
        assert errors_of(site.api(method, path, token="x"), 401) == {"token": ["is invalid"]}, path
        assert errors_of(site.api(method, path, auth=("x", "y")), 401) == {"token": ["is invalid"]}, path
    user_of(put(site, {"token": theirs}, bio="still here"))
    assert end(site, member["token"], sid(theirs)).status_code == 204


def test_J13_ended_device_is_out(site, member):
    """A lasting token everywhere at once; a short one wherever it writes, and from what tells of the account."""
    short, lasting = pair(site, member["username"]).json()["token"], again(site, member)
    browser = signed_in(site, member)
    assert reads(site, short) and reads(site, lasting)
    assert end(site, member["token"]).status_code == 204
    for token in short, lasting:
        assert errors_of(put(site, {"token": token}, bio="replayed"), 401) == REVOKED
        assert errors_of(end(site, token, sid(member["token"])), 401) == REVOKED
        assert errors_of(end(site, token), 401) == REVOKED
        assert errors_of(site.api("DELETE", "/user", token=token), 401) == REVOKED
        assert not reads(site, token)
    refused(site, lasting, "has been revoked")
    form = browser.open("/logout", follow=False)
    assert form.user is None
    assert browser.open("/settings", follow=False).location == "/login?next=%2Fsettings"
    assert user_of(site.api("GET", "/user", token=member["token"]))["bio"] is None


def test_J13_next_write_and_next_page_of_an_ended_browser(site, member):
    browser = signed_in(site, member)
    form = browser.open("/settings").form()
    assert end(site, member["token"]).status_code == 204
    answer = form.send(bio="replayed")
    assert (answer.status, answer.location) == (303, "/login?next=%2Fsettings")
    assert browser.open("/sessions", follow=False).location == "/login?next=%2Fsessions"
    assert user_of(site.api("GET", "/user", token=member["token"]))["bio"] is None


@pytest.mark.parametrize("change", ["locked", "removed", "password"])
def test_J12_token_of_an_account_that_is_not_what_it_was(site, change):
    """Issued before, it is refused by whatever writes and whatever tells of the account."""
    member = user_of(sign_up(site, newcomer()), 201)
    name, tokens = member["username"], [member["token"], pair(site, member["username"]).json()["token"]]
    browser = signed_in(site, {**member, "password": PASSWORD})
    if change == "password":
        site.tool("user", "passwd", name, input="another password")
    else:
        site.sql(f"DELETE FROM users WHERE username = '{name}'" if change == "removed" else
                 f"UPDATE users SET locked = TRUE WHERE username = '{name}'")
    for token in tokens:
        for method, path, body in ("PUT", "/user", {"user": {"bio": "x"}}), ("DELETE", "/user", None), (
                "DELETE", "/sessions", None), ("GET", "/sessions", None), ("GET", "/events", None), (
                "GET", "/user/export", None):
            assert errors_of(site.api(method, path, body, token), 401) == REVOKED, (path, change)
    assert browser.open("/sessions", follow=False).location == "/login?next=%2Fsessions"
    refused_login(log_in(site, member["email"]))


def test_J12_token_of_a_renamed_member_is_the_members(site, member):
    """A name is no identity: the token goes on, and shows what is the member's alone."""
    user_of(put(site, member, username="now." + member["username"]))
    assert ids(site, member["token"]) == [sid(member["token"])]
    taken = user_of(sign_up(site, newcomer(username=member["username"])), 201)
    assert ids(site, taken["token"]) == [sid(taken["token"])]
    assert site.api("GET", "/events", token=taken["token"]).json()["eventsCount"] == 1


def test_S7_list_has_living_ones_alone(site, member):
    """Idle, over, ended: gone from the list when they are gone; remembered ones and tokens know no idle limit."""
    browser, remembered = signed_in(site, member), signed_in(site, member, remember="true")
    token = again(site, member)
    living = set(ids(site, member["token"]))
    assert len(living) == 4
    (plain,) = living - {sid(member["token"]), sid(token)} - {
        s["id"] for s in devices(site, member["token"]) if s["remembered"]}
    site.sql(f"UPDATE sessions SET last_seen_at = NOW(3) - INTERVAL 13 HOUR WHERE user_id ="
             f" {claims_of(token)['sub']} AND id <> {sid(member['token'])}")
    assert set(ids(site, member["token"])) == living - {plain}
    assert browser.open("/").user is None and remembered.open("/").user == member["username"]
    move(site, sid(token), expires_at=1)
    assert sid(token) not in ids(site, member["token"])
    assert errors_of(end(site, member["token"], sid(token)), 404) == UNKNOWN


def test_S7_absolute_limit_holds_for_tokens(site, member):
    """However lively, and whatever the token says."""
    user_of(put(site, member, bio="before"))
    move(site, sid(member["token"]), expires_at=1)
    refused(site, member["token"], "has been revoked")
    assert not reads(site, member["token"])


def test_two_end_each_other(site, member):
    """At most one of them succeeds, and never does anything break."""
    for _ in range(5):
        a, b = again(site, member), again(site, member)
        answers = at_once(lambda: end(site, a, sid(b)), lambda: end(site, b, sid(a)))
        assert sorted(x.status_code for x in answers) in ([204, 401], [204, 204], [204, 404]), [
            x.text for x in answers]
        assert set(ids(site, member["token"])) & {sid(a), sid(b)} == set() or 401 in [
            x.status_code for x in answers]


def test_last_seen_moves(site, member):
    other = again(site, member)
    move(site, sid(other), last_seen_at=400)
    before = {s["id"]: s["lastSeenAt"] for s in devices(site, member["token"])}
    user_of(put(site, {"token": other}, bio="seen"))
    after = {s["id"]: s["lastSeenAt"] for s in devices(site, member["token"])}
    assert after[sid(other)] > before[sid(other)]
