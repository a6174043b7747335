# SPDX-License-Identifier: ISC
"""The programs as plain CGI, as a shared host starts them: environment and standard input in, answer out."""
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from conftest import BUILD, PASSWORD, REQUEST_LINE, ROOT

PROGRAMS = sorted(p.stem for p in (ROOT / "cgi-bin").glob("*.c"))


def execute(program, *args, env, stdin=b"", prefix=()):
    """Run a program; `stdin` is bytes or an open file."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run([*prefix, BUILD / "cgi-bin" / f"{program}.fcgi", *args], env=env, timeout=60,
                          capture_output=True, **given)


def parse(done):
    """(status, JSON or None) of an answer; nothing but the log line stands on standard error."""
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"Status: "), done
    assert all(REQUEST_LINE.match(line) for line in done.stderr.decode().splitlines()), done.stderr
    assert done.returncode == 0
    return int(head.split()[1]), json.loads(body) if body else None


def page(done):
    """(status, text) of a page."""
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: text/html; charset=utf-8\r\n" in head, done
    assert all(REQUEST_LINE.match(line) for line in done.stderr.decode().splitlines()), done.stderr
    return int(head.split()[1]), body.decode()


def registration(name, pad=0):
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return json.dumps({"user": user}).encode() + b" " * pad


def post(site, stdin, **variables):
    """POST /api/users with this standard input."""
    env = site.tool_env(REQUEST_METHOD="POST", SCRIPT_NAME="/cgi-bin/users.fcgi", REMOTE_ADDR="127.0.0.1",
                        CONTENT_TYPE="application/json", **variables)
    return execute("users", env=env, stdin=stdin)


def there(site, name):
    return site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{name}'") == [["1"]]


def test_each_program_once(site):
    status, headers, body = site.cgi("users", "POST", body=json.loads(registration("cgi.ada")))
    user = json.loads(body)["user"]
    assert (status, user["username"]) == (201, "cgi.ada")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Content-Length"] == str(len(body)) and headers["X-Request-ID"]

    who = {"email": "cgi.ada@example.org", "password": PASSWORD}
    status, _, body = site.cgi("login", "POST", "/users/login", {"user": who})
    assert status == 200
    lasting = json.loads(body)["user"]["token"]
    status, _, body = site.cgi("login", "POST", body=who)
    pair = json.loads(body)
    assert (status, pair["token_type"], pair["expires_in"]) == (200, "Bearer", 900)

    for token in user["token"], lasting, pair["token"]:
        status, _, body = site.cgi("user", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert (status, json.loads(body)["user"]["email"]) == (200, "cgi.ada@example.org")
    change = {"user": {"bio": "by CGI"}}
    status, _, body = site.cgi("user", "PUT", body=change, HTTP_AUTHORIZATION=f"Token {lasting}")
    assert (status, json.loads(body)["user"]["bio"]) == (200, "by CGI")
    assert site.cgi("health", path="/live")[0] == site.cgi("health", path="/ready")[0] == 200


@pytest.mark.parametrize("path, status", [
    ("", 200), ("/user", 200), ("/api/user", 200), ("/api/user.fcgi", 200), ("/api/user.fcgi/user", 200),
    ("/", 404), ("/user/", 404), ("//user", 404), ("/User", 404), ("/user.fcgi", 404), ("/../user", 404),
    ("/nothing", 404), ("/api/users", 404), ("/api/", 404), ("/user/x", 404), ("/us%65r", 404),
    ("/user\n", 404)])
def test_path_info(site, member, path, status):
    answer = site.cgi("user", path=path, HTTP_AUTHORIZATION=f"Token {member['token']}")
    assert answer[0] == status
    found = json.loads(answer[2])
    assert found == {"errors": {"path": ["not found"]}} or found["user"]["username"] == member["username"]


def test_path_without_script_name_and_of_nginx(site, member):
    env = site.tool_env(REQUEST_METHOD="GET", HTTP_AUTHORIZATION=f"Token {member['token']}")
    for more, status in (({"PATH_INFO": "/api/user"}, 200), ({"PATH_INFO": "/api/nothing"}, 404),
                         ({"PATH_INFO": "/api"}, 404), ({"PATH_INFO": "/api/"}, 404),
                         ({"DOCUMENT_URI": "/api/user", "PATH_INFO": "/nothing"}, 200),
                         ({"DOCUMENT_URI": "/api/nothing", "PATH_INFO": "/api/user"}, 404),
                         ({"REQUEST_URI": "/api/user", "PATH_INFO": "/api/nothing"}, 404)):
        assert parse(execute("user", env={**env, **more}))[0] == status, more
    for more in ({"PATH_INFO": "/user"}, {}, {"DOCUMENT_URI": "/nothing", "PATH_INFO": "/api/user"},
                 {"REQUEST_URI": "/api/user", "PATH_INFO": "/nothing"}):
        assert page(execute("user", env={**env, **more}))[0] == 404, more


@pytest.mark.parametrize("program", ["tags", "pictures", "files"])
@pytest.mark.parametrize("option", ["--version", "--class", "--routes", "--check", "--convert", "--kind"])
def test_a_query_is_no_option(site, program, option):
    """A web server makes arguments of a query without "=" (RFC 3875 section 4.4)."""
    env = site.tool_env(REQUEST_METHOD="GET", PATH_INFO="/api/nothing", REMOTE_ADDR="127.0.0.1", QUERY_STRING=option)
    assert parse(execute(program, option, env=env)) == (404, {"errors": {"path": ["not found"]}})


def test_no_service_is_looked_up(site, tmp_path):
    """Nor modules that could (getservbyname in serve.c): that is a tenth of the time that one request takes."""
    trace = tmp_path / "trace"
    env = site.tool_env(REQUEST_METHOD="GET", PATH_INFO="/api/tags", REMOTE_ADDR="127.0.0.1", SERVER_NAME="localhost")
    assert parse(execute("tags", env=env, prefix=("strace", "-f", "-e", "trace=openat", "-o", trace)))[0] == 200
    opened = set(re.findall(r'"([^"]+)"', trace.read_text()))
    assert "/usr/lib/ssl/openssl.cnf" in opened
    assert not [name for name in opened if "libnss" in name or name in ("/etc/nsswitch.conf", "/etc/services")], opened


def test_pages(site):
    """Other paths than the API's are pages, of programs that have some; the others know JSON alone."""
    for program, path, status in (("pages", "/", 200), ("pages", "/nothing", 404), ("login", "/login", 200),
                                  ("users", "/register", 200), ("profiles", "/profile/Govardhan", 200),
                                  ("profiles", "/profile/nobody", 404), ("token", "/logout", 200)):
        found, text = page(execute(program, env=site.tool_env(REQUEST_METHOD="GET", DOCUMENT_URI=path)))
        assert (found, text[:16], text[-8:]) == (status, "<!DOCTYPE html>\n", "</html>\n"), path
    env = site.tool_env(REQUEST_METHOD="GET", DOCUMENT_URI="/nothing")
    assert parse(execute("health", env=env)) == (404, {"errors": {"path": ["not found"]}})


