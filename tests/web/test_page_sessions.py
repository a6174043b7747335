# SPDX-License-Identifier: ISC
"""Logins of browsers: a new id each time (S4), and how they end (S7)."""
import hashlib
import re

import pytest
import requests

from accounts import events, newcomer
from conftest import PASSWORD
from pages import Browser, age_session, session_row, signed_in, whose, with_cookie

HOUR, DAY = 3600, 86400
PAGES = ["/", "/login", "/register", "/settings", "/logout", "/sessions", "/settings/delete", "/settings/export",
         "/profile/nobody", "/nowhere",
         "/?feed=following", "/.well-known/change-password"]
PRESET = "attacker" + "A" * 35


@pytest.fixture
def browser(site):
    return signed_in(site)


def end_of(site):
    return f"session-{site.port}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


def is_out(page):
    """Nobody is logged in, and the browser is told to forget the cookie it sent."""
    return page.user is None and page.set_cookies[:1] == [end_of(page.browser.site)]


def test_S4_login_needs_a_token_of_this_very_browser(site):
    """An attacker logs a victim in as himself, with the token of his own browser."""
    attacker, victim = site.register(), Browser(site)
    form = Browser(site).open("/login").form()
    pairs = form.filled(email=attacker["email"], password=attacker["password"])
    for seen in (False, True):      # has the victim been here before?
        if seen:
            victim.open("/login")
        answer = victim.open("/login", "POST", data=pairs)
        assert answer.status == 403 and victim.cookie() is None
    assert victim.open("/").user is None


def test_S4_registration_needs_a_token_of_this_very_browser(site):
    user, victim = newcomer(), Browser(site)
    pairs = Browser(site).open("/register").form().filled(**user)
    assert victim.open("/register", "POST", data=pairs).status == 403
    assert victim.cookie() is None
    assert site.sql(f"SELECT id FROM users WHERE username = '{user['username']}'") == []


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_S4_preset_cookie_is_not_adopted(site, path):
    browser = Browser(site)
    browser.session.cookies.set(f"session-{site.port}", PRESET, domain="127.0.0.1", path="/")
    user = site.register() if path == "/login" else newcomer()
    page = browser.open(path)
    assert page.status == 200 and is_out(page)
    browser.session.cookies.set(f"session-{site.port}", PRESET, domain="127.0.0.1", path="/")
    names = ("email", "password") if path == "/login" else ("username", "email", "password")
    assert page.form().send(**{n: user[n] for n in names}).status == 303
    assert browser.cookie() not in (None, PRESET) and browser.open("/").user == user["username"]
    assert whose(site, PRESET) is None and session_row(site, PRESET) is None


def test_S4_session_of_the_attacker_is_not_adopted_but_ended(site):
    attacker, victim, member = signed_in(site), Browser(site), site.register()
    planted = attacker.cookie()
    victim.session.cookies.set(f"session-{site.port}", planted, domain="127.0.0.1", path="/")
    assert victim.log_in_over(member).status == 303
    assert victim.cookie() != planted and victim.open("/").user == member["username"]
    assert whose(site, planted) is None and attacker.open("/").user is None


def test_S4_each_login_and_registration_has_a_new_id_and_token(site):
    member, browser = site.register(), Browser(site)
    cookies, tokens = [], [browser.open("/login").token]
    for _ in range(3):
        signed_in(site, member, browser)
        cookies.append(browser.cookie())
        tokens.append(browser.open("/logout").token)
        assert browser.log_out().status == 303
    assert browser.open("/register").form().send(**newcomer()).status == 303
    cookies.append(browser.cookie())
    tokens.append(browser.open("/logout").token)
    assert len(set(cookies)) == 4 and len(set(tokens)) == 5
    assert all(len(c) == 43 for c in cookies) and not set(cookies) & set(tokens)


def test_S4_id_is_kept_as_a_digest_alone(site, browser):
    kept = site.sql("SELECT LOWER(HEX(s.hash)), s.agent, s.address FROM sessions s JOIN users u"
                    " ON u.id = user_id"
                    f" WHERE u.username = '{browser.member['username']}' AND s.hash IS NOT NULL")
    assert [row[0] for row in kept] == [hashlib.sha256(browser.cookie().encode()).hexdigest()]
    assert browser.cookie() not in str(kept)


def test_S4_pages_of_a_session_have_one_token(browser):
    tokens = {browser.open(path).token for path in ("/settings", "/logout", "/settings")}
    assert len(tokens) == 1 and len(tokens.pop()) == 43


def test_S4_change_of_the_password_renews_the_id_and_ends_all_others(site):
    member = site.register()
    browser, other = signed_in(site, member), signed_in(site, member)
    remembered = signed_in(site, member, remember="true")
    old, row = browser.cookie(), session_row(site, browser.cookie())
    token = browser.open("/settings").token
    assert browser.open("/settings").form().send(password="another password").status == 303
    assert browser.cookie() != old and session_row(site, browser.cookie()) == row
    assert browser.open("/").user == member["username"] and browser.open("/settings").token != token
    assert whose(site, old) is None and other.open("/").user is None and remembered.open("/").user is None
    assert site.api("GET", "/user", token=member["token"]).status_code == 401
    assert Browser(site).log_in(member).status == 401
    assert Browser(site).log_in({**member, "password": "another password"}).status == 303


