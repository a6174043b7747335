# SPDX-License-Identifier: ISC
"""make bench, make bench-quick: Postern beside a constant answer and beside its peers, in one run; NOTES.md says what each
scenario does. Prints a table, and writes build/bench.json and build/bench.svg."""
import json
import pathlib
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
import report  # noqa: E402
import whole  # noqa: E402
import wrk  # noqa: E402
from checks import Checks  # noqa: E402
from conftest import BUILD, PASSWORD  # noqa: E402
from people import LONG, MEMBERS, SHORT, TOKENS, members, tokens  # noqa: E402
from scaling import by_rows, reads_beside_logins, scaling  # noqa: E402
from servers import Bench, cpu_of, pss  # noqa: E402

WORKERS = (1, 2, 4, 5, 8)
PASSES = 4      # over all tokens, with two workers
ROWS = (10**3, 10**4, 10**5, 10**6)
POST = '{"article":{"title":"Bench ##########","description":"What is written","body":"' + "Some words. " * 40 + \
    '","tagList":["bench","written"]}}'


class Plan:
    """How much of it: all, or what three minutes allow."""

    def __init__(self, quick):
        self.quick = quick
        self.rounds, self.seconds = (2, 1) if quick else (5, 2)
        self.sweep, self.logins = (1, 3) if quick else (1, 8)
        self.workers = (2, 5) if quick else WORKERS
        self.bytes, self.uploads = (20 << 20, 1) if quick else (100 << 20, 3)


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def files(bench, people):
    """{scenario: file of requests}"""
    short = tokens(bench.site, people, TOKENS, SHORT)
    article = [f"/api/articles/demo-{n}" for n in random.sample(range(1000), 1000)]
    logins = ['{"user":{"email":"%s@example.org","password":"%s"}}' % (name, PASSWORD) for _, _, name in people]
    users = [wrk.line("GET", "/api/user", "Authorization", f"Bearer {t}") for t in short]
    posts = [wrk.line("POST", "/api/articles", "Authorization", f"Bearer {t}", POST) for t in short]
    login = [wrk.line("POST", "/api/users/login", body=text) for text in logins]
    reads = [users, [wrk.line("GET", path) for path in article], [wrk.line("GET", "/api/articles?limit=20")], [wrk.line("GET", "/")]]
    mix = []
    for i in range(len(short)):
        kind = login if i % 100 == 99 else posts if i % 100 % 11 == 10 else reads[i % 4]
        mix.append(kind[i % len(kind)])
    lines = {"gate-jwt": [wrk.line("GET", "/guarded/file", "Authorization", f"Bearer {t}") for t in short], "user": users,
             "user-long": [wrk.line("GET", "/api/user", "Authorization", f"Bearer {t}")
                           for t in tokens(bench.site, people, MEMBERS, LONG)],
             "articles anew": [wrk.line("GET", "/api/articles?limit=20", "Cookie", "a=b")], "home anew": [wrk.line("GET", "/", "Cookie", "a=b")],
             "articles": reads[2], "article": reads[1], "home": reads[3], "article-post": posts, "login": login, "mix": mix}
    found = {}
    for name, each in lines.items():
        found[name] = bench.var / "bench" / f"{name}.txt"
        found[name].write_text("".join(each))
    return found


def sweep(bench, plan, requests):
    """Each peer with each number of workers: {what: {peer: {workers: requests per second}}}. It keeps the best for what is
    measured: the best for reading and for writing are not the same."""
    kinds = {"reading": ("user",)} if plan.quick else {"reading": ("user", "articles"), "writing": ("article-post",)}
    found = {kind: {server.name: {} for server in bench.peers} for kind in kinds}
    for server in bench.peers:
        for workers in plan.workers:
            use(server, workers)
            wrk.run(server.url, requests["articles"], 1)      # the first answers are slower
            for kind, names in kinds.items():
                each = [wrk.run(server.url, requests[name], plan.sweep).rps for name in names]
                found[kind][server.name][workers] = statistics.geometric_mean(each)
        for kind, each in found.items():
            say(f"{server.name}, {kind}: " + ", ".join(f"{w} workers {r:.0f}/s" for w, r in each[server.name].items()))
    return found


def use(server, workers):
    server.stop()
    server.start(workers)


def use_best(bench, found, requests):
    """{peer: its number of workers from now on}, with what was found for reading or for writing."""
    best = {name: max(each, key=each.get) for name, each in found.items()}
    for server in bench.peers:
        use(server, best[server.name])
        wrk.run(server.url, requests["articles"], 1)
    return best


def warm(server, requests, count=TOKENS):
    """Until each worker has seen almost each of so many tokens."""
    seen = 0
    while seen < PASSES * count:
        seen += wrk.run(server.url, requests, 2).requests


def measure(name, servers, load, rounds):
    """So many rounds in turn: {name, then {server: number} for each column}. `load` is called with a server."""
    runs, seconds = defaultdict(list), defaultdict(list)
    for i in range(rounds):
        for server in servers[i % len(servers):] + servers[:i % len(servers)]:
            before = cpu_of(pids := server.pids())
            runs[server.name].append(one := load(server))
            seconds[server.name].append((cpu_of(pids) - before) / one.requests * 1000)
    found = {"name": name}
    for column in wrk.FIELDS:
        found[column] = {s.name: round(wrk.median(runs[s.name], column), 3) for s in servers}
    found["lowest"] = {s.name: round(min(r.rps for r in runs[s.name]), 1) for s in servers}
    found["highest"] = {s.name: round(max(r.rps for r in runs[s.name]), 1) for s in servers}
    found["cpu_s_per_1000"] = {s.name: round(statistics.median(seconds[s.name]), 4) for s in servers}
    found["pss_mb"] = {s.name: round(pss(s.pids()), 1) for s in servers}
    say(f"{name}: " + ", ".join(f"{server} {rps:.1f}/s" for server, rps in found["rps"].items()))
    return found


