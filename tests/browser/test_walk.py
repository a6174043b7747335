# SPDX-License-Identifier: ISC
"""A person's way through the pages, in Chromium without JavaScript."""
import time

import pytest

from conftest import PASSWORD
from states import send_anyway, sign_in

DAY = 86400


def session_cookie(c):
    """The cookie of the login: its name holds the port, since cookies ignore ports."""
    found = [cookie for name, cookie in c.cookies().items() if "session" in name]
    return found[0] if found else None


def signed_in(c):
    return c.texts(".nav-user span")


def spoil_token(c):
    c.driver.execute_script("document.querySelector('main form [name=csrf_token]').value = 'x'.repeat(43)")


@pytest.fixture
def c(browser):
    return browser(js=False)


def test_walk(c, site):
    c.open("/").follow("Sign up")
    assert (c.path, c.text("h1")) == ("/register", "Sign up")
    c.fill(username="walker", email="walker@example.org", password=PASSWORD).press("Sign up")
    assert (c.path, c.status, signed_in(c)) == ("/", 200, ["walker"])
    assert c.has("img.user-pic[src*='default-avatar.svg']")
    assert c.find("img.user-pic").get_property("naturalWidth") > 0

    c.follow("Settings")
    assert c.values("username", "email", "password") == ["walker", "walker@example.org", ""]
    c.fill(bio="One line.\n<b>Another</b> & more.").press("Update Settings")
    assert c.path == "/profile/walker"
    assert c.text(".user-info h4") == "walker"
    assert c.text(".user-info p") == "One line.\n<b>Another</b> & more."
    assert c.has(".flash-success")
    assert not c.open("/profile/walker").has(".flash"), "a message is shown once"

    c.follow("Edit Profile Settings")
    assert (c.path, c.value("bio")) == ("/settings", "One line.\n<b>Another</b> & more.")
    c.press("Or click here to logout")
    assert (c.path, signed_in(c), session_cookie(c)) == ("/", [], None)
    assert c.texts("nav .nav-link")[:3] == ["Home", "Sign in", "Sign up"]

    c.follow("Sign in").fill(email="walker@example.org", password=PASSWORD)
    c.field("remember").click()
    c.press("Sign in")
    assert (c.path, signed_in(c)) == ("/", ["walker"])
    assert abs(session_cookie(c)["expiry"] - time.time() - 30 * DAY) < 300
    assert session_cookie(c)["httpOnly"] and session_cookie(c)["sameSite"] == "Lax"
    assert c.strangers() == [] and c.complaints() == []


def test_login_by_name_lasts_as_long_as_the_browser(c, member):
    c.open("/login").fill(email=member["username"], password=PASSWORD).press("Sign in")
    assert (c.path, signed_in(c)) == ("/", [member["username"]])
    assert "expiry" not in session_cookie(c)


@pytest.mark.parametrize("spoil", ["cookies", "field"])
def test_an_expired_form_comes_back_filled(c, site, spoil):
    name = f"expired-{spoil}"
    c.open("/register").fill(username=name, email=f"{name}@example.org", password=PASSWORD)
    if spoil == "cookies":
        c.cdp("Network.clearBrowserCookies")
    else:
        spoil_token(c)
    c.press("Sign up")
    assert (c.path, c.status) == ("/register", 403)
    assert len(c.texts("ul.error-messages li")) == 1
    assert c.values("username", "email", "password") == [name, f"{name}@example.org", ""]
    assert site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{name}'") == [["0"]]
    c.fill(password=PASSWORD).press("Sign up")
    assert (c.path, c.status, signed_in(c)) == ("/", 200, [name])


def test_an_expired_form_of_a_member_comes_back_filled(c, member):
    sign_in(c, member).open("/settings").fill(bio="Typed for an hour.")
    spoil_token(c)
    c.press("Update Settings")
    assert (c.path, c.status, c.value("bio")) == ("/settings", 403, "Typed for an hour.")
    assert c.press("Update Settings").text(".user-info p") == "Typed for an hour."


def test_a_failed_login_says_so_where_it_failed(c, member):
    c.open("/login").fill(email=member["email"], password="not the password").press("Sign in")
    assert (c.path, c.status) == ("/login", 401)
    assert len(c.texts("ul.error-messages li")) == 1
    assert (c.value("email"), c.value("password")) == (member["email"], "")
    assert session_cookie(c) is None
    assert sign_in(c, member).path == "/"


def errors_beside(c, name):
    """The errors beside a field, which must be tied to it for a screen reader."""
    field = c.field(name)
    if field.get_attribute("aria-invalid") != "true":
        return None
    described = (field.get_attribute("aria-describedby") or "").split()
    return [c.text(f"#{id_}") for id_ in described if id_.endswith("-error")]


def test_errors_stand_in_the_list_and_beside_their_fields(c, member):
    name = member["username"]
    c.open("/register").fill(username=name, email="new@example.org", password=PASSWORD).press("Sign up")
    assert (c.path, c.status) == ("/register", 422)
    assert c.find(".form-errors").get_attribute("role") == "alert"
    assert c.texts("ul.error-messages li") == ["Username has already been taken"]
    assert errors_beside(c, "username") == ["Username has already been taken"]
    assert errors_beside(c, "email") is None
    assert c.values("username", "email", "password") == [name, "new@example.org", ""]


def test_all_errors_are_told_at_once(c):
    send_anyway(c.open("/register"), "Sign up", username="two words", email="no address", password="short")
    assert c.status == 422
    assert len(c.texts("ul.error-messages li")) == 3
    assert all(errors_beside(c, name) for name in ("username", "email", "password"))


@pytest.mark.parametrize("path", ["/settings", "/?feed=following"])
def test_a_closed_page_comes_after_the_login(c, member, path):
    c.open(path)
    assert c.path == "/login?next=" + path.replace("/", "%2F").replace("?", "%3F").replace("=", "%3D")
    assert c.has(".flash-info")
    c.fill(email=member["email"], password="not the password").press("Sign in")
    assert (c.path.split("?")[0], c.status) == ("/login", 401)
    c.fill(password=PASSWORD).press("Sign in")
    assert c.path == path


def test_next_leads_to_no_other_site(c, member):
    c.open("/login?next=//example.org/").fill(email=member["email"], password=PASSWORD).press("Sign in")
    assert c.path == "/" and c.driver.current_url == f"{c.base}/"


def test_back_after_logout_shows_nothing_private(c, member):
    sign_in(c, member).open("/settings")
    assert c.value("email") == member["email"]
    c.press("Or click here to logout")
    with c.leaving():
        c.driver.back()
    assert c.path == "/login?next=%2Fsettings"
    assert member["email"] not in c.driver.page_source
    assert not c.open("/settings").has("[name=bio]")


def test_an_old_login_is_asked_for_the_password(c, site, member):
    sign_in(c, member)
    site.sql("UPDATE sessions SET authenticated_at = authenticated_at - INTERVAL 1 HOUR")
    c.open("/settings").fill(email="moved@example.org").press("Update Settings")
    assert (c.path, c.status, c.value("email")) == ("/settings", 422, "moved@example.org")
    assert errors_beside(c, "current_password")
    c.fill(current_password=PASSWORD).press("Update Settings")
    assert c.path == f"/profile/{member['username']}"
    assert c.open("/settings").value("email") == "moved@example.org"


def test_logout_has_a_page(c, member):
    sign_in(c, member).open("/logout").press("Sign out")
    assert (c.path, signed_in(c)) == ("/", [])
    assert c.open("/settings").path == "/login?next=%2Fsettings"
