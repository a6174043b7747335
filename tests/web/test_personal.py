# SPDX-License-Identifier: ISC
"""Personal access tokens: made, used, ended, over the API and on the page; what each scope lets in."""
import re

import pytest
import requests

from accounts import BLANK, REVOKED, events, pair, put
from conftest import PASSWORD, errors_of, running
from letters import reset, reset_token
from pages import Browser, age_session, signed_in
from pictures import jpeg, upload
from workers import until

LOOKS = re.compile("pst_[A-Za-z0-9_-]{43}")
SCOPE = {"token": ["is not for this"]}
SCOPES = {"scopes": ["must be of read, write, gate"]}


def make(site, member, *scopes, status=201, **more):
    answer = site.api("POST", "/tokens", {"name": "a script", "scopes": list(scopes), "days": 30, **more},
                      member["token"])
    assert answer.status_code == status, answer.text
    return answer.json()


def token(site, member, *scopes):
    return make(site, member, *scopes)["token"]


def listed(site, member):
    return site.api("GET", "/tokens", token=member["token"]).json()["tokens"]


def stale(site, member):
    site.sql("UPDATE sessions SET authenticated_at = NOW(3) - INTERVAL 901 SECOND WHERE user_id ="
             f" (SELECT id FROM users WHERE username = '{member['username']}')")


def row(site, text, columns):
    return site.sql(f"SELECT {columns} FROM personal_tokens WHERE hash = UNHEX(SHA2('{text}', 256))")


def test_one_is_made_and_told_once(site, member):
    answer = site.api("POST", "/tokens", {"name": "backup", "scopes": ["read"], "days": 7}, member["token"])
    made = answer.json()
    assert answer.status_code == 201 and LOOKS.fullmatch(made["token"])
    assert [kind for kind, _ in events(site, answer)] == ["token made"]
    (seen,) = listed(site, member)
    assert seen == {n: v for n, v in made.items() if n != "token"} and seen["lastUsedAt"] is None
    assert seen.keys() == {"id", "name", "scopes", "createdAt", "expiresAt", "lastUsedAt"}
    assert (seen["name"], seen["scopes"]) == ("backup", ["read"])
    assert row(site, made["token"], "TIMESTAMPDIFF(SECOND, created_at, expires_at)") == [[str(7 * 86400)]]
    everything = str(site.sql("SELECT HEX(hash), name, scopes FROM personal_tokens; SELECT * FROM events"))
    assert made["token"] not in everything and made["token"] not in site.log("tokens")


@pytest.mark.parametrize("scopes, stored", [
    (["read"], ["read"]), (["write"], ["read", "write"]), (["gate"], ["gate"]),
    (["gate", "write", "read"], ["read", "write", "gate"]), (["read", "read"], ["read"])])
def test_scopes(site, member, scopes, stored):
    assert make(site, member, *scopes)["scopes"] == stored


@pytest.mark.parametrize("sent, errors", [
    ({"scopes": ["admin"]}, SCOPES), ({"scopes": ["read", "root"]}, SCOPES), ({"scopes": ["Read"]}, SCOPES),
    ({"scopes": ["read gate"]}, SCOPES), ({"scopes": []}, SCOPES), ({"scopes": "read"}, {"scopes": ["must be a list"]}),
    ({"name": " "}, {"name": BLANK}), ({"name": 61 * "x"}, {"name": ["is too long (maximum is 60 characters)"]}),
    ({"name": "a\nb"}, {"name": ["must be one line without control characters"]}),
    ({"days": 0}, {"days": ["must be at least 1"]}), ({"days": 367}, {"days": ["must be at most 366"]}),
    ({"days": True}, {"days": ["must be a whole number"]}), ({"days": "x"}, {"days": ["must be a whole number"]})])
def test_what_is_refused(site, member, sent, errors):
    body = {"name": "x", "scopes": ["read"], "days": 1, **sent}
    assert errors_of(site.api("POST", "/tokens", body, member["token"]), 422) == errors
    assert listed(site, member) == []