def test_A11_current_password_renews_the_id(site):
    """What somebody copied before may not do what the owner may after proving who it is."""
    browser = signed_in(site)
    member, copied, row = browser.member, browser.cookie(), session_row(site, browser.cookie())
    elsewhere = signed_in(site, member)
    age_session(site, copied, authenticated_at=HOUR)
    assert whose(site, copied) == member["username"]
    form = browser.open("/settings").form()
    assert form.send(email=f"new.{member['email']}", current_password="wrong").status == 422
    assert browser.cookie() == copied and whose(site, copied) == member["username"]
    answer = form.send(email=f"new.{member['email']}", current_password=PASSWORD)
    assert answer.status == 303 and browser.cookie() != copied
    assert is_out(with_cookie(site, f"session-{site.port}={copied}", "/settings"))
    assert whose(site, copied) is None and session_row(site, copied) is None
    # The owner goes on, in the session it was; for the second time without the password.
    assert session_row(site, browser.cookie()) == row and elsewhere.open("/").user == member["username"]
    for path in (answer.location, "/settings", "/"):
        page = browser.open(path)
        assert (page.status, page.user) == (200, member["username"])
        assert not [c for c in page.set_cookies if c.startswith("session-")]
    new = browser.cookie()
    assert browser.open("/settings").form().send(email=member["email"]).status == 303
    assert browser.cookie() == new and browser.open("/").user == member["username"]


@pytest.mark.parametrize("remember", [None, "true"])
@pytest.mark.parametrize("old", [0, HOUR], ids=["fresh", "confirmed"])
def test_S4_new_id_lives_as_long_as_the_old_one_would_have(site, remember, old):
    """A login that is remembered stays so over a change of the password, and gets no more days by it."""
    browser = signed_in(site, remember=remember)
    age_session(site, browser.cookie(), authenticated_at=old, expires_at=6 * DAY)
    before = session_row(site, browser.cookie(), "id, remembered, expires_at")
    values = {"password": "a new password", **({"current_password": PASSWORD} if old else {})}
    answer = browser.open("/settings").form().send(**values)
    assert answer.status == 303
    (cookie,) = [c for c in answer.set_cookies if c.startswith("session-")]
    lives = [int(seconds) for seconds in re.findall("; Max-Age=([0-9]+)", cookie)]
    assert len(lives) == (1 if remember else 0)
    assert all(24 * DAY - 60 <= life <= 24 * DAY for life in lives)
    assert session_row(site, browser.cookie(), "id, remembered, expires_at") == before
    age_session(site, browser.cookie(), last_seen_at=13 * HOUR)
    assert (browser.open("/").user == browser.member["username"]) == bool(remember)


@pytest.mark.parametrize("change", [{"bio": "new"}, {"email": "n{}@example.org"}, {"username": "n{}"}],
                         ids=lambda c: [*c][0])
def test_S4_other_changes_keep_the_session(site, change, browser):
    old, other = browser.cookie(), signed_in(site, browser.member)
    values = {k: v.format(newcomer()["username"]) for k, v in change.items()}
    assert browser.open("/settings").form().send(**values).status == 303
    name = values.get("username", browser.member["username"])
    assert browser.cookie() == old and browser.open("/").user == other.open("/").user == name


def test_S4_login_ends_the_session_before_in_this_browser(site, browser):
    old, elsewhere, member = browser.cookie(), signed_in(site, browser.member), site.register()
    assert browser.log_in_over(member).status == 303
    assert browser.open("/").user == member["username"]
    assert whose(site, old) is None and session_row(site, old, "ended_at IS NULL") == ["0"]
    assert elsewhere.open("/").user == browser.member["username"]


def test_S4_failed_login_keeps_the_session(site, browser):
    old = browser.cookie()
    answer = browser.log_in_over({**browser.member, "password": "wrong"})
    assert answer.status == 401 and answer.set_cookies == []
    assert browser.cookie() == old and browser.open("/").user == browser.member["username"]


@pytest.mark.parametrize("aged,lives", [(12 * HOUR - 60, True), (12 * HOUR + 60, False)])
def test_S7_idle_session_ends(site, browser, aged, lives):
    age_session(site, browser.cookie(), last_seen_at=aged)
    page = with_cookie(site, f"session-{site.port}={browser.cookie()}")
    assert page.user == browser.member["username"] if lives else is_out(page)


def test_S7_used_session_is_not_idle(site, browser):
    for aged, moved in ((200, False), (400, True)):
        age_session(site, browser.cookie(), last_seen_at=aged)
        browser.open("/")
        seen = session_row(site, browser.cookie(), "TIMESTAMPDIFF(SECOND, last_seen_at, NOW(3))")
        assert (int(seen[0]) < 100) == moved
        age_session(site, browser.cookie(), last_seen_at=0)
    age_session(site, browser.cookie(), last_seen_at=11 * HOUR)
    browser.open("/")
    age_session(site, browser.cookie(), last_seen_at=11 * HOUR)
    assert browser.open("/").user


