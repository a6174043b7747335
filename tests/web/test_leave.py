# SPDX-License-Identifier: ISC
"""One's own account as a copy, and its end: GET /user/export, DELETE /user and their pages (A11, A12)."""
import json
import re

import pytest

from accounts import (REVOKED, at_once, events, hash_of, log_in, newcomer, pair, put, refused_login, sign_up,
                      user_of)
from conftest import PASSWORD, errors_of, page_of
from database import root
from forge import claims_of, refused
from pages import Browser, age_session, signed_in, whose

NEEDED = {"current_password": ["is needed"]}
WRONG = {"current_password": ["is wrong"]}
HOUR = 3600


def old(site, member, seconds=HOUR):
    """Let the member's login be so old."""
    site.sql(f"UPDATE sessions SET authenticated_at = NOW(3) - INTERVAL {seconds} SECOND"
             f" WHERE id = {claims_of(member['token'])['sid']}")


def leave(site, member, **more):
    return site.api("DELETE", "/user", token=member["token"], **more)


def stale(site, **more):
    """A browser of somebody who signed in an hour ago."""
    browser = signed_in(site, **more)
    age_session(site, browser.cookie(), authenticated_at=HOUR)
    return browser


def is_there(site, name):
    return site.sql(f"SELECT id FROM users WHERE username_key = '{name.lower()}'") != []


def dangling(site):
    """Rows that point to a row that is not there, over all foreign keys there are."""
    keys = root(site, "SELECT table_name, column_name, referenced_table_name, referenced_column_name FROM"
                      " information_schema.key_column_usage WHERE table_schema = 'postern'"
                      " AND referenced_table_name IS NOT NULL")
    assert len(keys) >= 4
    return [(table, column) for table, column, other, id in keys
            if site.sql(f"SELECT 1 FROM {table} t LEFT JOIN {other} o ON o.{id} = t.{column}"
                        f" WHERE t.{column} IS NOT NULL AND o.{id} IS NULL")]


def test_A12_removed(site, member):
    """Nothing of it is left, its tokens are dead, its name and address are free."""
    name, sub = member["username"], claims_of(member["token"])["sub"]
    tokens = [user_of(log_in(site, member["email"]))["token"], pair(site, name).json()["token"]]
    browser = signed_in(site, member)
    answer = leave(site, member)
    assert (answer.status_code, answer.content) == (204, b"")
    for table, column in ("users", "id"), ("credentials", "user_id"), ("sessions", "user_id"), ("events", "user_id"):
        assert site.sql(f"SELECT 1 FROM {table} WHERE {column} = {sub}") == [], table
    assert dangling(site) == []
    assert events(site, answer) == [["account removed", "NULL"]]
    for token in member["token"], *tokens:
        refused(site, token, "has been revoked")
        assert errors_of(site.api("DELETE", "/user", token=token), 401) == REVOKED
    assert whose(site, browser.cookie()) is None
    refused_login(log_in(site, member["email"]))
    assert Browser(site).open(f"/profile/{name}").status == 404
    new = user_of(sign_up(site, newcomer(username=name.upper(), email=member["email"])), 201)
    assert claims_of(new["token"])["sub"] != sub
    refused(site, member["token"], "has been revoked")


def test_A12_name_is_free_on_the_page_too(site, member):
    assert leave(site, member).status_code == 204
    answer = Browser(site).open("/register").form().send(
        username=member["username"], email=member["email"], password=PASSWORD)
    assert answer.status == 303


def test_A11_old_login_needs_the_password(site, member):
    old(site, member, 15 * 60 + 2)
    before = site.checksum()
    assert errors_of(leave(site, member), 403) == NEEDED
    for body in {"user": {}}, {"user": {"current_password": None}}, {"user": {"current_password": " "}}:
        assert errors_of(leave(site, member, body=body), 403) == NEEDED
    for wrong in "x", PASSWORD + " ", PASSWORD.upper():
        assert errors_of(leave(site, member, body={"user": {"current_password": wrong}}), 403) == WRONG
        assert errors_of(leave(site, member, data={"current_password": wrong}), 403) == WRONG
    # A query is in histories and logs, so a password there is none.
    answer = site.api("DELETE", f"/user?current_password={PASSWORD}", token=member["token"])
    assert errors_of(answer, 403) == NEEDED
    for body, errors in (b"{", "body"), (b'{"current_password":"x"}', "user"):
        answer = leave(site, member, data=body, headers={"Content-Type": "application/json"})
        assert errors_of(answer, 422).keys() == {errors}
    assert errors_of(leave(site, member, data=b"x", headers={"Content-Type": "text/plain"}), 415)
    assert site.checksum() == before


