# SPDX-License-Identifier: ISC
"""make tidy-load N=1000000: so many logins that ended long ago go by postern tidy, while reading goes on
as before and those that live stay."""
import subprocess
import sys
import time

from load import BUILD, Site
from database import new_members
from reads import Reads

IDLE = 5            # seconds without it
A_TIME = 50000      # rows of an INSERT
MEMBERS = 1000


def fill(site, count):
    """Half of them were ended, half ended by themselves; of many members, as in life."""
    site.sql(new_members("CONCAT('tidy', seq)", "CONCAT('tidy', seq, '@example.org')", MEMBERS))
    first = int(site.sql("SELECT MIN(id) FROM users WHERE username LIKE 'tidy%'")[0][0])
    for start in range(0, count, A_TIME):
        site.sql("INSERT INTO sessions (user_id, hash, created_at, authenticated_at, last_seen_at, expires_at,"
                 " ended_at, address, agent)"
                 f" SELECT {first} + seq % {MEMBERS}, UNHEX(SHA2(CONCAT('tidy', seq), 256)), past, past, past, past,"
                 " IF(seq % 2, past, NULL), '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)'"
                 " FROM (SELECT seq, NOW(3) - INTERVAL 31 DAY - INTERVAL seq SECOND AS past"
                 f" FROM seq_{start + 1}_to_{min(start + A_TIME, count)}) s")


def main(count):
    site = Site()
    try:
        site.start()
        reads = Reads(site)
        fill(site, count)
        living = site.sql("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL AND expires_at > NOW()")
        reads.go_on("idle", seconds=IDLE)
        start = time.monotonic()
        tidy = subprocess.Popen([str(BUILD / "postern"), "tidy"], env=site.tool_env(), text=True,
                                stdout=subprocess.PIPE)
        reads.go_on("tidy", while_=lambda: tidy.poll() is None)
        print(tidy.stdout.read(), end="")
        print(f"{count} in {time.monotonic() - start:.0f} s")
        left = site.sql("SELECT COUNT(*) FROM sessions")
        print(f"{left[0][0]} left, {living[0][0]} of them were to stay")
        return not (reads.steady() and tidy.returncode == 0 and left == living)
    finally:
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
