# SPDX-License-Identifier: ISC
"""Tokens with a right signature: their times, sizes and claims, their session, and where they stand."""
import glob
import http.client
import json
import time

import jwt
import pytest

import fcgi_client
from conftest import PASSWORD, errors_of
from forge import ABSENT, Mint, accepted, changed, claims_of, refused
from ways import LARGE_HEADERS, SOCKETS
from workers import QUARANTINE, cpu, rss, workers

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
SHORT = 900         # seconds of an access token
TICK = 0.02         # seconds that time(2) may be behind the clock


@pytest.fixture(scope="module")
def mint(site):
    return Mint.of(site)


@pytest.fixture
def good(member):
    """The claims of a good token."""
    return claims_of(member["token"])


def at(site, seconds, token, **env):
    """The answer of a program whose clock is so many seconds off."""
    status, _, body = site.cgi("user", HTTP_AUTHORIZATION=f"Token {token}", LD_PRELOAD=FAKETIME,
                               FAKETIME=f"{seconds:+d}", ASAN_OPTIONS="verify_asan_link_order=0", **env)
    return status, json.loads(body).get("errors", {}).get("token")


def raw(claims, **more):
    """Claims as bytes, with values that json.dumps would not write."""
    text = json.dumps(changed(claims, **{name: ABSENT for name in more}))
    return (text[:-1] + "".join(f', "{name}": {value}' for name, value in more.items()) + "}").encode()


TIMES = ["null", "true", '""', '"2000000000"', "[]", "{}", "-1", "0", "-0", "2e9", "2000000000.0",
         "2000000000.5", str(2**53), str(2**63 - 1), str(2**63), str(2**64), "1e400", "-1e400", "NaN",
         "Infinity", "0x77359400", "02000000000"]


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_J8_times_that_are_none(site, mint, good, claim):
    before = site.checksum()
    accepted(site, mint.token(raw(good, **{claim: str(good[claim])})))
    refused(site, mint.token(changed(good, **{claim: ABSENT})), what="absent")
    for value in TIMES:
        refused(site, mint.token(raw(good, **{claim: value})), what=value)
    assert site.checksum() == before


def test_J8_expired(site, mint, good):
    now = int(time.time())
    for exp in now, now - 1, now - 3600:
        for life in SHORT, 7 * 86400:
            times = {"iat": exp - life, "nbf": exp - life, "exp": exp}
            refused(site, mint.token({**good, **times}), "has expired", what=times)
    for exp in good["iat"], good["iat"] - 1, 1:
        refused(site, mint.token({**good, "exp": exp}), what="ends before it begins")


def test_J8_J9_to_the_second(site, mint, good):
    """Refused before nbf, accepted until the moment of exp, refused from then on: also when remembered."""
    start = int(time.time()) + 1
    token = mint.token({**good, "iat": start - 10, "nbf": start + 1, "exp": start + 3})
    seen = set()
    while time.time() < start + 3 + 20 * TICK:
        before = time.time()
        answer = site.api("GET", "/user", token=token)
        after = time.time()
        state = answer.json()["errors"]["token"][0] if answer.status_code == 401 else answer.status_code
        if after < start + 1:
            assert state == "is invalid"
        elif before >= start + 1 + TICK and after < start + 3:
            assert state == 200
        elif before >= start + 3 + TICK:
            assert state == "has expired"
        seen.add(state)
        time.sleep(0.02)
    assert seen == {"is invalid", 200, "has expired"}


def test_J8_leeway_of_five_seconds_at_most(site, mint, good):
    def status(exp, **env):
        token = mint.token({**good, "iat": exp - SHORT, "nbf": exp - SHORT, "exp": exp})
        return site.cgi("user", HTTP_AUTHORIZATION=f"Token {token}", **env)[0]

    now = int(time.time())
    assert status(now - 1) == 401
    assert status(now - 1, POSTERN_TOKEN_LEEWAY="5") == 200
    assert status(now - 6, POSTERN_TOKEN_LEEWAY="5") == 401
    assert site.tool("config", check=False, POSTERN_TOKEN_LEEWAY="6").returncode == 1


def test_J9_from_the_future(site, mint, good):
    later = int(time.time()) + 60
    refused(site, mint.token({**good, "nbf": later}))
    refused(site, mint.token({**good, "iat": later}))


