# SPDX-License-Identifier: ISC
"""make bench-articles: a list and an article out of N beside a constant answer, through one nginx, in rounds that take
turns.

floor     a 20-line libfcgi program, as many workers (tests/bench/floor.c)
list      GET /api/articles?limit=20
article   GET /api/articles/:slug, 5,000 of them in turn

The private MariaDB of `make run` answers from its query cache what it may, as it does for make bench-spine."""
import os
import re
import statistics
import subprocess
import sys
import time

from spine import BENCH, BUILD, Site, free_port, nginx, spawn

ROUNDS, SECONDS = int(os.environ.get("ROUNDS", 5)), int(os.environ.get("SECONDS", 3))
LEAST = {"list": 0.12, "article": 0.3}


def wrk(url, paths, seconds):
    done = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(BENCH / "paths.lua"), url],
                          env={**os.environ, "PATHS": str(paths)}, text=True, capture_output=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


def measure(site, port, many):
    slugs = [s for (s,) in site.sql("SELECT slug FROM articles WHERE slug LIKE 'demo-%' ORDER BY id DESC LIMIT 5000")]
    assert len(slugs) == min(many, 5000)
    ways = {"floor": ["/floor"], "list": ["/api/articles?limit=20"], "article": [f"/api/articles/{s}" for s in slugs]}
    files = {}
    for name, paths in ways.items():
        files[name] = site.var / f"{name}.txt"
        files[name].write_text("\n".join(paths) + "\n")
        wrk(f"http://127.0.0.1:{port}", files[name], 2)
    rounds = {name: [] for name in ways}
    for i in range(ROUNDS):
        print(f"round {i + 1} of {ROUNDS}", file=sys.stderr)
        for name, file in files.items():
            rounds[name].append(wrk(f"http://127.0.0.1:{port}", file, SECONDS))
    return rounds


def main():
    many = int(sys.argv[1])
    site, others = Site(), []
    try:
        site.start()
        subprocess.run([str(BUILD / "postern"), "demo", str(many)], env=site.tool_env(), check=True, stdout=sys.stderr)
        port = free_port()
        others = [spawn(site, "floor", BUILD / "tests" / "bench" / "floor"), nginx(site, port)]
        time.sleep(1)
        rounds = measure(site, port, many)
    finally:
        for other in others:
            other.terminate()
        site.run("stop")
        site.remove()
    floor, low = statistics.median(rounds["floor"]), []
    print(f"{'':10}{'requests/s':>12}{'lowest':>10}{'highest':>10}{'of floor':>10}{'least':>8}")
    for name, each in rounds.items():
        median = statistics.median(each)
        least = LEAST.get(name)
        print(f"{name:10}{median:12.0f}{min(each):10.0f}{max(each):10.0f}{median / floor:10.2f}{least or '':>8}")
        low += [name] if least and median / floor < least else []
    return bool(low)


if __name__ == "__main__":
    sys.exit(main())
