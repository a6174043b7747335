# SPDX-License-Identifier: ISC
"""make timing N=300: how long a refused login takes, so many times for each reason, in turn. Nobody may
learn the reason from it: the medians must lie within 2 %. The same for asking for a new password, ten times as often.

unknown   nobody is called that
wrong     a wrong password
locked    the right password of a locked account
old       a wrong password where the stored hash is of a lower cost

known     a new password for an address that has an account
nobody    … that has none
"""
import functools
import json
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from accounts import set_hash  # noqa: E402
from conftest import PASSWORD, Site  # noqa: E402
from fcgi_client import request, talk, variables  # noqa: E402

# Of bcrypt: of the site, and of the old hash. Each of the hashes that fill up an old one begins with some tenths
# of a millisecond of its own, which are nothing at the usual cost of 12 and much at a low one.
COST, OLD = 10, 8
WITHIN = 0.02


def people(site):
    """{reason: (name, password)}"""
    wrong, locked, old = (site.register() for _ in range(3))
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{locked['username']}'")
    set_hash(site, old["username"], site.tool("hash", "--cost", str(OLD), input=PASSWORD).strip())
    return {"unknown": ("nobody@example.org", PASSWORD), "wrong": (wrong["email"], "wrong horse"),
            "locked": (locked["email"], PASSWORD), "old": (old["email"], "wrong horse")}


def seconds(site, who, password):
    body = json.dumps({"user": {"email": who, "password": password}}).encode()
    sent = request(variables("POST", "/api/users/login", body, CONTENT_TYPE="application/json"), body)
    start = time.perf_counter()
    answer = talk(site.var / "run" / "login.sock", sent)
    took = time.perf_counter() - start
    assert answer.status == 401, answer.body
    return took


def asking(site, address):
    body = json.dumps({"email": address}).encode()
    sent = request(variables("POST", "/api/password/forgot", body, CONTENT_TYPE="application/json"), body)
    start = time.perf_counter()
    answer = talk(site.var / "run" / "password.sock", sent)
    took = time.perf_counter() - start
    assert answer.status == 202, answer.body
    return took


def apart(count, ways):
    """Whether somebody could tell them by their time: each of {name: function} so many times, in turn."""
    taken = {name: [] for name in ways}
    for i in range(count + 5):
        for name in random.sample(list(ways), len(ways)):
            took = ways[name]()
            if i >= 5:      # statements are prepared, hashes for nobody are made
                taken[name].append(took * 1000)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, times in taken.items():
        print(f"{name:8} p50 {medians[name]:7.2f} ms   p90 {statistics.quantiles(times, n=10)[-1]:7.2f} ms")
    far = max(medians.values()) / min(medians.values()) - 1
    print(f"medians of {count} lie within {far:.2%}; {WITHIN:.0%} may be")
    return far > WITHIN


def main(count):
    site = Site({"POSTERN_TEST_COST": str(COST), "WORKERS": "1"})
    try:
        site.start()
        reasons = {name: functools.partial(seconds, site, *who) for name, who in people(site).items()}
        known, nobody = site.register()["email"], "x" + site.register()["email"]
        askers = {"known": functools.partial(asking, site, known), "nobody": functools.partial(asking, site, nobody)}
        return apart(count, reasons) | apart(10 * count, askers)
    finally:
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
