# SPDX-License-Identifier: ISC
"""States of what a mail is needed for: a lost password, an address to be confirmed, an invitation."""
from letters import mailed, reset_token
from states import LONG_NAME, send_anyway, sign_in, state
from states_admin import admin_in


def newcomer(site):
    name = f"newcomer{next(site.names)}"
    return {"username": name, "email": f"{name}@example.org", "password": "correct horse"}


def reset_link(c, site):
    return c.open(f"/password/reset?token={reset_token(site, site.register()['email'])}")


@state("forgot")
def _(c, _site):
    c.open("/password/forgot")
    return 200


@state("forgot-errors")
def _(c, _site):
    send_anyway(c.open("/password/forgot"), "Send me a link", email="no address")
    return 422


@state("forgot-sent")
def _(c, _site):
    c.open("/password/forgot").fill(email="nobody@example.org").press("Send me a link")
    return 200


@state("reset")
def _(c, site):
    reset_link(c, site)
    return 200


@state("reset-errors")
def _(c, site):
    send_anyway(reset_link(c, site), "Set the new password", password="short")
    return 422


@state("reset-ended")
def _(c, _site):
    c.open("/password/reset?token=ended")
    return 422


@state("reset-used")
def _(c, site):
    reset_link(c, site)
    site.sql("UPDATE one_time_tokens SET used_at = NOW(3)")
    c.fill(password="a quite new password").press("Set the new password")
    return 422


@state("reset-done")
def _(c, site):
    reset_link(c, site).fill(password="a quite new password").press("Set the new password")
    return 200


@state("register-waits", "confirms")
def _(c, site):
    c.open("/register").fill(**newcomer(site)).press("Sign up")
    return 200


@state("login-confirms", "confirms")
def _(c, _site):
    c.open("/login")
    return 200


@state("resend", "confirms")
def _(c, _site):
    c.open("/email/resend")
    return 200


@state("resend-sent", "confirms")
def _(c, _site):
    c.open("/email/resend").fill(email="nobody@example.org").press("Send the link again")
    return 200


@state("verify-wrong", "asks")
def _(c, site):
    token = mailed(site, site.register()["email"], "confirm")
    c.open(f"/email/verify?token={token}").fill(current_password="wrong").press("This is my address")
    return 422


@state("settings-unproved", "asks")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    return 200


@state("settings-wanted", "asks")
def _(c, site):
    sign_in(c, site.register()).open("/settings").fill(email=f"{LONG_NAME * 2}@{'w' * 60}.example.org")
    c.press("Update Settings")
    c.open("/settings")
    return 200


@state("settings-resent", "asks")
def _(c, site):
    sign_in(c, site.register()).open("/settings").press("Send the link again")
    return 200


@state("admin-invite-errors")
def _(c, site):
    send_anyway(admin_in(c, site).open("/admin/users"), "Send an invitation", email="no address")
    return 422


@state("admin-invited")
def _(c, site):
    admin_in(c, site).open("/admin/users").fill(email="newcomer@example.org").press("Send an invitation")
    return 200
