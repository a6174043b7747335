# SPDX-License-Identifier: ISC
"""States of what admins see of members."""
from states import LONG_NAME, sign_in, state


def admin_in(c, site):
    """Signed in as an admin; the one of this site."""
    found = getattr(site, "admin", None)
    if not found:
        found = site.admin = site.register(username="Margarethe", email="margarethe@example.org")
        site.sql("UPDATE users SET role = 'admin' WHERE username = 'Margarethe'")
        for group in "rowers", "board", "boat-house.keys_and_oars":
            site.tool("group", "new", group)
    return sign_in(c, found)


def long_member(site):
    """A member of many words for the admin, who is locked."""
    found = getattr(site, "long_member", None)
    if not found:
        found = site.long_member = site.register(username=LONG_NAME[1:], email=f"{'w' * 60}@{'w' * 60}.example.org")
        site.tool("user", "groups", found["username"], "rowers,board,boat-house.keys_and_oars")
        site.tool("user", "lock", found["username"])
    return found


@state("admin-users")
def _(c, site):
    c = admin_in(c, site)
    for _ in range(45):
        site.register()
    long_member(site)
    site.tool("user", "role", site.register()["username"], "admin")
    c.open("/admin/users")
    return 200


@state("admin-users-found")
def _(c, site):
    admin_in(c, site).open("/admin/users?search=ARGARETHE&role=admin&locked=false")
    return 200


@state("admin-users-nobody")
def _(c, site):
    admin_in(c, site).open("/admin/users?search=nobody-is-called-so")
    return 200


@state("admin-users-member")
def _(c, site):
    sign_in(c, site.register()).open("/admin/users")
    return 403


def member_page(c, site, person):
    (id,), = site.sql(f"SELECT id FROM users WHERE username = '{person['username']}'")
    return c.open(f"/admin/users/{id}")


@state("admin-user")
def _(c, site):
    member_page(admin_in(c, site), site, site.register())
    return 200


@state("admin-user-long")
def _(c, site):
    member_page(admin_in(c, site), site, long_member(site))
    return 200


@state("admin-user-saved")
def _(c, site):
    member_page(admin_in(c, site), site, site.register()).press("Lock the account")
    return 200


@state("admin-user-last")
def _(c, site):
    c = admin_in(c, site)
    site.sql("UPDATE users SET role = 'member' WHERE username <> 'Margarethe'")
    member_page(c, site, site.admin).press("Lock the account")
    return 422


@state("admin-remove")
def _(c, site):
    member_page(admin_in(c, site), site, site.register())
    c.open(f"{c.path}/remove")
    return 200


@state("admin-remove-wrong")
def _(c, site):
    member_page(admin_in(c, site), site, site.register())
    c.open(f"{c.path}/remove").fill(username="somebody else").press("Remove the account")
    return 422


def queue(site, letter, address):
    return site.sql("INSERT INTO outbox (letter, address, told, created_at, due_at) VALUES"
                    f" ('{letter}', '{address}', '{{}}', NOW(3), NOW(3)); SELECT LAST_INSERT_ID()")[0][0]


@state("admin-mail")
def _(c, site):
    c = admin_in(c, site)
    site.sql("DELETE FROM outbox")
    for i in range(22):
        queue(site, "reset", f"{i}@example.org")
    failed = queue(site, "mailing", f"{'w' * 60}@{'w' * 60}.example.org")
    waits = queue(site, "confirm", "ada@example.org")
    sent = queue(site, "password", "ada@example.org")
    site.sql(f"UPDATE outbox SET state = 'failed', done_at = NOW(3), tries = 1, answer = '550 5.1.1 {'w' * 90}: no such"
             f" user here, and nobody of another name' WHERE id = {failed};"
             f"UPDATE outbox SET tries = 3, due_at = NOW(3) + INTERVAL 15 MINUTE, answer = '451 4.7.1 come back later'"
             f" WHERE id = {waits};"
             f"UPDATE outbox SET state = 'sent', done_at = NOW(3), tries = 1, answer = '250 queued' WHERE id = {sent};"
             "UPDATE outbox SET due_at = NOW(3) - INTERVAL 1 HOUR WHERE letter = 'reset'")
    c.open("/admin/mail")
    return 200


@state("admin-mail-none")
def _(c, site):
    c = admin_in(c, site)
    site.sql("DELETE FROM outbox")
    c.open("/admin/mail?state=failed")
    return 200


@state("admin-mail-again")
def _(c, site):
    c = admin_in(c, site)
    site.sql("DELETE FROM outbox")
    queue(site, "reset", "ada@example.org")
    c.open("/admin/mail").press("Send now")
    return 200