def test_length_missing(site, member):
    env = site.tool_env(REQUEST_METHOD="GET", SCRIPT_NAME="/user.fcgi",
                        HTTP_AUTHORIZATION=f"Token {member['token']}")
    assert parse(execute("user", env=env))[0] == 200
    status, body = parse(post(site, registration("cgi.nolength")))
    assert (status, body) == (422, {"errors": {"user": ["can't be blank"]}})
    assert not there(site, "cgi.nolength")


def test_body_shorter_or_longer_than_declared(site):
    body = registration("cgi.length")
    wrong = {"errors": {"body": ["is not as long as Content-Length says"]}}
    large = {"errors": {"body": ["is too large"]}}
    # Known from the headers, so it is said before anything is read.
    for declared in 1 << 40, (1 << 63) - 1:
        assert parse(post(site, body, CONTENT_LENGTH=str(declared))) == (413, large), declared
    for declared in len(body) + 1, len(body) + 100000:
        assert parse(post(site, body, CONTENT_LENGTH=str(declared))) == (400, wrong), declared
    status, answer = parse(post(site, body, CONTENT_LENGTH=str(len(body) - 1)))
    assert (status, answer) == (422, {"errors": {"body": ["is not valid JSON"]}})
    assert not there(site, "cgi.length")
    # RFC 3875 section 4.2: no more is read than declared, so what follows is not part of it.
    assert parse(post(site, body + b"{}", CONTENT_LENGTH=str(len(body))))[0] == 201


