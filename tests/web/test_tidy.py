# SPDX-License-Identifier: ISC
"""postern tidy: what has ended goes, what has not stays, and nobody waits for it."""
import re

import pytest

from accounts import at_once
from conftest import ROOT, running
from database import Second, new_members, root
from forge import claims_of
from members import id_of
from workers import until


def tidy(site, *words, **env):
    """How many went of each kind."""
    said = site.tool("tidy", *words, **env)
    return {name.strip(): int(n) for name, n in re.findall(r"^(\D+) (\d+)$", said, re.M)}


@pytest.fixture
def swept(site):
    """A site with nothing left to tidy."""
    tidy(site)
    return site


def sessions(site, member, ended, expires, count=1):
    """Logins of a member that ended, or end by themselves, so many days from now."""
    user = claims_of(member["token"])["sub"]
    moment = "NULL" if ended is None else f"NOW(3) + INTERVAL {ended} DAY"
    site.sql("INSERT INTO sessions (user_id, created_at, authenticated_at, last_seen_at, expires_at, ended_at)"
             f" SELECT {user}, NOW(3), NOW(3), NOW(3), NOW(3) + INTERVAL {expires} DAY, {moment}"
             f" FROM seq_1_to_{count}")


def left(site, member):
    """Days from now on which the sessions of a member ended, or will."""
    days = site.sql("SELECT ROUND(TIMESTAMPDIFF(HOUR, NOW(3), COALESCE(ended_at, expires_at)) / 24) FROM sessions"
                    f" WHERE user_id = {claims_of(member['token'])['sub']} ORDER BY id")
    return [int(d) for (d,) in days]


def test_sessions(swept):
    member = swept.register()
    for ended, expires in ((-31, 5), (-29, 5), (None, -31), (None, -29), (-40, -31), (None, 6)):
        sessions(swept, member, ended, expires)
    assert tidy(swept) | {"throttles": 0} == {"sessions ended": 2, "sessions expired": 1, "throttles": 0,
                                                "one-time links": 0, "personal tokens": 0, "events": 0,
                                                "unconfirmed": 0, "new addresses": 0, "mails": 0, "mailings": 0, "uploads": 0, "idempotency keys": 0}
    assert left(swept, member) == [7, -29, -29, 6]
    assert tidy(swept, POSTERN_TIDY_SESSIONS="1")["sessions ended"] == 1
    assert left(swept, member) == [7, 6]
    assert swept.api("GET", "/user", token=member["token"]).status_code == 200


def test_events(swept):
    for days in 364, 366, 1000:
        swept.sql(f"INSERT INTO events (created_at, kind, address) VALUES (NOW(3) - INTERVAL {days} DAY, 'x',"
                  " 'here')")
    assert tidy(swept)["events"] == 2
    assert swept.sql("SELECT COUNT(*) FROM events WHERE address = 'here'") == [["1"]]
    assert tidy(swept, POSTERN_TIDY_EVENTS="363")["events"] == 1


def test_throttles(swept):
    swept.sql("INSERT INTO throttles VALUES (UNHEX(SHA2('past', 256)), NOW(3) - INTERVAL 1 SECOND),"
              " (UNHEX(SHA2('to come', 256)), NOW(3) + INTERVAL 1 MINUTE)")
    assert tidy(swept)["throttles"] == 1
    assert swept.sql("SELECT COUNT(*) FROM throttles WHERE subject = UNHEX(SHA2('to come', 256))") == [["1"]]


def test_one_time_links(swept):
    swept.sql("DELETE FROM one_time_tokens")
    swept.sql("INSERT INTO one_time_tokens (hash, kind, created_at, expires_at) VALUES"
              " (UNHEX(SHA2('old', 256)), 'invite', NOW(3), NOW(3) - INTERVAL 1 SECOND),"
              " (UNHEX(SHA2('new', 256)), 'invite', NOW(3), NOW(3) + INTERVAL 1 MINUTE)")
    tidy(swept)
    left = swept.sql("SELECT hash = UNHEX(SHA2('new', 256)) FROM one_time_tokens"
                     " WHERE hash IN (UNHEX(SHA2('new', 256)), UNHEX(SHA2('old', 256)))")
    assert left == [["1"]]


