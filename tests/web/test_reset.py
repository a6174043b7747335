# SPDX-License-Identifier: ISC
"""A new password by a mailed link (A10): once, for half an hour, and whatever others did with the account ends."""
import resource

import pytest

from accounts import at_once, events, log_in, newcomer, pair, put, refused_login, row, user_of
from conftest import PASSWORD, errors_of, page_of
from letters import ENDED, expire, forget, mailed, queued, reset, reset_token, verify, words_of
from mails import link_of, to
from pages import Browser, signed_in, whose

NEW = "a quite new password"


def confirmation(site, name):
    return site.tool("user", "link", name).strip().rpartition("=")[2]


def refused(site, token, password=NEW):
    before = site.checksum()
    assert errors_of(reset(site, token, password), 422) == ENDED
    assert site.checksum() == before


def test_whole_way(site, member):
    browser, short = signed_in(site, member), pair(site, member["username"]).json()
    token = reset_token(site, member["email"])
    assert whose(site, browser.cookie()) == member["username"]
    answer = reset(site, token)
    assert answer.status_code == 204 and answer.content == b""
    assert [kind for kind, _ in events(site, answer)] == ["password reset"]
    refused_login(log_in(site, member["email"]))
    user_of(log_in(site, member["email"], NEW))
    assert whose(site, browser.cookie()) is None
    assert site.api("GET", "/user", token=member["token"]).status_code == 401
    assert site.api("POST", "/token", {"refresh_token": short["refresh_token"]}).status_code == 401
    (mail,) = to(site.mails(), member["email"])
    assert mail["Subject"] == "Your password at Postern was changed"
    assert link_of(mail) == f"{site.url}/password/forgot" and "If it was not you, choose a new one" in words_of(mail)


def test_A10_used_twice(site, member):
    token = reset_token(site, member["email"])
    assert reset(site, token).status_code == 204
    refused(site, token, "another new password")
    user_of(log_in(site, member["email"], NEW))


def test_A10_twenty_at_once(site, member):
    token = reset_token(site, member["email"])
    words = [f"new password {i}" for i in range(20)]
    answers = at_once(*[lambda w=w: reset(site, token, w) for w in words])
    assert sorted(a.status_code for a in answers) == [204] + [422] * 19
    assert all(a.json() == {"errors": ENDED} for a in answers if a.status_code == 422)
    (winner,) = [w for w, a in zip(words, answers) if a.status_code == 204]
    user_of(log_in(site, member["email"], winner))
    assert queued(site, member["email"]).count("password") == 1


def test_A10_after_half_an_hour(site, member):
    token = reset_token(site, member["email"])
    ((seconds,),) = site.sql("SELECT TIMESTAMPDIFF(SECOND, NOW(3), expires_at) FROM one_time_tokens WHERE hash ="
                             f" UNHEX(SHA2('{token}', 256))")
    assert 1780 < int(seconds) <= 1800
    expire(site, token)
    refused(site, token)


def test_A10_after_a_newer_request(site, member):
    old = reset_token(site, member["email"])
    new = reset_token(site, member["email"])
    refused(site, old)
    assert reset(site, new).status_code == 204


def test_A10_siblings_end(site, member):
    """Of links that were made side by side, all end with the first that is used."""
    token = reset_token(site, member["email"])
    site.sql("INSERT INTO one_time_tokens (hash, kind, user_id, email_key, created_at, expires_at)"
             " SELECT UNHEX(SHA2('sibling', 256)), kind, user_id, email_key, created_at, expires_at"
             f" FROM one_time_tokens WHERE hash = UNHEX(SHA2('{token}', 256))")
    assert reset(site, token).status_code == 204
    refused(site, "sibling")


def test_A10_after_a_change_of_address(site, member):
    token = reset_token(site, member["email"])
    user_of(put(site, member, email=newcomer()["email"]))
    refused(site, token)
    user_of(put(site, member, email=member["email"]))     # and it does not come back with the old one's capitals
    token = reset_token(site, member["email"])
    user_of(put(site, member, email=member["email"].upper()))
    assert reset(site, token).status_code == 204


def test_A10_after_a_change_of_password(site, member):
    token = reset_token(site, member["email"])
    user_of(put(site, member, password="changed on the settings"))
    refused(site, token)