@pytest.mark.parametrize("length", ["-1", "-0", "+3", "0x10", "1e3", " 5", "5 ", "5,5", "five", "1.0",
                                    "-9223372036854775808", "9223372036854775808", "9" * 20, "\u0665"])
def test_length_that_is_none(site, length):
    status, answer = parse(post(site, registration("cgi.garbage"), CONTENT_LENGTH=length))
    assert (status, answer) == (400, {"errors": {"body": ["does not fit its headers"]}})
    assert not there(site, "cgi.garbage")


def test_largest_body(site):
    small = registration("cgi.large")
    for size, status in ((1 << 20) + 1, 413), (2 << 20, 413), (1 << 20, 201):
        body = registration("cgi.large", size - len(small))
        assert parse(post(site, body, CONTENT_LENGTH=str(size)))[0] == status


def test_a_refused_body_is_taken(site):
    """Else a web server, which is busy with writing it, may lose the answer."""
    process = pipe(site, "users", CONTENT_LENGTH=str(2 << 20))
    process.stdin.write(b"x" * (2 << 20))   # all of it: nobody has closed the pipe
    assert process.wait(5) == 0
    assert process.stdout.read().startswith(b"Status: 413 ")
    for end in process.stdin, process.stdout, process.stderr:
        end.close()


def test_dev_null_as_standard_input(site, member):
    with open(os.devnull, "rb") as null:
        env = site.tool_env(REQUEST_METHOD="GET", SCRIPT_NAME="/user.fcgi", CONTENT_LENGTH="",
                            HTTP_AUTHORIZATION=f"Token {member['token']}")
        assert parse(execute("user", env=env, stdin=null))[0] == 200
        assert parse(post(site, null, CONTENT_LENGTH="5"))[0] == 400
        assert parse(post(site, null, CONTENT_LENGTH="0"))[0] == 422


def test_head(site, member):
    token = f"Token {member['token']}"
    for credential, status in (token, 200), ("Token x", 401):
        get = site.cgi("user", "GET", HTTP_AUTHORIZATION=credential, REQUEST_ID="0123456789abcdef")
        head = site.cgi("user", "HEAD", HTTP_AUTHORIZATION=credential, REQUEST_ID="0123456789abcdef")
        assert get[0] == head[0] == status
        assert head[1] == get[1] and head[1]["Content-Length"] == str(len(get[2]))
        assert get[2] and head[2] == b""


def pipe(site, program, **variables):
    variables.update(REQUEST_METHOD="POST", SCRIPT_NAME=f"/{program}.fcgi", CONTENT_TYPE="application/json")
    env = site.tool_env(**variables)
    return subprocess.Popen([BUILD / "cgi-bin" / f"{program}.fcgi"], env=env, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)


