# SPDX-License-Identifier: ISC
"""`postern user export`: all members, as `user import` takes them."""
import csv
import io
import json
import os
import re
import stat
import subprocess

import pytest

from accounts import hash_of
from conftest import BUILD, PASSWORD, running
from test_hashes import pbkdf2
from test_import import COLUMNS, person, sheet, taken

WARNING = "postern: password hashes go along: whoever reads them can try passwords in peace\n"
LEFT = r"postern: \d+ pictures are left out \(--pictures FOLDER\)\n"
SAME = ("SELECT username, username_key, email, email_key, email_confirmed_at, bio, image, role, locked, waits, created_at,"
        " (SELECT GROUP_CONCAT(name ORDER BY name) FROM groups g JOIN group_members ON g.id = group_id"
        " WHERE user_id = u.id), hash FROM users u JOIN addresses a ON a.user_id = u.id"
        " LEFT JOIN credentials c ON c.user_id = u.id ORDER BY u.id")


def exported(site, *args, status=0, **more):
    """What comes by standard output and standard error; there may be pictures on the site that are left out."""
    done = subprocess.run([BUILD / "postern", "user", "export", *args], env=site.tool_env(), capture_output=True,
                          timeout=60, **more)
    assert done.returncode == status, done
    return done.stdout.decode(), re.sub(LEFT, "", done.stderr.decode())


def rows_of(text):
    return {r["username"]: r for r in csv.DictReader(io.StringIO(text, newline=""))}


def everything():
    """A member with all that one can have."""
    return person(hash=pbkdf2(PASSWORD), role="admin", groups="Bow stern", bio='"a",\r\nb\u20ac', locked="true",
                  created="2019-12-31T23:59:58.123Z", confirmed="2020-02-29T12:30:00.000Z", waits="approval",
                  picture="https://example.org/a%20b.png")


@pytest.fixture
def full(site):
    one = everything()
    assert taken(site, sheet([one]))[0] == (1, 0, 0, 0)
    yield one
    site.tool("user", "remove", one["username"])


def test_hashes_go_only_when_asked_for(site, full):
    out, said = exported(site)
    assert said == "" and "pbkdf2" not in out and "$2b$" not in out
    assert rows_of(out)[full["username"]] == {k: v for k, v in full.items() if k != "hash"}
    out, said = exported(site, "--hashes")
    assert said == WARNING and rows_of(out)[full["username"]] == full
    assert sorted(rows_of(out)[full["username"]]) == sorted(COLUMNS)
    out, said = exported(site, "--json")
    assert said == "" and "pbkdf2" not in out and "$2b$" not in out
    (one,) = [r for r in map(json.loads, out.splitlines()) if r["username"] == full["username"]]
    assert one == {**{k: v for k, v in full.items() if k != "hash"}, "groups": ["Bow", "stern"], "locked": True}
    out, said = exported(site, "--hashes", "--json")
    assert said == WARNING and hash_of(site, full["username"]) in out


def test_a_file_is_for_its_owner_alone(site, full, tmp_path):
    """Also where the umask is generous, and in place of one that was not."""
    file = tmp_path / "members.csv"
    file.write_text("old\n")
    file.chmod(0o666)
    os.link(file, tmp_path / "other")
    out, said = exported(site, str(file), umask=0)
    assert out == "" and said == f"{len(rows_of(exported(site)[0]))} members\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and full["username"] in file.read_text()
    assert (tmp_path / "other").read_text() == "old\n" and sorted(os.listdir(tmp_path)) == ["members.csv", "other"]
    assert rows_of(file.read_bytes().decode()) == rows_of(exported(site)[0])


def test_what_cannot_be_written(site, tmp_path):
    for path, why in (tmp_path / "no" / "file", "No such file or directory"), (tmp_path, "Is a directory"):
        assert exported(site, str(path), status=1)[1].endswith(f": {why}\n")
    assert os.listdir(tmp_path) == [] and not tmp_path.with_name(tmp_path.name + ".new").exists()
    for args in ["a", "b"], ["--all", "x"]:
        assert exported(site, *args, status=1)[1].startswith("postern: usage: postern user export ")
    with open("/dev/full", "w") as nowhere:
        done = subprocess.run([BUILD / "postern", "user", "export"], env=site.tool_env(), stdout=nowhere,
                              stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stderr.endswith(b"postern: standard output cannot be written\n")
    done = subprocess.run([BUILD / "postern", "user", "export", tmp_path / "x"], capture_output=True,
                          env=site.tool_env(POSTERN_DATABASE_SOCKET="/nowhere/db.sock"))
    assert done.returncode == 1 and os.listdir(tmp_path) == []


@pytest.fixture(scope="module")
def old():
    """A site of its own: what other tests put past all programs into the tables does not come back as it was."""
    with running() as site:
        people = [person(bio=f"{i}\n\u00e4\U0001f6f6", groups="all", hash=pbkdf2(PASSWORD, n=1)) for i in range(600)]
        assert taken(site, sheet([everything(), *people]))[0] == (601, 0, 0, 0)
        site.sql(f"UPDATE users SET waits = 'address' WHERE username = '{people[0]['username']}'")
        yield site


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_there_and_back(old, tmp_path, form):
    """An empty site that imports the export of another has the same members, in the same order."""
    file = tmp_path / "members"
    exported(old, str(file), "--hashes", *form)
    with running() as empty:
        empty.sql("DELETE FROM users")
        numbers, lines = taken(empty, "", path=file)
        assert lines == [] and numbers[:3] == (int(old.sql("SELECT COUNT(*) FROM users")[0][0]), 0, 0)
        assert empty.sql(SAME) == old.sql(SAME)
        exported(empty, str(tmp_path / "again"), "--hashes", *form)
        assert (tmp_path / "again").read_bytes() == file.read_bytes()
        assert taken(empty, "", path=file)[0] == (0, numbers[0], 0, 0)
