# SPDX-License-Identifier: ISC
"""How Postern behaves with more of each: connections, workers, rows; and how reading goes on while others log in."""
import contextlib
import io
import sys

import wrk
from conftest import ROOT

sys.path.append(str(ROOT / "tests" / "faults"))

from reads import Reads  # noqa: E402

CONNECTIONS, WORKERS = (1, 16, 64, 256, 1000), (1, 2, 4)
SECONDS, WARM = 2, 4
STARVED = 30        # times p50 that p99.9 may be


def by_connections(bench, requests):
    """{connections: what it takes}; nobody may wait in vain, or much longer than others."""
    found = {}
    for connections in CONNECTIONS:
        found[connections] = {}
        for name in ("user", "articles"):
            run = wrk.run(bench.postern.url, requests[name], SECONDS, connections, whole=False)
            found[connections][name] = {"rps": round(run.rps, 1), "p50_ms": run.p50_ms, "p999_ms": run.p999_ms,
                                        "times": round(run.p999_ms / run.p50_ms, 1), "refused": run.refused,
                                        "late": run.late, "broken": run.broken}
    return found


def by_workers(bench, requests):
    """{workers of user.fcgi: requests per second}"""
    found = {}
    for workers in WORKERS:
        bench.scaled.start(workers)
        wrk.run(bench.scaled.url, requests["user"], WARM)
        found[workers] = round(wrk.run(bench.scaled.url, requests["user"], SECONDS).rps, 1)
        bench.scaled.stop()
    return found


def by_rows(bench, requests):
    return {name: round(wrk.run(bench.site.url, requests[name], SECONDS).rps, 1) for name in ("articles", "article")}


def scaling(bench, requests):
    return {"connections": by_connections(bench, requests), "workers": by_workers(bench, requests)}


def reads_beside_logins(bench, requests, seconds):
    """p99 of reading a page and /api/user, idle and while sixteen log in, one after the other."""
    reads = Reads(bench.site)
    with contextlib.redirect_stdout(io.StringIO()):
        reads.go_on("idle", seconds)
        crowd = wrk.start(bench.postern.url, requests["login"], seconds, 16)
        reads.go_on("logins", while_=lambda: crowd.poll() is None)
        good = reads.steady()
    logins = wrk.result(crowd)
    (_, idle), (_, busy) = reads.phases
    return {"idle_p99_ms": idle, "busy_p99_ms": busy, "logins_rps": round(logins.rps, 2), "steady": good}