def test_body_in_pieces_through_a_pipe(site):
    body = registration("cgi.pieces", 70000)
    process = pipe(site, "users", CONTENT_LENGTH=str(len(body)))
    for start, end in (0, 1), (1, 40), (40, 50000), (50000, len(body)):
        process.stdin.write(body[start:end])
        time.sleep(0.05)
    # Standard input stays open: the declared length ends the body, not its end.
    assert process.wait(5) == 0
    assert process.stdout.read().startswith(b"Status: 201 ")
    assert there(site, "cgi.pieces")
    for end in process.stdin, process.stdout, process.stderr:
        end.close()


def test_body_that_never_comes(site):
    process = pipe(site, "users", CONTENT_LENGTH="100")
    process.stdin.write(b'{"user":')
    assert process.wait(10) == 0
    assert process.stdout.read().startswith(b"Status: 400 ")
    for end in process.stdin, process.stdout, process.stderr:
        end.close()


def one_line(done, name):
    """The only line that a program which cannot start says; it has not answered anything."""
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1 and done.stdout == b"" and len(lines) == 1, done
    assert lines[0].startswith(f"{name}: ")
    return lines[0]


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_environment_at_all(program):
    assert "POSTERN_CONFIG" in one_line(execute(program, env={}), program)
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/user"}
    assert "POSTERN_CONFIG" in one_line(execute(program, env=request), program)


def test_no_request_and_no_socket(site):
    assert "descriptor 0" in one_line(execute("user", env=site.tool_env()), "user")
    with open(os.devnull, "rb") as null:
        assert "descriptor 0" in one_line(execute("user", env=site.tool_env(), stdin=null), "user")


@pytest.mark.parametrize("program", PROGRAMS)
def test_routes_version_and_check(site, program):
    rows = execute(program, "--routes", env={}).stdout.decode().splitlines()
    assert rows
    for row in rows:
        name, method, api, page, guard = row.split("\t")
        assert name == program and ((api, page) == ("-", "-")) == (guard == "gate")
        assert guard in ("open", "public", "member", "owner", "admin", "gate")
        if api != "-":
            status, headers, _ = site.cgi(program, "OPTIONS", f"/api{api}")
            assert status == 204 and method in headers["Allow"].split(", ")
    version = execute(program, "--version", env={})
    assert (version.returncode, version.stdout.decode()) == (0, f"postern {(ROOT / 'VERSION').read_text()}")
    check = execute(program, "--check", env=site.tool_env())
    assert (check.returncode, check.stdout, check.stderr) == (0, b"", b"")


@pytest.fixture
def settings(site, tmp_path):
    """A copy of the settings that a test may spoil."""
    for name in "postern.conf", "credentials.conf", "content.conf":
        shutil.copy(site.var / name, tmp_path / name)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def check(site, settings, prefix=(), program="user", **env):
    env = {**site.tool_env(**env), "POSTERN_CONFIG": str(settings / "postern.conf")}
    return execute(program, "--check", env=env, prefix=prefix)


def test_check_of_a_copy_is_good(site, settings):
    assert check(site, settings).returncode == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_check_dead_database(site, settings, program):
    dead = str(settings / "no.sock")
    done = check(site, settings, program=program, POSTERN_DATABASE_SOCKET=dead)
    assert "database.socket" in one_line(done, program)
    refused = check(site, settings, program=program, POSTERN_DATABASE_PASSWORD="wrong")
    assert refused.returncode == 1 and b"database.user" in refused.stderr.splitlines()[-1]


def test_J15_check_keys_that_cannot_be_used(site, settings):
    keys = settings / "private.json"
    env = {"POSTERN_TOKEN_KEYS": str(keys)}
    assert f"{keys}: No such file" in one_line(check(site, settings, **env), "user")
    shutil.copy(site.var / "keys" / "private.json", keys)
    assert check(site, settings, **env).returncode == 0
    keys.chmod(0)       # root reads it all the same, but for what setpriv takes away
    prefix = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
    assert f"{keys}: Permission denied" in one_line(check(site, settings, prefix, **env), "user")
    keys.chmod(0o600)
    shutil.copy(site.var / "keys" / "public.json", keys)
    # A request is not answered without keys either.
    answer = execute("user", env=site.tool_env(REQUEST_METHOD="GET", SCRIPT_NAME="/user.fcgi", **env))
    assert "no private key" in one_line(answer, "user")


