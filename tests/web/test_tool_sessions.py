# SPDX-License-Identifier: ISC
"""postern session: who is signed in where, and the end of it."""
import pytest

from accounts import log_in, put, user_of
from forge import claims_of, refused
from pages import session_row, signed_in


def listed(site, *who):
    return [line.split("\t") for line in site.tool("session", "list", *who).splitlines()]


def kinds(site, member):
    return [k for (k,) in site.sql(f"SELECT kind FROM events WHERE user_id = {claims_of(member['token'])['sub']}"
                                   " ORDER BY id")]


def test_list(site, member):
    browser, other = signed_in(site, member), site.register()
    mine = [claims_of(member["token"])["sid"], session_row(site, browser.cookie())[0]]
    for who in member["username"], member["email"].upper():
        rows = listed(site, who)
        assert [r[0] for r in rows] == mine
        assert all(r[1] == member["username"] and r[4:] == ["127.0.0.1", "Python"] for r in rows)
    assert {*mine, claims_of(other["token"])["sid"]} <= {r[0] for r in listed(site)}


def test_end_one(site, member):
    other = user_of(log_in(site, member["email"]))
    assert site.tool("session", "end", claims_of(other["token"])["sid"]) == ""
    refused(site, other["token"], "has been revoked")
    user_of(put(site, member, bio="still here"))
    assert kinds(site, member)[-1] == "session ended" and len(listed(site, member["username"])) == 1


def test_end_all_of_a_member(site, member):
    browser, stranger = signed_in(site, member), site.register()
    assert site.tool("session", "end", "--user", member["username"]) == ""
    refused(site, member["token"], "has been revoked")
    assert browser.open("/").user is None and listed(site, member["username"]) == []
    user_of(put(site, stranger, bio="still here"))
    assert kinds(site, member)[-1] == "session ended"


@pytest.mark.parametrize("words", [
    [], ["lists"], ["list", "a", "b"], ["list", "--user", "x"], ["list", "nobody-here"], ["list", "\udcff"], ["end"],
    ["end", "0"], ["end", "-1"], ["end", "x"], ["end", "1", "2"], ["end", "999999"], ["end", "--user"],
    ["end", "--user", "nobody-here"], ["end", "1", "--user", "x"]])
def test_refusals_are_one_line_and_change_nothing(site, unchanged, words):
    done = site.tool("session", *words, check=False)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.startswith("postern: "), done
    assert done.stderr.count("\n") == 1


def test_end_of_what_has_ended(site, member):
    sid = claims_of(member["token"])["sid"]
    site.tool("session", "end", sid)
    before = site.checksum(), kinds(site, member)
    for words in ["end", sid], ["end", "--user", member["username"]]:
        assert site.tool("session", *words, check=False).returncode == 1
    assert (site.checksum(), kinds(site, member)) == before