def test_thousand_rows_a_statement(swept):
    count = "SHOW GLOBAL STATUS LIKE 'Com_delete'"
    member = swept.register()
    sessions(swept, member, -31, 5, 3500)
    before = int(root(swept, count)[0][1])
    assert tidy(swept)["sessions ended"] == 3500
    assert int(root(swept, count)[0][1]) - before == 4 + 9 and left(swept, member) == [7]


def test_two_at_once_share_the_work(swept):
    member = swept.register()
    sessions(swept, member, -31, 5, 20000)
    counts = [done["sessions ended"] for done in at_once(*[lambda: tidy(swept)] * 2)]
    assert sum(counts) == 20000 and min(counts) > 0 and left(swept, member) == [7]


def test_row_that_somebody_holds_is_waited_for(swept):
    member = swept.register()
    sessions(swept, member, -31, 5, 3)
    with Second(swept) as holder:
        holder.do("BEGIN")
        holder.do("SELECT id FROM sessions WHERE ended_at < NOW() - INTERVAL 30 DAY FOR UPDATE")
        holder.send("DO SLEEP(3)")
        holder.send("ROLLBACK")
        assert tidy(swept)["sessions ended"] == 3
    assert left(swept, member) == [7]


def test_index_leads_to_each(swept):
    """As the statements stand in the source, on tables where most is not old."""
    member = swept.register()
    sessions(swept, member, None, 6, 5000)
    swept.sql("INSERT INTO events (created_at, kind) SELECT NOW(3), 'x' FROM seq_1_to_5000;"
              "INSERT INTO throttles SELECT UNHEX(SHA2(seq, 256)), NOW(3) + INTERVAL 1 HOUR FROM seq_1_to_5000;"
              "INSERT INTO one_time_tokens (hash, kind, created_at, expires_at) SELECT UNHEX(SHA2(seq, 256)), 'x',"
              " NOW(3), NOW(3) + INTERVAL 1 HOUR FROM seq_1_to_5000;"
              "INSERT INTO idempotency_keys (user_id, hash, request, created_at) SELECT (SELECT MAX(id) FROM users),"
              " UNHEX(SHA2(seq, 256)), UNHEX(SHA2(seq, 256)), NOW(3) FROM seq_1_to_5000;"
              + new_members("CONCAT('tidy', seq)", "CONCAT('tidy', seq)", 2000) +
              "; UPDATE users JOIN addresses ON user_id = id SET waits = 'address', email_new = 'x', email_new_at = NOW(3)"
              " WHERE username LIKE 'tidy%';"
              "INSERT INTO personal_tokens (user_id, hash, name, scopes, created_at, expires_at) SELECT 1,"
              " UNHEX(SHA2(seq, 256)), 'x', 'read', NOW(3), NOW(3) + INTERVAL 1 HOUR FROM seq_1_to_5000;"
              "INSERT INTO files (user_id, description, name, type, size, uploading, created_at, touched_at)"
              " SELECT 1, seq, 'x', 'x/x', 0, FALSE, NOW(3) - INTERVAL 1 DAY, NOW(3) - INTERVAL 1 DAY FROM seq_1_to_5000")
    literals = re.findall(r'db_(?:run|rows)\(db,\s*((?:"[^"]*"\s*)+)', (ROOT / "src" / "cli_tidy.c").read_text())
    statements = ["".join(re.findall(r'"([^"]*)"', literal)) for literal in literals]
    keys = []
    for statement in statements:
        plan = swept.sql("EXPLAIN " + re.sub(r":\w+", "86400", statement))
        few = "DELETE FROM mailings" in statement       # as many as somebody has written by hand
        assert few or plan[0][3] == "range" and int(plan[0][8]) < 100, plan
        keys.append(plan[0][5])
    assert keys == ["sessions_ended", "sessions_expires", "throttles_full", "events_created",
                    "one_time_tokens_expires", "idempotency_keys_created",
                    "personal_tokens_expires", "users_waits", "addresses_email_new_at",
                    "outbox_done", "PRIMARY", "files_uploading", "PRIMARY"]
    swept.sql("DELETE FROM throttles WHERE full_at > NOW(3) + INTERVAL 30 MINUTE; DELETE FROM events WHERE kind = 'x';"
              "DELETE FROM one_time_tokens WHERE kind = 'x'; DELETE FROM users WHERE username_key LIKE 'tidy%'")


