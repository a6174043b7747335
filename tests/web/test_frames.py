# SPDX-License-Identifier: ISC
"""N6: spoilt FastCGI requests straight at one worker. It must stay the same process, answer ordinary requests in
time meanwhile, and grow neither in memory nor in descriptors. `make frames` throws a million.

A sender says that no more comes, for a peer that holds its half open costs seconds (test_fastcgi.py); what
libfcgi itself dies of is left out (mutate.py).
"""
import collections
import os
import random
import time

import pytest

import fcgi_client as fcgi
from conftest import running
from mutate import Mutator, good_requests
from ways import SOCKETS
from workers import QUARANTINE, rss, until, workers

pytestmark = SOCKETS

WARM = 1000             # requests, after which the worker has what it needs
ROUND = 2000            # requests between two looks
SECONDS = 4             # of the short form
PATIENCE = 1.0          # seconds that an ordinary request may take
GROWTH = 32 << 20       # bytes: sizes that are lies make the heap that large, if little of it is ever touched
DESCRIPTORS = 5         # the listening socket, what waits for it, the log twice, the database


class Target:
    """The one worker of a program, and what was seen of it."""

    def __init__(self, site, seed):
        self.site, self.path = site, site.var / "run" / "user.sock"
        (self.pid,) = workers(site, "user")
        self.good = good_requests(site.register()["token"])
        self.mutator = Mutator(seed, self.good)
        self.slowest, self.seen = 0.0, collections.Counter()
        self.throw(WARM)
        self.ordinary()
        self.first = self.most = rss(self.pid)

    def open(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def throw(self, count):
        """So many spoilt requests; some senders leave without reading."""
        for number in range(count):
            data = next(self.mutator)
            if number % 10 == 0:
                fcgi.leave(self.path, data)
                self.seen["not read"] += 1
                continue
            answer = fcgi.throw(self.path, data)
            assert answer.answers <= 1 and (answer.status or 0) < 500, (answer.status, data)
            self.seen[answer.status or "no answer"] += 1

    def ordinary(self):
        """All good requests, each answered right and in time."""
        for (pairs, body), status in zip(self.good, (200, 200, 200, 303, 303)):
            start = time.monotonic()
            answer = fcgi.talk(self.path, fcgi.request(pairs, body))
            self.slowest = max(self.slowest, time.monotonic() - start)
            assert (answer.status, answer.ended) == (status, 1), pairs
        assert self.slowest < PATIENCE, self.slowest

    def look(self):
        self.ordinary()
        self.most = max(self.most, rss(self.pid))
        assert workers(self.site, "user") == [self.pid], "the worker has died"
        assert until(lambda: self.open() == DESCRIPTORS)     # it closes a connection a moment after its peer
        assert self.most - self.first < GROWTH + QUARANTINE, (self.first, self.most)

    def __str__(self):
        seen = ", ".join(f"{what}: {n}" for what, n in self.seen.most_common())
        return (f"{self.seen.total()} spoilt requests: {seen}\n{self.mutator.left_out} that end libfcgi were left out\n"
                f"the worker lives, memory {self.first >> 10} kB, {self.most >> 10} kB at most,"
                f" {DESCRIPTORS} descriptors, slowest ordinary request {self.slowest * 1000:.0f} ms")


@pytest.fixture(scope="module")
def lone():
    with running({"WORKERS": "1"}) as s:
        yield s


def test_N6_spoilt_requests(lone):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")       # shown if it fails
    target, end = Target(lone, seed), time.monotonic() + SECONDS
    while time.monotonic() < end:
        target.throw(ROUND // 4)
        target.look()
    # Spoilt they are, but not so that nothing gets past libfcgi.
    assert {"no answer", 200, 303, 400, 401, 404, 405} <= target.seen.keys(), target


def test_N6_same_seed_same_bytes():
    good = good_requests("token")
    first, again, other = (Mutator(seed, good) for seed in (1, 1, 2))
    rows = [[next(m) for _ in range(500)] for m in (first, again, other)]
    assert rows[0] == rows[1] != rows[2]
    whole = {fcgi.request(pairs, body) for pairs, body in good}
    assert sum(data in whole for data in rows[0]) < 10
