# SPDX-License-Identifier: ISC
"""The command line tool `postern`: members, hashes, tokens, keys and settings."""
import ctypes
import errno
import hashlib
import os
import pty
import re
import subprocess

import pytest

from conftest import BUILD, PASSWORD, ROOT, errors_of
from forge import claims_of, refused

@pytest.fixture
def tool(site):
    """Run the tool: its standard output, or the one line with which it refuses."""
    def run(*args, input="", said="", **env):
        done = subprocess.run([BUILD / "postern", *args], env=site.tool_env(**env), input=input, text=True,
                              capture_output=True, timeout=60, errors="surrogateescape")
        if done.returncode == 0:
            assert done.stderr == said
            return done.stdout
        assert done.returncode == 1 and done.stderr.startswith("postern: "), done
        assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
        return Refusal(done.stderr[9:])
    return run


class Refusal(str):
    """The line that says why not."""


def login(site, email, password):
    return site.api("POST", "/users/login", {"user": {"email": email, "password": password}})


def listed(tool, name):
    """The line of a member in `user list`, as a list."""
    (line,) = [line.split("\t") for line in tool("user", "list").splitlines() if line.split("\t")[1] == name]
    return line


def test_output_that_cannot_be_written(site):
    """Whatever the command: half a list, or no token at all, is no success."""
    for args in ["help"], ["--version"], ["config"], ["user", "list"], ["key", "list"], ["migrate", "up", "--sql"]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([BUILD / "postern", *args], env=site.tool_env(), stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=60)
        assert (done.returncode, done.stderr) == (1, "postern: standard output cannot be written\n"), args


def test_input_that_cannot_be_read(site, tool, tmp_path):
    """A file that breaks off is none: the first half of a migration is not run, nor are empty grants."""
    for file in tmp_path, "/proc/self/mem":        # opened, but reading fails
        why = os.strerror(errno.EISDIR if file == tmp_path else errno.EIO)
        assert tool("key", "new", POSTERN_TOKEN_KEYS=str(file)) == f"{file}: {why}\n"
        assert tool("jws", "sign", "--key", file, "x") == f"{file}: {why}\n"


def test_version_help_and_no_command():
    postern = str(BUILD / "postern")

    def run(*args):
        return subprocess.run([postern, *args], env={}, text=True, capture_output=True, timeout=10)

    assert run("--version").stdout == f"postern {(ROOT / 'VERSION').read_text()}"
    for args in ["--help"], ["help"]:
        done = run(*args)
        assert done.returncode == 0 and done.stderr == ""
        for command in "migrate", "user", "group", "hash", "session", "token", "key", "jws", "config":
            assert f"  postern {command} " in done.stdout
    assert run().returncode == 1 and run().stderr == run("help").stdout
    for args in ["nothing"], ["users"], ["-v"], [""], ["\n"]:
        done = run(*args)
        assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1, done


@pytest.mark.parametrize("args", [
    ["user"], ["user", "remove", "x"], ["user", "add"], ["user", "add", "x"], ["user", "add", "x", "y", "z"],
    ["user", "add", "x", "x@example.org", PASSWORD], ["user", "password"], ["user", "password", "x", PASSWORD],
    ["user", "list", "x"], ["user", "add", "--admin"], ["hash", PASSWORD], ["hash", "--check"],
    ["hash", "--cost", "3"], ["hash", "--cost", "16"], ["hash", "--cost", "x"], ["token"],
    ["token", "a", "b"], ["token", "x", "--ttl"], ["token", "x", "--ttl", "0"], ["token", "x", "--ttl", "-1"],
    ["token", "x", "--ttl", "1w"], ["token", "x", "--ttl", ""], ["token", "--show", "x"], ["key"],
    ["key", "old"], ["key", "new", "ES256", "x"], ["key", "new", "none"], ["key", "new", "es256"],
    ["key", "new", "--force"], ["key", "list", "x"], ["key", "list", "--force"], ["key", "retire"],
    ["key", "retire", "--force"], ["key", "retire", "x", "y"], ["jws"],
    ["config", "x"], ["demo", "x"]])