def test_fifty_are_enough(site, member):
    site.sql("INSERT INTO personal_tokens (user_id, hash, name, scopes, created_at, expires_at) SELECT u.id,"
             " UNHEX(SHA2(CONCAT(u.id, '-', seq), 256)), 'x', 'read', NOW(3), NOW(3) + INTERVAL IF(seq = 50, -1, 1) DAY"
             f" FROM users u JOIN seq_1_to_50 WHERE u.username = '{member['username']}'")
    made = make(site, member, "read")       # one of them has ended
    assert make(site, member, "read", status=422) == {"errors": {"name": ["is one too many: end another token"]}}
    assert site.api("DELETE", f"/tokens/{made['id']}", token=member["token"]).status_code == 204
    make(site, member, "read")


READ = [("GET", "/user"), ("HEAD", "/user")]
WRITE = [("PUT", "/user")]
# What no script may do: the login's own business.
OWNER = [("GET", "/token"), ("DELETE", "/token"), ("GET", "/sessions"), ("DELETE", "/sessions"),
         ("DELETE", "/sessions/1"), ("GET", "/events"), ("GET", "/tokens"), ("POST", "/tokens"),
         ("DELETE", "/tokens/1"), ("DELETE", "/user"), ("GET", "/user/export")]
ADMIN = [("GET", "/users"), ("GET", "/users/1"), ("PATCH", "/users/1"), ("DELETE", "/users/1")]


@pytest.fixture(scope="module")
def admin(site):
    person = site.register()
    site.tool("user", "role", person["username"], "admin")
    return person


@pytest.mark.parametrize("method, path", READ + WRITE + OWNER + ADMIN)
def test_what_each_scope_may(site, admin, method, path):
    """Even an admin's, even with all scopes."""
    body = {"name": "x", "scopes": ["read"], "days": 1} if path == "/tokens" else \
        {"user": {"bio": "x", "current_password": PASSWORD}} if method in ("PUT", "DELETE", "PATCH") else None
    site.sql("DELETE FROM personal_tokens")
    before = site.sql("SELECT COUNT(*) FROM users"), site.sql("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL")
    status = {}
    for scope in ("read", "write", "gate"):
        answer = site.api(method, path, body, token(site, admin, scope))
        status[scope] = answer.status_code
        if answer.status_code == 403 and method != "HEAD":
            assert errors_of(answer, 403) == SCOPE
    mine = (method, path)
    assert status == {"read": 200 if mine in READ else 403, "write": 200 if mine in READ + WRITE else 403, "gate": 403}
    after = site.sql("SELECT COUNT(*) FROM users"), site.sql("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL")
    assert after == before


def test_a_script_may_write_the_picture(site, member):
    reads, writes = ({"token": token(site, member, scope)} for scope in ("read", "write"))
    assert errors_of(upload(site, reads, jpeg()), 403) == SCOPE
    image = upload(site, writes, jpeg()).json()["image"]
    assert site.api("GET", "/user", token=reads["token"]).json()["user"]["image"] == image
    for path in "/user/image", "/email/resend":
        method, status = ("DELETE", 204) if path == "/user/image" else ("POST", 202)
        assert errors_of(site.api(method, path, token=reads["token"]), 403) == SCOPE
        assert site.api(method, path, token=writes["token"]).status_code == status
    assert site.api("GET", "/user", token=reads["token"]).json()["user"]["image"] is None


@pytest.mark.parametrize("method, path", WRITE + OWNER[-4:-2] + ADMIN[2:])
def test_a_bad_one_is_told_nothing_of_the_input(site, member, method, path):
    """The token is looked at before what came with it, which is wrong here in other ways."""
    body = {"user": {"email": "no address"}, "name": ""}
    assert site.api(method, path, body, "pst_" + 43 * "A").status_code == 401
    assert site.api(method, path, body, token(site, member, "read")).status_code == 403


def test_every_owner_row_is_among_them(site):
    """A new row for members must be looked at: may a script do it?"""
    from conftest import BUILD
    import subprocess
    rows = [line.split("\t") for p in sorted((BUILD / "cgi-bin").glob("*.fcgi")) for line in subprocess.run(
        [p, "--routes"], text=True, capture_output=True, check=True).stdout.splitlines()]
    api = {(m, re.sub(":id", "1", a)) for _, m, a, _, guard in rows if guard == "owner" and a != "-"}
    assert api == set(OWNER)


