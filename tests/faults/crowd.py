# SPDX-License-Identifier: ISC
"""make crowd N=200: so many wrong logins at once, for one name and then for as many names. Meanwhile
reading goes on as before, and who must wait too long is told so."""
import collections
import http.client
import json
import multiprocessing
import statistics
import sys
import threading
import time

from load import Site
from conftest import LIMITS
from reads import Reads

COST = 12               # of bcrypt, as a site has it
IDLE = 5                # seconds without a crowd
PLACES = 4 + 25         # workers, and those that may wait for one: nginx/site.sh
SHORT = 2               # seconds until the others are told


def one(port, who, barrier, told):
    body = json.dumps({"user": {"email": who, "password": "wrong horse"}})
    peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    peer.connect()
    barrier.wait(30)
    start = time.monotonic()
    peer.request("POST", "/api/users/login", body, {"Content-Type": "application/json"})
    answer = peer.getresponse()
    answer.read()
    told.append((answer.status, time.monotonic() - start))


def crowd(port, names, results):
    """In a process of its own, so that its threads do not delay the reader."""
    barrier, told = threading.Barrier(len(names)), []
    threads = [threading.Thread(target=one, args=(port, who, barrier, told)) for who in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(told)


def burst(site, reads, title, names):
    """Send them, and read until the last is answered. True if all is well."""
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=crowd, args=(site.port, names, results))
    process.start()
    reads.go_on(title, while_=process.is_alive)
    told = results.get(timeout=10)
    process.join()
    taken = collections.defaultdict(list)
    for status, seconds in told:
        taken[status].append(seconds)
    for status, times in sorted(taken.items()):
        print(f"    {len(times)} x {status}: half after {statistics.median(times):.1f} s, the last after {max(times):.1f} s")
    soon = sum(seconds < SHORT for status, seconds in told if status != 401)
    return (len(told) == len(names) and set(taken) <= {401, 429, 503} and 401 in taken
            and soon >= len(names) - PLACES)


def main(count):
    site = Site({**dict.fromkeys(LIMITS), "POSTERN_TEST_COST": str(COST)})
    try:
        site.start()
        reads = Reads(site)
        reads.go_on("idle", seconds=IDLE)
        good = burst(site, reads, f"{count} at one name", ["crowd@example.org"] * count)
        good = burst(site, reads, f"{count} names", [f"crowd{i}@example.org" for i in range(count)]) and good
        return not (reads.steady() and good)
    finally:
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
