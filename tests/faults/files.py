# SPDX-License-Identifier: ISC
"""make file-kills N=50: so many uploads, on the FastCGI socket itself, while workers, the database and clients are
killed. Afterwards every file that was acknowledged is there, byte by byte, nothing else is to be seen, and after
postern tidy postern check finds nothing."""
import concurrent.futures
import hashlib
import os
import pathlib
import random
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from breaker import Server  # noqa: E402
from conftest import Site  # noqa: E402
from fcgi_client import connect, request, talk, variables  # noqa: E402
from workers import pid_of, until, workers  # noqa: E402

PIECE = 1 << 20
SIZES = range(PIECE // 2, 40 * PIECE)
AT_ONCE = 6


def form(n, data):
    head = (f'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\nfile {n}\r\n--b\r\n'
            'Content-Disposition: form-data; name="inputFile"; filename="f"\r\n\r\n').encode()
    return head + data + b"\r\n--b--\r\n"


class Uploads:
    def __init__(self, site, token):
        self.site, self.token = site, token
        self.kept, self.left, self.refused, self.cut = {}, 0, 0, 0
        self.lock = threading.Lock()

    def one(self, n):
        data = random.Random(n).randbytes(random.Random(n).choice(SIZES))
        body = form(n, data)
        sent = request(variables("POST", "/api/files", body, CONTENT_TYPE="multipart/form-data; boundary=b",
                                 HTTP_AUTHORIZATION=f"Token {self.token}"), body)
        if n % 5 == 0:      # a client that is killed
            self.leave(sent[:len(sent) * (n % 9 + 1) // 11])
            return
        try:
            answer = talk(self.site.var / "run/files.sock", sent, timeout=60)
        except OSError:
            answer = None
        with self.lock:
            if answer is None or answer.status is None:
                self.cut += 1
            elif answer.status == 201:
                self.kept[answer.json()["file"]["id"]] = hashlib.sha256(data).hexdigest()
            else:
                assert answer.status == 503, answer.body
                self.refused += 1

    def leave(self, part):
        with connect(self.site.var / "run/files.sock", 60) as peer:
            try:
                peer.sendall(part)
            except OSError:
                pass
        with self.lock:
            self.left += 1


def kill_workers(site, stop):
    killed = 0
    while not stop.wait(random.uniform(.3, 1)):
        if found := workers(site, "files"):
            os.kill(random.choice(found), signal.SIGKILL)
            killed += 1
    return killed


def kill_server(server, stop):
    killed = 0
    while not stop.wait(random.uniform(2, 4)):
        server.kill()
        server.start()
        killed += 1
    return killed


def under_fire(site, uploads, count):
    stop = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE + 2) as pool:
        fire = [pool.submit(kill_workers, site, stop), pool.submit(kill_server, Server(site), stop)]
        for upload in [pool.submit(uploads.one, n) for n in range(count)]:
            upload.result()
        stop.set()
        return [f.result() for f in fire]


def check(site, uploads):
    """What is wrong, as lines."""
    site.sql("UPDATE files SET touched_at = touched_at - INTERVAL 1 DAY WHERE uploading")
    before = site.tool("check", check=False).stdout
    site.tool("tidy")
    after = site.tool("check", check=False)
    print("before tidy:", before, "after tidy: ", after.stdout, sep="\n", end="")
    wrong = [] if after.returncode == 0 else ["postern check finds something"]
    for id, digest in uploads.kept.items():
        got = site.api("GET", f"/files/{id}/content", token=uploads.token)
        if got.status_code != 200 or hashlib.sha256(got.content).hexdigest() != digest:
            wrong.append(f"file {id} was acknowledged, and is not there as it was")
    for (id,) in site.sql("SELECT id FROM files WHERE NOT uploading"):
        if int(id) not in uploads.kept:       # committed, and its answer was lost: all of it must be there
            got = site.api("GET", f"/files/{id}/content", token=uploads.token)
            file = site.api("GET", f"/files/{id}", token=uploads.token).json()["file"]
            if hashlib.sha256(got.content).hexdigest() != file["sha256"]:
                wrong.append(f"file {id} is half made")
    if site.sql("SELECT COUNT(*) FROM files WHERE uploading") != [["0"]]:
        wrong.append("an upload was left")
    return wrong


def main(count):
    site = Site({"WORKERS": "4", "POSTERN_LIMITS_FILES": str(1 << 40)})
    try:
        site.start()
        uploads = Uploads(site, site.register()["token"])
        os.kill(pid_of(site, "site"), signal.SIGSTOP)       # it would end all when the database ends
        start = time.monotonic()
        killed, restarts = under_fire(site, uploads, count)
        until(lambda: len(workers(site, "files")) == 4)
        print(f"{count} uploads in {time.monotonic() - start:.0f} s: {len(uploads.kept)} acknowledged,"
              f" {uploads.refused} refused (503), {uploads.cut} without an answer, {uploads.left} clients gone;"
              f" {killed} workers and {restarts} databases killed")
        wrong = check(site, uploads)
        print("\n".join(wrong) or "all that was acknowledged is there, and nothing else")
        return bool(wrong) or not uploads.kept or not killed or not restarts
    finally:
        os.kill(pid_of(site, "site"), signal.SIGCONT)
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
