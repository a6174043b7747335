# SPDX-License-Identifier: ISC
"""The same way through the pages in w3m: text, on a terminal."""
from conftest import PASSWORD
from letters import mailed


def test_walk(w3m, site):
    w3m.open("/").shows("Sign up").top().press("Sign up").at("/register")
    w3m.fill("Username", "texter").fill("Email", "texter@example.org").fill("Password", PASSWORD)
    w3m.press("Sign up").at("/").shows("texter", "Settings")

    w3m.top().press("Settings").at("/settings").shows("texter@example.org")
    w3m.fill("Email", "reader@example.org").press("Update Settings").at("/profile/texter").shows("texter")
    assert site.sql("SELECT email FROM users WHERE username = 'texter'") == [["reader@example.org"]]

    w3m.top().press("Edit Profile Settings").at("/settings").shows("reader@example.org")
    w3m.press("Or click here to logout").at("/").shows("Sign in")
    assert "texter" not in w3m.page

    w3m.top().press("Sign in").at("/login")
    w3m.fill("Email", "texter").fill("Password", "not the password").press("Sign in")
    w3m.shows("do not belong together").at("/login")
    w3m.fill("Password", PASSWORD).press("[ ]").shows("[*]").press("Sign in").at("/").shows("texter")
    assert site.sql("SELECT remembered FROM sessions ORDER BY id DESC LIMIT 1") == [["1"]]


def test_an_expired_form_comes_back_filled(w3m, member):
    """It expires because its reader logs in meanwhile, on another page."""
    w3m.open("/register").shows("Username")
    w3m.fill("Username", "late").fill("Email", "late@example.org").fill("Password", PASSWORD)
    w3m.go("/login").fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at("/")
    w3m.back("/register").seek("Password").press("Sign up")
    w3m.shows("expired", "late@example.org").at("/register")
    w3m.fill("Password", PASSWORD).press("Sign up").at("/").shows("late", "Settings")


def test_a_closed_page_comes_after_the_login(w3m, member):
    w3m.open("/settings").shows("Please sign in").at("/login?next=%2Fsettings")
    w3m.fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at("/settings")
    w3m.shows("Email [" + member["email"][:19])        # as wide as w3m draws the field


def test_a_lost_password(w3m, site, member):
    w3m.open("/login").press("Forgot your password?").at("/password/forgot")
    w3m.fill("Email", member["email"]).press("Send me a link").at("/login").shows("is on its way")
    w3m.go(f"/password/reset?token={mailed(site, member['email'], 'reset')}").shows(member["username"])
    w3m.fill("New password", "a quite new password").press("Set the new password").at("/login")
    w3m.shows("Your new password is set")
    w3m.fill("Email", member["email"]).fill("Password", "a quite new password").press("Sign in").at("/")
    w3m.shows(member["username"])
