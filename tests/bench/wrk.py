# SPDX-License-Identifier: ISC
"""wrk on loopback: a file of requests at one address for some seconds, and what it took. An answer of 400 or above, a
time-out or a connection that broke ends the run, unless it is asked for what was counted."""
import itertools
import os
import pathlib
import statistics
import subprocess
import time
from collections import namedtuple

BENCH = pathlib.Path(__file__).resolve().parent
TIMEOUT = 20        # seconds of an answer
FIELDS = ("rps", "p50_ms", "p99_ms", "p999_ms")
Run = namedtuple("Run", (*FIELDS, "requests", "refused", "late", "broken"))
firsts = itertools.count(time.time_ns() // 10**9 % 10**5 * 10**5, 10**5)     # of the numbers that make titles differ


def line(method, path, name="", value="", body=""):
    return "\t".join((method, path, name, value, body)) + "\n"


def command(url, seconds, connections):
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s", "-s", str(BENCH / "requests.lua"), url]


def start(url, file, seconds, connections=16):
    """Load that goes on in the background."""
    return subprocess.Popen(command(url, seconds, connections), stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "REQUESTS": str(file), "FIRST": str(next(firsts))})


def result(process, whole=True):
    said, _ = process.communicate()
    assert process.returncode == 0, said
    requests, us, p50, p99, p999, *errors = map(int, said.split("RESULT")[1].split())
    assert requests > 0 and not (whole and any(errors)), said
    return Run(requests / us * 1e6, p50 / 1e3, p99 / 1e3, p999 / 1e3, requests, *errors)


def run(url, file, seconds, connections=16, whole=True):
    return result(start(url, file, seconds, connections), whole)


def median(runs, field):
    return statistics.median(getattr(one, field) for one in runs)