@pytest.mark.parametrize("remember,days", [(None, 7), ("true", 30)])
def test_S7_session_ends_in_any_case(site, remember, days):
    browser = signed_in(site, remember=remember)
    life = session_row(site, browser.cookie(), "TIMESTAMPDIFF(SECOND, created_at, expires_at)")
    assert int(life[0]) == days * DAY
    age_session(site, browser.cookie(), expires_at=days * DAY - 60)
    assert browser.open("/").user and browser.open("/settings").form().send(bio="still here").status == 303
    age_session(site, browser.cookie(), expires_at=70)      # and no use of it has moved that
    assert is_out(with_cookie(site, f"session-{site.port}={browser.cookie()}"))


def test_S7_remembered_session_knows_no_idle_limit(site):
    browser = signed_in(site, remember="true")
    age_session(site, browser.cookie(), last_seen_at=29 * DAY)
    assert browser.open("/settings").status == 200 and browser.open("/").user


def test_S7_logout_ends_the_cookie_for_good(site, browser):
    cookie = browser.cookie()
    answer = browser.log_out()
    assert (answer.status, answer.location) == (303, "/") and end_of(site) in answer.set_cookies
    assert events(site, answer.answer)[0][0] == "logout" and browser.cookie() is None
    assert is_out(with_cookie(site, f"session-{site.port}={cookie}"))
    again = with_cookie(site, f"session-{site.port}={cookie}", "/settings")
    assert again.location == "/login?next=%2Fsettings"


def test_S7_logout_in_one_tab_is_one_in_all(site, browser):
    tab, bio = browser.open("/settings").form(), newcomer()["username"]
    assert browser.log_out().status == 303
    answer = tab.send(bio=bio)
    assert (answer.status, answer.location) == (303, "/login?next=%2Fsettings")
    assert site.sql(f"SELECT id FROM users WHERE bio = '{bio}'") == []
    assert browser.open("/settings").texts("main h1") == ["Sign in"]


def test_S7_other_devices_outlive_a_logout(site, browser):
    other = signed_in(site, browser.member)
    browser.log_out()
    assert other.open("/").user == browser.member["username"]
    assert site.api("GET", "/user", token=browser.member["token"]).status_code == 200


def test_S7_logout_of_nobody_is_no_error(site):
    browser = Browser(site)
    answer = browser.log_out()
    assert (answer.status, answer.location) == (303, "/") and events(site, answer.answer) == []


def test_S7_locked_account_is_out_at_once_and_cannot_come_in(site, browser):
    name = browser.member["username"]
    site.sql(f"UPDATE users SET locked = 1 WHERE username = '{name}'")
    assert is_out(with_cookie(site, f"session-{site.port}={browser.cookie()}"))
    assert browser.open("/settings", follow=False).location == "/login?next=%2Fsettings"
    answer = Browser(site).log_in(browser.member)
    other = Browser(site).log_in({"email": "nobody@example.org", "password": PASSWORD})
    assert answer.status == other.status == 401 and answer.errors == other.errors


def test_S7_removed_account_is_out_at_once(site, browser):
    tab = browser.open("/settings").form()
    site.sql(f"DELETE FROM users WHERE username = '{browser.member['username']}'")
    assert tab.send(bio="gone").location == "/login?next=%2Fsettings"
    assert browser.open("/").user is None and browser.cookie() is None


def test_S7_session_is_no_token_and_a_token_no_session(site, browser):
    cookie = browser.cookie()
    for header in ({"Authorization": f"Bearer {cookie}"}, {"Cookie": f"session-{site.port}={cookie}"}):
        assert requests.get(site.url + "/api/user", headers=header, timeout=10).status_code == 401
    token = browser.member["token"]
    assert whose(site, token) is None and whose(site, token[-43:]) is None
    page = Browser(site).open("/settings", headers={"Authorization": f"Bearer {token}"}, follow=False)
    assert page.location == "/login?next=%2Fsettings"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", PAGES)
def test_S7_nothing_of_a_page_is_stored(site, path, method):
    for browser in (Browser(site), signed_in(site)):
        answer = browser.open(path, method, follow=False)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert method == "OPTIONS" or answer.headers["Vary"] == "Cookie", answer.status


def test_visitors_who_only_read_get_no_cookie(site):
    for path in ("/", "/profile/nobody", "/nowhere"):
        assert Browser(site).open(path).set_cookies == []


def test_cookie_of_a_form_is_given_once_and_not_to_members(site, browser):
    visitor = Browser(site)
    assert [c.split("=")[0] for c in visitor.open("/login").set_cookies] == [f"pre-{site.port}"]
    assert visitor.open("/register").set_cookies == visitor.open("/logout").set_cookies == []
    browser.session.cookies.set(f"pre-{site.port}", None)
    assert browser.open("/settings").set_cookies == browser.open("/logout").set_cookies == []
