# SPDX-License-Identifier: ISC
"""Ways to hurt the database of a site, each undone at the end of its block."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import threading

from database import root
from workers import alive, pid_of, until


def kill_connections(site):
    """End every connection of the programs, as an administrator would."""
    ids = root(site, "SELECT id FROM information_schema.processlist WHERE user LIKE 'postern\\_%'")
    for (id,) in ids:
        with contextlib.suppress(RuntimeError):     # gone by itself
            root(site, f"KILL CONNECTION {id}")
    return len(ids)


@contextlib.contextmanager
def failing(site, code, times, table="sessions"):
    """The next inserts into a table fail with this error. Yields a function: how many still will.

    The count is in a table without transactions: it goes down although what failed is rolled back.
    """
    root(site, f"""
        CREATE TABLE fault (n INT NOT NULL) ENGINE = Aria;
        INSERT INTO fault VALUES ({times});
        DELIMITER //
        CREATE DEFINER = CURRENT_USER() TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW
        IF (SELECT n FROM fault) > 0 THEN
            UPDATE fault SET n = n - 1;
            SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {code};
        END IF //
        DELIMITER ;""", "postern")
    try:
        yield lambda: int(root(site, "SELECT n FROM fault", "postern")[0][0])
    finally:
        root(site, "DROP TRIGGER fault; DROP TABLE fault", "postern")


class Cut:
    """A unix socket before that of the server which ends a connection when certain bytes come by."""

    def __init__(self, site, path, needle, times, reply):
        """`reply`: let the server do what it is asked and keep its answer; else it never hears of it."""
        self.site, self.path, self.needle, self.left, self.reply = site, path, needle, times, reply
        self.connections = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                self.connections += 1
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{self.site.var}/run/db.sock")
                threading.Thread(target=self.down, args=[server, client], daemon=True).start()
                threading.Thread(target=self.up, args=[client, server], daemon=True).start()

    def down(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        client.close()

    def up(self, client, server):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.left and self.needle in data:
                    self.left -= 1
                    client.shutdown(socket.SHUT_RDWR)       # before the answer can come
                    if self.reply:
                        server.sendall(data)
                    break
                server.sendall(data)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)


class Server:
    """The MariaDB of a site: stopped, killed, started again with its own command line."""

    def __init__(self, site):
        self.site, self.pid = site, pid_of(site, "db")
        self.command = pathlib.Path(f"/proc/{self.pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        self.process = None

    @contextlib.contextmanager
    def stopped(self):
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
        assert until(lambda: not alive(self.pid))

    def start(self):
        """Again, and known to site.sh as if it had started it. Returns when it answers."""
        command = [word for word in self.command if not word.startswith(b"--init-file=")]
        with (self.site.var / "log" / "db.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        self.pid = self.process.pid
        born = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        (self.site.var / "run" / "pids" / "db").write_text(f"{self.pid} {born}\n")

        def answers():
            with contextlib.suppress(RuntimeError):
                return root(self.site, "SELECT 1") == [["1"]]
        assert until(answers, 30)
