# SPDX-License-Identifier: ISC
"""make bench-gate: a static file behind the gate beside a constant answer, through one nginx, in interleaved rounds.

floor     a 20-line libfcgi program, as many workers (tests/bench/floor.c)
bare      the same file, not guarded
bearer    guarded: 10,000 short tokens of 1,000 members
cookie    guarded: 1,000 sessions of browsers, each looked up
personal  guarded: 1,000 personal tokens, each looked up
"""
import hashlib
import statistics
import sys
import time

from spine import BUILD, ROUNDS, SECONDS, TOKENS, WARM, Site, free_port, members, nginx, spawn, tokens, wrk

LOCATIONS = """
location /bare/ {{ alias {var}/www/; }}
location /guarded/ {{ auth_request "/postern-gate/both/member"; alias {var}/www/; }}
"""
LEAST = {"bearer": 0.7, "cookie": 0.4}
SECRET = "{:A>43}"      # of 32 bytes, as base64url


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def cookies(site, people):
    """A cookie for the session of each member."""
    rows = ",".join(f"({session}, UNHEX('{digest(SECRET.format(session))}'))" for _, session, _ in people)
    site.sql("CREATE TEMPORARY TABLE c (id BIGINT UNSIGNED PRIMARY KEY, hash BINARY(32));"
             f"INSERT INTO c VALUES {rows};"
             "UPDATE sessions JOIN c USING (id) SET sessions.hash = c.hash")
    return [f"session-{{port}}={SECRET.format(session)}" for _, session, _ in people]


def personal(site, people):
    rows = ",".join(f"({user}, UNHEX('{digest('pst_' + SECRET.format(user))}'), 'x', 'gate', NOW(3),"
                    " NOW(3) + INTERVAL 1 DAY, NOW(3))" for user, _, _ in people)
    site.sql("INSERT INTO personal_tokens (user_id, hash, name, scopes, created_at, expires_at, last_used_at)"
             f" VALUES {rows}")
    return ["Bearer pst_" + SECRET.format(user) for user, _, _ in people]


def measure(site, port):
    people = members(site)
    files = {"bearer": [f"Bearer {t}" for t in tokens(site, people, TOKENS, 900)],
             "cookie": [c.format(port=port) for c in cookies(site, people)], "personal": personal(site, people)}
    ways = {}
    for name, lines in files.items():
        (site.var / f"{name}.txt").write_text("\n".join(lines) + "\n")
        ways[name] = (f"http://127.0.0.1:{port}/guarded/file", site.var / f"{name}.txt",
                      "Cookie" if name == "cookie" else "Authorization")
    ways = {"floor": (f"http://127.0.0.1:{port}/floor", *ways["bearer"][1:]),
            "bare": (f"http://127.0.0.1:{port}/bare/file", *ways["bearer"][1:]), **ways}
    print("warming: each worker must have seen each token", file=sys.stderr)
    for name, way in ways.items():
        wrk(*way[:2], WARM if name == "bearer" else 2, way[2])
    rounds = {name: [] for name in ways}
    for i in range(ROUNDS):
        print(f"round {i + 1} of {ROUNDS}", file=sys.stderr)
        for name, (url, file, header) in ways.items():
            rounds[name].append(wrk(url, file, SECONDS, header))
    return rounds


def report(rounds):
    """What fell short of what is expected."""
    floor, short = statistics.median(rounds["floor"]), []
    print(f"{'':10}{'requests/s':>12}{'lowest':>10}{'highest':>10}{'of floor':>10}{'expected':>10}")
    for name, each in rounds.items():
        median = statistics.median(each)
        print(f"{name:10}{median:12.0f}{min(each):10.0f}{max(each):10.0f}{median / floor:10.2f}"
              f"{LEAST.get(name, ''):>10}")
        if median / floor < LEAST.get(name, 0):
            short.append(name)
    return short


def main():
    site, others = Site(), []
    try:
        site.start()
        (site.var / "www").mkdir()
        (site.var / "www" / "file").write_text(592 * "x")       # as many bytes as the floor answers
        port = free_port()
        others = [spawn(site, "floor", BUILD / "tests" / "bench" / "floor"),
                  nginx(site, port, LOCATIONS.format(var=site.var))]
        time.sleep(1)
        short = report(measure(site, port))
    finally:
        for other in others:
            other.terminate()
        site.run("stop")
        site.remove()
    if short:
        sys.exit(f"slower than expected: {', '.join(short)}")


if __name__ == "__main__":
    main()