def of_wrk(requests, plan, seconds=None, connections=16):
    return lambda server: wrk.run(server.url, requests, seconds or plan.seconds, connections)


def upload(bench, plan, token):
    """A file of many bytes, as a form, one after the other."""
    path = bench.var / "bench" / "upload.bin"
    path.write_bytes(random.randbytes(plan.bytes))

    def load(server):
        start = time.monotonic()
        done = subprocess.run(["curl", "-sS", "-H", f"Authorization: Bearer {token}", "-F", f"description={time.time_ns()}", "-F",
                               f"inputFile=@{path}", server.url + "/api/files"], capture_output=True, text=True, check=True)
        took = time.monotonic() - start
        assert f'"size":{plan.bytes},' in done.stdout, (server.name, done.stdout)
        for file in (bench.var / "bench" / "uploads").iterdir():
            file.unlink()
        return wrk.Run(1 / took, *[took * 1e3] * 3, 1, 0, 0, 0)
    return load


def beside(bench, plan, requests):
    """Figures that stand beside: Postern without a memory of tokens, with the long token of user objects, with a cookie, so
    that each answer is made anew, and behind nginx/cache.conf."""
    warm(bench.postern, requests["user-long"], MEMBERS)
    found = {}
    for name, server, file in (("gate-jwt cold", bench.cold, "gate-jwt"), ("user cold", bench.cold, "user"),
                               ("user long", bench.postern, "user-long"), ("articles anew", bench.postern, "articles anew"),
                               ("home anew", bench.postern, "home anew"), ("articles kept", bench.kept, "articles"),
                               ("home kept", bench.kept, "home")):
        runs = [wrk.run(server.url, requests[file], plan.seconds) for _ in range(max(2, plan.rounds // 2))]
        found[name] = {field: round(wrk.median(runs, field), 3) for field in wrk.FIELDS}
    return found


def thousand(plan, out):
    bench = Bench(1000)
    try:
        people = members(bench.site)
        bench.start()
        requests = files(bench, people)
        say("the same checks for all")
        checks = Checks(bench, people)
        checks.run()
        out["statements"] = checks.statements
        say("how many workers each peer wants")
        out["workers"] = sweep(bench, plan, requests)
        out["best"] = use_best(bench, out["workers"]["reading"], requests)
        say("warming: each worker of Postern sees each token")
        requests = requests if plan.quick else files(bench, people)     # a token lives for a quarter of an hour
        for name in ("user", "gate-jwt"):
            warm(bench.postern, requests[name])
        everybody, logged_in = bench.all(), [s for s in bench.all(floor=False) if s.name != "node"]
        out["scenarios"] = [measure(name, everybody, of_wrk(requests[name], plan), plan.rounds)
                            for name in ("gate-jwt", "user", "articles", "article", "home")]
        out["beside"] = beside(bench, plan, requests)
        requests = requests if plan.quick else files(bench, people)
        if not plan.quick:
            use_best(bench, out["workers"]["writing"], requests)
        out["scenarios"] += [
            measure("article-post", bench.all(floor=False), of_wrk(requests["article-post"], plan), plan.rounds),
            measure("login", logged_in, of_wrk(requests["login"], plan, plan.logins, 4), 1 if plan.quick else 2),
            measure("mix", logged_in, of_wrk(requests["mix"], plan, 2 * plan.seconds), 1 if plan.quick else 3),
            measure("upload", bench.all(floor=False), upload(bench, plan, tokens(bench.site, people, 1, SHORT)[0]), plan.uploads)]
        out["pss_mb"] = {s.name: round(pss(s.pids()), 1) for s in everybody}
        out["pss_mb"]["postern_same"] = round(pss(bench.postern.pids(same=True)), 1)
        say("plain CGI")
        out["cgi"] = whole.cgi(bench.site, tokens(bench.site, people, 1, SHORT)[0], 50 if plan.quick else 300)
        say("reading while others log in")
        out["reads_beside_logins"] = reads_beside_logins(bench, requests, 2 if plan.quick else 5)
        if not plan.quick:
            out["scaling"] = scaling(bench, requests)
    finally:
        bench.stop()


def more_rows(plan, out):
    """The same over more articles; over the most of all, all servers."""
    out["scaling"]["rows"] = {}
    for many in ROWS:
        say(f"{many:,} articles")
        bench = Bench(many)
        try:
            requests = files(bench, members(bench.site))
            if many == ROWS[-1]:
                bench.start(workers=out["best"])
                out["scenarios"].insert(3, measure("articles-1e6", bench.all(), of_wrk(requests["articles"], plan), plan.rounds))
            out["scaling"]["rows"][many] = by_rows(bench, requests)
        finally:
            bench.stop()


def main(quick):
    plan, start = Plan(quick), time.monotonic()
    out = {"machine": report.machine(), "date": time.strftime("%Y-%m-%d"), "quick": quick, "crypt_rps": whole.crypt_rate(2 if quick else 5)}
    thousand(plan, out)
    if not quick:
        more_rows(plan, out)
    out["seconds"] = round(time.monotonic() - start)
    out["targets"] = report.targets(out)
    out["scenarios"].append(whole.scenario(out["cgi"]))
    (BUILD / "bench.json").write_text(json.dumps(out, indent="\t") + "\n")
    (BUILD / "bench.svg").write_text(report.chart(out))
    print(report.table(out))


if __name__ == "__main__":
    main(sys.argv[1:] == ["quick"])
