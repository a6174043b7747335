# SPDX-License-Identifier: ISC
"""Addresses that nobody has confirmed, by site.confirm: off, ask, require (with site.registration = confirm)."""
import json

import pytest

from accounts import TAKEN, at_once, events, log_in, newcomer, put, refused_login, row, sign_up, user_of
from conftest import PASSWORD, errors_of, running
from letters import ENDED, forget, mailed, queued, reset, reset_token, verify, words_of
from mails import text_of, to
from pages import Browser, signed_in

WAITS = {"registration": "waits for the confirmation of the address"}
WRONG, NEEDED = {"current_password": ["is wrong"]}, {"current_password": ["is needed"]}
RESENT = [("info", "If this address waits to be confirmed, a mail is on its way. If none comes within some minutes, look"
                   " among the spam.")]


@pytest.fixture(scope="module")
def asks():
    with running({"POSTERN_SITE_CONFIRM": "ask"}) as site:
        yield site


@pytest.fixture(scope="module")
def requires():
    with running({"POSTERN_SITE_REGISTRATION": "confirm"}) as site:
        yield site


def pending(site, **more):
    """Somebody who has signed up where that needs a confirmation, and the token that was mailed."""
    user = newcomer(**more)
    answer = sign_up(site, user)
    assert (answer.status_code, answer.json()) == (202, WAITS)
    return user, mailed(site, user["email"], "confirm")


def confirmed(site):
    user, token = pending(site)
    assert verify(site, token, PASSWORD).status_code == 204
    return {**user, "token": user_of(log_in(site, user["email"]))["token"]}


def is_confirmed(site, name):
    return row(site, name, "email_confirmed_at IS NOT NULL") == ["1"]


def notice(page):
    return page.texts("main p.flash-info")


# site.confirm = off

def test_off_no_address_is_asked(site, member):
    assert queued(site, member["email"]) == []
    page = signed_in(site, member).open("/settings")
    assert notice(page) == [] and not page.all("form[action=/settings/resend]")


def test_off_a_change_counts_at_once_and_the_old_address_is_told(site, member):
    new = newcomer()["email"]
    answer = put(site, member, email=new)
    assert user_of(answer)["email"] == new and [k for k, _ in events(site, answer)] == ["email"]
    mails = site.mails()
    (mail,) = to(mails, member["email"])
    assert not to(mails, new) and mail["Subject"] == "Your address at Postern was changed"
    assert new in text_of(mail) and "If it was not you, sign in" in words_of(mail)
    user_of(log_in(site, new))


def test_the_same_address_is_no_change(site, member):
    user_of(put(site, member, email=member["email"].upper(), bio="x"))
    assert queued(site, member["email"]) == []


def test_a_change_of_password_is_told(site, member):
    browser = signed_in(site, member)
    assert browser.open("/settings").form().send(password="changed on the page").status == 303
    (mail,) = to(site.mails(), member["email"])
    assert mail["Subject"] == "Your password at Postern was changed"
    site.tool("user", "password", member["username"], input="changed by the tool\n")
    assert len(to(site.mails(), member["email"])) == 1
    user_of(log_in(site, member["email"], "changed by the tool"))


def test_A11_neither_changes_without_the_password(site, member):
    """With a session that was opened long ago: nothing changes, and nobody gets a mail."""
    browser = signed_in(site, member)
    site.sql("UPDATE sessions SET authenticated_at = NOW(3) - INTERVAL 1 HOUR WHERE user_id ="
             f" (SELECT id FROM users WHERE username = '{member['username']}')")
    before = site.checksum()
    for change in {"email": newcomer()["email"]}, {"password": "password of a thief"}:
        assert errors_of(put(site, member, **change), 403) == NEEDED
        assert errors_of(put(site, member, **change, current_password="x"), 403) == WRONG
        page = browser.open("/settings").form().send(**change)
        assert page.status == 422
        page = browser.open("/settings").form().send(**change, current_password=PASSWORD, csrf_token=None)
        assert page.status == 403
    assert site.checksum() == before


# site.confirm = ask

def test_ask_a_newcomer_is_in_and_is_asked(asks):
    user = newcomer()
    member = user_of(sign_up(asks, user), 201)
    browser = signed_in(asks, {**member, "password": PASSWORD})
    (said,) = notice(browser.open("/settings"))
    assert said.startswith(f"Your address {user['email']} is not confirmed yet")
    token = mailed(asks, user["email"], "confirm")
    assert not is_confirmed(asks, user["username"])
    assert errors_of(verify(asks, token, "wrong"), 403) == WRONG
    assert errors_of(verify(asks, token, None), 403) == NEEDED
    answer = verify(asks, token, PASSWORD)
    assert answer.status_code == 204 and [k for k, _ in events(asks, answer)] == ["confirmed"]
    assert is_confirmed(asks, user["username"]) and notice(browser.open("/settings")) == []
    assert errors_of(verify(asks, token, PASSWORD), 422) == ENDED


