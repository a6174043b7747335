# SPDX-License-Identifier: ISC
"""make frames N=1000000 SEED=1: so many spoilt FastCGI requests straight at one worker, each of several frames.
The seed is printed: with it the same bytes come again."""
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from conftest import running  # noqa: E402
from test_frames import ROUND, Target  # noqa: E402


def main(count, seed):
    print(f"seed {seed}", flush=True)
    start = time.monotonic()
    with running({"WORKERS": "1"}) as site:
        target = Target(site, seed)
        while (left := count - target.seen.total()) > 0:
            target.throw(min(ROUND, left))
            target.look()
    print(f"{target}, {time.monotonic() - start:.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32))
