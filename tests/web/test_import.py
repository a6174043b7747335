# SPDX-License-Identifier: ISC
"""`postern user import`: members of another site, with the passwords they had there."""
import concurrent.futures
import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess

import pytest

from accounts import hash_of, log_in, newcomer, refused_login, row, user_of
from conftest import BUILD, PASSWORD
from database import new_members
from members import id_of
from test_hashes import bcrypt, pbkdf2, scrypt
from workers import until

COLUMNS = ["username", "email", "hash", "picture", "role", "groups", "bio", "locked", "waits", "created", "confirmed"]
# Of PASSWORD, made by Python's crypt.
SHA512 = "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1"
YESCRYPT = "$y$j75$k2XAnEHBqQ1Ct2aMXFKNa/$E9XAySfP6N2THWdzNKesSVmhpcmhNusa8y5TMfT668."
SUMMARY = re.compile(r"^(dry run: )?(\d+) imported, (\d+) there already, (\d+) refused; (\d+) without a password; "
                     r"(?:(\d+) pictures, (\d+) refused; )?[\d.]+ s\n$")


def sheet(rows, columns=None):
    """CSV of dicts, as Python writes it."""
    columns = columns or [c for c in COLUMNS if any(c in r for r in rows)]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def run_import(site, text, *args, path="-"):
    return subprocess.run([BUILD / "postern", "user", "import", path, *args], env=site.tool_env(), timeout=60,
                          input=text if isinstance(text, bytes) else text.encode(), capture_output=True)


def taken(site, text, *args, status=0, **more):
    """(imported, there, refused, without a password) and the lines that say what is refused."""
    done = run_import(site, text, *args, **more)
    found = SUMMARY.match(done.stdout.decode())
    assert found and done.returncode == status and bool(found[1]) == ("--dry-run" in args), done
    return tuple(int(n) for n in found.groups()[1:] if n), done.stderr.decode().splitlines()


def refused(site, text):
    """The one line with which a whole file is refused, before anything is written."""
    before = site.checksum()
    done = run_import(site, text)
    assert done.returncode == 1 and done.stdout == b"" and done.stderr.startswith(b"postern: -: "), done
    assert done.stderr.count(b"\n") == 1 and site.checksum() == before
    return done.stderr.decode()[12:-1]


def person(**more):
    """A row of somebody who is not here yet."""
    new = newcomer()
    return {"username": new["username"], "email": new["email"], **more}


def test_every_hash_comes_as_it_is_and_its_password_logs_in(site):
    hashes = [bcrypt(site, PASSWORD, 5), bcrypt(site, PASSWORD, 5, "$2a$"), bcrypt(site, PASSWORD, 5, "$2y$"),
              scrypt(PASSWORD, n=32768), pbkdf2(PASSWORD, n=260000),
              SHA512, YESCRYPT]
    people = [person(hash=h) for h in hashes]
    assert taken(site, sheet(people)) == ((len(people), 0, 0, 0), [])
    for p in people:
        assert hash_of(site, p["username"]) == p["hash"]
        refused_login(log_in(site, p["email"], "another"))
        assert user_of(log_in(site, p["email"]))["username"] == p["username"]
        assert hash_of(site, p["username"]).startswith("$2b$05$")       # made anew at the login


def test_all_columns(site):
    one = person(role="admin", groups="Sweepers  cox.1 Cox.1 ", bio='a "quoted"\r\nline, and ä', locked="true",
                 created="2019-12-31 23:59:58.123456", confirmed="2020-02-29T12:30", picture="default.jpg")
    two = person(picture="https://example.org/p.png", waits="approval", created="2020-01-02")
    assert taken(site, sheet([one, two])) == ((2, 0, 0, 2), [])
    columns = "role, locked, waits, created_at, email_confirmed_at, image"
    assert row(site, one["username"], columns) == [
        "admin", "1", "NULL", "2019-12-31 23:59:58.123", "2020-02-29 12:30:00.000", "NULL"]
    assert row(site, two["username"], columns) == [
        "member", "0", "approval", "2020-01-02 00:00:00.000", "NULL", "https://example.org/p.png"]
    assert row(site, one["username"], "HEX(bio)") == [one["bio"].encode().hex().upper()]
    groups = site.tool("user", "groups", one["username"]).split()
    assert [g.lower() for g in groups] == ["cox.1", "sweepers"] and site.tool("user", "groups", two["username"]) == ""
    assert site.sql(f"SELECT kind, agent FROM events WHERE user_id = {id_of(site, one)}") == [["imported", "postern"]]
    site.tool("user", "remove", one["username"])