@pytest.mark.parametrize("text, why", [("", "not JSON"), ('{"keys": []}', "without keys")])
def test_J15_check_keys_that_are_none(site, settings, text, why):
    (settings / "private.json").write_text(text)
    done = check(site, settings, POSTERN_TOKEN_KEYS=str(settings / "private.json"))
    assert why in one_line(done, "user")


BAD = {
    "unknown setting": ("[site]\nnam = x\n", "site.nam is not a setting"),
    "unknown section": ("[sight]\nname = x\n", "sight.name is not a setting"),
    "no section": ("name = x\n", ".name is not a setting"),
    "secret": ("[database]\npassword = x\n", "database.password is a secret"),
    "number": ("[database]\nport = 3306x\n", "database.port must be a whole number"),
    "bound": ("[limits]\nbody = 1\n", "limits.body must be a whole number"),
    "duration": ("[token]\naccess = 15 minutes\n", "token.access must be a duration"),
    "leeway": ("[token]\nleeway = 6\n", "token.leeway must be a duration"),
    "cost": ("[password]\ncost = 9\n", "password.cost must be a whole number"),
    "twice": ("[database]\nport = 1\nport = 2\n", "database.port is given twice"),
    "text twice": ("[site]\nname = a\nname = b\n", "site.name is given twice"),
    "no value": ("[site]\nrubbish\n", "line 2 is no setting"),
    "open section": ("[site\n", "line 1 is no setting"),
    "long line": ("[site]\nname = " + "x" * 300 + "\n", "line 2 is longer than 198 bytes"),
    "encoding": ("[site]\nname = \u00ff\n", "site.name is not UTF-8"),
    "no address": ("[site]\nurls =\n", "site.urls must be addresses"),
}


@pytest.mark.parametrize("name", BAD)
def test_check_bad_settings(site, settings, name):
    text, why = BAD[name]
    (settings / "postern.conf").write_bytes(text.encode("latin-1"))
    assert f"{settings}/postern.conf: {why}" in one_line(check(site, settings), "user")


def test_check_bad_class_file(site, settings):
    own = settings / "credentials.conf"
    for mode in 0o640, 0o604, 0o644, 0o620:
        own.chmod(mode)
        assert f"{own}: holds secrets, so nobody else may read it" in one_line(check(site, settings), "user")
    own.chmod(0o400)
    assert check(site, settings).returncode == 0
    own.chmod(0o600)
    own.write_text(own.read_text() + "[database]\nsecret = x\n")
    assert f"{own}: database.secret is not a setting" in one_line(check(site, settings), "user")
    # Each class opens its own file alone.
    assert check(site, settings, program="health").returncode == 0


@pytest.mark.parametrize("name, value, why", [
    ("POSTERN_TOKEN_LIFE", "1h", "is not a setting"), ("POSTERN_X", "", "is not a setting"),
    ("POSTERN_DATABASE_PORT", "0", "must be a whole number"),
    ("POSTERN_TOKEN_ACCESS", "1", "must be a duration"),
    ("POSTERN_SITE_NAME", b"\xff", "is not UTF-8"), ("POSTERN_", "", "is not a setting")])
def test_check_bad_environment(site, settings, name, value, why):
    line = one_line(check(site, settings, **{name: value}), "user")
    assert line.startswith(f"user: environment {name}: {why}")


def test_check_test_settings_only_in_tests(site, settings):
    line = one_line(check(site, settings, POSTERN_TEST="0"), "user")
    assert "POSTERN_TEST_COST: is for tests alone" in line
    assert "cannot be read" in one_line(check(site, settings / "nowhere"), "user")
