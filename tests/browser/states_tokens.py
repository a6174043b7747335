# SPDX-License-Identifier: ISC
"""States of one's tokens, and of a login that the gate did not see."""
import time

from states import LONG_WORD, long_person, sign_in, state


def made(site, person, name, *scopes):
    site.api("POST", "/tokens", {"name": name, "scopes": list(scopes), "days": 30}, person["token"])


@state("tokens")
def _(c, site):
    person = site.register()
    made(site, person, "Nightly backup", "read")
    made(site, person, "Calendar on the phone", "read", "write", "gate")
    site.sql("UPDATE personal_tokens SET last_used_at = NOW(3) WHERE name LIKE 'Night%'")
    sign_in(c, person).open("/settings/tokens")
    return 200


@state("tokens-none")
def _(c, site):
    sign_in(c, site.register()).open("/settings/tokens")
    return 200


@state("tokens-made")
def _(c, site):
    sign_in(c, site.register()).open("/settings/tokens").fill(name="Nightly backup").press("Make the token")
    return 200


@state("tokens-errors")
def _(c, site):
    person = long_person(site)
    made(site, person, LONG_WORD[:60], "gate")
    sign_in(c, person)
    site.sql("UPDATE sessions SET authenticated_at = authenticated_at - INTERVAL 1 HOUR")
    c.open("/settings/tokens").fill(name=LONG_WORD[:60]).press("Make the token")
    return 422


@state("login-circle")
def _(c, site):
    sign_in(c, site.register()).open(f"/login?gate={int(time.time())}-none&next=/settings")
    return 200


@state("login-circle-host")
def _(c, site):
    c.open(f"/login?gate={int(time.time())}-host")
    return 200
