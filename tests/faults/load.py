# SPDX-License-Identifier: ISC
"""Load on a site of its own, and the processes that serve it."""
import http.client
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from conftest import BUILD, PASSWORD, Site  # noqa: E402,F401


def workers(site, program):
    """The process ids of a program's workers on this site."""
    found = []
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if ((proc / "cmdline").read_bytes().split(b"\0")[0] == str(BUILD / "cgi-bin" / f"{program}.fcgi").encode()
                    and str(site.var).encode() in (proc / "environ").read_bytes()):
                found.append(int(proc.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Load:
    """Threads that read /api/user (each tenth request changes it) until stopped, and look at every answer."""

    def __init__(self, site, threads=6, changes=True):
        self.site, self.changes = site, changes
        self.done, self.failed, self.stopping = 0, [], False
        self.token = site.register()["token"]
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def once(self, connection, n):
        change = self.changes and n % 10 == 0
        bio = f"round {n}"
        body = json.dumps({"user": {"bio": bio}}) if change else None
        connection.request("PUT" if change else "GET", "/api/user", body,
                           {"Authorization": f"Token {self.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        user = json.loads(text)["user"] if answer.status == 200 else None
        if user is None or (change and user["bio"] != bio):
            self.failed.append((answer.status, text[:200]))

    def run(self, number):
        connection, n = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20), number
        while not self.stopping:
            n += 1
            try:
                self.once(connection, n)
            except (OSError, ValueError, http.client.HTTPException) as problem:
                self.failed.append((0, repr(problem)))
                connection.close()
            self.done += 1

    def stop(self):
        time.sleep(0.3)
        self.stopping = True
        for thread in self.threads:
            thread.join()
