# SPDX-License-Identifier: ISC
"""Asking for a new password (A9): nobody learns whether there is an account, and nobody is flooded."""
import json

import pytest
import requests

from accounts import BLANK, newcomer
from conftest import errors_of
from letters import PATHS, SENT, forget, mailed, queued, words_of
from mails import link_of, text_of, to
from pages import Browser

LIMIT = {"POSTERN_LIMITS_FORGOT": "10/1h"}
FLASH = [("info", "If there is an account with this address, a link for a new password is on its way. If no mail comes"
                  " within some minutes, look among the spam.")]


def cgi(site, address, **env):
    status, headers, body = site.cgi("password", "POST", "/password/forgot", {"email": address}, **env)
    return status, dict(headers) | {"X-Request-ID": ""}, json.loads(body)


def pending(site):
    """Somebody who has not confirmed the address yet."""
    member = site.register()
    site.sql(f"UPDATE users SET waits = 'address' WHERE username = '{member['username']}'")
    return member


def locked(site):
    member = site.register()
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{member['username']}'")
    return member


def test_A9_every_address_is_answered_alike(site, member):
    known = [member["email"], member["email"].upper(), pending(site)["email"], locked(site)["email"]]
    unknown = [newcomer()["email"], "x" * 60 + "@example.org"]
    first = cgi(site, newcomer()["email"])
    assert first[0] == 202 and first[2] == SENT
    for address in known + unknown:
        before = site.sql("SELECT COUNT(*) FROM outbox"), site.checksum()[0]
        assert cgi(site, address) == first
        ((count,),) = site.sql("SELECT COUNT(*) FROM outbox")
        assert int(count) == int(before[0][0][0]) + 1, address
    rows = site.sql("SELECT letter, user_id, told, state FROM outbox WHERE address IN"
                    f" ({', '.join(repr(a) for a in known + unknown)})")
    assert rows == [["reset", "NULL", "{}", "waiting"]] * 6 or {r[0] for r in rows} == {"reset"}
    mails = site.mails()
    assert [len(to(mails, a)) for a in known] == [1, 0, 1, 0]      # the account's own spelling counts
    assert len(to(mails, member["email"])) == 1 and not any(to(mails, a) for a in unknown)


def test_newer_request_is_the_one_that_is_sent(site, member):
    """Those that still wait say nothing any more."""
    for _ in range(3):
        assert forget(site, member["email"]).status_code == 202
    assert len(to(site.mails(), member["email"])) == 1


def test_pending_account_gets_a_link(site):
    member = pending(site)
    forget(site, member["email"])
    assert mailed(site, member["email"], "reset")


@pytest.mark.parametrize("known", [True, False])
def test_A9_fifty_in_a_row(site, known):
    """All are answered, ten become mails, in capitals or not."""
    address = (site.register() if known else newcomer())["email"]
    spelled = [address, address.upper()]
    answers = [cgi(site, spelled[i % 2], REMOTE_ADDR=f"192.0.2.{i}", **LIMIT) for i in range(50)]
    assert all(a == answers[0] and a[0] == 202 for a in answers)
    assert len(queued(site, address)) == 10


def test_A9_fifty_from_one_network(site):
    answers = [cgi(site, newcomer()["email"], REMOTE_ADDR="192.0.2.200", **LIMIT) for _ in range(12)]
    assert all(a == answers[0] and a[0] == 202 for a in answers)
    before = site.sql("SELECT COUNT(*) FROM outbox")
    assert cgi(site, newcomer()["email"], REMOTE_ADDR="192.0.2.200", **LIMIT)[0] == 202
    assert site.sql("SELECT COUNT(*) FROM outbox") == before
    assert cgi(site, newcomer()["email"], REMOTE_ADDR="198.51.100.1", **LIMIT)[0] == 202
    assert site.sql("SELECT COUNT(*) FROM outbox") != before


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"},
                                     {"Forwarded": "host=evil.example"}, {"X-Forwarded-Proto": "https"},
                                     {"Origin": "http://evil.example"}, {"Referer": "http://evil.example/"}])
def test_A9_the_link_leads_to_the_site_of_the_settings(site, member, headers):
    assert forget(site, member["email"], headers=dict(headers)).status_code == 202
    (mail,) = to(site.mails(), member["email"])
    assert "evil" not in mail.as_string() and link_of(mail).startswith(site.url + PATHS["reset"])


def test_A9_absolute_address(site, member):
    """GET http://evil.example/…: what nginx takes for the host is not what is mailed."""
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("POST", f"{site.url}/api/password/forgot",
                                                           json={"email": member["email"]}))
        request.url = f"{site.url}/api/password/forgot"
        request.headers["Host"] = "evil.example"
        adapter = session.get_adapter(site.url)
        adapter.request_url = lambda *_: "http://evil.example/api/password/forgot"
        assert session.send(request, timeout=30).status_code == 202
    (mail,) = to(site.mails(), member["email"])
    assert "evil" not in mail.as_string() and link_of(mail).startswith(site.url + PATHS["reset"])


def test_what_was_typed_goes_nowhere_else(site, member):
    """X6, A6: only the address that is stored gets a mail, and nothing that was typed is in it."""
    for address in (f"{member['email']}\r\nBcc: evil@example.org", f"{member['email']},evil@example.org",
                    f"{member['email']} ", f"<{member['email']}>", "", " ", "no address", f"{member['email']}\0"):
        answer = forget(site, address)
        if answer.status_code != 202:       # blanks at the ends are no part of it
            assert errors_of(answer, 422).keys() <= {"email", "body"}
        else:
            assert address.strip() == member["email"]
    assert errors_of(site.api("POST", "/password/forgot", {}), 422) == {"email": BLANK}
    assert forget(site, member["email"].upper()).status_code == 202
    (mail,) = site.mails()
    assert mail["To"].addresses[0].addr_spec == member["email"] and len(mail["To"].addresses) == 1
    assert member["email"].upper() not in text_of(mail)


def test_page(site, member):
    """From the login to the form, and back with a message that says no more than the API."""
    browser = Browser(site)
    (link,) = [a for a in browser.open("/login").all("main a") if a["href"] == "/password/forgot"]
    assert link.text == "Forgot your password?"
    before = site.checksum()
    page = browser.open("/password/forgot")
    assert page.status == 200 and page.texts("h1") == ["Forgot your password?"]
    assert page.form().field("email")["autocomplete"] == "email" and site.checksum() == before
    for address in member["email"], newcomer()["email"]:
        answer = page.form().send(email=address)
        assert (answer.status, answer.location) == (303, "/login")
        assert browser.open("/login").flash == FLASH and queued(site, address) == ["reset"]
    wrong = page.form().send(email="no address")
    assert wrong.status == 422 and wrong.errors == ["Email is not a mail address"]
    assert wrong.form().values["email"] == "no address"


def test_mail_says_what_to_do(site, member):
    forget(site, member["email"])
    (mail,) = to(site.mails(), member["email"])
    assert mail["Subject"] == "A new password for Postern" and member["username"] in text_of(mail)
    assert "30 minutes" in text_of(mail) and "If it was not you, there is nothing to do" in words_of(mail)
