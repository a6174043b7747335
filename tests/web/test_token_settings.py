# SPDX-License-Identifier: ISC
"""Settings of tokens: other places, an audience, revocation of short tokens as well, a symmetric key."""
import json

import jwt
import pytest
import requests

from accounts import FORM, REVOKED, pair
from conftest import PASSWORD, errors_of, running
from forge import ABSENT, Mint, changed, claims_of
from pages import signed_in

INVALID = {"token": ["is invalid"]}


@pytest.fixture(scope="module")
def strict():
    with running({"POSTERN_TOKEN_LOCATIONS": "header query form", "POSTERN_TOKEN_REVOCATION": "strict",
                  "POSTERN_TOKEN_AUDIENCE": "members of x"}) as s:
        yield s


def page(strict, address, cookies=None):
    return requests.get(strict.url + address, cookies=cookies, allow_redirects=False, timeout=10)


@pytest.fixture
def short(strict):
    return pair(strict, strict.register()["username"]).json()["token"]


def test_J14_token_in_the_query(strict, short):
    for method, body in ("GET", None), ("PUT", {"user": {"bio": "by query"}}):
        assert strict.api(method, f"/user?x=1&token={short}&y", body).status_code == 200
    assert errors_of(strict.api("GET", "/user?token=x"), 401) == INVALID
    for query in f"token={short}&token={short}", "token=", f"token={short}%00", f"token={short}%20":
        assert errors_of(strict.api("GET", f"/user?{query}"), 401) == INVALID, query
    assert errors_of(strict.api("GET", f"/user?Token={short}"), 401) == {"token": ["is missing"]}
    for program in "user", "access":
        log = strict.var / "log" / f"{program}.log"
        assert not log.exists() or short not in log.read_text()


def test_J14_token_in_a_form(strict, short):
    def put(text, path="/user"):
        return strict.api("PUT", path, text, headers=FORM)

    assert put(f"bio=by+form&token={short}").json()["user"]["bio"] == "by form"
    assert errors_of(put("bio=x&token=x"), 401) == INVALID
    assert errors_of(put(f"bio=x&token={short}&token={short}"), 401) == INVALID
    assert errors_of(strict.api("PUT", "/user", {"token": short, "user": {"bio": "x"}}), 401) == \
        {"token": ["is missing"]}       # a form's field, no JSON member
    answer = strict.api("GET", "/user", f"token={short}", headers=FORM)
    assert errors_of(answer, 401) == {"token": ["is missing"]}      # nor what comes with a method that reads


def test_J14_two_places_are_none(strict, short):
    bearer = {"Authorization": f"Bearer {short}"}
    for other in short, "x", "":
        assert errors_of(strict.api("GET", f"/user?token={other}", headers=bearer), 401) == INVALID
        answer = strict.api("PUT", "/user", f"bio=x&token={other}", headers={**FORM, **bearer})
        assert errors_of(answer, 401) == INVALID
        assert errors_of(strict.api("PUT", f"/user?token={short}", f"token={other}", headers=FORM), 401) == INVALID


def entered(strict, address, **headers):
    """The cookies that a browser has where the redirections end, and that last answer."""
    with requests.Session() as session:
        answer = session.get(strict.url + address, headers=headers, timeout=10)
        return {c.name: c.value for c in session.cookies if "session" in c.name}, answer


def test_a_page_turns_the_token_into_a_cookie(strict, short):
    answer = page(strict, f"/settings?x=%C3%A4%26&token={short}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings?x=%C3%A4%26")
    assert answer.headers["Cache-Control"] == "no-store" and short not in answer.text
    (cookie,) = answer.cookies
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]
    cookies = {cookie.name: cookie.value}
    answer = page(strict, "/settings", cookies)
    assert answer.status_code == 200 and claims_of(short)["username"] in answer.text
    # It is a session of its own, as old and as long as the token's, and ends with all others.
    rows = strict.sql("SELECT hash IS NULL, authenticated_at, expires_at < NOW() + INTERVAL 901 SECOND FROM sessions"
                      f" WHERE user_id = {claims_of(short)['sub']} ORDER BY id DESC LIMIT 2")
    assert rows[0] == ["0", rows[1][1], "1"] and rows[1][0] == "1"
    assert strict.sql(f"SELECT kind FROM events WHERE user_id = {claims_of(short)['sub']} ORDER BY id DESC LIMIT 1"
                      ) == [["login"]]
    assert strict.api("DELETE", "/sessions", token=short).status_code == 204
    answer = page(strict, "/settings", cookies)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fsettings")


@pytest.mark.parametrize("path", ["/", "/?a=b&c", "/profile/nobody", "/settings"])
def test_any_page_of_any_class(strict, short, path):
    """Those that make no sessions send to one that does, and come back."""
    cookies, answer = entered(strict, f"{path}{'&' if '?' in path else '?'}token={short}")
    assert len(cookies) == 1 and claims_of(short)["username"] in answer.text
    assert "token" not in answer.url and all(short not in r.text for r in answer.history)


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_who_came_by_himself_or_from_here_may(strict, short, site):
    cookies, _ = entered(strict, f"/settings?token={short}", **{"Sec-Fetch-Site": site})
    assert len(cookies) == 1


