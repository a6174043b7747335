# SPDX-License-Identifier: ISC
"""A fresh Debian in a folder, and programs that run in it. Each has a mount namespace of its own: what is mounted
there goes with it, however it ends."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from conftest import ROOT, Site, free_port
from workers import until

FOLDER = ROOT / "build" / "deb"
BASE = FOLDER / "base.tar"
PACKAGES = "nginx-light mariadb-server systemd debconf-utils"
INSIDE = 'mount -t proc proc "$0/proc" && mount -t tmpfs -o mode=1777 tmpfs "$0/tmp" && exec '
HOUR = 3600


def inside(root, *words, user=None):
    """The command that runs words in the folder."""
    chroot = ["chroot", *([f"--userspec={user}:{user}"] if user else []), str(root), *map(str, words)]
    return ["timeout", "--foreground", str(HOUR), "unshare", "--mount", "--propagation=private", "sh", "-c", INSIDE + '"$@"', str(root), *chroot]


def environment():
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive"}


def run(root, *words, check=True, input=""):
    """What a command in the folder said, both outputs together."""
    done = subprocess.run(inside(root, *words), env=environment(), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=900, input=input)
    assert not check or done.returncode == 0, done.stdout
    return done.stdout if check else done


def make_base():
    """debootstrap and the servers, once; kept as a file."""
    root = FOLDER / "base"
    shutil.rmtree(root, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian"], check=True,
                   stdout=subprocess.DEVNULL, timeout=900)
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    (root / "etc/apt/sources.list").write_text("".join(
        f"deb http://deb.debian.org/{part} main\n" for part in
        ("debian bookworm", "debian bookworm-updates", "debian-security bookworm-security")))
    run(root, "apt-get", "-q", "update")
    run(root, "apt-get", "-qy", "--no-install-recommends", "install", *PACKAGES.split())
    run(root, "apt-get", "clean")
    subprocess.run(["tar", "-C", root, "-cf", f"{BASE}.new", "."], check=True)
    pathlib.Path(f"{BASE}.new").rename(BASE)
    shutil.rmtree(root)


def fresh():
    """A new folder with Debian in it, and the package beside it as /postern.deb."""
    if not BASE.exists():
        make_base()
    root = FOLDER / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    subprocess.run(["tar", "-C", root, "-xf", BASE], check=True)
    for name in "resolv.conf", "hosts":
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    (deb,) = (FOLDER / "package").glob("postern_*.deb")
    shutil.copy(deb, root / "postern.deb")
    return root


class Machine(Site):
    """The Debian in the folder, with what runs there. To the tests of the web it is a site."""

    def __init__(self, root):
        self.root = self.var = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.names = iter(f"{n}" for n in range(1, 1000))
        self.running = []

    def run(self, *words, **more):
        return run(self.root, *words, **more)

    def start(self, *words, ready, command=(), **more):
        """A process in the folder, until stop()."""
        self.running.append(subprocess.Popen(command or inside(self.root, *words), env=environment(), stdin=subprocess.DEVNULL,
                                             start_new_session=True, **more))
        assert until(ready, 60), words or command

    def start_database(self):
        (self.root / "run/mysqld").mkdir(exist_ok=True)
        self.run("chown", "mysql:", "/run/mysqld")
        self.start("mariadbd", "--user=mysql", "--skip-networking", "--socket=/run/mysqld/mysqld.sock", stderr=subprocess.DEVNULL,
                   ready=lambda: listens(self.root / "run/mysqld/mysqld.sock"))

    def start_programs(self):
        """Each as its unit starts it: as its user, on a socket of the web server's, with its command."""
        log = (self.root / "var/log/programs").open("ab")
        for program in (self.root / "usr/lib/postern").glob("*.fcgi"):
            place = self.root / f"run/postern/{program.stem}.sock"
            command = self.unit(program.stem, "ExecStart").replace("%i", program.stem)
            name, _, value = self.unit(program.stem, "Environment").partition("=")
            words = inside(self.root, "env", f"{name}={value}", "sh", "-c", f"exec {command} 0<&3 3<&-", user=self.unit(program.stem, "User"))
            self.start(command=["systemd-socket-activate", "-l", place, *words], ready=lambda: listens(place),
                       stderr=log, stdout=log)
            shutil.chown(place, "www-data", "www-data")
            place.chmod(0o600)

    def unit(self, program, key):
        """What the unit of a program and its drop-ins say last."""
        folder = self.root / "lib/systemd/system"
        text = "".join(p.read_text() for p in [folder / "postern@.service", folder / f"postern@{program}.service.d/class.conf"])
        return re.findall(rf"^{key}=(.*)$", text, re.M)[-1]

    def start_nginx(self):
        self.start("nginx", "-g", "daemon off;", ready=lambda: connects(self.port))

    def stop_but_database(self):
        database, self.running = self.running[0], self.running[1:]
        self.stop()
        self.running = [database]

    def stop(self):
        for process in reversed(self.running):
            process.terminate()     # timeout(1) passes it on
        for process in self.running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self.running = []

    def sql(self, statement, account="root", database="postern"):
        done = self.run("mariadb", "--batch", "--skip-column-names", f"--user={account}", f"--database={database}", input=statement)
        return [line.split("\t") for line in done.splitlines()]

    def files(self):
        """All there is but what other packages and the database write as they like."""
        return {str(p.relative_to(self.root)) for p in self.root.rglob("*")
                if not re.match(r"(proc|tmp|var/lib/mysql|var/lib/dpkg|var/lib/apt|var/cache|var/log|run/mysqld|dev)/", str(p.relative_to(self.root)))}


def listens(socket):
    """Whether somebody does, outside or within the folder."""
    names = "|".join(re.escape(str(s)) for s in (socket, pathlib.Path("/", socket.relative_to(FOLDER / "root"))))
    return re.search(rf" 00010000 .* (?:{names})$", pathlib.Path("/proc/net/unix").read_text(), re.M)


def connects(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0
