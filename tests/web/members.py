# SPDX-License-Identifier: ISC
"""Admins, groups and the other members, as several test files need them."""
import contextlib

ROW = ["id", "username", "email", "role", "locked", "waits", "groups", "createdAt", "lastSeenAt"]
LAST = {"role": ["the last admin cannot go"]}


def id_of(site, member):
    return int(site.sql(f"SELECT id FROM users WHERE username_key = '{member['username'].lower()}'")[0][0])


def new_admin(site, **more):
    """A new member who was an admin before the login that made the token. With `id`."""
    member = site.register(**more)
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{member['username']}'")
    answer = site.api("POST", "/users/login", {"user": {n: member[n] for n in ("email", "password")}})
    assert answer.status_code == 200, answer.text
    return {**member, "token": answer.json()["user"]["token"], "id": id_of(site, member)}


def new_member(site, **more):
    member = site.register(**more)
    return {**member, "id": id_of(site, member)}


def new_group(site, name):
    site.sql(f"INSERT IGNORE INTO groups (name, name_key) VALUES ('{name}', LOWER('{name}'))")
    return name


def join(site, member, *groups):
    """Put a member into groups, past all programs."""
    for name in groups:
        new_group(site, name)
        site.sql("INSERT INTO group_members (group_id, user_id)"
                 f" SELECT id, {id_of(site, member)} FROM groups WHERE name = '{name}'")


def patch(site, admin, member, **user):
    return site.api("PATCH", f"/users/{member['id']}", {"user": user}, admin["token"])


@contextlib.contextmanager
def only_admins(site, *admins):
    """For the length of a block nobody else is an admin."""
    names = ", ".join(f"'{a['username']}'" for a in admins)
    others = [id for (id,) in site.sql(f"SELECT id FROM users WHERE role = 'admin' AND username NOT IN ({names})")]
    rows = ", ".join(others) or "0"
    site.sql(f"UPDATE users SET role = 'member' WHERE id IN ({rows})")
    try:
        yield
    finally:
        site.sql(f"UPDATE users SET role = 'admin' WHERE id IN ({rows})")
