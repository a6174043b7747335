# SPDX-License-Identifier: ISC
"""The Debian package: installed in a fresh Debian that systemd has booted, used, upgraded, removed and purged. In between,
the core of the tests of each way to run Postern (test_ways.py) asks it, with the programs under their own users."""
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

import pexpect
import pytest
import requests

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "web")]
import machine as machines                                          # noqa: E402
from test_ways import *                                             # noqa: E402,F403 they ask the fixture `way`
from conftest import PASSWORD, ROOT                                 # noqa: E402
from doctor import problems, told                                   # noqa: E402

CLASSES = {"owner", "credentials", "content", "gate", "pictures", "mail"}
ANSWERS = {"name": "string Rowing \\ & Co/", "url": "string {url}", "join": "select open", "admin": "string ada.way",
           "mail": "string ada@example.org"}


@pytest.fixture(scope="module")
def machine():
    found = machines.Machine(machines.fresh())
    try:
        found.boot()
        yield found
    finally:
        found.stop()


def apt(machine, *words):
    return machine.run("apt-get", "-qy", "--no-install-recommends", *words)


def there(machine):
    """(users, database accounts, databases) that are Postern's."""
    users = set(re.findall(r"^postern-(\w+):", (machine.root / "etc/passwd").read_text(), re.M))
    accounts = {a[len("postern_"):] for (a,) in machine.sql("SELECT User FROM mysql.user WHERE User LIKE 'postern%'", database="mysql")}
    return users, accounts, [d for (d,) in machine.sql("SHOW DATABASES", database="mysql") if d.startswith("postern")]


@pytest.fixture(scope="module")
def way(machine):
    """Installed with the answers that debconf was given, and its first admin's password set by the link."""
    machine.run("apt-get", "-q", "update")
    machine.before = machine.files()
    machine.run("debconf-set-selections", input="".join(
        f"postern postern/{name} {value.format(url=machine.url)}\n" for name, value in ANSWERS.items()))
    machine.said = apt(machine, "install", "/postern.deb")
    link = re.search(rf"^{machine.url}(/password/reset\?token=[\w-]+)$", machine.said, re.M)
    assert link, machine.said
    assert requests.post(f"{machine.url}/api/password/reset", json={"token": link[1].partition("=")[2], "password": PASSWORD},
                         timeout=30).status_code == 204
    machine.way = "nginx"
    machine.ada = {"email": "ada@example.org", "username": "ada.way", "password": PASSWORD,
                   "token": machine.api("POST", "/users/login", {"user": {"email": "ada@example.org", "password": PASSWORD}}).json()["user"]["token"]}
    yield machine


def test_who_answers(way):
    """nginx, and behind it programs under the user of their class, each of which reads its own secrets alone."""
    assert requests.get(way.url, timeout=30).headers["Server"].startswith("nginx")
    ids = {name: int(uid) for name, uid in re.findall(r"^postern-(\w+):x:(\d+):", (way.root / "etc/passwd").read_text(), re.M)}
    assert set(ids) == CLASSES and len(set(ids.values())) == 6
    assert ("postern-content", "pages.fcgi") in way.workers()
    for class_ in CLASSES:
        conf = (way.root / "etc/postern" / f"{class_}.conf").stat()
        assert (conf.st_uid, conf.st_mode & 0o777) == (ids[class_], 0o400)
    keys = {p.name: p.stat().st_uid for p in (way.root / "etc/postern/keys").iterdir()}
    assert keys == {"private.json": ids["credentials"], "refresh.key": ids["credentials"], "share.json": ids["content"], "public.json": 0}


def test_what_was_asked_is_so(way):
    assert "<title>Home - Rowing \\ &amp; Co/" in requests.get(way.url, timeout=30).text
    assert way.run("postern", "user", "list").split("\t")[1:4] == ["ada.way", "ada@example.org", "admin"]
    assert there(way) == (CLASSES, CLASSES, ["postern"])
    for secret in re.findall(r"password = (\w+)", "".join(p.read_text() for p in (way.root / "etc/postern").glob("*.conf"))):
        assert secret not in way.said and secret not in (way.root / "var/log/dpkg.log").read_text()


def test_files_of_members(way):
    """The class content reads the key of links."""
    answer = way.api("POST", "/files", token=way.ada["token"], files={"inputFile": ("a.txt", b"a", "text/plain")}, data={"description": "a"})
    assert answer.status_code == 201, answer.text
    link = way.api("POST", f"/files/{answer.json()['file']['id']}/links", {}, way.ada["token"])
    assert link.status_code in (200, 201), link.text


def test_setup_again_changes_nothing(way):
    files = {p: p.read_bytes() for p in (way.root / "etc/postern").rglob("*") if p.is_file()}
    assert way.run("postern", "setup", "--non-interactive", "--name", "Other", "--url", "https://other.example.org") == "the database is ready\n"
    assert {p: p.read_bytes() for p in (way.root / "etc/postern").rglob("*") if p.is_file()} == files


def test_a_new_key_belongs_to_those_who_read_it(way):
    before = (way.root / "etc/postern/keys/private.json").stat().st_uid
    way.run("postern", "key", "new")
    assert (way.root / "etc/postern/keys/private.json").stat().st_uid == before != 0