def test_ask_the_old_address_stays_until_the_new_one_is_confirmed(asks):
    member, new = asks.register(), newcomer()["email"]
    asks.mails()
    answer = put(asks, member, email=new)
    assert user_of(answer)["email"] == member["email"]
    assert [k for k, _ in events(asks, answer)] == ["email wanted"]
    assert user_of(asks.api("GET", "/user", token=member["token"]))["email"] == member["email"]
    refused_login(log_in(asks, new))
    browser = signed_in(asks, member)
    (said,) = notice(browser.open("/settings"))
    assert said.startswith(f"Waiting for {new} to be confirmed")
    mails = asks.mails()
    assert len(to(mails, new)) == 1 and not to(mails, member["email"])
    assert browser.open("/settings").form().send(bio="the old address is in this form").status == 303
    assert put(asks, member, email=new.upper()).status_code == 200      # once more: the newer link counts
    token = mailed(asks, new.upper(), "confirm")
    answer = verify(asks, token, PASSWORD)
    assert answer.status_code == 204 and [k for k, _ in events(asks, answer)] == ["email"]
    assert user_of(asks.api("GET", "/user", token=member["token"]))["email"] == new.upper()
    assert is_confirmed(asks, member["username"]) and row(asks, member["username"], "email_new") == ["NULL"]
    (mail,) = to(asks.mails(), member["email"])
    assert new.upper() in text_of(mail) and notice(browser.open("/settings")) == []
    user_of(log_in(asks, new))


def test_ask_on_the_page(asks):
    member, new = asks.register(), newcomer()["email"]
    browser = signed_in(asks, member)
    done = browser.open("/settings").form().send(email=new, follow=True)
    assert done.flash == [("info", "Saved. Your new address counts as soon as you open the link that is sent to it.")]
    assert browser.open("/settings").form().values["email"] == member["email"]
    asks.mails()
    button = browser.open("/settings").form("/settings/resend")
    assert button.node.texts("button") == ["Send the link again"]
    again = button.send(follow=True)
    assert again.path == "/settings" and RESENT[0] in again.flash
    page = browser.open(f"/email/verify?token={mailed(asks, new, 'confirm')}")
    assert page.form().field("current_password")["autocomplete"] == "current-password"
    wrong = page.form().send(current_password="wrong")
    assert wrong.status == 422 and wrong.errors == ["Your password is wrong"]
    done = wrong.form().send(current_password=PASSWORD, follow=True)
    assert done.flash == [("success", "Thank you, your address is confirmed.")]
    assert browser.open("/settings").form().values["email"] == new


def test_ask_somebody_took_the_address_meanwhile(asks):
    member, new = asks.register(), newcomer()
    asks.mails()
    user_of(put(asks, member, email=new["email"]))
    token = mailed(asks, new["email"], "confirm")
    user_of(sign_up(asks, new), 201)
    before = asks.checksum()
    assert errors_of(verify(asks, token, PASSWORD), 409) == {"email": TAKEN}
    assert asks.checksum() == before
    page = Browser(asks).open(f"/email/verify?token={token}").form().send(current_password=PASSWORD)
    assert page.status == 422 and page.errors == [
        "Somebody else has an account with this address by now, so yours keeps the one it has."]


def test_ask_a_taken_address_is_said_at_once(asks):
    member, other = asks.register(), asks.register()
    assert errors_of(put(asks, member, email=other["email"]), 409) == {"email": TAKEN}


def test_ask_who_does_not_count_holds_no_address(asks):
    """Who signed up with it, and has never confirmed it, gives way to who has."""
    member, squatter = asks.register(), newcomer()
    user_of(sign_up(asks, squatter), 201)
    asks.sql(f"UPDATE users SET waits = 'address' WHERE username = '{squatter['username']}'")
    asks.mails()
    user_of(put(asks, member, email=squatter["email"]))
    assert verify(asks, mailed(asks, squatter["email"], "confirm"), PASSWORD).status_code == 204
    assert user_of(asks.api("GET", "/user", token=member["token"]))["email"] == squatter["email"]
    assert asks.sql(f"SELECT COUNT(*) FROM users WHERE username = '{squatter['username']}'") == [["0"]]