@pytest.mark.parametrize("way", ["json", "form"])
def test_A11_password_opens_it(site, member, way):
    old(site, member)
    word = {"current_password": PASSWORD}
    answer = leave(site, member, **({"body": {"user": word}} if way == "json" else {"data": word}))
    assert answer.status_code == 204 and not is_there(site, member["username"])


def test_fresh_login_needs_no_password(site, member):
    old(site, member, 14 * 60 + 50)
    assert leave(site, member).status_code == 204


def test_tries_are_counted_and_told(site, member):
    """As those of a login (test_limits), and told to the owner."""
    full = "SELECT SUM(UNIX_TIMESTAMP(full_at)) FROM throttles"
    old(site, member)
    for _ in range(2):
        before = site.sql(full)
        answer = leave(site, member, data={"current_password": "x"})
        assert errors_of(answer, 403) == WRONG and site.sql(full) > before
        assert events(site, answer)[0][0] == "login failed"
    assert leave(site, member, data={"current_password": PASSWORD}).status_code == 204


def test_two_leave_at_once(site, member):
    other = {"token": user_of(log_in(site, member["email"]))["token"]}
    for who in [member, member], [member, other]:
        if not is_there(site, member["username"]):
            user_of(sign_up(site, newcomer(username=member["username"])), 201)
            break
        answers = at_once(*[lambda m=m: leave(site, m) for m in who])
        assert sorted(a.status_code for a in answers) == [204, 401], [a.text for a in answers]
    assert dangling(site) == []


def test_S8_only_the_own_account_goes(site, member):
    other = site.register()
    body = {"user": {"username": other["username"], "id": claims_of(other["token"])["sub"]}}
    assert leave(site, member, body=body).status_code == 204
    assert is_there(site, other["username"]) and not is_there(site, member["username"])
    user_of(put(site, other, bio="still here"))


