# SPDX-License-Identifier: ISC
"""How long a token counts: user.token for a week and anew after half of it, the short one as it is."""
import json
import time

import pytest

from accounts import log_in, pair, put, user_of
from conftest import PASSWORD
from forge import Mint, claims_of

DAY = 86400
WEEK = 7 * DAY


@pytest.fixture(scope="module")
def mint(site):
    return Mint.of(site)


def aged(mint, token, seconds, **more):
    """The same token, issued so many seconds earlier."""
    claims = claims_of(token)
    times = {name: claims[name] - seconds for name in ("iat", "nbf", "exp")}
    return mint.token({**claims, **times, **more})


def shown(site, token):
    """The token that GET /user answers to this one."""
    return user_of(site.api("GET", "/user", token=token))["token"]


def left(site, token):
    """Seconds that the session of a token has left."""
    query = "SELECT TIMESTAMPDIFF(SECOND, NOW(3), expires_at) FROM sessions WHERE id = {sid}"
    return int(site.sql(query.format(**claims_of(token)))[0][0])


def test_a_week_and_a_session(site, member):
    again = user_of(log_in(site, member["email"]))["token"]
    for token in member["token"], again, shown(site, again), user_of(put(site, member, bio="x"))["token"]:
        claims = claims_of(token)
        assert claims["exp"] - claims["iat"] == WEEK and abs(claims["iat"] - time.time()) < 30
        assert claims["nbf"] == claims["iat"] and claims["type"] == "access" and claims["iss"] == site.url
        assert WEEK - 30 < left(site, token) <= WEEK
    assert claims_of(again)["sid"] != claims_of(member["token"])["sid"]


def test_each_token_is_another(site, member):
    tokens = [user_of(log_in(site, member["email"]))["token"] for _ in range(5)]
    assert len({claims_of(t)["jti"] for t in tokens}) == len({claims_of(t)["sid"] for t in tokens}) == 5


def test_before_half_its_life_it_stays(site, mint, member):
    for seconds in 0, DAY, WEEK // 2 - 60:
        token = aged(mint, member["token"], seconds)
        assert shown(site, token) == token
        assert user_of(put(site, {"token": token}, bio=str(seconds)))["token"] == token


def test_after_half_its_life_a_new_one(site, mint, member):
    claims = claims_of(member["token"])
    for seconds in WEEK // 2 + 1, 5 * DAY, WEEK - 60:
        site.sql(f"UPDATE sessions SET expires_at = NOW(3) + INTERVAL 1 HOUR WHERE id = {claims['sid']}")
        old = aged(mint, member["token"], seconds)
        new = shown(site, old)
        now = claims_of(new)
        assert new != old and now["jti"] != claims["jti"]
        assert abs(now["iat"] - time.time()) < 30 and now["exp"] - now["iat"] == WEEK
        assert {now[n] == claims[n] for n in ("sub", "sid", "iss", "type", "role", "username")} == {True}
        assert not now["fresh"]         # nobody has given a password for it
        assert WEEK - 30 < left(site, new) <= WEEK
        assert shown(site, new) == new  # and it is at its beginning
        user_of(site.api("GET", "/user", token=old))


def test_a_new_one_never_shortens_the_session(site, mint, member):
    sid = claims_of(member["token"])["sid"]
    site.sql(f"UPDATE sessions SET expires_at = NOW(3) + INTERVAL 30 DAY WHERE id = {sid}")
    shown(site, aged(mint, member["token"], 5 * DAY))
    assert left(site, member["token"]) > 29 * DAY


def test_an_old_one_extends_no_session_before_half_its_life(site, mint, member):
    sid = claims_of(member["token"])["sid"]
    site.sql(f"UPDATE sessions SET expires_at = NOW(3) + INTERVAL 1 HOUR WHERE id = {sid}")
    shown(site, aged(mint, member["token"], 3 * DAY))
    assert left(site, member["token"]) <= 3600


def test_a_new_one_says_what_is_true_now(site, mint, member):
    """Name and role are those of the row, not those of the token."""
    old = aged(mint, member["token"], 5 * DAY, role="admin")
    name, sub = "now." + member["username"], claims_of(old)["sub"]
    site.sql(f"UPDATE users SET username = '{name}', username_key = '{name}' WHERE id = {sub}")
    now = claims_of(shown(site, old))
    assert (now["username"], now["role"]) == (name, "member")
    site.sql(f"UPDATE users SET role = 'admin' WHERE id = {sub}")
    assert claims_of(shown(site, aged(mint, member["token"], 5 * DAY)))["role"] == "admin"
    assert claims_of(user_of(put(site, {"token": old}, bio="x"))["token"])["role"] == "admin"


def test_an_ended_session_gets_no_new_one(site, mint, member):
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE id = {claims_of(member['token'])['sid']}")
    before = site.checksum()
    answer = site.api("GET", "/user", token=aged(mint, member["token"], 5 * DAY))
    assert answer.status_code == 401 and "token" not in answer.json().get("user", {})
    assert site.checksum() == before


def test_the_short_one_stays_as_it_is(site, mint, member):
    """A client of short tokens is never handed a long one for it."""
    token = pair(site, member["username"]).json()["token"]
    for seconds in 0, 440, 460, 880:
        older = aged(mint, token, seconds)
        assert shown(site, older) == older
        assert user_of(put(site, {"token": older}, bio=str(seconds)))["token"] == older


def test_life_is_a_setting(site, mint, member):
    """A day instead of a week: for all four rows that answer a user."""
    life = {"POSTERN_TOKEN_USER_DAYS": "1"}

    def of(answer):
        assert answer[0] in (200, 201), answer
        return json.loads(answer[2])["user"]["token"]

    user = {"username": "brief", "email": "brief@example.org", "password": PASSWORD}
    made = of(site.cgi("users", "POST", body={"user": user}, **life))
    entered = of(site.cgi("login", "POST", "/users/login", {"user": user}, **life))
    older = {"HTTP_AUTHORIZATION": f"Token {aged(mint, made, DAY // 2 + 10)}"}
    read = of(site.cgi("user", **older, **life))
    written = of(site.cgi("user", "PUT", body={"user": {"bio": "x"}}, **older, **life))
    for token in made, entered, read, written:
        assert claims_of(token)["exp"] - claims_of(token)["iat"] == DAY
        assert DAY - 30 < left(site, token) <= DAY
    assert len({made, entered, read, written}) == 4
    status, _, body = site.cgi("login", "POST", "/login", user, POSTERN_TOKEN_ACCESS="5m")
    short = json.loads(body)
    assert (status, short["expires_in"]) == (200, 300)
    assert claims_of(short["token"])["exp"] - claims_of(short["token"])["iat"] == 300


def test_the_tools_tokens_count_like_others(site, member):
    for ttl, life in (None, 900), ("2h", 7200), ("30d", 30 * DAY):
        token = site.tool("token", member["username"], *(["--ttl", ttl] if ttl else [])).strip()
        claims = claims_of(token)
        assert claims["exp"] - claims["iat"] == life and life - 30 < left(site, token) <= life
        assert shown(site, token) == token
        site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE id = {claims['sid']}")
        # A lasting one ends with its session, at once; a short one is good until its end for reading.
        assert site.api("GET", "/user", token=token).status_code == (200 if life == 900 else 401)
        assert put(site, {"token": token}, bio="x").status_code == 401