def test_ask_many_at_once(asks):
    member, new = asks.register(), newcomer()["email"]
    asks.mails()
    put(asks, member, email=new)
    token = mailed(asks, new, "confirm")
    answers = at_once(*[lambda: verify(asks, token, PASSWORD).status_code for _ in range(10)])
    assert sorted(answers) == [204] + [422] * 9
    assert queued(asks, member["email"]).count("email_old") == 1


def test_ask_links_of_other_addresses_end(asks):
    """One asked for first, then another: the first link is no good, nor is that of the address before."""
    member, first, second = asks.register(), newcomer()["email"], newcomer()["email"]
    own = mailed(asks, member["email"], "confirm")
    put(asks, member, email=first)
    old = mailed(asks, first, "confirm")
    put(asks, member, email=second)
    new = mailed(asks, second, "confirm")
    for token in own, old:
        assert errors_of(verify(asks, token, PASSWORD), 422) == ENDED
    assert verify(asks, new, PASSWORD).status_code == 204


def test_ask_resend(asks):
    """For a member: again, as often as the limit lets; nothing where nothing waits."""
    member = asks.register()
    old = mailed(asks, member["email"], "confirm")
    answer = asks.api("POST", "/email/resend", token=member["token"])
    assert answer.status_code == 202
    assert asks.api("POST", "/email/resend").status_code == 401
    token = mailed(asks, member["email"], "confirm")
    assert errors_of(verify(asks, old, PASSWORD), 422) == ENDED
    assert verify(asks, token, PASSWORD).status_code == 204
    assert asks.api("POST", "/email/resend", token=member["token"]).status_code == 202
    assert to(asks.mails(), member["email"]) == []


def test_ask_resend_has_a_limit(asks):
    member = asks.register()

    def again():
        return asks.cgi("password", "POST", "/email/resend", HTTP_AUTHORIZATION=f"Token {member['token']}",
                        POSTERN_LIMITS_FORGOT="3/1h")

    assert [again()[0] for _ in range(5)] == [202, 202, 202, 429, 429]
    assert again()[1]["Retry-After"]
    assert queued(asks, member["email"]) == ["confirm"] * 4


def test_ask_addresses_of_others_are_not_flooded(asks):
    """By sign-ups and by changes: so many mails to one address, whoever causes them."""
    victim, limit = newcomer()["email"], {"POSTERN_LIMITS_FORGOT": "3/1h"}
    member = asks.register()

    def change(email):
        return asks.cgi("user", "PUT", "", {"user": {"email": email}}, HTTP_AUTHORIZATION=f"Token {member['token']}",
                        **limit)[0]

    assert [change(victim) for _ in range(4)] == [200, 200, 200, 429]
    status, headers, _ = asks.cgi("users", "POST", "", {"user": newcomer(email=victim)}, **limit)
    assert status == 429 and int(headers["Retry-After"]) > 0
    assert queued(asks, victim) == ["confirm"] * 3


def test_ask_nobody_takes_a_new_password_from_others(asks):
    """Strangers use up what may be asked for an address; its owner gets in by mail link all the same (A3)."""
    member, limit = asks.register(), {"POSTERN_LIMITS_FORGOT": "3/1h"}
    for i in range(4):
        asks.cgi("users", "POST", "", {"user": newcomer(email=member["email"])}, REMOTE_ADDR=f"192.0.2.{i}", **limit)
    assert asks.cgi("password", "POST", "/password/forgot", {"email": member["email"]}, **limit)[0] == 202
    assert queued(asks, member["email"])[-1] == "reset"


# site.registration = confirm, or site.confirm = require

def test_require_is_what_registration_confirm_is(site):
    for settings in ({"POSTERN_SITE_CONFIRM": "require"}, {"POSTERN_SITE_REGISTRATION": "confirm"},
                     {"POSTERN_SITE_CONFIRM": "off", "POSTERN_SITE_REGISTRATION": "confirm"}):
        user = newcomer()
        status, _, body = site.cgi("users", "POST", "", {"user": user}, **settings)
        assert (status, json.loads(body)) == (202, WAITS) and queued(site, user["email"]) == ["confirm"]


def test_require_by_mail(requires):
    user, token = pending(requires)
    assert log_in(requires, user["email"]).status_code == 403
    assert errors_of(verify(requires, token, "wrong"), 403) == WRONG
    assert verify(requires, token, PASSWORD).status_code == 204
    user_of(log_in(requires, user["email"]))


