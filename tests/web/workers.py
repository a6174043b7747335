# SPDX-License-Identifier: ISC
"""The processes of a site, by what /proc says of them."""
import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")
SANITIZED = "san" in os.environ.get("BUILD", "")
QUARANTINE = 256 << 20 if SANITIZED else 0      # bytes of freed memory that ASan may keep


def pid_of(site, name):
    """The process that site.sh started under this name."""
    return int((site.var / "run" / "pids" / name).read_text().split()[0])


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers(site, program):
    """The workers of a program: the children of its multiwatch."""
    return sorted(children(pid_of(site, program)))


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):     # gone before the open, or between it and the read
        return False


def rss(pid):
    """Resident bytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def cpu(pid):
    """Seconds of a core used so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def until(condition, seconds=5, step=0.02):
    """Wait for a condition: what it answered at last."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(step)
    return found