def test_forms_of_a_file(site):
    """What Excel, spreadsheets, Python and databases write; each is the same member."""
    for form in ("{0},{1}\n{2},{3}", "\ufeff{0},{1}\r\n{2},{3}\r\n", '"{0}","{1}"\r"{2}","{3}"\r',
                 "\n\n{1},{0}\n\n{3},{2}\n\n", '{{"{0}": "{2}", "{1}": "{3}", "hash": null, "groups": []}}',
                 '\ufeff{{"{1}":"{3}","{0}":"{2}","bio":""}}\r\n\n'):
        one = person()
        text = form.format("username", "email", one["username"], one["email"])
        assert taken(site, text) == ((1, 0, 0, 1), []), form
        assert row(site, one["username"], "email, bio") == [one["email"], "NULL"]


def test_json_lines(site):
    one, two = person(groups=["Sweepers", "a.b"], locked=True, created="2021-02-03T04:05:06.789Z", hash=""), person()
    text = "\n".join(json.dumps(p) for p in (one, two))
    assert taken(site, text) == ((2, 0, 0, 2), [])
    assert site.tool("user", "groups", one["username"]).split() == ["a.b", "Sweepers"]
    assert row(site, one["username"], "locked, created_at") == ["1", "2021-02-03 04:05:06.789"]
    wrong = ['{"username": 1, "email": [], "role": "root", "other": 1}', "[]", "{", '{"username": "a", "username": "b"}',
             json.dumps(person(picture=3))]
    assert taken(site, "\n".join([json.dumps(person()), *wrong]), status=1) == ((1, 0, 5, 1), [
        "line 2: has a member that is none of " + ", ".join(COLUMNS) + "; username can't be blank; "
        "email can't be blank; role is not one of the choices",
        "line 3: is no JSON object, or has a member twice", "line 4: is no JSON object, or has a member twice",
        "line 5: is no JSON object, or has a member twice", "line 6: picture must be text"])


def test_all_that_is_wrong_with_a_row_is_told(site, member):
    here = person(username=member["username"].upper())
    rows = [person(), {"username": "-x", "email": "x", "hash": PASSWORD, "role": "root", "groups": "a/b",
                       "locked": "perhaps", "waits": "x", "created": "2021-02-30", "confirmed": "1 May"},
            here, person(email=member["email"], bio="x" * 5001), person(username="admin")]
    rows += [person(), {}]
    rows[5]["email"] = rows[0]["email"].upper()
    numbers, lines = taken(site, sheet(rows), status=1)
    assert numbers == (1, 0, 6, 1)
    date = "is no date like 2021-03-04 or 2021-03-04 05:06:07 (UTC)"
    assert [line.split("; ") for line in lines] == [
        ["line 3: username may hold letters a to z, digits, _ - . (first a letter or digit)", "email is not a mail address", "role is not one of the choices", "locked must be true or false",
         "waits is not one of the choices", "hash is none of bcrypt, Werkzeug's scrypt and pbkdf2:sha256, $6$ and $y$, "
         "or broken, or would cost too much", f"created {date}", f"confirmed {date}",
         "groups: a name is of 1 to 30 letters, digits, _ - and ."],
        ["line 4: username has already been taken"],
        ["line 5: bio is too long (maximum is 5000 characters)", "email has already been taken"],
        ["line 6: username is reserved"], ["line 7: email is that of line 2 already"],
        ["line 8: username can't be blank", "email can't be blank"]]


