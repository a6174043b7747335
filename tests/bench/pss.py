# SPDX-License-Identifier: ISC
"""make pss: memory of all programs of a site after some load: it may be 30 MB."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
import wrk  # noqa: E402
from bench import files  # noqa: E402
from people import members  # noqa: E402
from servers import Bench, pss  # noqa: E402

MOST, SECONDS = 30, 20      # MB; five passes over all tokens


def main():
    bench = Bench(1000)
    try:
        bench.start_nginx()
        requests = files(bench, members(bench.site))
        for name in ("user", "gate-jwt", "articles", "home"):
            wrk.run(bench.postern.url, requests[name], SECONDS if name == "user" else 3)
        pids = bench.postern.pids()
        memory = pss(pids)
    finally:
        bench.stop()
    print(f"PSS of {len(pids)} processes (programs, their multiwatch, the mail worker): {memory:.1f} MB; {MOST} may be")
    return memory > MOST


if __name__ == "__main__":
    sys.exit(main())