def test_what_is_no_address_with_a_token(strict, short):
    """Twice, among too many others, at a page that is not there, sent as a form, of a session that ended."""
    answer = page(strict, f"/settings?{'a=&' * 1000}token={short}")
    assert answer.headers["Location"].startswith("/login") and short not in answer.headers["Location"]
    assert page(strict, f"/settings?token={short}&token={short}").headers["Location"] == "/settings"
    assert page(strict, f"/nowhere?token={short}").status_code == 404
    answer = requests.post(f"{strict.url}/settings?token={short}", timeout=10, allow_redirects=False)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/login")
    strict.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE id = {claims_of(short)['sid']}")
    answer = page(strict, f"/settings?token={short}")
    assert (answer.headers["Location"], "Set-Cookie" in answer.headers) == ("/settings", False)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "x"])
def test_S4_another_site_signs_nobody_in(strict, short, site):
    for path in "/", "/settings", "/enter":
        cookies, _ = entered(strict, f"{path}?token={short}", **{"Sec-Fetch-Site": site})
        assert cookies == {}, path


def test_S4_who_is_signed_in_stays_it(strict, short):
    browser = signed_in(strict)
    before = browser.cookie()
    answer = browser.session.get(f"{strict.url}/settings?token={short}", timeout=10)
    assert answer.status_code == 200 and browser.cookie() == before


def test_a_secret_goes_no_further_than_its_address(site, member):
    """Where queries are no place for tokens, none is copied to the login."""
    answer = page(site, f"/settings?a=b&token={member['token']}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fsettings")


@pytest.mark.parametrize("path", ["/", "/settings", "/profile/nobody"])
def test_a_page_with_a_token_that_is_no_good(strict, path):
    for token in "", "x", "a.b.c":
        answer = page(strict, f"{path}?token={token}")
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
        assert "session" not in answer.headers.get("Set-Cookie", "")


def test_an_open_page_keeps_its_token(strict, short):
    """/login is for everybody: a token in its address is none of ours."""
    answer = page(strict, f"/login?token={short}")
    assert answer.status_code == 200 and not any("session" in c.name for c in answer.cookies)


@pytest.mark.parametrize("end", ["ended_at = NOW(3)", "expires_at = NOW(3)"])
def test_J12_J13_strict_ends_short_tokens_as_well(strict, short, end):
    assert strict.api("GET", "/user", token=short).status_code == 200
    strict.sql(f"UPDATE sessions SET {end} WHERE id = {claims_of(short)['sid']}")
    for path in "/user", "/token":
        assert errors_of(strict.api("GET", path, token=short), 401) == REVOKED


def test_J11_audience(strict, short):
    mint, claims = Mint.of(strict), claims_of(short)
    assert claims["aud"] == "members of x"
    assert strict.api("GET", "/user", token=mint.token(claims)).status_code == 200
    for aud in ABSENT, "", "members", "Members of x", ["members of x"], None, strict.url:
        answer = strict.api("GET", "/user", token=mint.token(changed(claims, aud=aud)))
        assert errors_of(answer, 401) == INVALID, aud


def test_J11_an_audience_that_nobody_asked_for(site, member):
    claims = claims_of(member["token"])
    assert "aud" not in claims
    answer = site.api("GET", "/user", token=Mint.of(site).token({**claims, "aud": site.url}))
    assert errors_of(answer, 401) == INVALID


def test_words_of_settings(site):
    for name, bad in (("LOCATIONS", ("", "cookie", "header header", "header,query", "Header")),
                      ("REVOCATION", ("", "loose", "normal strict"))):
        for value in bad:
            done = site.tool("config", check=False, **{f"POSTERN_TOKEN_{name}": value})
            assert done.returncode == 1 and "must be" in done.stderr and done.stderr.count("\n") == 1
    text = site.tool("config", POSTERN_TOKEN_LOCATIONS="form  header", POSTERN_TOKEN_REVOCATION="strict")
    assert "\ntoken.locations = header form\n" in text and "\ntoken.revocation = strict\n" in text


def test_a_symmetric_key(site, member, tmp_path):
    """HS256, for those who share a secret with programs of their own: then nothing is published."""
    env = {f"POSTERN_TOKEN_{name}": str(tmp_path / f"{name.lower()}.json")
           for name in ("KEYS", "PUBLIC_KEYS", "REFRESH_KEY")}
    site.tool("key", "new", "HS256", **env)
    body = {"username": member["username"], "password": PASSWORD}
    status, _, text = site.cgi("login", "POST", "/login", body, **env)
    token = json.loads(text)["token"]
    assert status == 200 and jwt.get_unverified_header(token)["alg"] == "HS256"
    assert site.cgi("user", HTTP_AUTHORIZATION=f"Bearer {token}", **env)[0] == 200
    status, _, text = site.cgi("token", DOCUMENT_URI="/.well-known/jwks.json", **env)
    assert (status, json.loads(text)) == (200, {"keys": []})
