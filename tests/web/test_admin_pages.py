# SPDX-License-Identifier: ISC
"""The pages of the members: who may see them, what their forms do, and how a list is turned over."""
import re

import pytest

from accounts import events, log_in, newcomer
from database import new_members
from members import join, new_admin, new_group, new_member, only_admins
from pages import EXPIRED, FOREIGN, Browser, signed_in

LAST = ("This is the last admin who can sign in, so nothing was changed. Make somebody else an admin first.")
ACTIONS = {"": {"role": "admin"}, "/end-sessions": {}, "/remove": {}}


@pytest.fixture(scope="module")
def boss(site):
    """A browser in which an admin is logged in."""
    return signed_in(site, new_admin(site))


@pytest.fixture
def mate(site):
    return new_member(site)


def at(mate, action=""):
    return f"/admin/users/{mate['id']}{action}"


def facts(page):
    return dict(zip(page.texts("dl.facts dt"), page.texts("dl.facts dd")))


def stored(site, mate):
    """role, locked, groups, living sessions"""
    return site.sql("SELECT role, locked, (SELECT GROUP_CONCAT(name ORDER BY name) FROM groups g JOIN group_members gm"
                    " ON group_id = g.id WHERE user_id = u.id), (SELECT COUNT(*) FROM sessions WHERE user_id = u.id"
                    f" AND ended_at IS NULL) FROM users u WHERE id = {mate['id']}")[0]


def test_S8_pages_are_for_admins_alone(site, boss, mate):
    guest, member = Browser(site), signed_in(site)
    for path in "/admin/users", at(mate), at(mate, "/remove"), "/admin/users/999999999":
        page = guest.open(path, follow=False)
        assert page.status == 303 and page.location == "/login?next=" + path.replace("/", "%2F")
        page = member.open(path)
        assert page.status == 403 and page.texts("main h1") == ["Not allowed"]
        assert mate["email"] not in page.answer.text
    assert "Members" not in member.open("/").texts("a.nav-link")
    assert "Members" not in guest.open("/").texts("a.nav-link")
    links = {n.text: n["href"] for n in boss.open("/").all("a.nav-link")}
    assert links["Members"] == "/admin/users" and boss.open("/admin/users").status == 200
    assert boss.open("/admin/users/999999999").status == 404
    assert boss.open("/admin/users/x").status == 422


@pytest.mark.parametrize("action", ACTIONS)
def test_S1_S8_forms_want_the_token_of_an_admin(site, boss, mate, action):
    """No token, another's, one of elsewhere; a member with a good one; nobody."""
    before, path = site.checksum(), at(mate, action)
    values = {**ACTIONS[action], "username": mate["username"]}
    mine, member = boss.open("/settings").token, signed_in(site)
    theirs = member.open("/settings").token
    before = site.checksum()
    for pairs in values, {**values, "csrf_token": theirs}, {**values, "csrf_token": ""}:
        page = boss.open(path, "POST", data=pairs, follow=False)
        assert page.status == 403
        assert action == "/end-sessions" or page.errors == [EXPIRED]
    for headers in {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}:
        page = boss.open(path, "POST", data={**values, "csrf_token": mine}, headers=headers, follow=False)
        assert page.status == 403 and (action == "/end-sessions" or page.errors == [FOREIGN])
    assert member.open(path, "POST", data={**values, "csrf_token": theirs}, follow=False).status == 403
    guest = Browser(site)
    token = guest.open("/login").token
    assert guest.open(path, "POST", data={**values, "csrf_token": token}, follow=False).status == 303
    query = f"?csrf_token={mine}&role=admin&locked=true&username={mate['username']}"
    assert boss.open(path + query, follow=False).status == (405 if action == "/end-sessions" else 200)
    assert boss.open(path + query, "POST", follow=False).status == 403
    for method in "PUT", "PATCH", "DELETE":
        assert boss.open(path, method, data={**values, "csrf_token": mine}, follow=False).status == 405
    assert site.checksum() == before


def test_role_is_saved(site, boss, mate):
    page = boss.open(at(mate))
    assert page.texts("main h1") == [mate["username"]] and facts(page)["Address"] == mate["email"]
    form = page.form(button="Save the role")
    assert form.values["role"] == "member"
    done = form.send(role="admin")
    assert done.status == 303 and done.location == at(mate)
    page = boss.open(at(mate))
    assert page.flash == [("success", "The member is saved.")]
    assert page.form(button="Save the role").values["role"] == "admin" and boss.open(at(mate)).flash == []
    assert stored(site, mate)[:2] == ["admin", "0"]
    assert page.form(button="Save the role").send(role="member").status == 303
    assert stored(site, mate)[0] == "member"


def test_groups_are_saved(site, boss, mate):
    for name in "rowers", "Board", "oars":
        new_group(site, name)
    join(site, mate, "oars")
    page = boss.open(at(mate))
    form = page.form(button="Save the groups")
    labels = [n.text for n in form.node.all("label")]
    assert labels == sorted(labels, key=str.lower) and {"rowers", "Board", "oars"} <= set(labels)
    assert form.pairs()[1:] == [("grouped", "true"), ("groups", "oars")]
    token = form.values["csrf_token"]

    def send(*groups):
        pairs = [("csrf_token", token), ("grouped", "true"), *[("groups", g) for g in groups]]
        return boss.open(at(mate), "POST", data=pairs, follow=False)

    for groups in ["Board", "rowers"], ["rowers"], []:
        assert send(*groups).status == 303
        assert stored(site, mate)[2] == (",".join(groups) or "NULL")
    page = send("rowers", "nobody.knows")
    assert page.status == 422 and page.errors == ["Groups is not one of the choices"]
    assert stored(site, mate)[2] == "NULL" and page.texts("main h1") == [mate["username"]]


