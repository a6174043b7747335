# SPDX-License-Identifier: ISC
"""Invitations by mail, from the shell and from the page of the members."""
import json

import pytest

from accounts import log_in, newcomer, user_of
from conftest import PASSWORD
from letters import mailed, queued, words_of
from mails import link_of, text_of, to
from members import new_admin
from pages import Browser, signed_in

INVITE = {"POSTERN_SITE_REGISTRATION": "invite"}
UNINVITED = {"registration": ["needs an invitation"]}


@pytest.fixture(scope="module")
def boss(site):
    return signed_in(site, new_admin(site))


def sign_up(site, user):
    status, _, body = site.cgi("users", "POST", "", {"user": user}, **INVITE)
    return status, json.loads(body)


def test_by_the_tool(site):
    user = newcomer()
    assert site.tool("invite", user["email"].upper()) == ""
    assert site.sql("SELECT kind FROM events ORDER BY id DESC LIMIT 1") == [["invited"]]
    (mail,) = to(site.mails(), user["email"].upper())
    assert mail["Subject"] == "An invitation to Postern" and "7 days" in text_of(mail)
    assert "there is nothing to do" in words_of(mail)
    token = link_of(mail).rpartition("=")[2]
    assert Browser(site).open(link_of(mail).removeprefix(site.url)).form().values["invite"] in ("", token)
    assert sign_up(site, newcomer(invite=token)) == (403, {"errors": UNINVITED})
    assert sign_up(site, {**user, "invite": token})[0] == 201
    user_of(log_in(site, user["email"]))
    assert sign_up(site, newcomer(invite=token))[0] == 403


def test_link_alone_writes_to_nobody(site):
    email = newcomer()["email"]
    assert site.tool("invite", email, "--link").startswith(f"{site.url}/register?invite=")
    assert queued(site, email) == []


def test_by_an_admin(site, boss):
    user = newcomer()
    page = boss.open("/admin/users")
    form = page.form("/admin/users", "Send an invitation")
    done = form.send(email=user["email"], follow=True)
    assert done.path == "/admin/users" and done.flash == [("success", "The invitation is on its way.")]
    events = site.sql("SELECT e.kind, e.user_id, a.username FROM events e JOIN users a ON a.id = e.actor_id"
                      " ORDER BY e.id DESC LIMIT 1")
    assert events == [["invited", "NULL", boss.member["username"]]]
    assert sign_up(site, {**user, "invite": mailed(site, user["email"], "invite")})[0] == 201
    user_of(log_in(site, user["email"], PASSWORD))


def test_form_says_what_is_wrong(site, boss, member):
    form = boss.open("/admin/users?search=nobody-is-called-so").form("/admin/users", "Send an invitation")
    before = site.checksum()
    for email, said in ("no address", "Mail address is not a mail address"), ("", "Mail address can't be blank"), \
            (member["email"].upper(), "Mail address has already been taken"):
        page = form.send(email=email)
        assert page.status == 422 and page.errors == [said] and page.texts("h1") == ["Members"]
        assert page.form("/admin/users").values["email"] == email
    assert form.send(email=newcomer()["email"], csrf_token="x").status == 403
    assert site.checksum() == before


def test_for_admins_alone(site, boss, member):
    browser, guest = signed_in(site, member), Browser(site)
    before = site.checksum()
    values = {"email": newcomer()["email"]}
    page = browser.open("/admin/users", "POST", data={**values, "csrf_token": browser.open("/logout").token})
    assert page.status == 403
    assert guest.open("/admin/users", "POST", data=values, follow=False).status == 303
    assert site.checksum() == before


def test_closed_site_invites_nobody(site, boss):
    cookie = "; ".join(f"{c.name}={c.value}" for c in boss.session.cookies)
    more = {"HTTP_COOKIE": cookie, "HTTP_ORIGIN": site.url, "SERVER_PORT": str(site.port),
            "DOCUMENT_URI": "/admin/users", "POSTERN_SITE_REGISTRATION": "closed"}
    status, _, page = site.cgi("admin", **more)
    assert status == 200 and b"Invite somebody" not in page
    body = f"email={newcomer()['email']}&csrf_token={boss.open('/logout').token}".encode()
    before = site.checksum()
    status, _, page = site.cgi("admin", "POST", "", body, "application/x-www-form-urlencoded", **more)
    assert status == 403 and b"This site takes no new members." in page and site.checksum() == before
