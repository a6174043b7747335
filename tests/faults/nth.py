# SPDX-License-Identifier: ISC
"""Programs under nth.so: their N-th call of a kind fails. As plain CGI, one process a request; and as a FastCGI
worker that goes on."""
import contextlib
import dataclasses
import mmap
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time

from load import BUILD
from conftest import REQUEST_LINE
from fcgi_client import STDOUT, request, talk

KINDS = ["alloc", "read", "write", "random"]
NOTHING = -1
SECONDS = 10        # within which an answer or an end must come
OWN_WORD = re.compile(r"^postern: .+|.*Assertion .* failed\.$", re.M)


@dataclasses.dataclass
class Outcome:
    """What came of a request."""
    answer: bytes = b""         # as plain CGI writes it
    ended: bool = True          # the answer has its end
    status: int = None          # exit status; None: it goes on
    said: list = ()             # lines on standard error that are no requests
    where: str = ""             # the call that failed; "" none did
    hung: bool = False

    @property
    def code(self):
        found = re.match(rb"Status: (\d{3}) ", self.answer)
        return int(found[1]) if found else 0

    @property
    def clean_end(self):
        """Whether a process that ended did so by its own decision, and said why. What it says, it writes:
        the line is missing where that was what failed."""
        if self.status == 1:
            return len(self.said) == 1
        return self.status == -signal.SIGABRT and bool(OWN_WORD.search("\n".join(self.said)))


def lines(text):
    return [l for l in text.decode(errors="replace").splitlines() if not REQUEST_LINE.match(l)]


class Page:
    """The memory that nth.so shares: `struct page` there."""
    LAYOUT = struct.Struct("=13q96s")

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="nth-")
        self.file.truncate(mmap.PAGESIZE)
        self.map = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)
        self.clear()

    def clear(self):
        self.LAYOUT.pack_into(self.map, 0, NOTHING, *[0] * 12, b"")

    def arm(self, kind, nth):
        """The nth call of this kind from now on fails."""
        struct.pack_into("=q", self.map, 8, nth)
        self.map[13 * 8:13 * 8 + 96] = bytes(96)
        struct.pack_into("=q", self.map, 0, kind)

    def numbers(self):
        return self.LAYOUT.unpack_from(self.map)

    @property
    def calls(self):
        return self.numbers()[2:6]

    @property
    def before(self):
        """Calls before the first request."""
        return self.numbers()[6:10]

    @property
    def live(self):
        return self.numbers()[11]

    @property
    def waits(self):
        return self.numbers()[12]

    @property
    def where(self):
        return self.numbers()[13].rstrip(b"\0").decode()

    def env(self, site, **more):
        return site.tool_env(NTH=self.file.name, LD_PRELOAD=str(BUILD / "tests/faults/nth.so"), **more)


def program(name):
    return str(BUILD / "cgi-bin" / f"{name}.fcgi")


class Cgi:
    """A process a request, in which anything may fail from its start to its end."""

    def __init__(self, site, name):
        self.site, self.name, self.page = site, name, Page()

    descriptors = 0     # that stay open

    def end(self):
        pass

    def close(self):
        pass

    @property
    def used(self):
        """Calls of each kind by the last request."""
        return self.page.calls

    def once(self, variables, body, kind=NOTHING, nth=0):
        self.page.clear()
        self.page.arm(kind, nth)
        try:
            done = subprocess.run([program(self.name)], env=self.page.env(self.site, **variables), input=body,
                                  capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return Outcome(hung=True, where=self.page.where)
        return Outcome(done.stdout, True, done.returncode, lines(done.stderr), self.page.where)


class Worker:
    """A FastCGI worker on a socket of its own."""

    def __init__(self, site, name):
        self.site, self.name, self.page = site, name, Page()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nth-"))
        self.path, self.log = self.folder / "s", self.folder / "log"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        self.process, self.used = None, []

    def close(self):
        self.end()
        self.listener.close()
        for path in self.path, self.log:
            path.unlink(missing_ok=True)
        self.folder.rmdir()

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def start(self):
        self.page.clear()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([program(self.name)], env=self.page.env(self.site),
                                            stdin=self.listener, stdout=log, stderr=log)
        assert self.waits_again(0), "a worker does not start"

    def waits_again(self, before):
        """Whether it is ready for the next request, within SECONDS; not if it ended."""
        end = time.monotonic() + SECONDS
        while self.page.waits == before and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.0001)
        return self.page.waits > before

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def once(self, variables, body, kind=NOTHING, nth=0):
        if self.process is None:
            self.start()
        before, said = self.page.waits, self.log.stat().st_size
        calls = self.page.calls
        self.page.arm(kind, nth)
        answer = None
        with contextlib.suppress(TimeoutError):
            answer = talk(self.path, request(variables, body), SECONDS)
        waiting = self.waits_again(before)
        return self.outcome(answer, waiting, said, calls)

    def outcome(self, answer, waiting, said, calls):
        status = self.process.poll()
        hung = answer is None or (not waiting and status is None)
        self.used = [now - then for now, then in zip(self.page.calls, calls)]
        where = self.page.where
        self.page.arm(NOTHING, 0)
        if hung or status is not None:
            self.end()
        raw = b"".join(c for type, _, c in answer.records if type == STDOUT) if answer else b""
        said = lines(self.log.read_bytes()[said:])
        return Outcome(raw, bool(answer and answer.ended), status, said, where, hung)