def test_the_backup_of_the_readme(way):
    """Its lines as they stand there; and all of it comes back, for those who read it."""
    apt(way, "install", "age")
    block = re.search(r"^## From `make run` to production.*?^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)[1]
    lines = [line for line in block.splitlines() if line.startswith(("age-keygen", "postern backup", "postern restore"))]
    assert len(lines) == 3
    assert "all of it is there" in way.run("bash", "-euc", "\n".join(lines))
    keys = {p.name: (p.read_bytes(), p.stat().st_uid) for p in (way.root / "etc/postern/keys").iterdir()}
    mail = (way.root / "etc/postern/mail.conf").read_text()
    way.run("postern", "key", "new")
    way.run("postern", "user", "add", "late", "late@example.org", input="a password\n")
    way.run("postern", "restore", "--replace", "--key", "/root/backup.key", "/var/backups/postern.backup")
    assert {p.name: (p.read_bytes(), p.stat().st_uid) for p in (way.root / "etc/postern/keys").iterdir()} == keys
    assert sorted((way.root / "etc/postern/mail.conf").read_text().split()) == sorted(mail.split())
    assert "late" not in way.run("postern", "user", "list")
    time.sleep(2)       # until the keys are read anew
    assert way.api("GET", "/user", token=way.ada["token"]).status_code == 200
    assert way.api("POST", "/login", {"username": "ada.way", "password": PASSWORD}).status_code == 200


def test_units(way):
    """All sockets are open; a program runs since it was first asked, and only then."""
    units = way.units()
    programs = {p.stem for p in (ROOT / "cgi-bin").glob("*.c")}
    assert {u for u, state in units.items() if state == "active" and u.endswith(".socket")} == {f"postern@{p}.socket" for p in programs}
    assert units["postern@pages.service"] == units["postern-tidy.timer"] == units["postern.target"] == "active"
    assert "failed" not in units.values()
    way.run("systemctl", "start", "postern-tidy.service")
    way.run("systemctl", "stop", "postern@tags.service")
    assert way.units()["postern@tags.service"] == "inactive"
    assert way.api("GET", "/tags").status_code == 200
    assert way.units()["postern@tags.service"] == "active"


def test_doctor(way):
    """All is well but for the mail server, which nobody has named yet; and without sockets it says so."""
    asked = lambda: problems(told(way.run("postern", "doctor", "--json", check=False)))     # noqa: E731
    assert set(asked()) <= {"mail"}, asked()
    way.run("sh", "-c", "systemctl stop postern.target 'postern@*.socket' 'postern@*.service' && rm /run/postern/*.sock")
    found = asked()
    way.run("systemctl", "start", "postern.target")
    assert "systemctl enable --now postern.target" in found["sockets"]
    assert way.api("GET", "/tags").status_code == 200


def next_package(way):
    """The package of a next version: programs that call themselves so, and a migration."""
    folder = way.root.parent / "next"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", way.root / "postern.deb", folder], check=True)
    control = folder / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: (.*)$", r"Version: \1+next", control.read_text(), flags=re.M))
    old = (ROOT / "VERSION").read_text().strip().encode()
    new = old[:-1] + (b"8" if old[-1:] == b"9" else b"9")
    for program in [folder / "usr/bin/postern", *(folder / "usr/lib/postern").glob("*.fcgi")]:
        program.write_bytes(program.read_bytes().replace(old, new))
    sql = folder / "usr/share/postern/sql"
    number = len(list(sql.glob("*.up.sql"))) + 1
    (sql / f"{number:03}_next.up.sql").write_text(
        "ALTER TABLE articles ADD COLUMN next_word VARCHAR(20) NOT NULL DEFAULT '' AFTER slug, ALGORITHM=COPY;\n"
        "CREATE TABLE next_things (id INT PRIMARY KEY);\n")
    (sql / f"{number:03}_next.down.sql").write_text("DROP TABLE next_things;\nALTER TABLE articles DROP COLUMN next_word;\n")
    subprocess.run(["dpkg-deb", "-b", folder, way.root / "next.deb"], check=True, stdout=subprocess.DEVNULL)
    return new.decode()


def writes(way, done):
    """Articles one after the other, until done: the statuses of the answers."""
    statuses = []
    while not done.is_set():
        article = {"title": f"Upgraded {len(statuses)}", "description": "d", "body": "b"}
        statuses.append(way.api("POST", "/articles", {"article": article}, way.ada["token"]).status_code)
    return statuses


def test_zz_upgrade_under_load(way):
    """By one command, with new programs and a migration, while readers and a writer go on: no request fails. Members
    stay, no question is asked, and afterwards only programs of the new version run."""
    version = next_package(way)
    for path in "/", "/api/articles", "/api/user":
        way.api("GET", path)
    done, written = threading.Event(), []
    writer = threading.Thread(target=lambda: written.extend(writes(way, done)))
    readers = [subprocess.Popen(["wrk", "-t1", "-c8", "-d30s", "-s", ROOT / "tests/deb/failures.lua", "-H", f"Authorization: Token {way.ada['token']}",
                                 way.url + path], stdout=subprocess.PIPE, text=True) for path in ("/", "/api/articles?limit=5", "/api/user")]
    writer.start()
    time.sleep(2)
    began = time.monotonic()
    said = apt(way, "install", "/next.deb")
    took = time.monotonic() - began
    failures = [re.search(r"failed: (\d+) of (\d+)", reader.communicate(timeout=60)[0]).groups() for reader in readers]
    done.set()
    writer.join()
    assert took < 25, took
    assert [failed for failed, _ in failures] == ["0"] * 3 and all(int(all_) > 500 for _, all_ in failures), failures
    assert set(written) == {201} and len(written) > 50
    assert "the database is ready" in said and "/password/reset" not in said
    assert way.sql("SELECT COUNT(*) FROM articles WHERE next_word = '' AND slug LIKE 'upgraded-%'") == [[str(len(written))]]
    assert version in way.run("postern", "--version")
    workers = way.workers()
    assert ("postern-content", "pages.fcgi") in workers and not [exe for _, exe in workers if "deleted" in exe], workers
    assert way.api("POST", "/login", {"username": "ada.way", "password": PASSWORD}).status_code == 200


def test_zz_removed_and_purged(way):
    """Removed, the data stays; purged, nothing does."""
    apt(way, "remove", "postern")
    assert way.workers() == []
    with pytest.raises(requests.ConnectionError):
        requests.get(way.url, timeout=30)
    assert not (way.root / "usr/bin/postern").exists() and (way.root / "etc/postern/owner.conf").exists()
    assert there(way) == (CLASSES, CLASSES, ["postern"])
    way.run("nginx", "-t", "-q")
    said = apt(way, "install", "/next.deb")
    assert "the database is ready" in said and (way.root / "etc/nginx/sites-enabled/postern").exists()
    assert way.api("GET", "/tags").status_code == 200       # nginx has been told
    apt(way, "purge", "postern")
    assert there(way) == (set(), set(), [])
    apt(way, "autoremove", "--purge")
    left = way.files() - way.before - {"var/backups/postern.backup"}     # that one is the admin's
    assert [name for name in left if "postern" in name] == []
    assert not [p for p in ("var/cache/postern", "var/lib/dpkg/info/postern.postinst", "var/log/postern") if (way.root / p).exists()]
    assert "postern" not in (way.root / "var/cache/debconf/config.dat").read_text()


def test_zzz_setup_asks(machine):
    """Installed without an answer, it says what to do; postern setup asks a person, and explains what is wrong."""
    said = apt(machine, "install", "/postern.deb")
    assert "Postern is installed; the command to make a site: postern setup" in said
    assert machine.run("postern", "setup", "--non-interactive", check=False).stdout == \
        "postern: --url says under which address the site will be\n"
    bad = machine.run("postern", "setup", "--url", "ftp://x", "--join", "all", check=False)
    assert bad.returncode == 1 and "site.urls must be" in bad.stdout and not (machine.root / "etc/postern/postern.conf").exists()
    command, *words = machine.inside("postern", "setup")
    person = pexpect.spawn(command, words, env=machines.ENVIRONMENT, encoding="utf-8", timeout=120)
    for question, answer in (("called", ""), ("address, such", machine.url), ("Who may join", "closed"), ("first admin's name", "eve"),
                             ("mail address", "root@example.org")):
        person.expect(question)
        person.sendline(answer)
    person.expect(r"(/password/reset\?token=[\w-]+)")
    person.expect(pexpect.EOF)
    assert "registration = closed" in (machine.root / "etc/postern/postern.conf").read_text()
    assert "\teve\troot@example.org\tadmin\t" in machine.run("postern", "user", "list")


def test_zzzz_a_server_that_cannot_be_reached(machine):
    """What to run there is in a file; once that is done, setup goes on."""
    apt(machine, "purge", "postern")
    apt(machine, "install", "/postern.deb")
    command = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /run/mysqld && exec postern setup --url http://x.example.org --admin a --mail a@example.org"]
    done = machine.run(*command, check=False)
    assert done.returncode == 1 and "let the server run /etc/postern/database.sql" in done.stdout
    sql = machine.root / "etc/postern/database.sql"
    assert sql.stat().st_mode & 0o777 == 0o600
    machine.sql(sql.read_text(), database="mysql")
    machine.sql("ALTER USER root@localhost IDENTIFIED BY 'secret'", database="mysql")      # not ours to know
    try:
        said = machine.run("postern", "setup", "--admin", "a", "--mail", "a@example.org")
        assert "http://x.example.org/password/reset?token=" in said and not sql.exists()
        gone = apt(machine, "purge", "postern")
        assert "the database postern and the accounts postern_* are still there" in gone
    finally:
        machine.run("mariadb", "-u", "root", "-psecret", input="ALTER USER root@localhost IDENTIFIED VIA unix_socket;"
                    "DROP DATABASE postern;" + "".join(f"DROP USER IF EXISTS postern_{c}@localhost;" for c in CLASSES))
    assert there(machine) == (set(), set(), [])
