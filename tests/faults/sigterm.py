# SPDX-License-Identifier: ISC
"""make sigterm N=200: random SIGTERMs to workers under load. None may hang, no answer may be cut."""
import os
import random
import signal
import sys
import time

from load import Load, Site, alive, workers

PATIENCE = 10       # seconds that a busy worker may take to end


def main(count):
    site = Site()
    pending, slowest, hung = {}, 0.0, 0
    try:
        site.start()
        load = Load(site)
        for i in range(count):
            time.sleep(random.uniform(0, 0.06))
            fresh = [pid for pid in workers(site, "user") if pid not in pending]
            if fresh:
                pid = random.choice(fresh)
                os.kill(pid, signal.SIGTERM)
                pending[pid] = time.monotonic()
            for pid in [p for p in pending if not alive(p)]:
                slowest = max(slowest, time.monotonic() - pending.pop(pid))
            if (i + 1) % 50 == 0:
                print(f"{i + 1} SIGTERMs, {load.done} requests", file=sys.stderr)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and any(alive(p) for p in pending):
            time.sleep(0.05)
        hung = sum(alive(p) for p in pending)
        load.stop()
        print(f"{count} SIGTERMs, {load.done} requests: {hung} hung, {len(load.failed)} failed or cut;"
              f" slowest end {slowest * 1000:.0f} ms")
        for failure in load.failed[:5]:
            print("  ", *failure)
        return hung + len(load.failed)
    finally:
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])) != 0)