def test_no_hash_and_no_password_is_ever_shown(site):
    """Plain passwords in the column of hashes, other hashes, and hashes where something else belongs."""
    secrets = ["hunter2-in-the-clear", "5f4dcc3b5aa765d61d8327deb882cf99", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
               "pbkdf2:sha512:1000$salt$" + "0" * 128, bcrypt(site, PASSWORD, 5) + "x", scrypt(PASSWORD).upper(),
               "\u00e9" * 256, "line\nbreak-secret"]
    rows = [person(hash=s) for s in secrets] + [person(username=secrets[0]) | {"email": secrets[1], "role": secrets[2],
            "groups": secrets[3], "created": secrets[4], "locked": secrets[5], "picture": "a/" + secrets[2]}]
    done = run_import(site, sheet(rows))
    assert done.returncode == 1 and b" 0 imported" in b" " + done.stdout
    for text in sheet(rows).split("\n", 1)[1], json.dumps(rows[0])[1:]:     # the file without its first line
        done = run_import(site, text)
        assert done.returncode == 1
    said = done.stdout + done.stderr + run_import(site, sheet(rows), "--dry-run").stderr
    said += run_import(site, "\n".join(json.dumps({**r, r.get("hash", "x"): 1}) for r in rows)).stderr
    for s in secrets:
        assert s.encode() not in said and s[:20].encode() not in said, s
    assert site.sql("SELECT COUNT(*) FROM credentials WHERE hash LIKE '%clear%'") == [["0"]]


@pytest.mark.parametrize("text, why", [
    ("", "is empty"), ("\n\r\n", "is empty"), ("username\nx\n", "the columns username and email are needed"),
    ("username,email,email\n", "column email is there twice"),
    ("username,email,passwort\n", "the first line must name the columns: number 3 is none of " + ", ".join(COLUMNS)),
    ("username;email\n", "the first line must name the columns: number 1 is none of " + ", ".join(COLUMNS)),
    ('"username\n', "line 1 opens a quote that nothing closes"),
    ("[{}]", "the first line must name the columns: number 1 is none of " + ", ".join(COLUMNS))])
def test_files_that_are_none(site, text, why):
    assert refused(site, text) == why


def test_broken_rows_cost_their_own_lines(site):
    a, b, c = person(), person(), person()
    text = (f"username,email\n{a['username']},{a['email']}\nx,y,z\n\"two\nlines\"x,y\n{b['username']},{b['email']}\n"
            f"nul\0,{c['email']}\n\xff,{c['email']}\n{c['username']},{c['email']}\n").encode("latin-1")
    assert taken(site, text, status=1) == ((3, 0, 4, 3), [
        "line 3: has 3 fields, and the first line 2", "lines 4 to 5: has a quote where none may stand",
        "line 7: username must be UTF-8 without NUL", "line 8: username must be UTF-8 without NUL"])


def test_dry_run_says_the_same_and_writes_nothing(site, member):
    text = sheet([person(groups="not.yet"), person(username=member["username"]), person(email="x"), person()])
    before, events = site.checksum(), site.sql("SELECT COUNT(*) FROM events")
    dry = taken(site, text, "--dry-run", status=1)
    assert dry[0] == (2, 0, 2, 2) and len(dry[1]) == 2
    assert site.checksum() == before and site.sql("SELECT COUNT(*) FROM events") == events
    assert taken(site, text, status=1) == dry


def test_the_same_file_again(site):
    """Who is there stays as is, changed meanwhile or not; the rows that were mended come in."""
    good, bad = person(hash=pbkdf2(PASSWORD), role="member", groups="again"), person(role="chief")
    assert taken(site, sheet([good, bad]), status=1)[0] == (1, 0, 1, 0)
    user_of(log_in(site, good["email"]))
    site.tool("user", "role", good["username"], "admin")
    before = hash_of(site, good["username"]), row(site, good["username"])
    bad["role"] = "member"
    assert taken(site, sheet([good, bad])) == ((1, 1, 0, 1), [])
    assert taken(site, sheet([good, bad])) == ((0, 2, 0, 0), [])
    assert (hash_of(site, good["username"]), row(site, good["username"])) == before
    assert taken(site, sheet([good, good]), status=1) == ((0, 1, 1, 0), [
        "line 3: username is that of line 2 already; email is that of line 2 already"])
    site.tool("user", "role", good["username"], "member")


