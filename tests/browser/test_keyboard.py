# SPDX-License-Identifier: ISC
"""Without a mouse, and what the few lines of script add."""
import pytest
from selenium.webdriver.common.keys import Keys

from conftest import PASSWORD
from letters import mailed
from states import sign_in

# What has the focus: what it says, and whether one can see that it has it.
STOP = """const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
    return [e.name || e.textContent.trim(), s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2
        && r.width > 0 && r.height > 0 && r.right > 0 && r.bottom > 0 && r.left < innerWidth];"""


def stops(c):
    """All that TAB comes to, in order."""
    found = []
    while c.tab().tag_name != "body":
        name, visible = c.driver.execute_script(STOP)
        assert visible, f"the focus cannot be seen on {name}"
        found.append(name)
        assert len(found) < 300, found       # the home page may be full of articles
    return found


def test_tab_goes_from_the_skip_link_through_the_form(browser):
    found = stops(browser(js=False).open("/register"))
    assert found[0] == "Skip to the content"
    form = found.index("username")
    assert found[form:form + 4] == ["username", "email", "password", "Sign up"]
    assert found.index("Home") < form


@pytest.mark.parametrize("path", ["/", "/login", "/settings", "/logout", "/password/forgot", "/email/resend"])
def test_the_focus_is_seen_everywhere(browser, member, path):
    c = browser(js=True)
    sign_in(c, member).open(path)
    for scheme in ("light", "dark"):
        c.scheme(scheme)
        assert stops(c.open(path))[0] == "Skip to the content"


def test_the_skip_link_skips(browser):
    c = browser(js=False).open("/register")
    c.tab()
    c.keys(Keys.ENTER)
    c.until(lambda: c.path == "/register" and c.driver.current_url.endswith("#main"))
    assert c.tab().get_property("name") == "username"


def test_login_by_keys_alone(browser, member):
    c = browser(js=False).open("/login")
    while c.tab().get_property("name") != "email":
        pass
    c.keys(member["username"], Keys.TAB, PASSWORD, Keys.TAB, Keys.SPACE)
    assert c.field("remember").is_selected()
    with c.leaving():
        c.keys(Keys.TAB, Keys.ENTER)
    assert (c.path, c.texts(".nav-user span")) == ("/", [member["username"]])


def test_a_lost_password_by_keys_alone(browser, site, member):
    c = browser(js=False).open("/password/forgot")
    while c.tab().get_property("name") != "email":
        pass
    with c.leaving():
        c.keys(member["email"], Keys.TAB, Keys.ENTER)
    assert c.path == "/login" and "is on its way" in c.text(".flash-info")
    c.open(f"/password/reset?token={mailed(site, member['email'], 'reset')}")
    while c.tab().get_property("name") != "password":
        pass
    with c.leaving():
        c.keys("a quite new password", Keys.TAB, Keys.ENTER)
    assert c.path == "/login" and "Your new password is set" in c.text(".flash-success")
    sign_in(c, {**member, "password": "a quite new password"})
    assert c.texts(".nav-user span") == [member["username"]]


def test_show_password(browser, member):
    c = browser(js=True).open("/login").fill(email=member["email"], password=PASSWORD)
    button = c.button("Show password")
    assert c.field("password").get_property("type") == "password"
    button.click()
    assert (c.field("password").get_property("type"), button.text) == ("text", "Hide password")
    button.click()
    assert c.field("password").get_property("type") == "password"
    button.click()
    assert c.value("password") == PASSWORD
    c.press("Sign in")
    assert c.path == "/"
    assert c.complaints() == []


def test_without_script_there_is_no_button_of_it(browser):
    c = browser(js=False).open("/login")
    assert c.texts("button") == ["Sign in"]


def test_no_script_of_the_page_runs(browser, member):
    """The security policy holds: what would run if a text were not escaped does not."""
    c = browser(js=True)
    sign_in(c, member).open("/settings")
    c.driver.execute_script("""const s = document.createElement("div");
        s.innerHTML = "<img src='x:' onerror='document.title = 1'>"; document.body.append(s);""")
    c.until(lambda: any("Content Security Policy" in text for text in c.complaints()))
    assert c.driver.title != "1"
