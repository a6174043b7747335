# SPDX-License-Identifier: ISC
"""One real site for the web tests: private MariaDB, the programs, nginx, on a free port.

The fixture `site` is shared by the whole run. At its end every line of every log is looked at: what is
neither a request nor expected fails the run.
"""
import configparser
import contextlib
import email
import email.policy
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest
import requests

from openapi import Api

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
INSTALLED = ROOT / os.environ.get("INSTALLED", BUILD)      # where the programs are from, such as a package
SITE = ROOT / "nginx" / "site.sh"
PASSWORD = "correct horse"
# Wide open, and still counted: tests fail at logins by the thousand.
LIMITS = {f"POSTERN_LIMITS_{kind}": "1000000/1h"
          for kind in ("ACCOUNT", "ADDRESS", "PAIR", "REGISTER", "REFRESH", "FORGOT")}
MAIL_LINE = re.compile(r"^\S+Z mail \d+ \w+: ")
REQUEST_LINE = re.compile(r"^\S+Z \w+\[\d+\] request id=\S+ method=\S+ path=\S+ status=\d+ us=\d+ user=\S+$")

API = Api(BUILD / "doc" / "openapi.json")

# A shell that was told to run this in the background ignores ^C for all that it starts, and nohup a hangup; make run
# must take them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

UNEXPECTED = []         # log lines of all sites of this run
NO_SECOND_TRY = 3       # exit status: `make web` tries again what failed with 1, never this


def pytest_sessionfinish(session):
    """A line that nobody expected is no matter of time, and belongs to no test that could be tried again."""
    if hasattr(session.config, "workeroutput"):     # one of the two processes of `make web`
        session.config.workeroutput["unexpected"] = UNEXPECTED
    elif UNEXPECTED:
        session.exitstatus = NO_SECOND_TRY


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    UNEXPECTED.extend(getattr(node, "workeroutput", {}).get("unexpected", []))


def hold(method, url, status, headers, body):
    """Hold an answer against the OpenAPI document: whatever a test sees of the API is written there."""
    wrong = API.wrong(method, url, status, headers.get("Content-Type"), body)
    assert wrong is None, wrong


def send(session, request, **more):
    answer = SEND(session, request, **more)
    if ours(answer.headers):
        hold(request.method, request.url, answer.status_code, answer.headers,
             None if more.get("stream") else answer.content)
    return answer


def ours(headers):
    """Whether Postern has answered, and not something that a test has put behind the gate."""
    return "X-Request-ID" in headers


SEND, requests.Session.send = requests.Session.send, send


