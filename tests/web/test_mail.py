# SPDX-License-Identifier: ISC
"""postern mail: what it makes of the outbox."""
import hashlib

import pytest

from accounts import row
from conftest import ROOT, running
from mail_server import serving
from mails import html_of, link_of, queue, text_of, waiting
from workers import alive, pid_of, until


def test_a_reset_goes_to_the_account_of_the_address(site, member):
    site.mails()                # of other tests
    queue(site, "reset", member["email"].upper())
    queue(site, "reset", "nobody@example.org")
    (mail,) = site.mails()
    assert mail["To"] == f"{member['username']} <{member['email']}>"
    assert mail["Subject"] == "A new password for Postern"
    assert mail["Auto-Submitted"] == "auto-generated"
    link = link_of(mail)
    assert link.startswith(f"{site.url}/password/reset?token=") and link in html_of(mail)
    digest = hashlib.sha256(link.split("=")[1].encode()).hexdigest().upper()
    assert site.sql("SELECT kind, user_id, email_key, TIMESTAMPDIFF(SECOND, created_at, expires_at), used_at"
                    f" FROM one_time_tokens WHERE HEX(hash) = '{digest}'") == [
        ["reset", row(site, member["username"], "id")[0], member["email"], "1800", "NULL"]]
    assert waiting(site, "state", f"LOWER(address) = '{member['email']}'") == [["sent"]]
    assert waiting(site, where="address = 'nobody@example.org'") == []      # dropped without a word


def test_a_link_is_the_same_however_often_a_mail_is_sent(site, member):
    """One token a mail; its time runs anew from each sending; used, it is sent no more."""
    site.mails()
    with serving() as server:
        server.handler.fault = "rcpt 451"
        id = queue(site, "reset", member["email"])
        tokens = []
        for _ in range(2):
            site.sql(f"UPDATE outbox SET due_at = NOW(3) WHERE id = {id}")
            site.sql(f"UPDATE one_time_tokens SET expires_at = NOW(3) - INTERVAL 1 HOUR WHERE user_id ="
                     f" {row(site, member['username'], 'id')[0]}")
            site.tool("mail", "--once", **server.settings)
            tokens.append(token_rows(site, member))
        assert len(tokens[0]) == 1 and tokens[0] == tokens[1] and tokens[0][0][1:] == ["NULL", "1"]
        site.sql(f"UPDATE one_time_tokens SET used_at = NOW(3) WHERE HEX(hash) = '{tokens[0][0][0]}'")
        site.sql(f"UPDATE outbox SET due_at = NOW(3) WHERE id = {id}")
        server.handler.fault = None
        site.tool("mail", "--once", **server.settings)
        assert server.handler.arrived == [] and waiting(site, where=f"id = {id}") == []


def token_rows(site, member):
    return site.sql("SELECT HEX(hash), used_at, expires_at > NOW(3) FROM one_time_tokens WHERE kind = 'reset' AND user_id ="
                    f" {row(site, member['username'], 'id')[0]} ORDER BY created_at")


def test_a_newer_request_ends_the_older_link(site, member):
    """Whichever of them is sent first: only the newest mail's link opens anything."""
    site.mails()
    queue(site, "reset", member["email"])
    (first,) = site.mails()
    queue(site, "reset", member["email"])
    queue(site, "reset", member["email"].upper())       # before the second was sent
    (last,) = site.mails()
    assert link_of(first) != link_of(last)
    digests = [hashlib.sha256(link_of(m).split("=")[1].encode()).hexdigest().upper() for m in (first, last)]
    rows = token_rows(site, member)
    assert [r[0] for r in rows] == digests and rows[0][1] != "NULL" and rows[1][1:] == ["NULL", "1"]


def test_who_may_not_get_a_link_gets_none(site, member):
    site.mails()
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{member['username']}'")
    id = queue(site, "reset", member["email"])
    assert site.mails() == [] and waiting(site, where=f"id = {id}") == []


