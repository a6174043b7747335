# SPDX-License-Identifier: ISC
"""`postern user` and `postern group`: what an admin does, from the shell."""
import pytest

from accounts import log_in, refused_login
from forge import claims_of, refused
from members import join, new_admin, new_group, new_member, only_admins
from test_tool import Refusal, tool     # noqa: F401  a fixture


@pytest.fixture
def mate(site):
    return new_member(site)


def shown(tool, who):
    return dict(line.split("\t") for line in tool("user", "show", who).splitlines())


def kinds(site, member):
    """The events of a member, by the tool."""
    return [k for (k,) in site.sql(f"SELECT kind FROM events WHERE user_id = {member['id']} AND agent = 'postern'"
                                   " ORDER BY id")]


@pytest.mark.parametrize("args", [
    ["user", "show"], ["user", "show", "x", "y"], ["user", "role", "x"], ["user", "role", "x", "member", "y"],
    ["user", "lock"], ["user", "lock", "x", "y"], ["user", "unlock"], ["user", "remove"],
    ["user", "remove", "x", "y"], ["user", "groups"], ["user", "groups", "x", "y", "z"], ["group"],
    ["group", "list", "x"], ["group", "new"], ["group", "new", "x", "y"], ["group", "remove"], ["group", "add", "x"],
    ["group", "add", "x", "y", "z"], ["group", "drop", "x"], ["group", "other", "x"], ["user", "", "x"]])
def test_usage_is_one_line(site, tool, args):
    before = site.checksum()
    line = tool(*args)
    assert isinstance(line, Refusal) and line.startswith("usage: postern ")
    assert site.checksum() == before


def test_show(tool, mate):
    row = shown(tool, mate["email"].upper())
    assert list(row) == ["id", "username", "email", "role", "locked", "waits", "groups", "createdAt", "lastSeenAt"]
    assert (row["id"], row["username"], row["role"], row["locked"], row["groups"]) == (
        str(mate["id"]), mate["username"], "member", "false", "")


def test_role(site, tool, mate):
    assert tool("user", "role", mate["username"], "admin") == ""
    assert shown(tool, mate["username"])["role"] == "admin"
    assert claims_of(log_in(site, mate["email"]).json()["user"]["token"])["role"] == "admin"
    assert tool("user", "role", mate["username"], "member") == ""
    assert kinds(site, mate) == ["role", "role"]
    for role in "root", "Admin", "", "\udcff":
        assert tool("user", "role", mate["username"], role) == "a role is member or admin\n"
    assert shown(tool, mate["username"])["role"] == "member"


def test_lock_and_unlock(site, tool, mate):
    assert tool("user", "lock", mate["username"]) == ""
    assert shown(tool, mate["username"])["locked"] == "true"
    refused(site, mate["token"], "has been revoked")
    refused_login(log_in(site, mate["email"]))
    assert tool("user", "lock", mate["username"]) == "" and kinds(site, mate) == ["lock"]
    assert tool("user", "unlock", mate["username"]) == ""
    assert log_in(site, mate["email"]).status_code == 200 and kinds(site, mate) == ["lock", "unlock"]


def test_remove(site, tool, mate):
    assert tool("user", "remove", mate["username"]) == ""
    assert site.sql(f"SELECT 1 FROM users WHERE id = {mate['id']}") == []
    assert site.sql("SELECT user_id, agent FROM events WHERE kind = 'account removed'")[-1] == ["NULL", "postern"]
    for what in ["show"], ["lock"], ["remove"], ["groups"], ["role", "admin"]:
        line = tool("user", what[0], mate["username"], *what[1:])
        assert line == "no member is called that (postern user list)\n"


def test_the_last_admin_cannot_go(site, tool):
    last = new_admin(site)
    with only_admins(site, last):
        before = site.checksum()
        for args in ["role", "member"], ["lock"], ["remove"]:
            line = tool("user", args[0], last["username"], *args[1:])
            assert isinstance(line, Refusal) and line.startswith("this is the last admin who can sign in: ")
        assert site.checksum() == before
        second = new_admin(site)
        assert tool("user", "remove", last["username"]) == ""
        assert isinstance(tool("user", "lock", second["username"]), Refusal)


def test_groups(site, tool, mate):
    name, members = mate["username"], lambda: dict(line.split("\t") for line in tool("group", "list").splitlines())
    for group in "Shed.keys", "oars_2", "support":
        assert tool("group", "new", group) == ""
    assert tool("user", "groups", name) == "" and members()["Shed.keys"] == "0"
    assert tool("group", "add", "SHED.keys", name) == "" and members()["Shed.keys"] == "1"
    assert tool("group", "add", "shed.keys", name) == "" and tool("group", "add", "oars_2", mate["email"]) == ""
    assert tool("user", "groups", name) == "oars_2\nShed.keys\n"
    assert shown(tool, name)["groups"] == "oars_2 Shed.keys"
    assert tool("group", "drop", "OARS_2", name) == ""
    assert tool("group", "drop", "oars_2", name).startswith("this member is not in that group")
    assert tool("user", "groups", name) == "Shed.keys\n"
    assert tool("user", "groups", name, "support,oars_2") == ""
    assert tool("user", "groups", name) == "oars_2\nsupport\n"
    assert kinds(site, mate) == ["groups"] * 4
    assert tool("group", "remove", "Support") == "" and "support" not in members()
    assert tool("user", "groups", name) == "oars_2\n" and kinds(site, mate) == ["groups"] * 5
    assert tool("user", "groups", name, "") == "" and tool("user", "groups", name) == ""
    assert list(members()) == sorted(members(), key=str.lower)


@pytest.mark.parametrize("group", ["", "nobody.knows", "a b", "\udcff", "rowers%", "x" * 31, "ä"])
def test_group_that_is_not_there(site, tool, mate, group):
    join(site, mate, "rowers")
    before = site.checksum()
    assert tool("group", "add", group, mate["username"]).startswith("there is no such group")
    assert tool("group", "drop", group, mate["username"]).startswith(("there is no such", "this member is not in"))
    assert tool("group", "remove", group) == "group not found\n"
    if group:
        assert tool("user", "groups", mate["username"], f"rowers,{group}").startswith("there is no such group")
    assert site.checksum() == before


@pytest.mark.parametrize("name", ["", " ", "a b", ".a", "-a", "_a", "a.", "a,b", "x" * 31, "ä", "\udcff", "a/b", "*"])
def test_name_that_no_group_may_have(site, tool, name):
    before = site.checksum()
    assert tool("group", "new", name).startswith("name may hold letters")
    assert site.checksum() == before


def test_group_name_that_is_taken(site, tool):
    new_group(site, "Twice")
    for name in "twice", "TWICE", "Twice":
        assert tool("group", "new", name) == "name has already been taken\n"


def test_too_many_groups(site, tool, mate):
    names = [new_group(site, f"many{i}") for i in range(51)]
    assert tool("user", "groups", mate["username"], ",".join(names[:50])) == ""
    assert tool("group", "add", names[50], mate["username"]) == "a member may be in 50 groups\n"
