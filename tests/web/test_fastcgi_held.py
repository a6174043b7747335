# SPDX-License-Identifier: ISC
"""A peer on the socket that keeps a program's one worker, and workers that are told to end meanwhile."""
import concurrent.futures
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

import fcgi_client as fcgi
from conftest import BUILD, running
from test_fastcgi import FREE_SECONDS, GET, REST, lone, served
from ways import SOCKETS
from workers import alive, until, workers

pytestmark = SOCKETS

HALVES = {"silence": b"", "half a header": fcgi.begin()[:5], "begin": fcgi.begin(),
          "half the params": fcgi.begin() + fcgi.record(fcgi.PARAMS, GET)[:40],
          "half the body": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET) + fcgi.record(fcgi.STDIN, b"xx")[:9]}


def held_open(lone, program, half):
    path = lone.var / "run" / f"{program}.sock"
    with fcgi.connect(path) as peer:
        peer.sendall(HALVES[half])
        served(path)


def dripping(lone, program, _):
    """A byte each half second is not silence, but the time is for the whole request."""
    path = lone.var / "run" / f"{program}.sock"
    stop = threading.Event()

    def drip(peer):
        for byte in fcgi.begin() + REST:
            try:
                peer.sendall(bytes([byte]))
            except OSError:
                return
            if stop.wait(0.5):
                return

    with fcgi.connect(path) as peer:
        thread = threading.Thread(target=drip, args=[peer])
        thread.start()
        time.sleep(0.1)
        try:
            served(path)
        finally:
            stop.set()
            thread.join()


def pouring(lone, program, _):
    """A body far longer than it says, faster than it is read: no read ever waits."""
    path = lone.var / "run" / f"{program}.sock"
    pieces = fcgi.record(fcgi.STDIN, b"x" * 65528) * 16
    stop = threading.Event()

    def pour(peer):
        with contextlib.suppress(OSError):
            peer.sendall(fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET))
            while not stop.is_set():
                peer.sendall(pieces)

    with fcgi.connect(path) as peer:
        thread = threading.Thread(target=pour, args=[peer])
        thread.start()
        time.sleep(0.1)
        try:
            served(path)
        finally:
            stop.set()
            thread.join()


def terminated(lone, program, half):
    path = lone.var / "run" / f"{program}.sock"
    served(path)
    (worker,) = workers(lone, program)
    with fcgi.connect(path) as peer:
        peer.sendall(HALVES[half])
        time.sleep(0.2)
        os.kill(worker, signal.SIGTERM)
        assert until(lambda: not alive(worker), FREE_SECONDS)
    served(path)


def together(lone, *jobs):
    """Several programs at once: each waits some seconds."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for job in [pool.submit(what, lone, program, half) for what, program, half in jobs]:
            job.result()


def test_N7_half_a_request_held_open(lone):
    before = {program: workers(lone, program) for program in ("user", "users", "login", "health", "token")}
    together(lone, (held_open, "user", "half the params"), (held_open, "login", "begin"),
             (held_open, "health", "half the body"), (dripping, "users", None), (pouring, "token", None))
    assert before == {program: workers(lone, program) for program in before}


def test_N7_sigterm_during_half_a_request(lone):
    lone.expect(r"^Child\[0\] died, respawn$")
    together(lone, (terminated, "user", "half a header"), (terminated, "users", "begin"),
             (terminated, "login", "half the body"), (held_open, "health", "silence"))


def test_N7_sigterm_at_rest(lone):
    lone.expect(r"^Child\[0\] died, respawn$")
    path = lone.var / "run" / "user.sock"
    served(path)
    (worker,) = workers(lone, "user")
    os.kill(worker, signal.SIGTERM)
    assert until(lambda: not alive(worker), 2)
    served(path)


def test_N7_sigterm_before_a_queue_that_never_ends(lone):
    """Connections that wait are for the next worker: else a busy one would not end before its load does."""
    lone.expect(r"^Child\[0\] died, respawn$")
    path = lone.var / "run" / "user.sock"
    served(path)
    (worker,) = workers(lone, "user")
    request = fcgi.request(fcgi.variables("GET", "/api/nothing"))
    with contextlib.ExitStack() as stack:
        first, *others = (stack.enter_context(fcgi.connect(path)) for _ in range(20))
        first.sendall(request[:-8])                 # keeps the worker while the others queue up
        for peer in others:
            peer.sendall(request)
        os.kill(worker, signal.SIGTERM)
        served_before = lone.log("user").count(f" user[{worker}] request ")
        first.sendall(request[-8:])
        assert until(lambda: not alive(worker), FREE_SECONDS)
        assert lone.log("user").count(f" user[{worker}] request ") - served_before <= 1
        for peer in others:
            assert peer.recv(65536)                 # by the next one
            peer.close()


def test_N7_a_worker_that_ends_leaves_no_connection_behind():
    """A connection wakes one worker: not the one that has just been told to end, and goes without it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener, running() as site:
        path = f"{folder}/own.sock"
        listener.bind(path)
        listener.listen(64)
        start = lambda: subprocess.Popen([str(BUILD / "cgi-bin" / "user.fcgi")], stdin=listener, stderr=subprocess.DEVNULL,
                                         env=site.tool_env())
        both = [start(), start()]
        try:
            for _ in range(20):
                time.sleep(0.15)        # both wait
                both[0].terminate()
                begun = time.monotonic()
                assert fcgi.get(path, "/api/user").status == 401
                assert time.monotonic() - begun < 1
                both[0].wait(5)
                both = [both[1], start()]
        finally:
            for process in both:
                process.terminate()
                process.wait(5)


def test_addresses_that_nobody_looks_at_are_refused(lone):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = subprocess.run([str(BUILD / "cgi-bin" / "user.fcgi")], stdin=listener, stderr=subprocess.PIPE, timeout=10,
                              env=lone.tool_env(FCGI_WEB_SERVER_ADDRS="127.0.0.1"))
    assert done.returncode != 0 and b"FCGI_WEB_SERVER_ADDRS" in done.stderr