def test_export(site):
    member = {**user_of(sign_up(site, newcomer(bio="Two\nlines", image="/a.png")), 201), "password": PASSWORD}
    signed_in(site, member, remember="true")
    answer = site.api("GET", "/user/export", token=member["token"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    all = answer.json()
    assert list(all) == ["account", "profile", "picture", "written", "files", "sessions", "tokens", "events"]
    account = all["account"]
    assert {k: account[k] for k in ("username", "email", "role")} == {
        "username": member["username"], "email": member["email"], "role": "member"}
    assert all["profile"] == {"username": member["username"], "bio": "Two\nlines", "image": "/a.png"}
    assert [s["remembered"] for s in all["sessions"]] == [True, False]
    assert {s["endedAt"] for s in all["sessions"]} == {None}
    assert [e["kind"] for e in all["events"]] == ["login", "register"]
    for moment in account["createdAt"], account["updatedAt"], account["passwordChangedAt"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)


def test_S10_export_holds_no_secret(site, member):
    browser, other = signed_in(site, member), site.register()
    text = site.api("GET", "/user/export", token=member["token"]).text
    for secret in hash_of(site, member["username"]), "$2b$", browser.cookie(), member["token"], PASSWORD, \
            other["email"], other["username"], '"id"', "hash":
        assert secret not in text


def test_export_of_a_long_history_is_whole(site, member):
    sub = claims_of(member["token"])["sub"]
    site.sql("INSERT INTO events (created_at, kind, user_id) VALUES "
             + ", ".join([f"(NOW(3), 'login', {sub})"] * 500))
    assert len(site.api("GET", "/user/export", token=member["token"]).json()["events"]) == 501


def test_A11_export_needs_a_fresh_login(site, member):
    """By GET there is no place for a password: PUT or a new login comes first."""
    old(site, member)
    for query in "", f"?current_password={PASSWORD}":
        assert errors_of(site.api("GET", f"/user/export{query}", token=member["token"]), 403) == NEEDED
    user_of(put(site, member, email="2" + member["email"], current_password=PASSWORD))
    assert site.api("GET", "/user/export", token=member["token"]).status_code == 200


def test_settings_lead_there(site):
    page = signed_in(site).open("/settings")
    for path in "/sessions", "/settings/export", "/settings/delete":
        assert len(page.all(f"main a[href={path}]")) == 1
        assert Browser(site).open(path, follow=False).location == f"/login?next={path.replace('/', '%2F')}"


def test_page_of_removal_always_asks(site):
    browser = signed_in(site)
    name = browser.member["username"]
    page = browser.open("/settings/delete")
    page_of(page.answer, 200)
    form = page.form("/settings/delete")
    assert "required" in form.field("current_password").attrs and name in page.one("main").text
    before = site.checksum()
    for values, error in (({}, "can't be blank"), ({"current_password": "wrong"}, "is wrong"),
                          ({"current_password": "x" * 1025}, "is too long (maximum is 1024 bytes)")):
        page = form.send(**values)
        page_of(page.answer, 422)
        assert page.errors == [f"Current password {error}"] and page.user == name
        assert "wrong" not in page.form("/settings/delete").values["current_password"]
    assert site.checksum() == before
    cookie = browser.cookie()
    page = form.send(current_password=PASSWORD)
    assert (page.status, page.location) == (303, "/") and browser.cookie() is None
    page = browser.open("/")
    assert page.flash == [("success", "Your account is removed.")] and page.user is None
    assert not is_there(site, name) and whose(site, cookie) is None


def test_page_of_the_copy(site):
    browser = signed_in(site, None)
    page = browser.open("/settings/export")
    page_of(page.answer, 200)
    form = page.form("/settings/export")
    assert "current_password" not in form.values
    answer = form.send()
    assert answer.status == 200 and answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store" and answer.set_cookies == []
    assert json.loads(answer.answer.content)["account"]["username"] == browser.member["username"]


def test_A11_page_of_the_copy_after_a_while(site):
    """The form asks for the password then, and the session goes on under another cookie."""
    browser = stale(site)
    copied = browser.cookie()
    form = browser.open("/settings/export").form("/settings/export")
    for values in {"current_password": ""}, {"current_password": "wrong"}, {"current_password": None}:
        page = form.send(**values)
        page_of(page.answer, 422)
        assert len(page.errors) == 1 and "Content-Disposition" not in page.headers
        assert "current_password" in page.form("/settings/export").values
    answer = form.send(current_password=PASSWORD)
    assert answer.status == 200 and json.loads(answer.answer.content)["sessions"]
    assert browser.cookie() != copied and whose(site, copied) is None
    assert "current_password" not in browser.open("/settings/export").form("/settings/export").values


def test_A11_stolen_old_session_takes_no_copy_and_removes_nothing(site):
    browser = stale(site)
    before = site.checksum()
    token = browser.open("/logout").token
    for path in "/settings/export", "/settings/delete":
        answer = browser.open(path, "POST", data={"csrf_token": token}, follow=False)
        assert answer.status == 422 and "Content-Disposition" not in answer.headers
    assert site.checksum() == before


@pytest.mark.parametrize("path", ["/settings/export", "/settings/delete", "/sessions/end-others", "/sessions/{}/end"])
def test_S1_S2_forms_that_nobody_here_has_sent(site, path):
    """No token, another's, one in the address, from elsewhere: 403, and nothing happens."""
    browser = signed_in(site)
    other = signed_in(site, browser.member)
    own, theirs = (site.sql(f"SELECT id FROM sessions WHERE hash = UNHEX(SHA2('{b.cookie()}', 256))")[0][0]
                   for b in (browser, other))
    assert own != theirs
    path, token = path.format(theirs), browser.open("/logout").token
    before = site.checksum()
    data = {"current_password": PASSWORD}
    for sent, headers in ((data, {}), ({**data, "csrf_token": "x"}, {}),
                          ({**data, "csrf_token": other.open("/logout").token}, {}),
                          ({**data, "csrf_token": token}, {"Origin": "https://evil.example"}),
                          ({**data, "csrf_token": token}, {"Sec-Fetch-Site": "cross-site"}),
                          ({**data, "csrf_token": token}, {"Origin": None})):
        answer = browser.open(path, "POST", data=sent, headers=headers, follow=False)
        assert answer.status == 403 and "Content-Disposition" not in answer.headers
    assert browser.open(f"{path}?csrf_token={token}", "POST", data=data, follow=False).status == 403
    assert site.checksum() == before and other.open("/").user
    for method in "PUT", "DELETE":
        assert browser.open(path, method, data={**data, "csrf_token": token}, follow=False).status == 405
    assert site.checksum() == before
    assert browser.open(path, "POST", data={**data, "csrf_token": token}, follow=False).status in (200, 303)
