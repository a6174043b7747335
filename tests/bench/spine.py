# SPDX-License-Identifier: ISC
"""make bench-spine: GET /api/user beside a constant answer, through one nginx, in interleaved rounds.

floor     a 20-line libfcgi program, as many workers (tests/bench/floor.c)
user      10,000 short tokens of 1,000 members
no memory the same with [token] memory = 0: each signature is verified
lasting   long-lived user tokens: the session row is read as well

The private MariaDB of `make run` answers from its query cache what it may (nginx/mariadb.cnf.in): the
member's row, but not the session's, whose query asks for the time.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import uuid

import jwt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from conftest import BUILD, ROOT, Site, free_port  # noqa: E402
from database import new_members  # noqa: E402

BENCH = ROOT / "tests" / "bench"
MEMBERS, TOKENS, WORKERS = 1000, 10000, 2
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", 5)), int(os.environ.get("SECONDS", 3))
WARM = 20       # seconds: about five passes over all tokens


def members(site):
    """A thousand members with a session each, straight into the tables."""
    site.sql(new_members("CONCAT('bench', seq)", "CONCAT('bench', seq, '@example.org')", MEMBERS) + ";"
             "INSERT INTO sessions (user_id, created_at, authenticated_at, last_seen_at, expires_at)"
             " SELECT id, NOW(3), NOW(3), NOW(3), NOW(3) + INTERVAL 1 DAY FROM users WHERE username LIKE 'bench%'")
    return site.sql("SELECT u.id, s.id, u.username FROM users u JOIN sessions s ON s.user_id = u.id"
                    " WHERE u.username LIKE 'bench%'")


def tokens(site, people, count, life):
    key = json.loads((site.var / "keys" / "private.json").read_text())["keys"][0]
    private = jwt.algorithms.ECAlgorithm.from_jwk(json.dumps(key))
    now = int(time.time())
    for i in range(count):
        user, session, name = people[i % len(people)]
        claims = {"iss": site.url, "sub": user, "iat": now, "nbf": now, "exp": now + life,
                  "jti": str(uuid.uuid4()), "type": "access", "fresh": True, "sid": session,
                  "username": name, "role": "member"}
        yield jwt.encode(claims, private, "ES256", {"kid": key["kid"], "typ": "at+jwt"})


def spawn(site, name, program, **env):
    socket = site.var / "run" / f"{name}.sock"
    return subprocess.Popen(
        ["spawn-fcgi", "-n", "-s", str(socket), "-M", "0600", "-b", "511", "--", "/usr/bin/multiwatch", "-r",
         "1000000", "-t", "1", "-f", str(WORKERS), "--", str(program)],
        env=site.tool_env(**env), stderr=(site.var / "log" / f"{name}.log").open("w"))


def nginx(site, port, locations=""):
    """The site's own nginx configuration with the two bench programs beside, and more locations."""
    conf = (site.var / "run" / "nginx.conf").read_text()
    more = "".join(
        f"location = /{name} {{ rewrite ^ /api/user break; fastcgi_pass unix:{site.var}/run/{name}.sock; }}\n"
        for name in ("floor", "off")) + locations
    conf = conf.replace(f"127.0.0.1:{site.port}", f"127.0.0.1:{port}").replace("run/nginx.pid", "run/bench.pid")
    conf = conf.replace("\t\tinclude ", more + "\t\tinclude ", 1)
    path = site.var / "run" / "bench.conf"
    path.write_text(conf)
    return subprocess.Popen(["nginx", "-p", f"{site.var}/", "-c", str(path), "-e", "stderr",
                             "-g", "user root;" if os.geteuid() == 0 else ""])


def wrk(url, file, seconds, header="Authorization"):
    """Requests per second; any answer but 2xx ends the run."""
    done = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", str(BENCH / "tokens.lua"), url],
                          env={**os.environ, "TOKENS": str(file), "HEADER": header}, text=True, capture_output=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


def pss(site):
    """Proportional set size of every program and its multiwatch, in MB."""
    total, count = 0, 0
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if b"postern-" not in (proc / "environ").read_bytes() or str(site.var).encode() not in (
                    proc / "environ").read_bytes():
                continue
            command = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if "/cgi-bin/" in command and "spawn" not in command:
                rollup = (proc / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1))
                count += 1
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total / 1024, count


def measure(site, port):
    people = members(site)
    short, lasting = site.var / "short.txt", site.var / "lasting.txt"
    for file, count, life in (short, TOKENS, 900), (lasting, MEMBERS, 7 * 86400):
        file.write_text("".join(f"Bearer {token}\n" for token in tokens(site, people, count, life)))
    base = f"http://127.0.0.1:{port}"
    ways = {"floor": (f"{base}/floor", short), "user": (f"{base}/api/user", short),
            "no memory": (f"{base}/off", short), "lasting": (f"{base}/api/user", lasting)}
    print("warming: each worker must have seen each token", file=sys.stderr)
    for name, (url, file) in ways.items():
        wrk(url, file, WARM if name == "user" else 2)
    rounds = {name: [] for name in ways}
    for i in range(ROUNDS):
        print(f"round {i + 1} of {ROUNDS}", file=sys.stderr)
        for name, (url, file) in ways.items():
            rounds[name].append(wrk(url, file, SECONDS))
    return rounds


def report(rounds, memory):
    floor = statistics.median(rounds["floor"])
    print(f"{'':10}{'requests/s':>12}{'lowest':>10}{'highest':>10}{'of floor':>10}")
    for name, each in rounds.items():
        median = statistics.median(each)
        print(f"{name:10}{median:12.0f}{min(each):10.0f}{max(each):10.0f}{median / floor:10.2f}")
    print(f"PSS of {memory[1]} processes (programs and their multiwatch): {memory[0]:.1f} MB")
    return statistics.median(rounds["user"]) / floor


def main():
    """With the word pss: fewer rounds, and the memory is what is judged."""
    global ROUNDS
    only_memory = sys.argv[1:] == ["pss"]
    ROUNDS = 1 if only_memory else ROUNDS
    site = Site()
    others = []
    try:
        site.start()
        port = free_port()
        others = [spawn(site, "floor", BUILD / "tests" / "bench" / "floor"),
                  spawn(site, "off", BUILD / "cgi-bin" / "user.fcgi", POSTERN_TOKEN_MEMORY="0"),
                  nginx(site, port)]
        time.sleep(1)
        rounds = measure(site, port)
        for other in others[:2]:
            other.terminate()
        time.sleep(0.5)
        memory = pss(site)
        ratio = report(rounds, memory)
    finally:
        for other in others:
            other.terminate()
        site.run("stop")
        site.remove()
    if memory[0] > 30:
        sys.exit(f"{memory[0]:.1f} MB are more than 30")
    if ratio < 0.4 and not only_memory:
        sys.exit(f"user is {ratio:.2f} of the floor; at least 0.40 is expected")


if __name__ == "__main__":
    main()
