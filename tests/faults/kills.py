# SPDX-License-Identifier: ISC
"""make kills N=35: kill -9 of workers within 4 seconds of load. No GET may fail: the listening socket
belongs to a parent, and nginx asks the same socket again."""
import os
import random
import signal
import sys
import time

from load import Load, Site, workers

SECONDS = 4


def main(count):
    site = Site()
    try:
        site.start()
        load = Load(site, threads=16, changes=False)
        killed = 0
        for _ in range(count):
            time.sleep(SECONDS / count)
            living = workers(site, "user")
            if living:
                os.kill(random.choice(living), signal.SIGKILL)
                killed += 1
        load.stop()
        print(f"{killed} workers killed, {load.done} GETs: {len(load.failed)} failed")
        for failure in load.failed[:5]:
            print("  ", *failure)
        return killed < count // 2 or len(load.failed) > 0
    finally:
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
