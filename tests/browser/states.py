# SPDX-License-Identifier: ISC
"""Every page in every state that a browser can see: the checks of test_pages.py and the pictures of shots.py
go through this one list.

A state is a function that leads a browser there and returns the status that the page must have. It belongs to
a place of places.py.
"""
from places import ERRORS, STILL

STATES = {}     # name: (place, function)
LONG_NAME = "W" * 30
LONG_WORD = "Donaudampfschifffahrtselektrizitaeten" * 8


def state(name, place="site"):
    def add(function):
        STATES[name] = (place, function)
        return function
    return add



def sign_in(c, person):
    """Log in by the form; `person` is what Site.register() returned."""
    return c.open("/login").fill(email=person["email"], password=person["password"]).press("Sign in")


def send_anyway(c, button, **values):
    """Send a form that the browser itself would not let pass."""
    for form in c.all("form"):
        c.driver.execute_script("arguments[0].noValidate = true", form)
    return c.fill(**values).press(button)


def long_person(site):
    """Somebody whose name and words are as long as they may be."""
    found = getattr(site, "long_person", None)
    if not found:
        found = site.long_person = site.register(username=LONG_NAME, bio=LONG_WORD)
    return found


@state("home-out")
def _(c, site):
    c.open("/")
    return 200


@state("home-in")
def _(c, site):
    sign_in(c, site.register()).open("/")
    return 200


@state("home-following")
def _(c, site):
    sign_in(c, site.register()).open("/?feed=following")
    return 200


@state("api-docs")
def _(c, site):
    c.open("/api/docs")
    return 200


@state("login-empty")
def _(c, site):
    c.open("/login")
    return 200


@state("login-flash")
def _(c, site):
    c.open("/settings")
    return 200


@state("login-errors")
def _(c, site):
    c.open("/login").fill(email="nobody@example.org", password="not the password").press("Sign in")
    return 401


@state("login-too-often")
def _(c, site):
    site.sql("REPLACE INTO throttles SELECT UNHEX(SHA2('name often@example.org from 127.0.0.1', 256)),"
             " NOW(3) + INTERVAL 3020 SECOND")
    c.open("/login").fill(email="often@example.org", password="not the password").press("Sign in")
    return 429


@state("login-expired")
def _(c, site):
    c.open("/login").fill(email="nobody@example.org", password="not the password")
    c.cdp("Network.clearBrowserCookies")
    c.press("Sign in")
    return 403


@state("login-signed-out")
def _(c, site):
    sign_in(c, site.register()).open("/logout").press("Sign out")
    return 200


@state("register-empty")
def _(c, site):
    c.open("/register")
    return 200


@state("register-errors")
def _(c, site):
    send_anyway(c.open("/register"), "Sign up", username="", email="no address", password="short")
    return 422


@state("register-taken")
def _(c, site):
    person = site.register()
    c.open("/register").fill(username=person["username"], email=person["email"], password="correct horse")
    c.press("Sign up")
    return 422


@state("register-uninvited", "invite")
def _(c, _site):
    c.open("/register")
    return 403


@state("register-invited", "invite")
def _(c, site):
    c.open("/" + site.tool("invite", "--link").strip().split("/", 3)[3])
    return 200


@state("register-invitation-used", "invite")
def _(c, site):
    STATES["register-invited"][1](c, site)
    site.sql("UPDATE one_time_tokens SET used_at = NOW(3)")
    c.fill(username="latecomer", email="late@example.org", password="correct horse").press("Sign up")
    return 403


@state("register-closed", "closed")
def _(c, _site):
    c.open("/register")
    return 403


@state("closed-home", "closed")
def _(c, _site):
    c.open("/")
    return 200


@state("closed-login", "closed")
def _(c, _site):
    c.open("/login")
    return 200


@state("login-waits")
def _(c, site):
    person = site.register()
    site.sql(f"UPDATE users SET waits = 'address' WHERE username = '{person['username']}'")
    sign_in(c, person)
    return 403