def test_require_a_stranger_is_not_let_in_by_a_careless_click(requires):
    """Somebody signs up with the address of another, who opens the link: that alone confirms nothing."""
    stranger, token = pending(requires, password="password of a stranger")
    page = Browser(requires).open(f"/email/verify?token={token}")
    for values in {}, {"current_password": ""}, {"current_password": "the owner's own"}:
        assert page.form().send(**values).status == 422
    assert log_in(requires, stranger["email"], stranger["password"]).status_code == 403
    assert reset(requires, reset_token(requires, stranger["email"]), PASSWORD).status_code == 204     # the way out
    refused_login(log_in(requires, stranger["email"], stranger["password"]))
    user_of(log_in(requires, stranger["email"]))


def test_require_tries_at_the_password_are_counted(requires):
    user, token = pending(requires)
    body = {"token": token, "current_password": "wrong"}
    tries = [requires.cgi("password", "POST", "/email/verify", body, POSTERN_LIMITS_PAIR="3/1h")[0] for _ in range(5)]
    assert tries == [403] * 3 + [429] * 2


def test_A8_the_owner_of_the_address_is_told(requires):
    member = confirmed(requires)
    requires.mails()
    new = sign_up(requires, newcomer())
    known = sign_up(requires, newcomer(email=member["email"].upper()))
    assert (known.status_code, known.json()) == (new.status_code, new.json()) == (202, WAITS)
    (mail,) = to(requires.mails(), member["email"])
    assert mail["Subject"] == "You have an account at Postern" and member["username"] in text_of(mail)


def test_require_a_change_does_not_tell_who_is_there(requires):
    member, other = confirmed(requires), confirmed(requires)
    requires.mails()
    answers = [put(requires, member, email=e) for e in (other["email"], newcomer()["email"])]
    assert [user_of(a)["email"] for a in answers] == [member["email"]] * 2
    mails = requires.mails()
    (mail,) = to(mails, other["email"])
    assert mail["Subject"] == "You have an account at Postern"
    assert requires.sql("SELECT COUNT(*) FROM one_time_tokens WHERE kind = 'confirm' AND used_at IS NULL AND email_key ="
                        f" '{other['email']}'") == [["0"]]
    assert errors_of(put(requires, member, username=other["username"]), 409) == {"username": TAKEN}


def test_require_resend_for_those_outside(requires):
    """Equal answers; a mail only for an account that waits."""
    (waits, old), member, nobody = pending(requires), confirmed(requires), newcomer()
    requires.mails()
    browser = Browser(requires)
    assert "/email/resend" in [a["href"] for a in browser.open("/login").all("main a")]
    seen = []
    for email in waits["email"].upper(), member["email"], nobody["email"]:
        answer = browser.open("/email/resend").form().send(email=email)
        seen.append((answer.status, answer.location, browser.open("/login").flash))
        assert queued(requires, email)[-1] == "confirm"
    assert seen == [(303, "/login", RESENT)] * 3
    mails = requires.mails()
    assert [len(to(mails, u["email"])) for u in (waits, member, nobody)] == [1, 0, 0] and len(mails) == 1
    assert errors_of(verify(requires, old, PASSWORD), 422) == ENDED
    browser.open("/email/resend").form().send(email=waits["email"])
    assert verify(requires, mailed(requires, waits["email"], "confirm"), PASSWORD).status_code == 204
    wrong = browser.open("/email/resend").form().send(email="no address")
    assert wrong.status == 422 and wrong.errors == ["Email is not a mail address"]


def test_require_with_approval_waits_for_both(site):
    user, settings = newcomer(), {"POSTERN_SITE_CONFIRM": "require", "POSTERN_SITE_REGISTRATION": "approve"}
    status, _, body = site.cgi("users", "POST", "", {"user": user}, **settings)
    assert (status, json.loads(body)) == (202, WAITS)
    body = {"token": mailed(site, user["email"], "confirm"), "current_password": PASSWORD}
    assert site.cgi("password", "POST", "/email/verify", body, **settings)[0] == 204
    assert row(site, user["username"], "waits") == ["approval"]
    site.tool("user", "approve", user["username"])
    user_of(log_in(site, user["email"]))


def test_require_lost_before_it_was_confirmed(requires):
    """A9: the address of an account that waits is answered, and mailed, like any other."""
    user, _ = pending(requires)
    assert forget(requires, user["email"]).status_code == 202
    assert reset(requires, mailed(requires, user["email"], "reset")).status_code == 204
    assert is_confirmed(requires, user["username"])
