# SPDX-License-Identifier: ISC
"""Tokens and one worker that lives on: its clock is moved (J9), its time taken by huge ones (J10); and cookies beside
a token (J14)."""
import glob
import socket
import subprocess

import pytest

import fcgi_client as fcgi
from conftest import BUILD, errors_of
from forge import Mint, changed, claims_of
from pages import signed_in
from ways import SOCKETS
from workers import SANITIZED, cpu, rss, workers

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
INVALID = {"token": ["is invalid"]}


@pytest.fixture(scope="module")
def mint(site):
    return Mint.of(site)


class Clock:
    """A worker of the program `user` whose clock is so many seconds off as a file says."""

    def __init__(self, site, folder):
        self.file, self.path = folder / "clock", folder / "user.sock"
        self.set(0)
        env = site.tool_env(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(self.file), FAKETIME_NO_CACHE="1",
                            ASAN_OPTIONS="verify_asan_link_order=0")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.path))
            listener.listen()
            self.process = subprocess.Popen([BUILD / "cgi-bin" / "user.fcgi"], stdin=listener, env=env,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def set(self, seconds):
        self.file.write_text(f"{seconds:+d}\n")

    def ask(self, token):
        answer = fcgi.get(self.path, "/api/user", HTTP_AUTHORIZATION=f"Token {token}")
        return answer.status, answer.json().get("errors", {}).get("token", [None])[0]


@pytest.fixture
def clock(site, tmp_path):
    assert FAKETIME, "libfaketime is missing"
    c = Clock(site, tmp_path)
    yield c
    assert c.process.poll() is None         # it lives
    c.process.terminate()
    assert c.process.wait(10) == 0


def test_J9_clock_of_a_worker_moved_and_back(site, mint, member, clock):
    """What it remembers of a token is good at no wrong time, and good again when the clock is right again."""
    lasting = member["token"]
    claims = claims_of(lasting)
    short = mint.token({**claims, "exp": claims["iat"] + 900})
    for seconds, of_lasting, of_short in ((0, (200, None), (200, None)), (3600, (200, None), (401, "has expired")),
                                          (-3600, (401, "is invalid"), (401, "is invalid")), (0, (200, None), (200, None)),
                                          (8 * 86400, (401, "has expired"), (401, "has expired")),
                                          (-86400 * 3650, (401, "is invalid"), (401, "is invalid")),
                                          (0, (200, None), (200, None))):
        clock.set(seconds)
        assert (clock.ask(lasting), clock.ask(short)) == (of_lasting, of_short), seconds


@SOCKETS
@pytest.mark.skipif(SANITIZED, reason="ASan takes its own time")
def test_J10_huge_tokens_take_no_time(site, mint, member):
    """Less than 5 ms of a core each, and no memory that stays."""
    claims, path, pids = claims_of(member["token"]), site.var / "run" / "user.sock", workers(site, "user")
    deep = mint.token(claims, b'{"x": ' + b"[" * 10**6 + b"]" * 10**6 + b"}")
    names = mint.token(claims, b"{" + b", ".join(b'"%d": 0' % i for i in range(10**5)) + b"}")
    algs = mint.token(claims, changed(mint.header, alg=["HS256"]))
    for token in "x" * 8193, "x" * 10**6, "." * 10**6, deep, names, algs, mint.token({**claims, "pad": "x" * 10**6}):
        def once():
            answer = fcgi.get(path, "/api/user", HTTP_AUTHORIZATION=f"Token {token}")
            assert (answer.status, answer.json()) == (401, {"errors": INVALID})
        for _ in range(6):
            once()
        used, space = sum(map(cpu, pids)), sum(map(rss, pids))
        for _ in range(40):
            once()
        assert sum(map(cpu, pids)) - used < 0.005 * 40, token[:40]
        assert sum(map(rss, pids)) - space < 8 << 20, token[:40]
    assert workers(site, "user") == pids


def test_J14_cookie_beside_a_token(site, member):
    """Under /api the header alone counts, on a page the cookie alone: neither helps nor hurts the other."""
    other = signed_in(site)
    cookie = {"Cookie": f"session-{site.port}={other.cookie()}"}
    answer = site.api("GET", "/user", token=member["token"], headers=dict(cookie))
    assert answer.json()["user"]["username"] == member["username"] != other.member["username"]
    assert errors_of(site.api("GET", "/user", token="x", headers=dict(cookie)), 401) == INVALID
    assert errors_of(site.api("GET", "/user", headers=dict(cookie)), 401) == {"token": ["is missing"]}
    for token in member["token"], "x":
        page = other.open("/settings", headers={"Authorization": f"Token {token}"})
        assert page.user == other.member["username"]
