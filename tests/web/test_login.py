# SPDX-License-Identifier: ISC
"""POST /users/login and POST /login: who gets a token, and that nobody learns why he got none."""
import pytest

from accounts import (BLANK, BROKEN, WRONG, at_once, events, log_in, newcomer, pair, refused_login, row,
                      set_hash, sign_up, user_of, without)
from conftest import PASSWORD, errors_of
from forge import claims_of

BASIC = 'Basic realm="Postern", charset="UTF-8"'


def test_login_answers_the_user(site):
    site_user = user_of(sign_up(site, newcomer(bio="here", image="/ada.png")), 201)
    answer = log_in(site, site_user["email"])
    user = user_of(answer)
    assert without(user, "token") == without(site_user, "token")
    claims, before = claims_of(user["token"]), claims_of(site_user["token"])
    assert claims["exp"] - claims["iat"] == 7 * 86400
    assert claims["sub"] == before["sub"] and claims["sid"] != before["sid"]
    assert events(site, answer) == [["login", claims["sub"]]]
    for token in user["token"], site_user["token"]:
        assert site.api("GET", "/user", token=token).status_code == 200


@pytest.mark.parametrize("key", ["username", "email"])
def test_login_for_a_short_token(site, member, key):
    answer = site.api("POST", "/login", {key: member[key], "password": PASSWORD})
    assert answer.status_code == 200
    got = answer.json()
    assert (got["token_type"], got["expires_in"]) == ("Bearer", 900)
    claims = claims_of(got["token"])
    assert claims["exp"] - claims["iat"] == 900 and claims["username"] == member["username"]
    assert user_of(site.api("GET", "/user", headers={"Authorization": f"Bearer {got['token']}"}))
    assert events(site, answer) == [["login", claims["sub"]]]


def test_login_by_form(site, member):
    for key in "username", "email":
        answer = site.api("POST", "/login", data={key: member[key], "password": PASSWORD})
        assert answer.status_code == 200
    user_of(site.api("POST", "/users/login", data={"email": member["email"], "password": PASSWORD}))


@pytest.mark.parametrize("spell", [str.upper, str.lower, str.swapcase, str.title])
def test_login_in_either_case(site, spell):
    user = newcomer()
    user = {**user, "username": "Mi" + user["username"], "email": "Mi" + user["email"]}
    sign_up(site, user)
    assert user_of(log_in(site, spell(user["email"])))["email"] == user["email"]
    assert pair(site, spell(user["username"])).status_code == 200
    assert pair(site, spell(user["email"])).status_code == 200
    refused_login(log_in(site, spell(user["email"]), PASSWORD.upper()))


def test_wrong_or_no_credentials(site, member, unchanged):
    name, email = member["username"], member["email"]
    for body in ({}, {"username": name}, {"email": email}, {"password": PASSWORD},
                 {"username": name, "password": PASSWORD + " "}, {"email": email, "password": "x"},
                 {"username": "nobody", "password": PASSWORD},
                 {"username": "nobody", "email": email, "password": PASSWORD},
                 {"user": {"username": name, "password": PASSWORD}}, {"username": " ", "password": ""}, None):
        answer = site.api("POST", "/login", body)
        assert errors_of(answer, 401) == WRONG, body
        assert answer.headers["WWW-Authenticate"] == BASIC
    for who, password in ((email, "x"), (email, PASSWORD + " "), ("no" + email, PASSWORD),
                          ("nobody", PASSWORD)):
        answer = log_in(site, who, password)
        assert errors_of(answer, 401) == WRONG
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_login_refused_is_an_event(site, member):
    sub = claims_of(member["token"])["sub"]
    assert events(site, log_in(site, member["email"], "x" * 8)) == [["login failed", sub]]
    assert events(site, pair(site, "nobody")) == [["login failed", "NULL"]]


def test_blank_login(site, member, unchanged):
    """The first login says what is blank, the second takes it for no credentials."""
    for blank in None, "", " \t\n", "\u3000":
        assert errors_of(log_in(site, blank, blank), 422) == {"email": BLANK, "password": BLANK}
        assert errors_of(log_in(site, member["email"], blank), 422) == {"password": BLANK}
        refused_login(pair(site, blank, blank))
        refused_login(pair(site, member["username"], blank))
        refused_login(pair(site, blank, PASSWORD))
    for value in 1, 1.5, True, False, ["x"], {}:
        assert errors_of(log_in(site, value, value), 422) == {"email": BLANK, "password": BLANK}
        text = ["must be text"]
        assert errors_of(pair(site, value, value), 422) == {"username": text, "password": text}
    answer = site.api("POST", "/users/login", {"user": {}})
    assert errors_of(answer, 422) == {"email": BLANK, "password": BLANK}
    assert errors_of(site.api("POST", "/users/login"), 422) == {"user": BLANK}
    answer = site.api("POST", "/login", b"{", headers={"Content-Type": "application/json"})
    assert errors_of(answer, 422) == BROKEN


def test_line_breaks_and_lengths_at_the_login(site, unchanged):
    for bad in "a@example.org\r\nX: y", "a\tb", "a\x7f", "a\u0085":
        errors = errors_of(pair(site, bad), 422)
        assert errors == {"username": ["must be one line without control characters"]}
    assert errors_of(pair(site, "u" * 255), 422) == {"username": ["is too long (maximum is 254 characters)"]}
    refused_login(pair(site, "\U0001f9a6" * 254))


def look(answer):
    """Of an answer all that could tell two refusals apart, but for time."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("Date", "X-Request-ID")}
    return answer.status_code, headers, answer.text


@pytest.mark.parametrize("way", [lambda site, m, p: log_in(site, m["email"], p),
                                 lambda site, m, p: pair(site, m["username"], p),
                                 lambda site, m, p: pair(site, m["email"], p)])
def test_A1_refusals_look_alike(site, way):
    good, locked, broken, bare = (site.register() for _ in range(4))
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{locked['username']}'")
    set_hash(site, broken["username"], "")
    site.sql(f"DELETE FROM credentials WHERE user_id = {row(site, bare['username'], 'id')[0]}")
    before = site.checksum()
    refused = look(way(site, good, "wrong horse"))
    assert refused[0] == 401
    for who in locked, broken, bare, newcomer():
        for password in PASSWORD, "wrong horse", "x", "p" * 73, "p" * 1024:
            assert look(way(site, who, password)) == refused
    assert site.checksum() == before


def test_locked_and_unlocked(site, member):
    lock = "UPDATE users SET locked = {} WHERE username = '" + member["username"] + "'"
    site.sql(lock.format("TRUE"))
    answer = log_in(site, member["email"])
    refused_login(answer)
    assert events(site, answer) == [["login failed", claims_of(member["token"])["sub"]]]
    refused_login(pair(site, member["username"]))
    assert errors_of(sign_up(site, newcomer(username=member["username"])), 409)
    site.sql(lock.format("FALSE"))
    user_of(log_in(site, member["email"]))


def test_many_logins_at_once(site):
    """More than there are workers or slots for hashing: each is answered, and right."""
    users = [site.register() for _ in range(4)]
    calls = [lambda u=u, p=p: log_in(site, u["email"], p) for u in users for p in (PASSWORD, "wrong")] * 2
    assert [a.status_code for a in at_once(*calls)] == [200, 401] * 8