@pytest.mark.parametrize("change", [{"password": "a new password"}, {"email": "other@example.org"}])
def test_keys_of_the_account_want_a_login(site, member, change):
    change = {"user": {**change, "current_password": PASSWORD}}
    assert errors_of(site.api("PUT", "/user", change, token(site, member, "write")), 403) == SCOPE
    assert pair(site, member["username"]).status_code == 200


def test_a_user_read_with_it_holds_it(site, member):
    text = token(site, member, "read")
    assert site.api("GET", "/user", token=text).json()["user"]["token"] == text


def test_where_no_token_is_needed_a_good_one_does_no_harm(site, member):
    for text, status in ((token(site, member, "read"), 200), ("pst_" + 43 * "A", 401), (token(site, member, "gate"), 403)):
        answer = requests.get(site.url + "/api/health/live", headers={"Authorization": f"Bearer {text}"}, timeout=30)
        assert answer.status_code == 200
        assert site.api("GET", "/user", token=text).status_code == status


@pytest.mark.parametrize("text", ["pst_", "pst_x", "pst_" + 42 * "A", "pst_" + 44 * "A", "PST_" + 43 * "A", "pst_" + 43 * "*"])
def test_what_only_looks_like_one(site, text):
    assert errors_of(site.api("GET", "/user", token=text), 401)["token"][0] in ("is invalid", "has been revoked")


def test_page_takes_none(site, member):
    text = token(site, member, "read", "write", "gate")
    answer = requests.get(site.url + "/settings", headers={"Authorization": f"Bearer {text}"}, allow_redirects=False,
                          timeout=30)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/login")
    with running({"POSTERN_TOKEN_LOCATIONS": "header query form"}) as other:
        one = other.register()
        text = token(other, one, "write")
        answer = requests.get(f"{other.url}/settings?token={text}", allow_redirects=False, timeout=30)
        assert "session" not in answer.headers.get("Set-Cookie", "") and text not in answer.headers["Location"]
        assert other.api("GET", f"/user?token={text}").status_code == 200


def test_its_use_is_noted_at_most_every_five_minutes(site, member):
    text = token(site, member, "read")
    used = lambda: row(site, text, "last_used_at")      # noqa: E731
    assert used() == [["NULL"]]
    site.api("GET", "/user", token=text)
    first = used()
    assert first != [["NULL"]] and listed(site, member)[0]["lastUsedAt"]
    site.api("GET", "/user", token=text)
    assert used() == first
    site.sql(f"UPDATE personal_tokens SET last_used_at = NOW(3) - INTERVAL 301 SECOND WHERE hash = UNHEX(SHA2('{text}', 256))")
    old = used()
    site.api("PUT", "/user", {"user": {"bio": "x"}}, text)      # refused, so nothing is noted
    assert used() == old
    site.api("GET", "/user", token=text)
    assert used() > old


def test_the_end(site, member):
    made = make(site, member, "read", "write")
    answer = site.api("DELETE", f"/tokens/{made['id']}", token=member["token"])
    assert answer.status_code == 204 and [kind for kind, _ in events(site, answer)] == ["token ended"]
    assert errors_of(site.api("GET", "/user", token=made["token"]), 401) == REVOKED
    assert errors_of(site.api("PUT", "/user", {"user": {"bio": "x"}}, made["token"]), 401) == REVOKED
    assert errors_of(site.api("DELETE", f"/tokens/{made['id']}", token=member["token"]), 404) == {"token": ["not found"]}


def test_of_others_nobody_knows(site, member):
    other = site.register()
    made = make(site, member, "read")
    assert listed(site, other) == []
    assert site.api("DELETE", f"/tokens/{made['id']}", token=other["token"]).status_code == 404
    assert site.api("GET", "/user", token=made["token"]).status_code == 200


def test_it_expires(site, member):
    site.tool("tidy")
    text = token(site, member, "read")
    site.sql(f"UPDATE personal_tokens SET expires_at = NOW(3) WHERE hash = UNHEX(SHA2('{text}', 256))")
    assert errors_of(site.api("GET", "/user", token=text), 401) == REVOKED
    assert listed(site, member) == []
    assert "personal tokens  1\n" in site.tool("tidy") and row(site, text, "1") == []


def test_a_lock_holds_it_back(site, member):
    text = token(site, member, "read", "gate")
    site.tool("user", "lock", member["username"])
    assert errors_of(site.api("GET", "/user", token=text), 401) == REVOKED
    site.tool("user", "unlock", member["username"])
    assert site.api("GET", "/user", token=text).status_code == 200