def test_an_unconfirmed_account_holds_neither_name_nor_address(site):
    squatter, other = newcomer(), newcomer()
    for who in squatter, other:
        site.register(**who)
        site.sql(f"UPDATE users SET waits = 'address' WHERE username = '{who['username']}'")
    one = {"username": squatter["username"], "email": other["email"], "hash": pbkdf2("of the owner")}
    assert taken(site, sheet([one])) == ((1, 0, 0, 0), [])
    user_of(log_in(site, other["email"], "of the owner"))
    refused_login(log_in(site, squatter["email"]))
    waiting = person(waits="address")
    assert taken(site, sheet([waiting]))[0] == (1, 0, 0, 1)
    assert taken(site, sheet([waiting]))[0] == (0, 1, 0, 0)


def test_an_admin_who_waits_holds_up_nobody_else(site):
    """Who is no member goes for nobody, so the rows are refused and not the batch."""
    admin, other = person(role="admin", waits="address"), person()
    assert taken(site, sheet([admin]))[0] == (1, 0, 0, 1)
    rows = [person(username=admin["username"]), person(email=admin["email"]), other]
    numbers, lines = taken(site, sheet(rows), status=1)
    assert numbers[:3] == (1, 0, 2) and [l.split(": ")[1] for l in lines] == [
        "username has already been taken", "email has already been taken"]
    site.tool("user", "remove", admin["username"])


