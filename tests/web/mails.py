# SPDX-License-Identifier: ISC
"""Mails as tests read and cause them: what site.mails() returns, and rows of the outbox."""
import json
import re


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def link_of(mail):
    """The one link of a mail's text that leads to a page within the site."""
    links = re.findall(r"https?://[^/\s]+/\S+", text_of(mail))
    assert len(links) == 1, links
    return links[0]


def to(mails, address):
    """The mails to an address."""
    return [m for m in mails if address in [a.addr_spec for a in m["To"].addresses]]


def queue(site, letter, address, user="NULL", /, **told):
    """Put a mail into the outbox, as outbox_add does; its id."""
    said = json.dumps(told).replace("\\", "\\\\").replace("'", "''")
    return site.sql(f"INSERT INTO outbox (letter, user_id, address, told, created_at, due_at) VALUES"
                    f" ('{letter}', {user}, '{address}', '{said}', NOW(3), NOW(3)); SELECT LAST_INSERT_ID()")[0][0]


def waiting(site, columns="state", where="TRUE"):
    """Rows of the outbox, oldest first."""
    return site.sql(f"SELECT {columns} FROM outbox WHERE {where} ORDER BY id")
