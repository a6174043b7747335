# SPDX-License-Identifier: ISC
"""A fresh Debian in a folder, booted: systemd, MariaDB, nginx and what is installed run in it as on a machine of its
own, only the network is this one's. It ends with the test, however that ends."""
import os
import pathlib
import shutil
import signal
import subprocess

from conftest import ROOT, Site, free_port
from workers import until

FOLDER = ROOT / "build" / "deb"
BASE = FOLDER / "base.tar"
PACKAGES = "nginx-light mariadb-server systemd systemd-sysv dbus debconf-utils"
HOUR = 3600
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
               "DEBIAN_FRONTEND": "noninteractive"}


def chrooted(*words):
    """Run words in the folder before there is a system in it."""
    root = FOLDER / "base"
    inside = 'mount -t proc proc "$0/proc" && mount -t tmpfs -o mode=1777 tmpfs "$0/tmp" && exec chroot "$0" "$@"'
    subprocess.run(["unshare", "--mount", "--propagation=private", "sh", "-c", inside, root, *words], env=ENVIRONMENT, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)


def make_base():
    """debootstrap and the servers, once; kept as a file."""
    root = FOLDER / "base"
    shutil.rmtree(root, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian"], check=True,
                   stdout=subprocess.DEVNULL, timeout=900)
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")      # nothing is started yet
    policy.chmod(0o755)
    (root / "etc/apt/sources.list").write_text("".join(
        f"deb http://deb.debian.org/{part} main\n" for part in
        ("debian bookworm", "debian bookworm-updates", "debian-security bookworm-security")))
    chrooted("apt-get", "-q", "update")
    chrooted("apt-get", "-qy", "--no-install-recommends", "install", *PACKAGES.split())
    chrooted("apt-get", "clean")
    policy.unlink()
    (root / "etc/nginx/sites-enabled/default").unlink()
    (root / "etc/mysql/mariadb.conf.d/99-local.cnf").write_text("[mariadbd]\nskip-networking\n")
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


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Machine(Site):
    """The Debian in the folder. To the tests of the web it is a site."""

    def __init__(self, root):
        self.root = self.var = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.names = iter(f"{n}" for n in range(1, 1000))
        self.process = self.first = None

    def boot(self):
        self.process = subprocess.Popen(
            ["timeout", str(HOUR), "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--directory", self.root,
             f"--machine=postern-{os.getpid()}"],
            stdin=subprocess.DEVNULL, stdout=(self.root.parent / "boot.log").open("w"), stderr=subprocess.STDOUT, start_new_session=True)
        assert until(lambda: self.running() or self.process.poll() is not None, 90) and self.process.poll() is None, \
            (self.root.parent / "boot.log").read_text()[-2000:]

    def running(self):
        """Whether it is up; the process of timeout has one of systemd-nspawn, and that one the first of the machine."""
        nspawn = children(self.process.pid)
        self.first = next(iter(children(nspawn[0])), None) if nspawn else None
        return self.first and self.run("systemctl", "is-active", "multi-user.target", check=False).returncode == 0

    def inside(self, *words):
        """The command that runs words as root of the machine."""
        return ["nsenter", f"--target={self.first}", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd", *map(str, words)]

    def run(self, *words, check=True, input=""):
        """What a command said, both outputs together."""
        done = subprocess.run(self.inside(*words), env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=900, input=input)
        assert not check or done.returncode == 0, done.stdout
        return done.stdout if check else done

    def stop(self):
        """timeout(1) passes it on, and it takes down all that runs in it."""
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def sql(self, statement, account="root", database="postern"):
        done = self.run("mariadb", "--batch", "--skip-column-names", f"--user={account}", f"--database={database}", input=statement)
        return [line.split("\t") for line in done.splitlines()]

    def units(self):
        """(unit, what it is: active, inactive, failed) of all that are Postern's."""
        lines = self.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager", "postern*").splitlines()
        return {line.split()[0]: line.split()[2] for line in lines}

    def workers(self):
        """(user, program) of each that runs."""
        said = self.run("sh", "-c", 'for p in /proc/[0-9]*; do echo "$(stat -c %U "$p") $(readlink "$p/exe")"; done 2>/dev/null')
        lines = [line.partition(" ")[::2] for line in said.splitlines()]
        return [(user, exe.removeprefix("/usr/lib/postern/")) for user, exe in lines if exe.startswith("/usr/lib/postern/")]

    def files(self):
        """All there is but what other packages, systemd and the database write as they like."""
        left = ("proc/", "tmp/", "sys/", "dev/", "run/", "var/lib/mysql/", "var/lib/dpkg/", "var/lib/apt/", "var/cache/", "var/log/", "var/tmp/")
        return {name for p in self.root.rglob("*") if not (name := str(p.relative_to(self.root))).startswith(left)}