def test_J9_clock_moved(site, mint, good, member):
    assert FAKETIME, "libfaketime is missing"
    lasting, short = member["token"], mint.token({**good, "exp": good["iat"] + SHORT})
    for token in lasting, short:
        assert at(site, 0, token) == (200, None)
        assert at(site, -3600, token) == (401, ["is invalid"])
    assert at(site, 3600, lasting) == (200, None)
    assert at(site, 3600, short) == (401, ["has expired"])
    assert at(site, 8 * 86400, lasting) == (401, ["has expired"])
    for token in lasting, short:
        assert at(site, 0, token) == (200, None)
        accepted(site, token)


def hostile(mint, good):
    """Headers and claims that are broken, doubled or huge, by name: each with our own signature."""
    header = json.dumps(mint.header)[:-1].encode()
    claims = json.dumps(good)[:-1].encode()
    yield "alg twice", (good, header + b', "alg": "ES256"}')
    yield "alg twice, other first", (good, b'{"alg": "HS256", ' + header[1:] + b"}")
    yield "kid twice", (good, header + b', "kid": "x"}')
    for name in "exp", "sub", "sid", "iss":
        again = json.dumps({name: good[name]}).encode()
        yield f"{name} twice", (claims + b", " + again[1:], None)
    for what, text in {"utf-8": b"\xff", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80"}.items():
        yield f"{what} in the header", (good, header + b', "x": "' + text + b'"}')
        yield f"{what} in the claims", (claims + b', "x": "' + text + b'"}', None)
    yield "lone surrogate", (good, header + b', "x": "\\ud800"}')
    yield "nul", (good, header + b', "x\\u0000": 1}')
    for what, bom in {"bom": b"\xef\xbb\xbf", "utf-16 bom": b"\xff\xfe"}.items():
        yield f"{what} of the header", (good, bom + header + b"}")
        yield f"{what} of the claims", (bom + claims + b"}", None)
    yield "utf-16", (good, json.dumps(mint.header).encode("utf-16"))
    yield "nested alg", (good, b'{"alg": ' + b"[" * 250 + b'"ES256"' + b"]" * 250 + b", " + header[1:] + b"}")
    yield "long header", (good, header + b', "x": "' + b"x" * 4000 + b'"}')
    yield "deep header", (good, header + b', "x": ' + b"[" * 1500 + b"]" * 1500 + b"}")
    yield "deep claims", (claims + b', "x": ' + b"[" * 2400 + b"]" * 2400 + b"}", None)
    names = b", ".join(b'"%d": 0' % i for i in range(400))
    yield "many names", (good, b"{" + names + b", " + header[1:] + b"}")
    for what, text in {"array": b"[%s}]" % header, "scalar": b"1", "text": b'"x"', "nothing": b"",
                       "half": header, "rest": header + b"} {}", "comma": header + b",}",
                       "single": b"{'alg': 'ES256'}"}.items():
        yield f"{what} as header", (good, text)
    for what, text in {"array": b"[%s}]" % claims, "scalar": b"1", "nothing": b"", "half": claims,
                       "rest": claims + b"} x", "nul behind": claims + b"}\0"}.items():
        yield f"{what} as claims", (text, None)


@SOCKETS
def test_J10_broken_doubled_or_huge(site, mint, good):
    pids = workers(site, "user")
    tokens = {name: mint.token(*parts) for name, parts in hostile(mint, good)}
    assert all(len(token) < 8000 for token in tokens.values())
    for name, token in tokens.items():
        refused(site, token, what=name)
    space, busy = [rss(p) for p in pids], sum(cpu(p) for p in pids)
    for _ in range(4):
        for name, token in tokens.items():
            refused(site, token, what=name)
    assert workers(site, "user") == pids
    assert sum(cpu(p) for p in pids) - busy < 0.005 * 8 * len(tokens)
    assert all(rss(p) - before < (1 << 20) + QUARANTINE for p, before in zip(pids, space))


@SOCKETS
def test_J10_long_tokens(site, mint, good):
    long = mint.token({**good, "pad": "x" * 5500})
    assert 7800 < len(long) < 8000
    accepted(site, long)
    refused(site, long[:-2] + ("AA" if long[-2:] != "AA" else "BA"))
    errors_of(site.api("GET", "/user", token="x" * 8300), LARGE_HEADERS)
    socket = site.var / "run" / "user.sock"
    pids = workers(site, "user")
    space = [rss(p) for p in pids]
    header = mint.token(good, b'{"x": ' + b"[" * 10**6 + b"]" * 10**6 + b"}")
    names = mint.token(good, b"{" + b", ".join(b'"%d": 0' % i for i in range(10**5)) + b"}")
    for token in mint.token({**good, "pad": "x" * 6500}), "x" * 8193, "x" * 10**6, "." * 10**6, header, names:
        for _ in range(3):
            answer = fcgi_client.get(socket, "/api/user", HTTP_AUTHORIZATION=f"Token {token}")
            assert (answer.status, answer.json()) == (401, {"errors": {"token": ["is invalid"]}})
    assert workers(site, "user") == pids
    assert all(rss(p) - before < (16 << 20) + QUARANTINE for p, before in zip(pids, space))


def test_J11_not_an_access_token_of_this_site(site, mint, good):
    accepted(site, mint.token(good, changed(mint.header, typ="AT+JWT")))
    for typ in ABSENT, "JWT", "rt+jwt", "reset+jwt", "at+jwt ", "", None, 1, ["at+jwt"]:
        refused(site, mint.token(good, changed(mint.header, typ=typ)), what=typ)
    url = good["iss"]
    for iss in ABSENT, "", None, url + "/", url[:-1], url.upper(), [url], "http://127.0.0.1", url + "\0":
        refused(site, mint.token(changed(good, iss=iss)), what=iss)
    for type in ABSENT, "refresh", "reset", "verify", "", None, ["access"], "access\0":
        refused(site, mint.token(changed(good, type=type)), what=type)
    for name in "sub", "sid":
        right = good[name]
        for value in ABSENT, None, "", "0", "-1", "+1", " 1", "x", right + " ", int(right), "9" * 40, [right]:
            refused(site, mint.token(changed(good, **{name: value})), what=(name, value))
    for name in "username", "role":
        for value in ABSENT, None, 1, ["admin"]:
            refused(site, mint.token(changed(good, **{name: value})), what=(name, value))


def test_J11_session_of_another(site, mint, good):
    other = claims_of(site.register()["token"])
    refused(site, mint.token({**good, "sid": other["sid"]}), "has been revoked")
    refused(site, mint.token({**good, "sub": other["sub"]}), "has been revoked")
    refused(site, mint.token({**good, "sid": "999999999"}), "has been revoked")


def both(mint, token):
    """A lasting token, and a short one of the same session."""
    claims = claims_of(token)
    return token, mint.token({**claims, "exp": claims["iat"] + SHORT})


@pytest.mark.parametrize("change", ["DELETE FROM users WHERE id = {sub}",
                                    "UPDATE users SET locked = TRUE WHERE id = {sub}"])
def test_J12_removed_or_locked(site, mint, good, member, change):
    tokens = both(mint, member["token"])
    for token in tokens:
        accepted(site, token)
    site.sql(change.format(**good))
    for token in tokens:
        refused(site, token, "has been revoked", what=change)


def test_J12_a_rename_ends_nothing(site, mint, member):
    tokens = both(mint, member["token"])
    new = member["username"] + ".new"
    assert site.api("PUT", "/user", {"user": {"username": new}}, member["token"]).status_code == 200
    for token in tokens:
        answer = site.api("GET", "/user", token=token)
        assert answer.json()["user"]["username"] == new
        assert site.api("PUT", "/user", {"user": {"bio": "here"}}, token).status_code == 200


def login(site, member):
    user = {"email": member["email"], "password": member["password"]}
    answer = site.api("POST", "/users/login", {"user": user})
    return answer.json()["user"]["token"]


def ended(site, lasting, short):
    """A lasting token ends at once, a short one for all that changes something."""
    refused(site, lasting, "has been revoked")
    answer = site.api("PUT", "/user", {"user": {"bio": "x"}}, short)
    assert errors_of(answer, 401) == {"token": ["has been revoked"]}
    accepted(site, short)       # within its 15 minutes, on a safe request: as documented


def test_J12_issued_before_a_password_change(site, mint, member):
    others = both(mint, login(site, member))
    for token in others:
        accepted(site, token)
    change = {"user": {"password": "another " + PASSWORD}}
    assert site.api("PUT", "/user", change, member["token"]).status_code == 200
    ended(site, *others)
    for token in both(mint, member["token"]):       # the one that made the change goes on
        accepted(site, token)
        assert site.api("PUT", "/user", {"user": {"bio": None}}, token).status_code == 200


def test_J13_ended_session_replayed(site, mint, good, member):
    tokens = both(mint, member["token"])
    other = login(site, member)
    for token in tokens:
        accepted(site, token)       # remembered by some worker now
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE id = {good['sid']}")
    for _ in range(5):
        ended(site, *tokens)
    accepted(site, other)


def test_J13_session_past_its_end(site, mint, good, member):
    tokens = both(mint, member["token"])
    site.sql(f"UPDATE sessions SET expires_at = NOW(3) WHERE id = {good['sid']}")
    ended(site, *tokens)


def test_J14_scheme(site, member):
    for scheme in "Token", "token", "TOKEN", "Bearer", "bearer", "BEARER", "bEaReR":
        answer = site.api("GET", "/user", headers={"Authorization": f"{scheme} {member['token']}"})
        assert answer.status_code == 200, scheme
    for scheme in "Digest", "Basic", "Tokens", "Toke", "JWT", "Bearer:", "Bearer,", "Bearer=", "\u0422oken":
        refused(site, member["token"], scheme=scheme.encode().decode("latin-1"), what=scheme)


def test_J14_one_blank_and_one_word(site, member):
    token = member["token"]
    for value in (f"Bearer  {token}", f"Bearer\t{token}", f"Bearer \t{token}", f"Bearer {token},{token}",
                  f"Bearer {token}, Bearer {token}", f"Bearer {token} x", f"Bearer {token}\tx",
                  f"Bearer {token},", f"Bearer ,{token}", f"Bearer Bearer {token}", "Bearer", "Token",
                  f"Bearer{token}", token, f'Bearer "{token}"', f"Bearer token={token}", ",", "x"):
        answer = site.api("GET", "/user", headers={"Authorization": value})
        assert errors_of(answer, 401) == {"token": ["is invalid"]}, value


@pytest.mark.parametrize("values", [("good", "good"), ("good", "x"), ("x", "good"), ("good", "")])
def test_J14_two_headers(site, member, values):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.putrequest("GET", "/api/user")
    for value in values:
        connection.putheader("Authorization", f"Token {member['token'] if value == 'good' else value}")
    connection.endheaders()
    answer = connection.getresponse()
    body = json.loads(answer.read())
    assert answer.status in (400, 401) and body["errors"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    connection.close()


def test_J14_no_other_place(site, member):
    """Neither query nor form nor cookie: each is as if there were no token."""
    token = member["token"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (site.api("GET", f"/user?token={token}"),
                   site.api("GET", "/user", cookies={"session": token}),
                   site.api("PUT", "/user", f"token={token}&bio=x", headers=form),
                   site.api("PUT", "/user", {"token": token, "user": {"bio": "x", "token": token}})):
        assert errors_of(answer, 401) == {"token": ["is missing"]}
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    refused(site, "x", what="header and query disagree")
    assert site.api("GET", f"/user?token={token}", token="x").status_code == 401
    assert site.api("GET", "/user?token=x", token=token).status_code == 200


def test_J16_pyjwt_reads_ours_and_we_read_its(site, mint, member):
    public = {k["kid"]: k for k in json.loads((site.var / "keys" / "public.json").read_text())["keys"]}
    jwk = public[jwt.get_unverified_header(member["token"])["kid"]]
    assert "d" not in jwk and jwk["use"] == "sig"
    key = jwt.algorithms.get_default_algorithms()[jwk["alg"]].from_jwk(json.dumps(jwk))
    required = ["iss", "sub", "iat", "nbf", "exp", "jti", "type", "fresh", "sid", "username", "role"]
    claims = jwt.decode(member["token"], key, [jwk["alg"]], {"require": required}, issuer=site.url)
    assert claims["username"] == member["username"] and claims["exp"] - claims["iat"] == 7 * 86400
    theirs = jwt.encode(claims, mint.key, jwk["alg"], {"kid": jwk["kid"], "typ": "at+jwt"})
    accepted(site, theirs)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(member["token"][:-8] + "AAAAAAAA", key, [jwk["alg"]])
