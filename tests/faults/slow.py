# SPDX-License-Identifier: ISC
"""make slow N=1000: slow clients of each kind beside ordinary requests. These take at most twice as long as without,
or 15 ms; nginx ends all that stand still, and no program hears of any."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from test_slow import beside, slow_site  # noqa: E402

READERS = 5     # the kernel keeps megabytes for each slow reader, so of these come a fifth


def main(count):
    with slow_site() as site:
        token = site.register()["token"]
        for kind in "head", "body", "drip", "read":
            many = count // READERS if kind == "read" else count
            before, during, (said,) = beside(site, token, {kind: many}, idle=5)
            print(f"{many} {kind}: p99 {before * 1000:.1f} ms without, {during * 1000:.1f} ms with; {said['ended']} ended"
                  f" by nginx after {said['first']:.1f} to {said['last']:.1f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
