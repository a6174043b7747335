# SPDX-License-Identifier: ISC
"""States of one's devices, of the end of one's account, and of its copy."""
from states import LONG_WORD, long_person, sign_in, state

AGENTS = ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
          " Version/17.6 Mobile/15E148 Safari/604.1", "curl/7.88.1", "", LONG_WORD]


def device(site, person, agent):
    """One more login of a person, on another device."""
    site.api("POST", "/users/login", {"user": {"email": person["email"], "password": person["password"]}},
             headers={"User-Agent": agent})


@state("devices")
def _(c, site):
    person = site.register()
    for agent in AGENTS[:3]:
        device(site, person, agent)
    site.api("POST", "/users/login", {"user": {"email": person["email"], "password": "wrong"}})
    sign_in(c, person).open("/sessions")
    return 200


@state("devices-alone")
def _(c, site):
    person = site.register()
    sign_in(c, person).open("/sessions").press("Sign out everywhere else")
    return 200


@state("devices-long")
def _(c, site):
    person = long_person(site)
    for i in range(25):
        device(site, person, AGENTS[3])
    site.sql("UPDATE sessions SET address = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff' WHERE user_id ="
             f" (SELECT id FROM users WHERE username = '{person['username']}')")
    sign_in(c, person).open("/sessions")
    return 200


@state("delete")
def _(c, site):
    sign_in(c, site.register()).open("/settings/delete")
    return 200


@state("delete-errors")
def _(c, site):
    sign_in(c, long_person(site)).open("/settings/delete").fill(current_password="wrong").press("Remove my account")
    return 422


@state("deleted")
def _(c, site):
    person = site.register()
    sign_in(c, person).open("/settings/delete").fill(current_password=person["password"]).press("Remove my account")
    return 200


@state("export")
def _(c, site):
    sign_in(c, site.register()).open("/settings/export")
    return 200


@state("export-stale")
def _(c, site):
    sign_in(c, site.register())
    site.sql("UPDATE sessions SET authenticated_at = authenticated_at - INTERVAL 1 HOUR")
    c.open("/settings/export").press("Download")
    return 422