def test_lock_and_unlock(site, boss, mate):
    theirs = signed_in(site, mate)
    page = boss.open(at(mate))
    assert facts(page)["Account"] == "open"
    done = page.form(button="Lock the account").send()
    assert done.status == 303 and events(site, done.answer) == [["lock", str(mate["id"])]]
    assert stored(site, mate)[1::2] == ["1", "0"] and theirs.open("/settings", follow=False).status == 303
    page = Browser(site).log_in(mate)
    assert page.status == 401
    page = boss.open(at(mate))
    assert facts(page)["Account"] == "locked" and "Lock the account" not in page.texts("button")
    assert page.form(button="Unlock the account").send().status == 303
    assert signed_in(site, mate).open("/").user == mate["username"]
    assert theirs.open("/").user is None


def test_end_all_sessions(site, boss, mate):
    theirs = signed_in(site, mate)
    done = boss.open(at(mate)).form(button="End all sessions").send()
    assert done.status == 303 and done.location == at(mate)
    assert events(site, done.answer) == [["session ended", str(mate["id"])]]
    assert boss.open(at(mate)).flash == [("success", "The member is signed out everywhere.")]
    assert stored(site, mate)[3] == "0" and theirs.open("/").user is None
    assert log_in(site, mate["email"]).status_code == 200


def test_remove_wants_the_name(site, boss, mate):
    page = boss.open(at(mate))
    page = boss.open(next(n["href"] for n in page.all("main a") if n.text == "Remove the account"))
    assert page.texts("main h1") == [f"Remove {mate['username']}"]
    before = site.checksum()
    for typed in "", " ", "somebody", mate["username"] + "x", mate["email"]:
        page = page.form().send(username=typed)
        assert page.status == 422 and page.form().field("username")["aria-invalid"] == "true", typed
        assert page.form().describes("username")[1:] == [page.errors[0]]
        assert page.form().values["username"] == typed
    assert page.errors == ["Username is not the name of this account"]
    assert site.checksum() == before
    done = page.form().send(username=mate["username"].upper())
    assert done.status == 303 and done.location == "/admin/users"
    page = boss.open("/admin/users")
    assert page.flash == [("success", "The account is removed.")]
    assert site.sql(f"SELECT 1 FROM users WHERE id = {mate['id']}") == []
    for action in ACTIONS:
        pairs = {**ACTIONS[action], "csrf_token": boss.open("/settings").token, "username": mate["username"]}
        assert boss.open(at(mate, action), "POST", data=pairs, follow=False).status == 404


def test_the_last_admin_reads_why_not(site):
    admin = new_admin(site)
    browser = signed_in(site, admin)
    with only_admins(site, admin):
        for button, values in ("Lock the account", {}), ("Save the role", {"role": "member"}):
            page = browser.open(at(admin)).form(button=button).send(**values)
            assert page.status == 422 and page.errors == [LAST]
            assert page.form(button="Save the role").values["role"] == "admin"
        page = browser.open(at(admin, "/remove")).form().send(username=admin["username"])
        assert page.status == 422 and page.errors == [LAST]
        assert stored(site, admin)[:2] == ["admin", "0"] and browser.open("/").user == admin["username"]
    page = browser.open(at(admin)).form(button="Save the role").send(role="member", follow=True)
    assert page.status == 403 and browser.open("/").user == admin["username"]     # no admin any more


def test_list_of_members(site, boss, mate):
    join(site, mate, "rowers")
    site.sql(f"UPDATE users SET role = 'admin', locked = TRUE WHERE id = {mate['id']}")
    page = boss.open(f"/admin/users?search={mate['username']}")
    (one,) = page.all("ul.member-list li")
    assert one.texts("a") == [mate["username"]] and one.one("a")["href"] == at(mate)
    assert one.texts("span.label") == ["admin", "locked", "rowers"] and mate["email"] in one.text
    assert re.search(r"Last seen \d{4}-\d\d-\d\d \d\d:\d\d$", one.text)
    assert page.one("#search")["value"] == mate["username"] and "Found: 1" in page.text
    page = boss.open("/admin/users?search=nobody.is.called.so&role=admin&locked=false")
    assert page.all("ul.member-list li") == [] and "Nobody fits." in page.text
    assert [n["value"] for n in page.all("option[selected]")] == ["admin", "false"]
    assert boss.open("/admin/users?search=%3Cb%3E%22%27&role=&locked=").one("#search")["value"] == "<b>\"'"


def test_pages_of_the_list(site, boss):
    mark = newcomer()["username"] + "+&"
    for i in range(41):
        name = newcomer()["username"]
        site.sql(new_members(f"'{name}'", f"'{mark}{i:02}@x.org'"))
    page = boss.open("/admin/users?search=" + mark.replace("+&", "%2B%26"))
    seen = []
    for number in 1, 2, 3:
        found = page.all("ul.member-list li")
        seen += [re.search(r"(\d\d)@x\.org", n.text)[1] for n in found]
        assert len(found) == (20, 20, 1)[number - 1] and "Found: 41" in page.text
        assert page.texts("ul.pagination li.page-item") == ["1", "2", "3"]
        current = page.one("ul.pagination li.active a")
        assert current.text == str(number) and current["aria-current"] == "page"
        if number < 3:
            page = boss.open(page.all("ul.pagination a.page-link")[number]["href"])
    assert seen == [f"{i:02}" for i in reversed(range(41))]
    assert boss.open("/admin/users?page=99999999").all("ul.member-list li") == []
    assert boss.open("/admin/users?page=").status == 200 and boss.open("/admin/users?page=x").status == 422
    one = boss.open(f"/admin/users?search={boss.member['email']}&page=0")
    assert not one.all("ul.pagination") and len(one.all("ul.member-list li")) == 1
