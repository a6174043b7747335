# SPDX-License-Identifier: ISC
"""The page "Your devices"."""
import re

import pytest

from accounts import log_in, put, user_of
from conftest import page_of
from forge import claims_of
from pages import Browser, session_row, signed_in

AGENTS = {"Firefox on Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
          "curl": "curl/7.88.1", "Unknown device": "<script>alert(1)</script>"}
MARK = "This device"


def device(site, member, agent, **values):
    """A browser that calls itself so, in which the member is logged in."""
    browser = Browser(site)
    browser.session.headers["User-Agent"] = agent
    return signed_in(site, member, browser, **values)


def id_of(site, browser):
    return session_row(site, browser.cookie())[0]


def names(page):
    return [h.text for h in page.all("ul.devices h2")]


@pytest.fixture
def browsers(site, member):
    return {name: device(site, member, agent) for name, agent in AGENTS.items()}


def test_devices_by_names_that_people_know(site, member, browsers):
    page = browsers["curl"].open("/sessions")
    page_of(page.answer, 200)
    assert page.texts("main h1") == ["Your devices"]
    assert names(page)[0] == f"curl {MARK}"
    assert sorted(names(page)[1:]) == ["Firefox on Linux", "Python", "Unknown device"]
    assert page.answer.text.count(MARK) == 1
    text = page.one("ul.devices").text
    assert "from 127.0.0.1" in text and all(agent in text for agent in AGENTS.values())
    assert not page.all("main script")
    moment = page.all("ul.devices time")[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", moment["datetime"])
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d", moment.text)
    assert moment.text.endswith(moment["datetime"][11:16]) and f" {moment['datetime'][:4]}," in moment.text
    labels = [b["aria-label"] for b in page.all("ul.devices button")]
    assert len(labels) == 4 and all(label.startswith("Sign out ") for label in labels)
    assert labels[0].startswith("Sign out curl, this device, ")


def test_sign_out_one(site, member, browsers):
    mine, theirs = browsers["curl"], browsers["Firefox on Linux"]
    form = mine.open("/sessions").form(f"/sessions/{id_of(site, theirs)}/end")
    answer = form.send()
    assert (answer.status, answer.location) == (303, "/sessions")
    page = mine.open("/sessions")
    assert page.flash == [("success", "That device is signed out.")]
    assert "Firefox on Linux" not in names(page) and len(names(page)) == 3
    assert theirs.open("/settings", follow=False).location == "/login?next=%2Fsettings"
    assert page.texts("ul.history li span")[0] == "A device was signed out"
    # Once more, from a page that was opened before: it is gone.
    assert form.send().status == 404


def test_sign_out_this_one(site, browsers):
    mine = browsers["curl"]
    cookie = mine.cookie()
    answer = mine.open("/sessions").form(f"/sessions/{id_of(site, mine)}/end").send()
    assert (answer.status, answer.location) == (303, "/") and mine.cookie() is None
    page = mine.open("/")
    assert page.flash == [("info", "You are signed out.")] and page.user is None
    assert session_row(site, cookie, "ended_at IS NULL") == ["0"]
    assert browsers["Firefox on Linux"].open("/").user


def test_sign_out_everywhere_else(site, member, browsers):
    mine = browsers["curl"]
    answer = mine.open("/sessions").form("/sessions/end-others").send()
    assert (answer.status, answer.location) == (303, "/sessions")
    page = mine.open("/sessions")
    assert page.flash == [("success", "All other devices are signed out.")]
    assert names(page) == [f"curl {MARK}"]
    assert not page.all("form[action=/sessions/end-others]")    # there is nothing left for it to do
    assert all((b.open("/").user is not None) == (b is mine) for b in browsers.values())
    assert put(site, member, bio="x").status_code == 401


@pytest.mark.parametrize("whose", ["another", "nobody", "no id"])
def test_S8_sign_out_of_what_is_not_ones_own(site, browsers, whose):
    mine, other = browsers["curl"], signed_in(site)
    id = {"another": id_of(site, other), "nobody": "999999", "no id": "x"}[whose]
    before = site.checksum()
    token = mine.open("/logout").token
    answer = mine.open(f"/sessions/{id}/end", "POST", data={"csrf_token": token}, follow=False)
    assert answer.status == (422 if whose == "no id" else 404)
    assert site.checksum() == before and other.open("/").user
    assert Browser(site).open(f"/sessions/{id}/end", follow=False).status == 405


def test_page_stays_small_however_many_there_are(site, member):
    """What is not shown is counted."""
    browser = device(site, member, "Mozilla/5.0 " + "x" * 240)
    site.sql("INSERT INTO sessions (user_id, created_at, authenticated_at, last_seen_at, expires_at, address, agent)"
             " SELECT user_id, created_at, created_at, last_seen_at - INTERVAL 1 MINUTE, expires_at,"
             f" '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', agent FROM sessions, seq_1_to_40 WHERE id = {id_of(site, browser)}")
    site.sql("INSERT INTO events (created_at, kind, user_id, address, agent) SELECT NOW(3), 'refresh reused',"
             f" user_id, '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', agent FROM sessions, seq_1_to_40 WHERE id = {id_of(site, browser)}")
    page = browser.open("/sessions")
    assert page.status == 200 and len(names(page)) == 20 and len(page.all("ul.history li")) == 20
    assert "And 22 more" in page.one("main").text
    assert len(page.answer.content) < 30 * 1024
    assert len(site.api("GET", "/sessions", token=member["token"]).json()["sessions"]) == 42


def test_history_in_plain_words(site, member):
    log_in(site, member["email"], "wrong")
    browser = signed_in(site, member)
    sub = claims_of(member["token"])["sub"]
    admin = site.register()
    site.sql("INSERT INTO events (created_at, kind, user_id, actor_id, by_other, address, agent) VALUES (NOW(3),"
             f" 'role', {sub}, {claims_of(admin['token'])['sub']}, TRUE, '203.0.113.7', 'x')")
    user_of(put(site, member, password="another password"))
    browser = signed_in(site, {**member, "password": "another password"})
    page = browser.open("/sessions")
    said = [li.all("span")[0].text for li in page.all("ul.history li")]
    assert said == ["Signed in", "The password was changed", f"The role was changed by {admin['username']}",
                    "Signed in", "A wrong password was given", "The account was made"]
    assert "203.0.113.7" not in page.answer.text
    assert "Python, 127.0.0.1" in page.texts("ul.history li")[0]


def test_every_kind_has_words(site, member):
    """What the programs write, people can read."""
    browser, sub = signed_in(site, member), claims_of(member["token"])["sub"]
    kinds = ["register", "login", "login failed", "logout", "refresh reused", "password", "email", "role", "lock",
             "unlock", "groups", "key", "session ended", "account removed", "approved", "invited",
             "confirmed", "register again", "email wanted", "password reset"]
    site.sql(f"DELETE FROM events WHERE user_id = {sub}")
    for kind in kinds:
        site.sql(f"INSERT INTO events (created_at, kind, user_id) VALUES (NOW(3), '{kind}', {sub})")
    said = [li.all("span")[0].text for li in browser.open("/sessions").all("ul.history li")]
    assert len(set(said)) == len(kinds) and all(s[0].isupper() and s.lower() not in kinds for s in said), said