def test_unconfirmed(swept):
    """Newcomers and new addresses that wait too long; never a member, nor an admin."""
    def waits(days, column="waits = 'address', created_at"):
        name = swept.register()["username"]
        swept.sql(f"UPDATE users JOIN addresses ON user_id = id SET {column} = NOW(3) - INTERVAL {days} DAY"
                  f" WHERE username = '{name}'")
        return name

    wanted = "email_new = 'x@example.org', email_new_key = 'x@example.org', email_new_at"
    young, old, chief = waits(6), waits(8), waits(8, "role = 'admin', waits = 'address', created_at")
    approval, member = waits(8, "waits = 'approval', created_at"), waits(8, "created_at")
    fresh, stale = waits(6, wanted), waits(8, wanted)
    assert tidy(swept)["unconfirmed"] == 1
    left = {name: new for name, new in swept.sql("SELECT username, email_new FROM users JOIN addresses ON user_id = id")}
    assert old not in left and {young, chief, approval, member, fresh, stale} <= left.keys()
    assert left[fresh] == "x@example.org" and left[stale] == "NULL"
    assert tidy(swept, POSTERN_TIDY_UNCONFIRMED="5") | {"throttles": 0} == {
        "sessions ended": 0, "sessions expired": 0, "throttles": 0, "one-time links": 0, "personal tokens": 0, "events": 0,
        "unconfirmed": 1, "new addresses": 1, "mails": 0, "mailings": 0, "uploads": 0, "idempotency keys": 0}
    swept.sql(f"UPDATE users SET role = 'member' WHERE username = '{chief}'")


def test_without_a_word(swept):
    assert swept.tool("tidy", "-q") == ""
    failed = swept.tool("tidy", "now", check=False)
    assert (failed.returncode, failed.stderr) == (1, "postern: usage: postern tidy [-q]\n")


def test_the_private_site_tidies_itself():
    with running({"TIDY": "1"}) as site:
        member = site.register()
        sessions(site, member, -31, 5, 10)
        assert until(lambda: left(site, member) == [7], 10)


def test_uploads(swept):
    """Those of which nothing came for an hour, and nothing else; postern check tells of them before."""
    member = swept.register()
    swept.sql("DELETE FROM files;"
              "INSERT INTO files (user_id, name, type, size, uploading, created_at, touched_at) SELECT"
              f" {id_of(swept, member)}, seq, '', 9, TRUE, NOW(3), NOW(3) - INTERVAL IF(seq = 1, 59, 61) MINUTE"
              " FROM seq_1_to_3;"
              "INSERT INTO file_chunks SELECT id, 0, 1, 'x' FROM files")
    check = swept.tool("check", check=False)
    assert check.returncode == 1 and "abandoned uploads    2\nuploads under way    1\n" in check.stdout
    assert tidy(swept)["uploads"] == 2
    assert swept.sql("SELECT name FROM files") == [["1"]] and swept.sql("SELECT COUNT(*) FROM file_chunks") == [["1"]]
    assert swept.tool("check", "-q") == ""
    swept.sql("UPDATE files SET uploading = FALSE")
    assert "files that lack some 1\n" in swept.tool("check", check=False).stdout
    swept.sql("UPDATE files SET size = 1")
    assert swept.tool("check", "-q") == ""
    swept.sql("DELETE FROM files")
