# SPDX-License-Identifier: ISC
"""make flat: what the first page of each list costs, over 1,000 articles and over N, beside each other.

Both have 10,000 members; the feed is of one who follows a thousand of them, of whom a hundred never wrote and nine
wrote a quarter of all. The server's query cache is off. Shown is the best of some rounds that take turns, each
the median time of an answer through nginx; the last column may not be above 3."""
import pathlib
import statistics
import subprocess
import sys
import time

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from conftest import BUILD, Site  # noqa: E402
from database import root  # noqa: E402

ROUNDS, EACH, MOST = 9, 40, 3
LISTS = {"newest": "/articles?limit=20", "of an author": "/articles?author=demo2", "of a tag": "/articles?tag=demo3",
         "of a fan": "/articles?favorited=demo1", "tag and author": "/articles?tag=demo4&author=demo3",
         "feed": "/articles/feed", "feed, page 5": "/articles/feed?offset=80", "tags": "/tags",
         "one article": "/articles/demo-500"}
FREE = {"tag and author", "feed, page 5"}   # may cost the smaller set; all that those who are followed wrote
TIGHT = LISTS.keys() - FREE


def follower(site):
    """A token of demo1, who has no password."""
    someone = site.register()
    site.sql("INSERT IGNORE INTO follows SELECT (SELECT id FROM users WHERE username ="
             f" '{someone['username']}'), followed_id, NOW(3) FROM follows JOIN users ON id = follower_id"
             " WHERE username = 'demo1'")
    return someone["token"]


def filled(articles):
    site = Site().start()
    print(f"{articles} articles", file=sys.stderr, flush=True)
    subprocess.run([str(BUILD / "postern"), "demo", str(articles)], env=site.tool_env(), check=True, stdout=sys.stderr)
    root(site, "SET GLOBAL query_cache_type = OFF; SET GLOBAL query_cache_size = 0")
    site.follower = follower(site)
    site.session = requests.Session()
    return site


def cost(site, path):
    """Seconds of an answer."""
    times = []
    for _ in range(EACH):
        start = time.perf_counter()
        answer = site.session.get(f"{site.url}/api{path}", timeout=30,
                                  headers={"Authorization": f"Token {site.follower}"})
        times.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.text
    return statistics.median(times)


def main():
    many = int(sys.argv[1])
    sites = []
    try:
        sites = [filled(1000), filled(many)]
        seen = {name: ([], []) for name in LISTS}
        for _ in range(ROUNDS):
            for name, path in LISTS.items():
                for site, times in zip(sites, seen[name]):
                    times.append(cost(site, path))
    finally:
        for site in sites:
            site.stop()
            site.remove()
    print(f"{'first page':16}{'1,000':>12}{f'{many:,}':>12}{'times':>8}")
    worst = 0
    for name, (few, lots) in seen.items():
        few, lots = min(few), min(lots)
        print(f"{name:16}{few * 1000:9.2f} ms{lots * 1000:9.2f} ms{lots / few:8.2f}")
        worst = max(worst, lots / few) if name in TIGHT else worst
    return worst > MOST


if __name__ == "__main__":
    sys.exit(main())