@pytest.mark.parametrize("how", ["settings", "tool", "link"])
def test_a_new_password_ends_all(site, member, how):
    text, other = token(site, member, "read"), site.register()
    kept = token(site, other, "read")
    if how == "tool":
        site.tool("user", "password", member["username"], input="another password\n")
    elif how == "link":
        assert reset(site, reset_token(site, member["email"])).status_code == 204
    else:
        assert put(site, member, password="another password").status_code == 200
    assert errors_of(site.api("GET", "/user", token=text), 401) == REVOKED
    assert site.api("GET", "/user", token=kept).status_code == 200


def test_a_removed_account_leaves_none(site, member):
    text = token(site, member, "read")
    site.tool("user", "remove", member["username"])
    assert row(site, text, "1") == [] and site.api("GET", "/user", token=text).status_code == 401


def test_a_rename_ends_nothing(site, member):
    text = token(site, member, "read")
    put(site, member, username=member["username"] + "x")
    assert site.api("GET", "/user", token=text).json()["user"]["username"] == member["username"] + "x"


def test_an_old_login_is_asked_for_the_password(site, member):
    stale(site, member)
    assert make(site, member, "read", status=403) == {"errors": {"current_password": ["is needed"]}}
    assert make(site, member, "read", status=403, current_password="wrong horse") == \
        {"errors": {"current_password": ["is wrong"]}}
    make(site, member, "read", current_password=PASSWORD)
    make(site, member, "read")      # fresh again
    assert len(listed(site, member)) == 2


def test_the_copy_of_ones_data_has_them(site, member):
    made = make(site, member, "gate")
    copied = site.api("GET", "/user/export", token=member["token"]).json()
    assert copied["tokens"] == [{n: v for n, v in made.items() if n != "token"}]


# The page


def form_of(browser):
    return browser.open("/settings/tokens").form("/settings/tokens")


def test_the_page_makes_and_ends_one(site):
    browser = signed_in(site)
    assert browser.open("/settings").one("a[href=/settings/tokens]").text == "Your tokens"
    form = form_of(browser)
    assert form.values["days"] == "90" and form.values["read"] and "write" not in form.values
    page = form.send(name="<b>nightly</b>", write="true")
    text = page.one("div.flash code").text
    assert page.status == 200 and LOOKS.fullmatch(text)
    assert page.headers["Cache-Control"] == "no-store"
    assert site.api("PUT", "/user", {"user": {"bio": "by a script"}}, text).status_code == 200
    page = browser.open("/settings/tokens")
    assert text not in page.answer.text
    assert page.texts("ul.devices h2") == ["<b>nightly</b> read write"]
    assert page.texts("ul.devices li p")[0].startswith("Last used ")
    page = next(page.form(f["action"]) for f in page.all("ul.devices form")).send(follow=True)
    assert page.flash == [("success", "The token is ended.")] and not page.all("ul.devices")
    assert errors_of(site.api("GET", "/user", token=text), 401) == REVOKED


def test_the_page_says_what_is_wrong(site):
    browser = signed_in(site)
    page = form_of(browser).send(name="x", read=None)
    assert page.status == 422 and page.errors == ["scopes must be of read, write, gate"]
    page = form_of(browser).send(name="", days="999")
    assert page.status == 422 and len(page.errors) == 2
    assert not browser.open("/settings/tokens").all("ul.devices")


def test_the_page_asks_for_the_password_of_an_old_login(site):
    browser = signed_in(site)
    assert not browser.open("/settings/tokens").all("#current_password")
    age_session(site, browser.cookie(), authenticated_at=901)
    page = form_of(browser).send(name="x")
    assert page.status == 422 and page.errors == ["Current password is needed"]
    page = form_of(browser).send(name="x", current_password=PASSWORD)
    assert page.status == 200 and page.one("div.flash code")
    assert form_of(browser).send(name="y").status == 200      # under a new cookie


def test_the_page_wants_a_login(site):
    assert Browser(site).open("/settings/tokens", follow=False).location == "/login?next=%2Fsettings%2Ftokens"
    foreign = form_of(signed_in(site))
    assert foreign.send(name="x", headers={"Origin": "https://evil.example.org"}).status == 403
