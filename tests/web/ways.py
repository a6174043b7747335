# SPDX-License-Identifier: ISC
"""Which way the web tests go over, and marks for tests that are about one way alone: on another one they leave
themselves out, with the reason. A mark is for a test, a parameter, or a file (`pytestmark`)."""
import os

import pytest

WAY = os.environ.get("WEB", "nginx")        # nginx, proxy, fcgid or cgi: as nginx/site.sh has it


def only(*ways, why):
    return pytest.mark.skipif(WAY not in ways, reason=f"{' and '.join(ways)} alone: {why}")


NGINX = only("nginx", why="what nginx itself answers, or is told by nginx/*.conf")
GATE = only("nginx", why="the gate of nginx; Apache's is tests/web/test_gate_apache.py, on each way")
EACH = only("nginx", why="starts a site of each way by itself")
SOCKETS = only("nginx", "proxy", why="programs on sockets, with workers that site.sh has started")