def free_port():
    """A port that nobody has, below those that the kernel hands out to connections."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port := random.randrange(12000, 32000)))
                return port
            except OSError:
                continue


class Site:
    """A running site and the ways to look into it."""

    def __init__(self, settings=None):
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="postern-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, "VAR": str(self.var), "PORT": str(self.port), "BUILD": str(INSTALLED),
                    "POSTERN_TEST": "1", "POSTERN_TEST_COST": "5", "TIDY": "86400", "MAIL": "no",
                    "POSTERN_TOKEN_LOCATIONS": "header", **LIMITS, **(settings or {})}
        self.env = {name: value for name, value in self.env.items() if value is not None}
        self.expected = []      # regular expressions of log lines that a test provokes
        self.names = itertools.count(1)
        self.read = set()       # files of mails

    def run(self, command, **more):
        return subprocess.run([str(SITE), command], env=self.env, cwd=ROOT, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, **more)

    def start(self):
        done = self.run("start")
        assert done.returncode == 0, done.stdout + done.stderr
        return self

    def stop(self):
        done = self.run("stop")
        assert done.returncode == 0, done.stdout + done.stderr

    def remove(self):
        shutil.rmtree(self.var, ignore_errors=True)

    def expect(self, pattern):
        """Allow log lines that match `pattern`: call it in the test that provokes them."""
        self.expected.append(re.compile(pattern))

    def unexpected(self):
        """The log lines of programs that are neither requests nor expected."""
        lines = []
        for log in sorted((self.var / "log").glob("*.log")):
            if log.stem in ("db", "nginx", "access", "apache"):
                continue
            for line in log.read_text(errors="replace").splitlines():
                if log.stem == "error" and line.startswith("["):     # Apache's own, beside those of what it starts
                    continue
                if log.stem == "mail" and MAIL_LINE.match(line):
                    continue
                if line and not REQUEST_LINE.match(line) and not any(p.search(line) for p in self.expected):
                    lines.append(f"{log.name}: {line}")
        return lines

    def log(self, program):
        """The log of a program. What Apache starts has it in Apache's own."""
        file = self.var / "log" / f"{program}.log"
        if not file.exists() and (file := self.var / "log/error.log").exists():
            return "".join(l for l in file.read_text(errors="replace").splitlines(True) if f" {program}[" in l)
        return file.read_text(errors="replace")

    def tool_env(self, **more):
        return {**self.env, "POSTERN_CONFIG": str(self.var / "postern.conf"), "POSTERN_SITE_URLS": self.url,
                **more}

    def tool(self, *args, input="", check=True, **env):
        """Run `postern ARGS`; its standard output."""
        done = subprocess.run([str(INSTALLED / "postern"), *args], env=self.tool_env(**env), input=input,
                              text=True, timeout=60, capture_output=True)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if check else done

    def sql(self, statement, account="owner"):
        """Run SQL under the account of a class; rows as lists of text. Raises on error."""
        conf = configparser.ConfigParser(interpolation=None)
        conf.read(self.var / f"{account}.conf")
        done = subprocess.run(
            ["mariadb", "--no-defaults", "--batch", "--skip-column-names", f"--socket={self.var}/run/db.sock",
             f"--user={conf['database']['user']}", "--database=postern", "--default-character-set=utf8mb4"],
            env={**os.environ, "MYSQL_PWD": conf["database"]["password"]}, input=statement, text=True,
            timeout=30, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return [line.split("\t") for line in done.stdout.splitlines()]

    def mails(self):
        """Send what waits in the outbox into files, and return all mails that were not returned before, oldest
        first: parsed (email.message.EmailMessage; mails.py reads them)."""
        self.tool("mail", "--once")
        new = sorted(f for f in (self.var / "mail").glob("*.eml") if f not in self.read)
        self.read.update(new)
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in new]

    def checksum(self):
        """A digest of all tables: a refused request must leave it as it was. Limits and the history of
        events are made to outlive a refusal."""
        tables = [t for (t,) in self.sql("SHOW TABLES") if t not in ("throttles", "events")]
        return self.sql("CHECKSUM TABLE " + ", ".join(tables))

    def cgi(self, program, method="GET", path="", body=b"", type=None, query="", length=None, **env):
        """Execute a program as plain CGI. (status, headers, body)"""
        if isinstance(body, (dict, list)):
            body, type = json.dumps(body).encode(), type or "application/json"
        variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "QUERY_STRING": query,
                     "SCRIPT_NAME": f"/cgi-bin/{program}.fcgi", "PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1",
                     "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(len(body)) if length is None else length}
        if type:
            variables["CONTENT_TYPE"] = type
        done = subprocess.run([str(INSTALLED / "cgi-bin" / f"{program}.fcgi")],
                              env=self.tool_env(**{**variables, **env}), input=body, capture_output=True, timeout=60)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0].startswith("Status: "), (done.stdout, done.stderr)
        headers = requests.structures.CaseInsensitiveDict(l.split(": ", 1) for l in lines[1:])
        errors = [l for l in done.stderr.decode(errors="replace").splitlines()
                  if not REQUEST_LINE.match(l) and not any(p.search(l) for p in self.expected)]
        assert not errors, errors
        if program in API.programs:
            hold(method, path, int(lines[0].split()[1]), headers, rest)
        return int(lines[0].split()[1]), headers, rest

    def api(self, method, path, body=None, token=None, **more):
        """A request through nginx; a dict is sent as JSON. `path` begins after /api."""
        headers = more.pop("headers", {})
        if token is not None:
            headers["Authorization"] = f"Token {token}"
        if body is not None and not isinstance(body, (bytes, str)):
            more["json"] = body
        elif body is not None:
            more["data"] = body
        return requests.request(method, f"{self.url}/api{path}", headers=headers, timeout=30, **more)

    def register(self, **more):
        """A new member: the user object of the answer, and what was sent."""
        name = f"member{next(self.names)}"
        user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **more}
        answer = self.api("POST", "/users", {"user": user})
        assert answer.status_code == 201, answer.text
        return {**answer.json()["user"], "password": user["password"]}


@contextlib.contextmanager
def running(settings=None, prepare=lambda site: None):
    """A site for the length of a block; at its end no log may hold a line that nobody expected. `prepare` puts
    into its folder what shall be there before it starts."""
    if not (BUILD / "postern").exists():
        pytest.exit(f"{BUILD} is empty: run make first")
    s = Site(settings)
    try:
        prepare(s)
        yield s.start()
        s.stop()
        UNEXPECTED.extend(s.unexpected())
        assert not s.unexpected(), "\n".join(s.unexpected())
        s.remove()
    finally:
        s.run("stop")


@pytest.fixture(scope="session")
def site():
    with running() as s:
        yield s


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The folder that `make install PREFIX=` filled: programs, tool, units and what web servers include."""
    folder = tmp_path_factory.mktemp("installed") / "usr"
    make("install", f"PREFIX={folder}")
    return folder


def make(*words):
    """Run make on what is built already, as make told it to be built."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(["make", "-s", *words, f"BUILD={BUILD.name}"], cwd=ROOT, env=env, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def member(site):
    return site.register()


@pytest.fixture
def unchanged(site):
    """What the test sends is refused and leaves the tables as they are. Named after fixtures that write."""
    before = site.checksum()
    yield
    assert site.checksum() == before


def page_of(answer, status):
    """The text of a page, after checking its status and what every page says of itself."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert answer.text.startswith("<!DOCTYPE html>\n") and answer.text.endswith("</html>\n")
    return answer.text


def errors_of(answer, status):
    """The errors of a refused request, after checking its status and shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Request-ID"]
    errors = answer.json()["errors"]
    assert errors and all(isinstance(texts, list) and texts for texts in errors.values())
    return errors
