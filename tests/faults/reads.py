# SPDX-License-Identifier: ISC
"""Reading a page and /api/user, one after the other on one connection each, and how long it takes."""
import http.client
import statistics
import time

GAP = 0.004     # seconds between two reads
FLOOR = 15      # milliseconds that a read may always take


class Reads:
    """Reads in phases; the first one is what the others are compared with."""

    def __init__(self, site):
        token = site.register()["token"]
        self.ways = {"/": {}, "/api/user": {"Authorization": f"Token {token}"}}
        self.peers = {path: http.client.HTTPConnection("127.0.0.1", site.port, timeout=20) for path in self.ways}
        self.phases = []        # (title, {path: p99 in ms})

    def once(self, path):
        start = time.perf_counter()
        self.peers[path].request("GET", path, headers=self.ways[path])
        answer = self.peers[path].getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return (time.perf_counter() - start) * 1000

    def go_on(self, title, seconds=0, while_=lambda: False):
        """Read for so long, and as long as something is true."""
        end, times = time.monotonic() + seconds, {path: [] for path in self.ways}
        while time.monotonic() < end or while_():
            for path in self.ways:
                times[path].append(self.once(path))
                time.sleep(GAP)
        p99 = {path: statistics.quantiles(times[path], n=100)[-1] for path in times}
        self.phases.append((title, p99))
        print(f"{title}: " + "; ".join(
            f"{path} p50 {statistics.median(times[path]):.1f} ms, p99 {p99[path]:.1f} ms of {len(times[path])}"
            for path in times))

    def steady(self):
        """Whether no phase took longer than three times the first one, or the floor."""
        idle, good = self.phases[0][1], True
        for title, p99 in self.phases[1:]:
            for path, value in p99.items():
                most = max(3 * idle[path], FLOOR)
                if value > most:
                    print(f"{title}: {path} took {value:.1f} ms, more than {most:.1f}")
                    good = False
        return good
