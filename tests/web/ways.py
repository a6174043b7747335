# SPDX-License-Identifier: ISC
"""Which way the web tests go over, and marks for tests that are about one way alone: on another one they leave
themselves out, with the reason. A mark is for a test, a parameter, or a file (`pytestmark`)."""
import os

import pytest

WAY = os.environ.get("WEB", "nginx")        # nginx, proxy, fcgid or cgi: as nginx/site.sh has it
LARGE_HEADERS = 431 if WAY == "nginx" else 400      # what too large headers get: Apache has no other word for them
CHUNKS = WAY != "cgi"                       # plain CGI has no word for a body whose length nobody knows
SLASHES = WAY != "cgi"                      # %2F in a path: AllowEncodedSlashes is the host's
# How many change the same rows at once: plain CGI has as many programs as there are requests, and then there are more
# deadlocks than three more tries mend.
CROWD = 100 if WAY != "cgi" else 10


def only(*ways, why):
    return pytest.mark.skipif(WAY not in ways, reason=f"over {', '.join(ways)} alone: {why}")


NGINX = only("nginx", why="what nginx itself answers, or is told by nginx/*.conf")
GATE = only("nginx", why="the gate of nginx; that of Apache has tests of its own, on each way")
EACH = only("nginx", why="starts sites of each way by itself")
RUN = only("nginx", why="site.sh as `make run` has it; that it starts the others too, each test of theirs shows")
SOCKETS = only("nginx", "proxy", why="workers on sockets, which site.sh has started and the test looks at")
STATIC = only("nginx", "proxy", "fcgid", why="plain CGI has one folder static/, into which the owner copies the own files")
STATED = only("nginx", "proxy", "fcgid", why="the web server is told the limit of each program, an .htaccess one for all")
BUILT = pytest.mark.skipif("INSTALLED" in os.environ, reason="of programs beside the templates they were built from")
LASTING = only("nginx", "proxy", "fcgid", why="programs that live on between requests")
