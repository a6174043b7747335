# SPDX-License-Identifier: ISC
"""What is measured without a web server: whole processes, as a plain CGI host executes them, and hashes of passwords."""
import pathlib
import subprocess

from conftest import BUILD
from wrk import BENCH

TOOLS = BUILD / "tests" / "bench"
COST = 12       # of bcrypt, as shipped
FEWER = 10      # times, of what takes its time to start


def crypt_rate(seconds):
    """Hashes a second of one core."""
    done = subprocess.run([TOOLS / "crypt_rate", str(seconds), str(COST)], capture_output=True, text=True, check=True)
    return round(float(done.stdout), 3)


def variables(token):
    return {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SCRIPT_NAME": "",
            "PATH_INFO": "/api/user", "HTTP_AUTHORIZATION": f"Bearer {token}"}


def each(times, command, env, say=None):
    """What one execution takes; its answer must have `say` in it."""
    command = [str(word) for word in command]
    said = subprocess.run(command, env=env, capture_output=True, stdin=subprocess.DEVNULL, check=True, cwd=BENCH / "peers").stdout
    assert (say or "floor") in said.decode(), (command, said)
    done = subprocess.run([TOOLS / "spawn", str(times), *command], env=env, capture_output=True, text=True, cwd=BENCH / "peers",
                          check=True)
    p50, p99, p999, used = map(float, done.stdout.split())
    return {"p50_ms": p50 / 1e3, "p99_ms": p99 / 1e3, "p999_ms": p999 / 1e3, "cpu_ms": used / 1e3}


def cgi(site, token, times):
    """{what: what one process takes}: GET /api/user by Postern, with its token verified and its row read, and by peers."""
    env = site.tool_env(**variables(token), BENCH_SETTINGS=str(site.var / "bench" / "settings.php"))
    bin_ = BUILD / "cgi-bin"
    found = {"constant": each(times, [TOOLS / "constant"], env), "constant-static": each(times, [TOOLS / "constant-static"], env),
             "postern": each(times, [bin_ / "user.fcgi"], env, "bench1"),
             "postern-static": each(times, [BUILD / "static" / "user.fcgi"], env, "bench1"),
             "postern-gate": each(times, [bin_ / "auth.fcgi"], {**env, "GATE_ACCEPT": "both", "GATE_REQUIRE": "member"}, "bench1"),
             "postern-articles": each(times, [bin_ / "articles.fcgi"], {**env, "PATH_INFO": "/api/articles"}, "articlesCount"),
             "php": each(times // FEWER, ["/usr/bin/php-cgi"],
                         {**env, "SCRIPT_FILENAME": str(BENCH / "peers" / "index.php"), "REDIRECT_STATUS": "200"}, "bench1"),
             "flask": each(times // FEWER, ["/usr/bin/python3", "-c", "from wsgiref.handlers import CGIHandler;"
                                            "from flask_app import app; CGIHandler().run(app)"],
                           {**env, "BENCH_SETTINGS": str(site.var / "bench" / "settings.json")}, "bench1")}
    libraries = sorted(f.name.removeprefix("constant-") for f in pathlib.Path(TOOLS).glob("constant-*"))
    found["libraries_ms"] = {name: round(each(times, [TOOLS / f"constant-{name}"], env)["p50_ms"] - found["constant"]["p50_ms"], 3)
                             for name in libraries if name != "static"}
    return found


def scenario(found):
    """Processes a second, one after the other, among the other scenarios."""
    here = {"floor": found["constant"], "postern": found["postern"], "flask": found["flask"], "php": found["php"]}
    return {"name": "cgi", "rps": {name: round(1000 / one["p50_ms"], 1) for name, one in here.items()},
            **{column: {name: round(one[column], 3) for name, one in here.items()} for column in ("p50_ms", "p99_ms", "p999_ms")},
            "cpu_s_per_1000": {name: round(one["cpu_ms"], 3) for name, one in here.items()}}