def test_usage_is_one_line(site, tool, args):
    before = site.checksum(), (site.var / "keys" / "private.json").read_bytes()
    assert isinstance(tool(*args, input=PASSWORD), Refusal)
    assert (site.checksum(), (site.var / "keys" / "private.json").read_bytes()) == before


def test_user_add_and_list(site, tool):
    assert tool("user", "add", "tool.ada", "Tool.Ada@Example.org", input=PASSWORD + "\n") == ""
    id, _, email, role, created = listed(tool, "tool.ada")
    assert (email, role) == ("Tool.Ada@Example.org", "member") and int(id) > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created)
    answer = login(site, "tool.ada@example.org", PASSWORD)
    assert claims_of(answer.json()["user"]["token"])["role"] == "member"
    assert tool("user", "add", "--admin", "tool.root", "tool.root@example.org", input=PASSWORD) == ""
    assert listed(tool, "tool.root")[3] == "admin"
    answer = login(site, "tool.root@example.org", PASSWORD)
    assert claims_of(answer.json()["user"]["token"])["role"] == "admin"
    site.sql("UPDATE users SET locked = TRUE WHERE username = 'tool.root'")
    assert listed(tool, "tool.root")[3] == "admin, locked"
    assert site.sql(f"SELECT kind, agent FROM events WHERE user_id = {id}")[0] == ["register", "postern"]


@pytest.mark.parametrize("name, email, password, why", [
    ("tool add", "a@example.org", PASSWORD, "username may hold"),
    (".x", "a@example.org", PASSWORD, "username may hold"),
    ("", "a@example.org", PASSWORD, "username can't be"), ("x" * 31, "a@example.org", PASSWORD, "username"),
    ("tool.\udcff", "a@example.org", PASSWORD, "username"), ("tool.x", "\udcff@x.org", PASSWORD, "email"),
    ("tool.x", "nowhere", PASSWORD, "email is not a mail address"), ("tool.x", "", PASSWORD, "email"),
    ("tool.x", "x@example.org", "1234567", "password is too short"),
    ("tool.x", "x@example.org", "x" * 73, "password is too long"),
    ("tool.x", "x@example.org", "\udcff" * 9, "password must be UTF-8"),
    ("tool.x", "x@example.org", "", "a password"), ("tool.x", "x@example.org", "\n", "a password"),
    ("tool.x", "x@example.org", "x" * 5000, "a password of 1 to 1024 bytes"),
    ("TOOL.TAKEN", "x@example.org", PASSWORD, "username has already been taken"),
    ("tool.x", "TAKEN@example.org", PASSWORD, "email has already been taken")])
def test_user_add_refuses(site, tool, name, email, password, why):
    if "taken" in why and not site.sql("SELECT 1 FROM users WHERE username = 'tool.taken'"):
        assert tool("user", "add", "tool.taken", "taken@example.org", input=PASSWORD) == ""
    before = site.checksum()
    line = tool("user", "add", name, email, input=password)
    assert isinstance(line, Refusal) and line.startswith(why)
    assert site.checksum() == before


def test_user_add_names_everything_that_is_wrong(site):
    done = site.tool("user", "add", "a b", "nowhere", input="short", check=False)
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["username", "email", "password"]


def test_user_passwd(site, tool, member):
    name, email = member["username"], member["email"]
    assert tool("user", "password", name, input="a new password\r\n") == ""
    assert errors_of(login(site, email, PASSWORD), 401) == {"credentials": ["invalid"]}
    assert login(site, email, "a new password").status_code == 200
    refused(site, member["token"], "has been revoked")
    assert tool("user", "passwd", email.upper(), input="another one") == ""
    assert login(site, email, "another one").status_code == 200
    user = claims_of(member["token"])["sub"]
    kinds = [kind for (kind,) in site.sql(f"SELECT kind FROM events WHERE user_id = {user} ORDER BY id")]
    assert kinds.count("password") == 2
    for password in "", "1234567", "x" * 73, "\udcff" * 9:
        assert isinstance(tool("user", "passwd", name, input=password), Refusal), password
    for who in "nobody", "nobody@example.org", "", "x y", "\udcff", "a" * 5000:
        assert isinstance(tool("user", "passwd", who, input=PASSWORD), Refusal), who
    assert login(site, email, "another one").status_code == 200


