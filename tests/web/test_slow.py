# SPDX-License-Identifier: ISC
"""N8: clients that are slow with a head, a body or an answer wait in nginx, which ends them; nobody else waits.
`make slow` takes a thousand of each kind, one kind after the other; here are some of all at once."""
import contextlib
import http.client
import json
import pathlib
import subprocess
import sys
import time

import pytest

from conftest import running
from ways import NGINX
from workers import cpu, workers

pytestmark = NGINX

TIMEOUT = 15        # seconds: nginx/fastcgi.conf
SLACK = {"head": 4, "body": 4, "drip": 4, "read": 20}     # a kernel short of memory takes more of an answer later
ENOUGH = 0.015      # seconds: nobody calls that slow
LARGE = 8 << 20     # more than the kernel buffers
PAUSE = 0.02        # seconds between two requests
SCRIPT = pathlib.Path(__file__).parent / "slow_clients.py"


@contextlib.contextmanager
def slow_site():
    """A site with a large file to read."""
    with running() as site:
        site.stop()
        static = site.var / "mine" / "static"
        static.mkdir(parents=True)
        (static / "large").write_bytes(bytes(LARGE))
        site.env["POSTERN_SITE_TEMPLATES"] = str(site.var / "mine")
        yield site.start()


class Clients:
    """So many slow clients of a kind, in a process of their own."""

    def __init__(self, site, kind, count):
        self.kind, self.count = kind, count
        self.process = subprocess.Popen([sys.executable, SCRIPT, str(site.port), kind, str(count),
                                         str(TIMEOUT + SLACK[kind])], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "open\n"

    def end(self):
        """How they ended; all of them by nginx in time, but for those that never stop sending."""
        said = json.loads(self.process.communicate()[0])
        if self.kind == "drip":
            assert said["ended"] == 0, said
        else:
            assert said["ended"] == self.count, said
            assert TIMEOUT - 1 < said["first"] and said["last"] < TIMEOUT + SLACK[self.kind], said
        return said


def ask(site, path, token):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Token {token}"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read(), path
    connection.close()


def p99(site, token, seconds):
    """Of ordinary requests, one after the other."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for path in "/api/user", "/login", "/static/style.css", "/api/health/ready":
            start = time.monotonic()
            ask(site, path, token)
            times.append(time.monotonic() - start)
            time.sleep(PAUSE)
    return sorted(times)[len(times) * 99 // 100]


def beside(site, token, kinds, idle=2):
    """p99 without and with slow clients, and how these ended. Nobody waits for them, and no program hears of them."""
    before = p99(site, token, idle)
    pids = {program: workers(site, program) for program in ("user", "users")}
    used = sum(map(cpu, pids["users"]))
    clients = [Clients(site, kind, count) for kind, count in kinds.items()]
    during = p99(site, token, TIMEOUT)
    said = [c.end() for c in clients]
    before = max(before, p99(site, token, idle))
    assert during < max(2 * before, ENOUGH), (before, during)
    assert pids == {program: workers(site, program) for program in pids}
    assert sum(map(cpu, pids["users"])) - used < 0.1
    assert "path=/api/users " not in site.log("users").partition("status=201")[2]
    return before, during, said


@pytest.fixture(scope="module")
def slow():
    with slow_site() as s:
        yield s


def test_N8_slow_clients(slow):
    beside(slow, slow.register()["token"], {"head": 60, "body": 60, "drip": 60, "read": 20})
