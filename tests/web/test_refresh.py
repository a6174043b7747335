# SPDX-License-Identifier: ISC
"""The pair of a short token and one to refresh it: how both come, rotate, are read back and end."""
import base64
import json
import subprocess
import time

import pytest
import requests

from accounts import FORM, REVOKED, WRONG, at_once, events, pair
from conftest import BUILD, PASSWORD, errors_of
from forge import CHALLENGE, Mint, accepted, claims_of, refused
from pages import signed_in
from ways import LASTING

BASIC = 'Basic realm="Postern", charset="UTF-8"'
MISSING, INVALID, EXPIRED = ({"token": [text]} for text in ("is missing", "is invalid", "has expired"))
PAIR = {"token", "refresh_token", "token_type", "expires_in"}


def basic(name, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def pair_of(answer):
    assert answer.status_code == 200, answer.text
    got = answer.json()
    assert got.keys() == PAIR and (got["token_type"], got["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    return got["token"], got["refresh_token"]


def refresh(site, token):
    return site.api("POST", "/token", {"refresh_token": token})


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def reads(site, token):
    return site.api("GET", "/user", headers=bearer(token)).status_code


def writes(site, token):
    return site.api("PUT", "/user", {"user": {"bio": "x"}}, headers=bearer(token)).status_code


@pytest.fixture
def two(site, member):
    """A pair of a new login."""
    return pair_of(pair(site, member["username"]))


def age(site, token, seconds):
    """The session of a token stands as if all of it had been so many seconds earlier."""
    site.sql("UPDATE sessions SET " + ", ".join(
        f"{c} = {c} - INTERVAL {seconds} SECOND" for c in ("refreshed_at", "refreshed_before_at", "expires_at"))
        + f" WHERE id = {claims_of(token)['sid']}")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("key", ["username", "email"])
def test_login_by_basic(site, member, method, key):
    answer = site.api(method, "/login", headers=basic(member[key]))
    token, refresh_token = pair_of(answer)
    claims = claims_of(token)
    assert (claims["type"], claims["fresh"], claims["exp"] - claims["iat"]) == ("access", True, 900)
    assert events(site, answer) == [["login", claims["sub"]]]
    assert refresh_token.startswith(f"{claims['sid']}.{claims['sub']}.1.")
    assert reads(site, token) == writes(site, token) == 200


def test_login_by_get_takes_basic_alone(site, member):
    name = member["username"]
    before = site.sql("SELECT COUNT(*) FROM sessions")
    for path, more in (("/login", {}), (f"/login?username={name}&password={PASSWORD}", {}),
                       ("/login", {"headers": bearer("x")}), ("/login", {"headers": basic(name, "wrong")}),
                       ("/login", {"headers": basic("nobody")}), ("/login", {"headers": basic("")}),
                       ("/login", {"headers": basic(name, "")})):
        for method in "GET", "POST":
            answer = site.api(method, path, **more)
            assert errors_of(answer, 401) == WRONG, (path, more)
            assert answer.headers["WWW-Authenticate"] == BASIC
    assert site.sql("SELECT COUNT(*) FROM sessions") == before


@pytest.mark.parametrize("text", ["", "x", "====", "bm9jb2xvbg==", "YTpi\u00e4", "YTp_", "YTo=", "YTpi=", "YTpiYw", "YTpiYx==",
                                  "/zp4", "YQA6Yg==", "YQo6Yg==", "YTpi,YTpi", "YTpi YTpi"])
def test_broken_basic(site, text):
    answer = site.api("POST", "/login", headers={"Authorization": f"Basic {text}".encode().decode("latin-1")})
    assert errors_of(answer, 401) == WRONG


def test_basic_knows_utf8_and_colons(site):
    member = site.register(password="pass:w\u00f6rt: \u20ac")
    pair_of(site.api("GET", "/login", headers=basic(member["email"], member["password"])))


def test_two_credentials_are_none(site, member):
    body = {"username": member["username"], "password": PASSWORD}
    for more in body, {"username": member["username"]}, {"password": PASSWORD}:
        assert errors_of(site.api("POST", "/login", more, headers=basic(member["username"])), 401) == WRONG
    pair_of(site.api("POST", "/login", body, headers=bearer("looked at by nobody")))


@pytest.mark.parametrize("send", [lambda s, t: s.api("POST", "/token", {"refresh_token": t}),
                                  lambda s, t: s.api("POST", "/token", headers=FORM,
                                                     data=f"grant_type=refresh_token&refresh_token={t}")])
def test_refresh(site, two, send):
    token, first = two
    again, second = pair_of(send(site, first))
    claims = claims_of(again)
    assert claims["sid"] == claims_of(token)["sid"] and claims["jti"] != claims_of(token)["jti"]
    assert claims["fresh"] is False and second != first
    for old in token, again:
        assert reads(site, old) == writes(site, old) == 200
    assert pair_of(send(site, second))[1] not in (first, second)


def test_refresh_lives_on_with_each_use(site, two):
    token, first = two
    sid = claims_of(token)["sid"]
    left = f"SELECT TIMESTAMPDIFF(DAY, NOW(), expires_at + INTERVAL 1 MINUTE) FROM sessions WHERE id = {sid}"
    assert site.sql(left) == [["30"]]
    age(site, token, 20 * 86400)
    assert site.sql(left) == [["10"]]
    pair_of(refresh(site, first))
    assert site.sql(left) == [["30"]]


def test_what_is_no_refresh_token(site, two, member):
    token, first = two
    sid, sub, n, mac = first.split(".")
    head = f"{sid}.{sub}"
    before = site.checksum()
    for body in None, {}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": " "}, {"token": first}:
        assert errors_of(site.api("POST", "/token", body), 401) == MISSING
    for bad in (token, member["token"], "x", "..", f"{head}.{n}.", f"{head}.{n}.{mac}A", f"{head}.{n}.{mac[:-1]}",
                f"{head}.2.{mac}", f"{int(sid) + 1}.{sub}.{n}.{mac}", f"{sid}.{int(sub) + 1}.{n}.{mac}",
                f"0{head}.{n}.{mac}", f"{head}.{n}.{mac}.", f"{sid}.{n}.{mac}", f"{head}.-1.{mac}", f"{head}.0.{mac}",
                f"{head}.{n}.{mac}=", f"{head}.{n}.{mac} x", f"{sid}.{2**64}.1.{mac}"):
        answer = refresh(site, bad[:200])
        if len(bad) > 200:
            assert answer.status_code == 401
            answer = site.api("POST", "/token", {"refresh_token": "x" * 200})
        assert errors_of(answer, 401) == INVALID, bad
        assert answer.headers["WWW-Authenticate"] == CHALLENGE
    assert errors_of(refresh(site, [first]), 422) == {"refresh_token": ["must be text"]}
    assert site.checksum() == before
    pair_of(refresh(site, first))


def test_the_one_before_is_answered_with_the_newest(site, two):
    """A client that lost the answer asks again, however late: the newest was never used."""
    token, first = two
    second = pair_of(refresh(site, first))[1]
    assert pair_of(refresh(site, first))[1] == second
    age(site, token, 3600)
    assert pair_of(refresh(site, first))[1] == second
    assert pair_of(refresh(site, second))[1] != second


def test_grace_for_clients_side_by_side(site, two):
    """Of two that hold one token the first has gone on already; some seconds later that is a theft."""
    token, first = two
    second = pair_of(refresh(site, first))[1]
    third = pair_of(refresh(site, second))[1]
    assert pair_of(refresh(site, first))[1] == third
    age(site, token, 11)
    answer = refresh(site, first)
    assert errors_of(answer, 401) == REVOKED
    assert events(site, answer) == [["refresh reused", claims_of(token)["sub"]]]
    for each in first, second, third:
        assert errors_of(refresh(site, each), 401) == REVOKED
    assert writes(site, token) == 401


def test_J13_an_older_one_ends_the_session(site, member, two):
    token, first = two
    other = pair_of(pair(site, member["username"]))
    last = first
    for _ in range(3):
        last = pair_of(refresh(site, last))[1]
    assert errors_of(refresh(site, first), 401) == REVOKED
    assert errors_of(refresh(site, last), 401) == REVOKED and writes(site, token) == 401
    assert writes(site, other[0]) == 200        # another device goes on
    pair_of(refresh(site, other[1]))


def test_C1_twenty_at_once(site, two):
    token, first = two
    answers = at_once(*[lambda: refresh(site, first)] * 20)
    assert len({pair_of(answer)[1] for answer in answers}) == 1
    assert site.sql(f"SELECT refresh FROM sessions WHERE id = {claims_of(token)['sid']}") == [["2"]]


@pytest.mark.parametrize("what, errors", [
    ("UPDATE sessions SET ended_at = NOW(3) WHERE id = {sid}", REVOKED),
    ("UPDATE sessions SET expires_at = NOW(3) WHERE id = {sid}", EXPIRED),
    ("UPDATE users SET locked = TRUE WHERE id = {sub}", REVOKED),
    ("DELETE FROM users WHERE id = {sub}", REVOKED),
    ("DELETE FROM sessions WHERE id = {sid}", REVOKED)])
def test_J12_J13_refresh_of_what_has_ended(site, two, what, errors):
    token, first = two
    site.sql(what.format(**claims_of(token)))
    assert errors_of(refresh(site, first), 401) == errors


def test_a_number_given_out_again_is_another_session(site, two, member):
    """As after an old copy of the database was put back: the token is its first owner's alone."""
    token, first = two
    other = claims_of(site.register()["token"])["sub"]
    site.sql(f"UPDATE sessions SET user_id = {other} WHERE id = {claims_of(token)['sid']}")
    assert errors_of(refresh(site, first), 401) == REVOKED


def test_A11_a_password_change_ends_the_refresh_tokens_of_others(site, member, two):
    mine = pair_of(pair(site, member["username"]))
    change = {"user": {"password": "another " + PASSWORD}}
    assert site.api("PUT", "/user", change, headers=bearer(mine[0])).status_code == 200
    assert errors_of(refresh(site, two[1]), 401) == REVOKED
    pair_of(refresh(site, mine[1]))


def test_J13_logout_ends_both(site, two, member):
    token, first = two
    answer = site.api("DELETE", "/token", headers=bearer(token))
    assert (answer.status_code, answer.content) == (204, b"")
    assert events(site, answer) == [["logout", claims_of(token)["sub"]]]
    assert errors_of(refresh(site, first), 401) == REVOKED
    assert writes(site, token) == 401
    assert errors_of(site.api("DELETE", "/token", headers=bearer(token)), 401) == REVOKED
    accepted(site, member["token"])
    assert site.api("DELETE", "/token", token=member["token"]).status_code == 204
    refused(site, member["token"], "has been revoked")


def test_token_read_back(site, two, member):
    token, _ = two
    for each in token, member["token"]:
        got = site.api("GET", "/token", headers=bearer(each))
        assert got.status_code == 200 and got.json().keys() == {"identity", "claims", "expires_in"}
        assert got.json()["claims"] == claims_of(each) and got.json()["identity"] == member["username"]
        assert abs(claims_of(each)["exp"] - time.time() - got.json()["expires_in"]) < 2
    assert errors_of(site.api("GET", "/token"), 401) == MISSING


def test_token_read_back_asks_nobody(site, two):
    """A short token is its own witness: the program does not open the database for it."""
    status, _, body = site.cgi("token", path="/token", HTTP_AUTHORIZATION=f"Bearer {two[0]}",
                               POSTERN_DATABASE_SOCKET="/nowhere")
    assert status == 200 and json.loads(body)["claims"] == claims_of(two[0])


def guarded():
    """(method, path) of each row of the API that wants a token, as the programs say."""
    for program in sorted((BUILD / "cgi-bin").glob("*.fcgi")):
        rows = subprocess.run([program, "--routes"], capture_output=True, text=True, check=True).stdout.splitlines()
        for _, method, api, _, guard in (row.split("\t") for row in rows):
            if api != "-" and guard in ("member", "owner", "admin"):
                yield method, api.replace(":id", "999999999")


def test_J11_kinds_of_tokens(site, two, member):
    """Each kind at each row: tokens of access pass where one is wanted, and no other kind anywhere."""
    short, again = two
    cookie = signed_in(site).cookie().split("=")[-1]
    link = site.tool("invite", "--link").strip().rsplit("=", 1)[-1]
    rows = list(guarded())
    assert len(rows) > 12
    for kind in again, link, cookie, short.rsplit(".", 1)[0], "pst_" + "x" * 43:
        for method, path in rows:
            assert site.api(method, path, headers=bearer(kind)).status_code == 401, (kind, method, path)
    for kind in short, member["token"]:
        for method, path in rows:
            if method == "GET":
                assert site.api(method, path, headers=bearer(kind)).status_code in (200, 403, 404), (method, path)
        assert errors_of(refresh(site, kind[:200]), 401) == INVALID
        assert site.api("POST", "/email/verify", {"token": kind[:64]}).status_code == 422
    assert errors_of(refresh(site, link), 401) == INVALID
    assert site.api("POST", "/email/verify", {"token": again[:64]}).status_code == 422
    pair_of(refresh(site, again))


def test_jwks(site, two):
    answer = requests.get(f"{site.url}/.well-known/jwks.json", timeout=10)
    public = json.loads((site.var / "keys" / "public.json").read_text())
    assert answer.status_code == 200 and answer.json() == public
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert not any("d" in key for key in public["keys"])


@LASTING
def test_J15_a_new_key_without_a_restart(site, two):
    """Signed by the new key from the next login on, and known to all programs at once."""
    before = {name: (site.var / "keys" / name).read_bytes() for name in ("private.json", "public.json")}
    old = Mint.of(site)
    site.tool("key", "new")
    try:
        new = Mint.of(site)
        assert new.kid != old.kid
        for _ in range(8):      # whichever worker
            token, again = pair_of(refresh(site, two[1]))
            assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"] == new.kid
            assert reads(site, token) == reads(site, two[0]) == 200
        published = requests.get(f"{site.url}/.well-known/jwks.json", timeout=10).json()["keys"]
        assert [key["kid"] for key in published] == [new.kid, old.kid]
        site.tool("key", "retire", old.kid, "--force")
        time.sleep(1.1)         # a key that is gone is looked for once a second
        for _ in range(4):
            assert reads(site, two[0]) == 401 and reads(site, token) == 200
        at_once(*[lambda: reads(site, token)] * 24)     # so that every worker has read the new ones
        site.expect(r"error .*/private\.json: not JSON.*the keys read before stay$")
        (site.var / "keys" / "private.json").rename(site.var / "keys" / "kept")
        (site.var / "keys" / "private.json").write_text("{")
        time.sleep(1.1)
        for _ in range(4):      # a broken file is told, and changes nothing
            assert reads(site, token) == 200
    finally:
        for name, text in before.items():
            path = site.var / "keys" / f"{name}.new"
            path.write_bytes(text)
            path.chmod(0o444)
            path.rename(site.var / "keys" / name)
        (site.var / "keys" / "kept").unlink(missing_ok=True)
    time.sleep(1.1)
    assert reads(site, two[0]) == 200