def test_somebody_signs_up_at_the_same_moment(site):
    """The name is taken between the look and the write: that row is refused, the others come."""
    rows = [person(hash=pbkdf2(PASSWORD, n=1), groups="race") for _ in range(3)]
    name = rows[1]["username"]
    insert = new_members(f"'{name}'", f"'race{name}@example.org'")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        other = pool.submit(site.sql, f"START TRANSACTION; {insert}; DO SLEEP(1); COMMIT")
        until(lambda: site.sql("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'"))
        assert taken(site, sheet(rows), status=1) == ((2, 0, 1, 0), ["line 3: username has already been taken"])
        other.result()
    assert [site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{r['username']}'") for r in rows] == [[["1"]]] * 3


def test_moments(site):
    good = {"2021-03-04": "2021-03-04 00:00:00.000", "0001-01-01": "0001-01-01 00:00:00.000",
            "9999-12-31T23:59:59.999Z": "9999-12-31 23:59:59.999", "2020-02-29 23:59": "2020-02-29 23:59:00.000",
            "2021-03-04 05:06:07": "2021-03-04 05:06:07.000", "2021-03-04 05:06:07.1": "2021-03-04 05:06:07.100",
            "2021-03-04Z": "2021-03-04 00:00:00.000", "2021-03-04T05:06:07.99999999": "2021-03-04 05:06:07.999"}
    people = {text: person(created=text) for text in good}
    assert taken(site, sheet(people.values()))[0] == (len(good), 0, 0, len(good))
    assert {text: row(site, p["username"], "created_at")[0] for text, p in people.items()} == good
    bad = ["2021-03-04 24:00", "2021-03-04 23:60", "2021-03-04 23:59:60", "2021-02-29", "2021-3-4", "1614834000", "x" * 10,
           "2021-03-04 1", "2021-03-04 01:02:", "2021-03-04 01:02:03.", "2021-03-04 01:02:03.x", "2021-03-04 01:02+01:00",
           "2021-03-04 01:02:03.000+01:00", "2021-03-0401:02", "2021-03-04 01:02ZZ", "2021-03-04 01:02:03." + "0" * 40,
           "0000-00-00", "0000-00-00 00:00:00", "2021-03-04  01:02", "-021-03-04"]
    numbers, lines = taken(site, sheet([person(created=text) for text in bad]), status=1)
    assert numbers == (0, 0, len(bad), 0) and all("created is no date like " in line for line in lines)


def test_no_hash_is_no_password(site):
    one = person(hash="")
    assert taken(site, sheet([one])) == ((1, 0, 0, 1), [])
    for password in "", " ", "*0", PASSWORD:
        assert log_in(site, one["email"], password).status_code in (401, 422)
    site.tool("user", "password", one["username"], input="a new password\n")
    user_of(log_in(site, one["email"], "a new password"))


def test_many(site):
    """More than two transactions; nobody is lost, in the order of the file; one batch meets what came before."""
    people = [person(hash=pbkdf2(PASSWORD, n=1), groups=f"g{i % 7} many", bio="\u20ac" * (i % 50)) for i in range(1200)]
    people[700] = {**people[3], "email": "else@example.org"}
    people[1100]["hash"] = "x"
    (before,), = site.sql("SELECT MAX(id) FROM users")
    numbers, lines = taken(site, sheet(people), status=1)
    assert numbers == (1198, 0, 2, 0) and [line.split(":")[0] for line in lines] == ["line 702", "line 1102"]
    names = [n for (n,) in site.sql(f"SELECT username FROM users WHERE id > {before} ORDER BY id")]
    assert names == [p["username"] for i, p in enumerate(people) if i not in (700, 1100)]
    assert site.sql("SELECT COUNT(*) FROM group_members JOIN groups ON id = group_id WHERE name = 'many'") == [["1198"]]
    user_of(log_in(site, people[1199]["email"]))


def test_large_rows_make_smaller_transactions(site):
    people = [person(bio="\u20ac\"\\\n" * 1250) for _ in range(300)]
    assert taken(site, sheet(people)) == ((300, 0, 0, 300), [])
    assert row(site, people[299]["username"], "CHAR_LENGTH(bio)") == ["5000"]


def test_a_file_and_what_cannot_be_read(site, tmp_path):
    file = tmp_path / "members.csv"
    file.write_text(sheet([person()]))
    assert taken(site, "", path=file)[0] == (1, 0, 0, 1)
    for path, why in (tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory"):
        done = run_import(site, "", path=path)
        assert (done.returncode, done.stderr.decode()) == (1, f"postern: {path}: {why}\n")
    for args in [], ["a", "b"], ["--dry-run"], [file, "--other"]:
        done = subprocess.run([BUILD / "postern", "user", "import", *args], env=site.tool_env(), capture_output=True)
        assert done.returncode == 1 and done.stderr.startswith(b"postern: usage: postern user import FILE ")


def test_progress_on_a_terminal_is_one_line(site):
    master, slave = pty.openpty()
    people = [person() for _ in range(600)] + [person(email="x")]
    done = subprocess.run([BUILD / "postern", "user", "import", "-"], env=site.tool_env(), input=sheet(people).encode(),
                          stdout=subprocess.PIPE, stderr=slave, timeout=60)
    os.close(slave)
    with open(master, "rb", buffering=0) as terminal, contextlib.suppress(OSError):    # EIO is its end
        said = b""
        while more := terminal.read(1 << 16):
            said += more
    said = said.decode()
    assert done.returncode == 1 and done.stdout.startswith(b"600 imported, ")
    assert "\r500 rows, 0 refused, 0 s\r\033[Kline 602: email is not a mail address\r\n" in said
    assert said.endswith("\r\033[K") and said.count("\n") == 1


def test_away(site):
    done = subprocess.run([BUILD / "postern", "user", "import", "-"], input=sheet([person()]).encode(),
                          env=site.tool_env(POSTERN_DATABASE_SOCKET="/nowhere/db.sock"), capture_output=True)
    assert done.returncode == 1 and done.stdout.startswith(b"0 imported, ")
    assert b"the database does not answer" in done.stderr and b"whoever is there already stays" in done.stderr