libcrypt = ctypes.CDLL("libcrypt.so.1")
libcrypt.crypt.restype = ctypes.c_char_p


def crypt(password, setting):
    """crypt(3): Python's own is no longer there in 3.13."""
    return libcrypt.crypt(password.encode(), setting.encode()).decode()


def werkzeug(method, password, salt=b"saltsaltsaltsalt"):
    if method == "scrypt":
        made = hashlib.scrypt(password, salt=salt, n=32768, r=8, p=1, maxmem=1 << 26)
        return f"scrypt:32768:8:1${salt.decode()}${made.hex()}"
    return f"pbkdf2:sha256:1000${salt.decode()}${hashlib.pbkdf2_hmac('sha256', password, salt, 1000).hex()}"


SALTS = {"2b": "$2b$05$abcdefghijklmnopqrstuu", "2a": "$2a$05$abcdefghijklmnopqrstuu",
         "2y": "$2y$05$abcdefghijklmnopqrstuu", "sha512": "$6$rounds=1000$saltsalt",
         "yescrypt": "$y$j75$salt"}


@pytest.mark.parametrize("format", [*SALTS, "scrypt", "pbkdf2"])
def test_hash_check(tool, format):
    for password in PASSWORD, "p\u00e4ssw\u00f6rd \U0001f511", "x" * 70:
        salt = SALTS.get(format)
        stored = crypt(password, salt) if salt else werkzeug(format, password.encode())
        assert len(stored) > 40
        assert tool("hash", "--check", stored, input=password + "\n") == "match\n"
        for other in password + "x", password[:-1], password.upper() + "x", " " + password:
            done = tool_raw("hash", "--check", stored, input=other)
            assert (done.returncode, done.stdout, done.stderr) == (1, "no match\n", ""), (other, done)


def tool_raw(*args, input):
    return subprocess.run([BUILD / "postern", *args], env={}, input=input, text=True, capture_output=True,
                          timeout=20)


@pytest.mark.parametrize("stored", [
    "", "*0", "*1", "x", PASSWORD, "$2b$", "$2b$05$short", "$2b$99$" + "a" * 53, "$1$salt$x", "$6$", "$y$",
    "scrypt:", "scrypt:1:1:1$$", "scrypt:32768:8:1$salt$zz", "scrypt:4294967296:8:1$salt$00", "md5$salt$00",
    "pbkdf2:sha256:0$a$b", "pbkdf2:md5:1000$salt$00", "pbkdf2:sha256:99999999999$salt$00", "a$b$c"])
def test_A13_hash_check_of_no_hash(stored):
    for password in PASSWORD, "*0", "x":
        done = tool_raw("hash", "--check", stored, input=password)
        assert (done.returncode, done.stdout, done.stderr) == (1, "no match\n", "")


def test_hash(tool):
    made = {tool_raw("hash", "--cost", "5", input=PASSWORD).stdout for _ in range(3)}
    assert len(made) == 3       # a salt of its own each
    for line in made:
        assert re.fullmatch(r"\$2b\$05\$[./A-Za-z0-9]{53}\n", line)
        assert crypt(PASSWORD, line.strip()) == line.strip()
    assert tool_raw("hash", input=PASSWORD).stdout.startswith("$2b$12$")
    for password in "", "\n", "x" * 73, "x" * 5000:
        done = tool_raw("hash", input=password)
        assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1


def test_password_is_not_echoed_on_a_terminal():
    master, slave = pty.openpty()
    process = subprocess.Popen([BUILD / "postern", "hash", "--cost", "4"], env={}, stdin=slave, stderr=slave,
                               stdout=subprocess.PIPE)
    seen = b""
    while b"Password: " not in seen:
        seen += os.read(master, 100)
    os.write(master, PASSWORD.encode() + b"\n")
    out, _ = process.communicate(timeout=10)
    os.close(slave)
    assert process.returncode == 0 and crypt(PASSWORD, out.decode().strip()) == out.decode().strip()
    seen += os.read(master, 1000)
    assert PASSWORD.encode() not in seen
    os.close(master)