@pytest.mark.parametrize("letter", ["reset", "confirm", "exists", "password", "email_old", "invite", "test"])
def test_every_letter(site, member, letter):
    """What is said by name, as text and as HTML; all that a template asks for is there."""
    site.mails()
    evil = "<b>&'\"{{site.name}}"
    user = "NULL" if letter in ("invite", "test") else row(site, member["username"], "id")[0]
    queue(site, letter, member["email"], user, email=evil)
    (mail,) = site.mails()
    text, page = text_of(mail), html_of(mail)
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
    assert "  " not in text and ",," not in text and "{{" not in page.replace("{{site.name}}", "")
    assert "Postern" in mail["Subject"] and site.url in text and site.url in page
    if letter not in ("invite", "test"):
        assert f"Hello {member['username']}," in text
    if letter == "email_old":
        assert evil in text and "&lt;b&gt;&amp;&#39;&quot;{{site.name}}" in page


def test_an_owner_s_letter(site, member, tmp_path):
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "reset.txt").write_text("Subject: Ahoi {{user.username}}\n\n{{linkUrl}} {{lifeText}}\n")
    queue(site, "reset", member["email"])
    site.tool("mail", "--once", POSTERN_SITE_TEMPLATES=str(tmp_path))
    (mail,) = site.mails()
    assert mail["Subject"] == f"Ahoi {member['username']}" and text_of(mail).rstrip().endswith(" 30 minutes")
    (tmp_path / "mail" / "test.html").write_text("<p>{{{x}}}</p>")
    done = site.tool("mail", "--check", check=False, POSTERN_SITE_TEMPLATES=str(tmp_path))
    assert done.returncode == 1 and f"{tmp_path}/mail/test.html:1: " in done.stderr
    (tmp_path / "mail" / "test.html").unlink()
    (tmp_path / "mail" / "test.txt").write_text("No subject\n")
    done = site.tool("mail", "test", "a@example.net", check=False, POSTERN_SITE_TEMPLATES=str(tmp_path))
    assert done.stderr == "postern: the template's first line is no Subject: …\n"


@pytest.mark.parametrize("host", ["my_site", "bücher.example", "[::1]", "example.org.", "127.0.0.1"])
def test_a_host_that_is_none_of_mails(site, host):
    """Message-ID and sender have another one then: else no mail at all could be written."""
    with serving() as server:
        site.tool("mail", "test", "a@example.net", **server.settings, POSTERN_SITE_URLS=f"http://{host}:8080")
        ((sender, _, _),) = server.handler.arrived
        (mail,) = server.handler.mails()
    assert sender == f"noreply@{'127.0.0.1' if host[0] == '1' else 'localhost'}"
    assert mail["Message-ID"].endswith(f"@{sender.split('@')[1]}>")


def test_a_site_has_its_worker():
    """It runs with the site, sends within seconds, is shown, and ends with the site."""
    with running({"MAIL": None}) as site:
        assert "  mail  " in site.run("status").stdout
        pid = pid_of(site, "mail")
        member = site.register()
        queue(site, "reset", member["email"])
        (file,) = until(lambda: list((site.var / "mail").glob("*.eml")))
        assert member["email"] in file.read_text()
        site.stop()
        assert not alive(pid)
        site.start()
        assert (site.var / "mail.conf").stat().st_mode & 0o777 == 0o400


def test_a_mail_for_data_of_one_s_own(site):
    """postern tmpl shows texts as they are, and HTML escaped."""
    data = '{"user": {"username": "<A&B>"}, "site": {"name": "S"}, "linkUrl": "https://example.org/?a=1&b=2"}'
    text = site.tool("tmpl", str(ROOT / "templates/mail/reset.txt"), input=data)
    assert text.startswith("Subject: A new password for S\n\nHello <A&B>,\n") and "\nhttps://example.org/?a=1&b=2\n" in text
    assert "Hello &lt;A&amp;B&gt;," in site.tool("tmpl", str(ROOT / "templates/mail/reset.html"), input=data)
