# SPDX-License-Identifier: ISC
"""Many connections at once: as many requests as nginx takes may wait for a program, and none is refused."""
import subprocess

from ways import only

pytestmark = only("nginx", why="Apache closes kept connections as soon as all its threads are busy")


def test_a_thousand_connections_are_answered(site):
    wrk = f"ulimit -n 4096 && exec wrk -t1 -c1000 -d3s --timeout 20s {site.url}/api/articles"
    said = subprocess.run(["bash", "-c", wrk], text=True, capture_output=True, check=True, timeout=60).stdout
    assert "requests in" in said and "Non-2xx" not in said and "Socket errors" not in said, said