def test_A10_for_another_user(site, member):
    """A link is good for its own member, whatever else comes with it."""
    other = site.register()
    token = reset_token(site, member["email"])
    answer = site.api("POST", "/password/reset", {"token": token, "password": NEW, "email": other["email"],
                                                  "username": other["username"], "user_id": 1})
    assert answer.status_code == 204
    user_of(log_in(site, other["email"]))
    user_of(log_in(site, member["email"], NEW))


def test_A10_one_character_altered(site, member):
    token = reset_token(site, member["email"])
    for at in 0, 1, 21, 41, 42:
        for other in "A", "b", "-":
            if token[at] != other:
                refused(site, token[:at] + other + token[at + 1:])
    for wrong in (token[:-1], token + "A", token.swapcase(), f" {token}x", token[::-1], "", None, "' OR 1", "A" * 43):
        before = site.checksum()
        assert errors_of(reset(site, wrong), 422) == ENDED
        assert site.checksum() == before
    assert errors_of(reset(site, "x" * 65), 422).keys() == {"token"}
    assert errors_of(reset(site, ["a"]), 422).keys() == {"token"}
    assert reset(site, token).status_code == 204


def test_J11_a_link_is_good_for_its_purpose_alone(site, member):
    token, confirms = reset_token(site, member["email"]), confirmation(site, member["username"])
    invites = site.tool("invite", "--link").strip().rpartition("=")[2]
    refused(site, confirms)
    refused(site, invites)
    refused(site, member["token"][:64])
    assert errors_of(verify(site, token, PASSWORD), 422) == ENDED
    assert reset(site, token).status_code == 204


def test_refused_password_leaves_the_link_good(site, member):
    token = reset_token(site, member["email"])
    for password in "short", "", None, "x" * 73, 7:
        before = site.checksum()
        assert errors_of(reset(site, token, password), 422).keys() == {"password"}
        assert site.checksum() == before
    assert reset(site, token).status_code == 204


def test_locked_member(site, member):
    token = reset_token(site, member["email"])
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{member['username']}'")
    refused(site, token)
    site.sql(f"DELETE FROM users WHERE username = '{member['username']}'")
    assert errors_of(reset(site, token), 422) == ENDED


def test_a_reset_confirms_the_address(site):
    """Whoever lost a password before the first login, and whose address somebody else signed up with."""
    stranger = newcomer(password="password of a stranger")
    assert site.cgi("users", "POST", "", {"user": stranger}, POSTERN_SITE_REGISTRATION="confirm")[0] == 202
    mailed(site, stranger["email"], "confirm")
    assert reset(site, reset_token(site, stranger["email"])).status_code == 204
    assert row(site, stranger["username"], "waits, email_confirmed_at IS NULL") == ["NULL", "0"]
    refused_login(log_in(site, stranger["email"], stranger["password"]))
    user_of(log_in(site, stranger["email"], NEW))


def test_a_reset_lets_nobody_in_who_waits_for_approval(site):
    user = newcomer()
    assert site.cgi("users", "POST", "", {"user": user}, POSTERN_SITE_REGISTRATION="approve")[0] == 202
    assert reset(site, reset_token(site, user["email"])).status_code == 204
    assert row(site, user["username"], "waits") == ["approval"]
    assert log_in(site, user["email"], NEW).status_code == 403
    site.sql(f"UPDATE users SET waits = 'address' WHERE username = '{user['username']}'")
    token = reset_token(site, user["email"])
    body = {"token": token, "password": NEW}
    assert site.cgi("password", "POST", "/password/reset", body, POSTERN_SITE_REGISTRATION="approve")[0] == 204
    assert row(site, user["username"], "waits") == ["approval"]


def test_who_had_no_password_gets_one(site, member):
    site.sql(f"DELETE c FROM credentials c JOIN users u ON u.id = c.user_id WHERE username = '{member['username']}'")
    refused_login(log_in(site, member["email"]))
    assert reset(site, reset_token(site, member["email"])).status_code == 204
    user_of(log_in(site, member["email"], NEW))


def test_a_reset_drops_the_address_that_was_wanted(site, member):
    """A thief with an open session may have asked for one."""
    site.sql("UPDATE addresses SET email_new = 'thief@example.org', email_new_key = email_new, email_new_at = NOW(3)"
             f" WHERE email = '{member['email']}'")
    token = confirmation(site, member["username"])
    assert reset(site, reset_token(site, member["email"])).status_code == 204
    assert row(site, member["username"], "email_new, email_new_key, email_new_at") == ["NULL"] * 3
    assert errors_of(verify(site, token, NEW), 422) == ENDED


