# SPDX-License-Identifier: ISC
"""Whom limits must not hurt, and whom they must not miss."""
import fcntl
import os
import re

from conftest import PASSWORD
from test_limits import address, limited        # noqa: F401 (a fixture)


def test_a_busy_server_is_nobodys_fault(limited, tmp_path):
    """Who found no room to hash has not tried: the right password still counts after ten such answers."""
    member, where = limited.register(), address()
    body = {"username": member["username"], "password": PASSWORD}
    slots = [(tmp_path / f"slot-{i}").open("w") for i in range(os.cpu_count())]
    env = {"POSTERN_PASSWORD_LOCKS": str(tmp_path), "POSTERN_PASSWORD_WAIT": "0", "REMOTE_ADDR": where}
    for slot in slots:
        fcntl.flock(slot, fcntl.LOCK_EX)
    for _ in range(12):
        assert limited.cgi("login", "POST", "/login", body, **env)[0] == 503
    for slot in slots:
        slot.close()
    assert limited.cgi("login", "POST", "/login", body, **env)[0] == 200


def test_robots_are_limited_too(limited):
    where, form = address(), "username=x1&email=x1%40example.org&password=correct+horse&website=x"
    limited.sql(f"INSERT INTO throttles VALUES (UNHEX(SHA2('register from {where}', 256)), NOW(3) + INTERVAL 2 HOUR)")
    before = limited.sql("SELECT COUNT(*) FROM events WHERE kind = 'robot'")
    page = limited.cgi("users", DOCUMENT_URI="/register", SERVER_PORT=str(limited.port))
    pre = re.search(r"pre-\d+=[\w-]+", page[1]["Set-Cookie"])[0]
    token = re.search(r'name="csrf_token" value="([\w-]+)"', page[2].decode())[1]
    answers = [limited.cgi("users", "POST", "", f"{form}&csrf_token={token}".encode(),
                           "application/x-www-form-urlencoded", DOCUMENT_URI="/register", HTTP_COOKIE=pre,
                           SERVER_PORT=str(limited.port), HTTP_SEC_FETCH_SITE="same-origin", REMOTE_ADDR=where)[0]
               for _ in range(2)]
    assert answers[-1] == 429 and len(limited.sql("SELECT 1 FROM events WHERE kind = 'robot'")) <= int(before[0][0]) + 1
