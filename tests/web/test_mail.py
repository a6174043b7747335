# SPDX-License-Identifier: ISC
"""postern mail: what it makes of the outbox."""
import hashlib

from accounts import row
from mails import html_of, link_of, queue, text_of, to, waiting


def test_a_reset_goes_to_the_account_of_the_address(site, member):
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