def test_A3_the_owner_gets_in_while_others_try(site, member):
    """By account and by address nobody passes any more; who reads the mail does, and so does the login after it."""
    limits = {"POSTERN_LIMITS_ACCOUNT": "10/1h", "POSTERN_LIMITS_PAIR": "5/1h", "POSTERN_LIMITS_ADDRESS": "1000/1h"}

    def login(password, **env):
        body = {"user": {"email": member["email"], "password": password}}
        return site.cgi("login", "POST", "/users/login", body, **limits, **env)[0]

    for i in range(20):
        login("wrong", REMOTE_ADDR=f"203.0.113.{i}", HTTP_X_FORWARDED_FOR="127.0.0.1")
    tries = [login("wrong") for _ in range(10)]
    assert tries[-1] == 429 and login(PASSWORD) == 429 and login(PASSWORD, REMOTE_ADDR="203.0.113.99") == 429
    token = reset_token(site, member["email"])
    body = {"token": token, "password": NEW}
    assert site.cgi("password", "POST", "/password/reset", body, **limits)[0] == 204
    assert login(NEW) == 200


def test_a_bad_link_costs_no_hash(site):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for _ in range(5):
        status, _, _ = site.cgi("password", "POST", "/password/reset", {"token": "A" * 43, "password": NEW},
                                POSTERN_TEST_COST="12")
        assert status == 422
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 0.5


def test_page(site, member):
    """Opening the link changes nothing, its button does; then one signs in."""
    token = reset_token(site, member["email"])
    before, browser = site.checksum(), Browser(site)
    for method in "GET", "HEAD", "GET":
        page = browser.open(f"/password/reset?token={token}", method)
        assert page.status == 200
    page_of(page.answer, 200)
    assert page.headers["Referrer-Policy"] == "same-origin" and site.checksum() == before
    form = page.form()
    assert form.values["token"] == token and form.field("password")["autocomplete"] == "new-password"
    assert form.field("username")["value"] == member["username"]
    wrong = form.send(password="short")
    assert wrong.status == 422 and wrong.form().values["token"] == token and len(wrong.errors) == 1
    done = wrong.form().send(password=NEW, follow=True)
    assert done.path == "/login" and done.flash == [
        ("success", "Your new password is set. All devices are signed out: sign in here.")]
    assert done.form().send(email=member["email"], password=NEW, follow=True).user == member["username"]
    again = Browser(site).open("/password/forgot")     # a form of before, for the link is no good any more
    again = again.browser.open("/password/reset", "POST", data={"csrf_token": again.token, "token": token,
                                                                "password": NEW})
    assert again.status == 422 and again.errors == [
        "This link has been used, or is too old, or your address has changed since."]


@pytest.mark.parametrize("path", ["/password/reset", "/email/verify"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=" + "A" * 43, "?token[]=x"])
def test_page_of_a_link_that_has_ended(site, path, query):
    page = Browser(site).open(f"{path}{query}")
    assert page.status == 422 and page.texts("h1") == ["This link has ended"] and not page.all("main form")


def test_the_token_is_in_no_log(site, member):
    token = reset_token(site, member["email"])
    browser = Browser(site)
    page = browser.open(f"/password/reset?token={token}")
    assert page.form().send(password=NEW, headers={"Referer": f"{site.url}/password/reset?token={token}"}).status == 303
    for log in (site.var / "log").glob("*.log"):
        assert token not in log.read_text(errors="replace"), log


def test_a_link_of_the_tool(site, member):
    """Whoever has the shell hands one out: once, for an hour; those by mail and before it end."""
    mailed_token = reset_token(site, member["email"])
    tokens = []
    for _ in range(2):
        link = site.tool("user", "link", member["username"], "--password").strip()
        assert link.startswith(f"{site.url}/password/reset?token=")
        tokens.append(link.partition("=")[2])
    ((left,),) = site.sql(f"SELECT TIMESTAMPDIFF(SECOND, NOW(), expires_at) FROM one_time_tokens WHERE hash = UNHEX(SHA2('{tokens[1]}', 256))")
    assert 3500 < int(left) <= 3600
    for old in mailed_token, tokens[0]:
        refused(site, old)
    assert reset(site, tokens[1]).status_code == 204
    user_of(log_in(site, member["email"], NEW))
    refused(site, tokens[1])
