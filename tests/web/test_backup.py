# SPDX-License-Identifier: ISC
"""postern backup and restore: on another server everything is as it was, row for row; what is damaged, cut off or
under another key changes nothing."""
import hashlib
import os
import re
import resource
import stat
import subprocess

import pytest

from articles import article_of, draft
from conftest import BUILD, PASSWORD, running
from database import ADMIN, account_of, command, root
from files import content, take
from test_gate_programs import process

OWN = ("schema_grants",)    # what the accounts of a server have been given is its own business
BYTES = bytes(range(256)) * 9000 + b"'\\\"\r\n\x00\x1a--\n"


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A site with something of everything, and a backup of it."""
    with running({"POSTERN_LIMITS_FILE": str(1 << 31), "POSTERN_LIMITS_FILES": str(1 << 32)}) as site:
        site.tool("key", "share")
        site.ada = site.register(username="ada", bio="Gräfin \u2028 \U0001f40b \\' -- \t\r\n /*!")
        site.file = take(site, site.ada, BYTES, name="all bytes.bin", type="application/octet-stream")
        site.link = site.api("POST", f"/files/{site.file['id']}/links", {}, site.ada["token"]).json()
        site.pair = site.api("POST", "/login", {"username": "ada", "password": PASSWORD}).json()
        site.personal = site.api("POST", "/tokens", {"name": "x", "scopes": ["read"], "days": 3}, site.pair["token"]).json()["token"]
        article_of(site.api("POST", "/articles", {"article": draft(title="Kept")}, site.ada["token"]), 201)
        site.tool("invite", "bob@example.org")
        site.tool("group", "new", "rowers")
        site.backup = tmp_path_factory.mktemp("backup") / "site.backup"
        site.tool("backup", str(site.backup))
        yield site


@pytest.fixture(scope="module")
def other(lived):
    """Another server of the same name, which is the issuer of tokens, with keys and accounts of its own."""
    with running({"POSTERN_SITE_URLS": lived.url}) as site:
        site.register()
        yield site


def rows(site):
    """All rows of all tables, and what they are made of, as the server writes them."""
    def ask(statement):
        return sorted(subprocess.run(command(site, ADMIN, "postern"), input=statement.encode(), check=True,
                                     capture_output=True).stdout.split(b"\n"))
    tables = [t for (t,) in site.sql("SHOW TABLES") if t not in OWN]
    assert len(tables) > 25
    return {t: (ask(f"SELECT * FROM `{t}`"), ask(f"SHOW CREATE TABLE `{t}`")) for t in tables}


def files(folder):
    return {p: (p.read_bytes(), p.stat().st_mode) for p in [*folder.glob("keys/*"), *folder.glob("*.conf")]}


def refused(site, *words):
    """The tool says no, and nothing has changed."""
    before = site.checksum(), files(site.var)
    done = site.tool(*map(str, words), check=False)
    assert (done.returncode, done.stdout) == (1, ""), done.stdout
    assert (site.checksum(), files(site.var)) == before
    return done.stderr


def test_F15_restored_to_another_server(lived, other):
    mine = files(other.var)
    passwords = [account_of(other.var, c) for c in ("owner", "credentials", "mail")]
    assert "is not empty; --replace" in refused(other, "restore", lived.backup)
    before = rows(lived)
    assert other.tool("restore", str(lived.backup), "--replace") == ""
    assert rows(other) == before
    for name in "private.json", "public.json", "refresh.key", "share.json":
        assert (other.var / "keys" / name).read_bytes() == (lived.var / "keys" / name).read_bytes()
        assert stat.S_IMODE((other.var / "keys" / name).stat().st_mode) == (0o444 if name == "public.json" else 0o400)
    key = re.search(r"^key = .*$", (lived.var / "mail.conf").read_text(), re.M)[0]
    assert (other.var / "mail.conf").read_text().count("key = ") == 1 and key in (other.var / "mail.conf").read_text()
    assert [account_of(other.var, c) for c in ("owner", "credentials", "mail")] == passwords
    assert (other.var / "postern.conf").read_bytes() == mine[other.var / "postern.conf"][0]
    assert other.tool("migrate", "check") == "" and other.tool("check", "-q") == ""
    # Logins, tokens of all kinds, links and files work on.
    assert other.api("POST", "/login", {"username": "ada", "password": PASSWORD}).status_code == 200
    assert content(other, {"token": lived.pair["token"]}, lived.file).content == BYTES
    pair = other.api("POST", "/token", {"refresh_token": lived.pair["refresh_token"]})
    assert pair.status_code == 200 and other.api("GET", "/user", token=pair.json()["token"]).json()["user"]["bio"] == lived.ada["bio"]
    assert other.api("GET", "/files", token=lived.personal).status_code == 200
    assert [m["To"] for m in other.mails()] == ["bob@example.org"]


def logging(site):
    """The database of a site that is stopped, now with a binary log."""
    conf = site.var / "binlog.cnf"
    conf.write_text((site.var / "run/mariadb.cnf").read_text().replace("skip-log-bin", "log-bin = changes\nbinlog-format = ROW"))
    user = ["--user=root"] if os.geteuid() == 0 else []
    return process(lambda: root_answers(site), "mariadbd", f"--defaults-file={conf}", *user,
                   stderr=subprocess.DEVNULL)


def contents(site):
    """Rows alone: numbers that were given away for nothing are in no log."""
    return {table: found for table, (found, _) in rows(site).items()}


def root_answers(site):
    return subprocess.run(command(site, ADMIN, "mysql"), input=b"SELECT 1", capture_output=True, check=False).returncode == 0


def test_F15_yesterday_and_the_binary_log(other, tmp_path):
    """What was done since the backup, up to the last moment, comes out of the binary log of the server that is lost."""
    with running() as lost:
        lost.register(username="early")
        lost.stop()
        with logging(lost):
            lost.tool("user", "add", "first", "first@example.org", input=PASSWORD + "\n")
            lost.tool("backup", str(tmp_path / "yesterday"))
            lost.tool("user", "add", "second", "second@example.org", input=PASSWORD + "\n")
            lost.tool("user", "remove", "early")
            lost.tool("demo", "20")
            before = contents(lost)
        said = lost.tool("restore", "--check", str(tmp_path / "yesterday"))
        position, name = re.search(r"^the binary log goes on at (\d+) of (\S+)$", said, re.M).groups()
        other.tool("restore", "--replace", str(tmp_path / "yesterday"))
        assert contents(other) != before
        log = subprocess.run(["mariadb-binlog", f"--start-position={position}", "--database=postern", str(lost.var / "db" / name)],
                             capture_output=True, check=True).stdout
        subprocess.run(command(other, ADMIN, "postern"), input=log, check=True, capture_output=True)
        assert contents(other) == before
        lost.start()
    assert other.api("POST", "/login", {"username": "second", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("mine", ["", "[mail]\nkey = mine\nuser = club\npassword = x\n", "[mail]\nuser = club"])
def test_the_secrets_of_mails(lived, other, mine):
    """They take the place of those that are there, and nothing else does."""
    conf = other.var / "mail.conf"
    account = conf.read_text().split("[mail]")[0]
    conf.chmod(0o600)
    conf.write_text(account + mine)
    other.tool("restore", str(lived.backup), "--replace")
    key = re.search(r"^key = .*$", (lived.var / "mail.conf").read_text(), re.M)[0]
    assert conf.read_text().startswith(account)
    assert [line for line in conf.read_text()[len(account):].splitlines() if line] == ["[mail]", key] + ["user = club"] * ("user" in mine)


def test_into_an_empty_database_with_settings(lived, other):
    root(other, "DROP DATABASE postern; CREATE DATABASE postern CHARACTER SET utf8mb4")
    conf = (lived.var / "postern.conf").read_text()
    other.tool("restore", str(lived.backup), "--settings")
    assert rows(other) == rows(lived)
    assert (other.var / "postern.conf").read_text() == conf
    (other.var / "postern.conf").write_text(conf.replace(str(lived.var), str(other.var)))
    other.stop()    # the programs' connections are to a database that is gone
    other.start()


def test_one_moment(lived, tmp_path):
    """While others write, a backup is of one moment: who is in it has an address, too."""
    pump = subprocess.Popen(["bash", "-c", 'for i in {1..40}; do echo "START TRANSACTION; INSERT INTO users (username, username_key, '
                             "created_at, updated_at) VALUES ('pump$i', 'pump$i', NOW(3), NOW(3)); INSERT INTO addresses (user_id, email, "
                             "email_key) VALUES (LAST_INSERT_ID(), 'pump$i@x.org', 'pump$i@x.org'); COMMIT;\"; sleep 0.05; done | "
                             'mariadb --no-defaults --socket="$1" -u root postern', "sh", f"{lived.var}/run/db.sock"])
    for i in range(3):
        lived.tool("backup", str(tmp_path / "b"))
        text = (tmp_path / "b").read_bytes()
        counts = [len(re.findall(rb"'pump\d+'[^@]", re.search(rb"INSERT INTO `users` VALUES.*?;\n", text, re.S)[0])),
                  len(re.findall(rb"'pump\d+@x.org'", re.search(rb"INSERT INTO `addresses` VALUES.*?;\n", text, re.S)[0]))]
        assert counts[0] == counts[1], counts
    assert pump.wait(30) == 0
    lived.sql("DELETE FROM users WHERE username LIKE 'pump%'")
    lived.tool("backup", str(lived.backup))


def damages(data):
    middle = len(data) // 2
    return {"empty": b"", "cut": data[:-1], "half": data[:middle], "no end": data[:data.rindex(b"-- sha256 ")],
            "one bit": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:], "more": data + b"x",
            "a key": data.replace(b'"kty', b'"Kty', 1), "no mark": data[1:], "no head": data[:20], "a dump": data.split(b"\n", 2)[2]}


@pytest.mark.parametrize("how", damages(b"x\ny\n-- sha256 "))
def test_damaged(lived, tmp_path, how):
    data = damages(lived.backup.read_bytes())[how]
    (tmp_path / "b").write_bytes(data)
    for words in ["--replace"], ["--check"]:
        said = refused(lived, "restore", tmp_path / "b", *words)
        assert said == f"postern: {tmp_path}/b is no backup of Postern, or damaged, or cut off\n"


@pytest.fixture(scope="module")
def age(tmp_path_factory):
    """Two keys of age(1): (recipient, file) of each."""
    folder = tmp_path_factory.mktemp("age")
    keys = []
    for name in "mine", "theirs":
        subprocess.run(["age-keygen", "-o", folder / name], check=True, capture_output=True)
        keys.append((re.search("age1[0-9a-z]+", (folder / name).read_text())[0], folder / name))
    return keys


def test_encrypted(lived, other, age, tmp_path):
    (mine, key), (_, wrong) = age
    encrypted = tmp_path / "b"
    lived.tool("backup", str(encrypted), "--to", mine)
    data = encrypted.read_bytes()
    assert data.startswith(b"age-encryption.org/v1\n") and b"CREATE TABLE" not in data and b'"kty"' not in data
    assert stat.S_IMODE(encrypted.stat().st_mode) == 0o600
    assert "is encrypted: --key FILE" in refused(other, "restore", encrypted, "--replace")
    assert f"{encrypted} is damaged, cut off, or for another key\n" in refused(other, "restore", encrypted, "--replace", "--key", wrong)
    for spoilt in data[:-1], data[:len(data) // 2], data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]:
        (tmp_path / "spoilt").write_bytes(spoilt)
        assert "is damaged" in refused(other, "restore", tmp_path / "spoilt", "--replace", "--key", key)
    assert "all of it is there, made 2" in other.tool("restore", str(encrypted), "--check", "--key", str(key))
    other.tool("restore", str(encrypted), "--replace", "--key", str(key))
    assert rows(other) == rows(lived)
    (tmp_path / "recipients").write_text(f"# mine\n{mine}\n")
    lived.tool("backup", str(encrypted), "--to", str(tmp_path / "recipients"))
    assert "all of it is there" in lived.tool("restore", str(encrypted), "--check", "--key", str(key))


def test_a_backup_that_fails_leaves_the_last_one(lived, age, tmp_path):
    target = tmp_path / "b"
    target.write_bytes(b"yesterday's")
    for words, env in ((["--to", "age1nonsense"], {}), ([], {"POSTERN_DATABASE_SOCKET": "/nowhere"}), ([], {"PATH": "/nowhere"})):
        done = lived.tool("backup", str(target), *words, check=False, **env)
        assert done.returncode == 1 and "no backup was made" in done.stderr, done
        assert [p.name for p in tmp_path.iterdir()] == ["b"] and target.read_bytes() == b"yesterday's"
    assert "install the package mariadb-client" in done.stderr
    full = lived.tool("backup", "/dev/full/x", check=False)
    assert full.returncode == 1 and "/dev/full/x" in full.stderr


def test_of_a_newer_postern(lived, tmp_path):
    """Its tables are not known here."""
    text = lived.backup.read_bytes()
    text = re.sub(rb'"steps":\d+', b'"steps":999', text[:text.rindex(b"-- sha256 ")], count=1)
    (tmp_path / "b").write_bytes(text + b"-- sha256 " + hashlib.sha256(text).hexdigest().encode() + b"\n")
    assert "was made by a newer Postern" in refused(lived, "restore", tmp_path / "b", "--replace")


def test_nobody_else_reads_it_and_no_password_is_an_argument(lived, tmp_path):
    previous = os.umask(0)
    try:
        lived.tool("backup", str(tmp_path / "b"))
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    trace = tmp_path / "trace"
    subprocess.run(["strace", "-f", "-s", "4000", "-e", "trace=execve", "-o", trace, BUILD / "postern", "backup", tmp_path / "b"],
                   env=lived.tool_env(), check=True)
    assert "mariadb-dump" in trace.read_text() and account_of(lived.var, "owner")[1] not in trace.read_text()


def test_large_files_in_bounded_memory(lived, other, tmp_path):
    """256 MiB of a file, through backup and restore, with 64 MB of memory for the tool."""
    member = lived.register()
    lived.sql("INSERT INTO files (user_id, description, name, type, size, uploading, created_at, touched_at) SELECT id, 'large', 'l', 'x/y',"
              f" 256 * 1048576, FALSE, NOW(3), NOW(3) FROM users WHERE username = '{member['username']}';"
              " INSERT INTO file_chunks (file_id, n, size, data) SELECT LAST_INSERT_ID(), seq, 1048576,"
              " REPEAT(UNHEX(SHA2(CONCAT('x', seq), 512)), 16384) FROM seq_0_to_255")
    limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))     # noqa: E731
    for site, words in (lived, ["backup"]), (other, ["restore", "--replace"]):
        subprocess.run([BUILD / "postern", *words, tmp_path / "b"], env=site.tool_env(), check=True, preexec_fn=limit, timeout=300)
    assert (tmp_path / "b").stat().st_size > 256 << 20
    sums = "SELECT file_id, COUNT(*), SUM(CRC32(data)) FROM file_chunks GROUP BY file_id"
    assert other.sql(sums) == lived.sql(sums) and other.tool("check", "-q") == ""
    lived.sql("DELETE FROM files WHERE description = 'large'")


@pytest.mark.parametrize("words", [[], ["a", "b"], ["-x"], ["--to"]])
def test_usage(lived, words):
    done = lived.tool("backup", *words, check=False)
    assert done.returncode == 1 and done.stderr.startswith("postern: usage: postern backup FILE")
    done = lived.tool("restore", *words, check=False)
    assert done.returncode == 1 and done.stderr.startswith("postern: usage: postern restore FILE")