@state("verify")
def _(c, site):
    link = site.tool("user", "link", site.register()["username"])
    c.open("/" + link.strip().split("/", 3)[3])
    return 200


@state("verify-used")
def _(c, site):
    STATES["verify"][1](c, site)
    site.sql("UPDATE one_time_tokens SET used_at = NOW(3)")
    c.fill(current_password="correct horse").press("This is my address")
    return 422


@state("verify-done")
def _(c, site):
    STATES["verify"][1](c, site)
    c.fill(current_password="correct horse").press("This is my address")
    return 200


@state("settings-plain")
def _(c, site):
    ada = site.register(username="ada", email="ada@example.org", bio="I row, mostly upstream.")
    sign_in(c, ada).open("/settings")
    return 200


@state("settings-stale")
def _(c, site):
    sign_in(c, site.register())
    site.sql("UPDATE sessions SET authenticated_at = authenticated_at - INTERVAL 1 HOUR")
    c.open("/settings")
    return 200


@state("settings-errors")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    send_anyway(c, "Update Settings", username="two words", email="no address", image="javascript:alert(1)",
                password="short", bio="What was typed stays.")
    return 422


@state("settings-long")
def _(c, site):
    sign_in(c, long_person(site)).open("/settings")
    return 200


@state("logout")
def _(c, site):
    sign_in(c, site.register()).open("/logout")
    return 200


@state("profile-own")
def _(c, site):
    person = site.register(bio="I row, mostly upstream.")
    sign_in(c, person).open(f"/profile/{person['username']}")
    return 200


@state("profile-saved")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    c.fill(bio="I row, mostly upstream. In winter I mend the boats, and in the evenings I write down who "
               "used which of them, and how far they came.").press("Update Settings")
    return 200


@state("profile-out")
def _(c, site):
    c.open(f"/profile/{site.register()['username']}")
    return 200


@state("profile-long")
def _(c, site):
    person = long_person(site)
    sign_in(c, person).open(f"/profile/{person['username']}")
    return 200


@state("error-404")
def _(c, site):
    c.open("/nothing-here")
    return 404


@state("error-404-in")
def _(c, site):
    sign_in(c, site.register()).open("/profile/nobody-of-this-name")
    return 404


@state("error-405")
def _(c, site):
    c.open("/login")
    c.driver.execute_script("document.querySelector('main form').action = '/'")
    c.fill(email="x", password="y").press("Sign in")
    return 405


@state("error-413")
def _(c, site):
    c.open("/login")
    c.driver.execute_script("document.querySelector('main form [name=csrf_token]').value = 'x'.repeat(3e6)")
    c.fill(email="x", password="y").press("Sign in")
    return 413


@state("error-503", "away")
def _(c, site):
    c.open("/")
    return 503


@state("own-home-out", "own")
def _(c, site):
    c.open("/")
    return 200


@state("own-home-in", "own")
def _(c, site):
    sign_in(c, site.register()).open("/")
    return 200


@state("own-login-errors", "own")
def _(c, site):
    return STATES["login-errors"][1](c, site)


@state("own-error-404", "own")
def _(c, site):
    c.open("/nothing-here")
    return 404


def still(name, status):
    def go(c, _):
        c.open(f"/{name}")
        return status
    return go


STATES.update({name: ("still", still(name, status)) for name, (_, status, _) in STILL.items()})
STATES.update({name: ("still", still(name, status)) for name, status in ERRORS.items()})


# More states, in files of their own: they add themselves to the list.
import states_admin     # noqa: E402, F401
import states_articles  # noqa: E402, F401
import states_devices   # noqa: E402, F401
import states_picture   # noqa: E402, F401
import states_mail      # noqa: E402, F401
import states_files     # noqa: E402, F401
import states_tokens    # noqa: E402, F401
