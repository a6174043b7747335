# SPDX-License-Identifier: ISC
"""All that is measured, on one site: Postern as `make run` starts it, the constant answer, and the peers, each behind a
port of one nginx, which has the configuration of the site. Owns their processes, and what /proc says of these."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

from cryptography.hazmat.primitives import serialization

from conftest import BUILD, LIMITS, ROOT, Site, free_port
from database import account_of
from people import signing_key
from workers import alive, children, cpu, pid_of, until
from wrk import BENCH

PEERS = ("flask", "php", "node")
TITLES = {"floor": "floor", "postern": "Postern", "flask": "Flask", "php": "PHP-FPM", "node": "Node"}
# What a peer has a counterpart for.
SAME = ("auth", "user", "articles", "pages", "login", "files")
AS_SHIPPED = {"POSTERN_TEST": None, "POSTERN_TEST_COST": None, "POSTERN_TOKEN_LOCATIONS": None, "MAIL": None, **LIMITS}

GUARDED = """
location /guarded/ {{ auth_request "/postern-gate/both/member"; alias "{var}/www/"; }}
"""
# The same for all others: who answers /gate lets in or not.
SERVER = """
upstream bench_{name} {{ server "unix:{socket}"; {kept} }}
server {{
	listen 127.0.0.1:{port} backlog=1024;
	include "{nginx}/fastcgi.conf";
	fastcgi_param SCRIPT_FILENAME "{bench}/peers/index.php";
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header Host $http_host;
	client_max_body_size 0;
	location /guarded/ {{ auth_request /gate; alias "{var}/www/"; }}
	location = /gate {{
		internal;
		fastcgi_pass_request_body off;
		proxy_pass_request_body off;
		proxy_set_header Connection "";
		proxy_set_header Content-Length "";
		{gate} {passed}bench_{name};
	}}
	location / {{ {passed}bench_{name}; }}
}}
"""
# [token] memory = 0: each signature is verified.
COLD_GATE = """fastcgi_param DOCUMENT_URI $document_uri; fastcgi_param REQUEST_METHOD $request_method;
		fastcgi_param REQUEST_ID $request_id; fastcgi_param REMOTE_ADDR $remote_addr;
		fastcgi_param GATE_ACCEPT both; fastcgi_param GATE_REQUIRE member; fastcgi_param GATE_URI $request_uri;
		fastcgi_pass unix:{var}/run/cold-gate.sock; #"""
FPM = """
[global]
error_log = /dev/stderr
daemonize = no
[bench]
listen = {socket}
listen.backlog = 1024
listen.mode = 0666
pm = static
pm.max_children = {workers}
clear_env = no
catch_workers_output = yes
php_admin_value[upload_tmp_dir] = {var}/bench
php_admin_value[upload_max_filesize] = 1G
php_admin_value[post_max_size] = 1G
"""


def tree(pid):
    """A process and all below it."""
    if not alive(pid):
        return []
    try:
        return [pid, *(p for child in children(pid) for p in tree(child))]
    except (FileNotFoundError, ProcessLookupError):
        return []


def listens(socket):
    return any(line.endswith(f" {socket}") and line.split()[3] == "00010000"
               for line in pathlib.Path("/proc/net/unix").read_text().splitlines())


def pss(pids):
    """Proportional set size, in MB."""
    return sum(int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{p}/smaps_rollup").read_text(), re.M)[1])
               for p in pids) / 1024


class Server:
    """One that is started here, under a name and with so many workers."""

    def __init__(self, bench, name, command, workers=2, **env):
        self.bench, self.name, self.make, self.env, self.workers = bench, name, command, env, workers
        self.socket, self.port, self.process = bench.var / "run" / f"{name}.sock", free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, workers=None):
        self.workers = workers or self.workers
        self.socket.unlink(missing_ok=True)
        log = (self.bench.var / "log" / f"{self.name}.log").open("a")
        self.process = subprocess.Popen(self.make(self), stdout=log, stderr=log, cwd=BENCH / "peers",
                                        env={**self.bench.site.tool_env(), "BENCH_WORKERS": str(self.workers), **self.env})
        if not until(lambda: listens(self.socket), 20):
            raise RuntimeError(f"{self.name} did not start: " + pathlib.Path(log.name).read_text()[-2000:])
        time.sleep(0.5)     # the last of its workers is there

    def stop(self):
        if self.process:
            pids = tree(self.process.pid)
            self.process.terminate()
            if not until(lambda: self.process.poll() is not None, 10):
                self.process.kill()
            for pid in pids:
                if alive(pid) and not until(lambda p=pid: not alive(p), 5):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def pids(self, same=False):
        return tree(self.process.pid)


class Postern:
    """The site itself."""
    name, workers = "postern", "as shipped"

    def __init__(self, bench):
        self.bench, self.port = bench, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def pids(self, same=False):
        started = [f.name for f in (self.bench.var / "run" / "pids").iterdir()]
        names = SAME if same else [n for n in started if n not in ("site", "nginx", "db", "tidy")]
        return [p for name in names for p in tree(pid_of(self.bench.site, name))]


def fastcgi(program):
    """A program under multiwatch, as the site starts its own."""
    return lambda s: ["spawn-fcgi", "-n", "-s", str(s.socket), "-M", "0600", "-b", "1024", "--", "/usr/bin/multiwatch", "-r",
                      "1000000", "-t", "1", "-f", str(s.workers), "--", str(program)]


def gunicorn(s):
    return ["gunicorn", "--workers", str(s.workers), "--bind", f"unix:{s.socket}", "--backlog", "1024", "--preload",
            "--log-level", "warning", "flask_app:app"]


def fpm(s):
    (s.bench.var / "bench" / "fpm.conf").write_text(FPM.format(var=s.bench.var, socket=s.socket, workers=s.workers))
    return ["php-fpm8.2", "--fpm-config", str(s.bench.var / "bench" / "fpm.conf"), *(["-R"] if os.geteuid() == 0 else []),
            "--nodaemonize", "-d", "opcache.enable=1", "-d", "opcache.validate_timestamps=0"]


class Bench:
    """A running site with so many articles, and the servers beside."""

    def __init__(self, articles):
        self.site = Site({**AS_SHIPPED})
        self.var = self.site.var
        (self.var / "www").mkdir()
        (self.var / "www" / "file").write_text(592 * "x")       # as many bytes as the floor answers
        (self.var / "bench" / "uploads").mkdir(parents=True)
        self.site.start()
        subprocess.run([str(BUILD / "postern"), "demo", str(articles)], env=self.site.tool_env(), check=True,
                       stdout=subprocess.DEVNULL)
        self.nginx, bin_ = None, BUILD / "cgi-bin"
        self.postern, self.kept = Postern(self), Postern(self)      # kept: with nginx/cache.conf
        self.floor = Server(self, "floor", fastcgi(BUILD / "tests" / "bench" / "floor"))
        self.cold = Server(self, "cold", fastcgi(bin_ / "user.fcgi"), POSTERN_TOKEN_MEMORY="0")
        self.cold_gate = Server(self, "cold-gate", fastcgi(bin_ / "auth.fcgi"), POSTERN_TOKEN_MEMORY="0")
        self.scaled = Server(self, "scaled", fastcgi(bin_ / "user.fcgi"))
        settings = str(self.var / "bench" / "settings")
        self.peers = [Server(self, "flask", gunicorn, BENCH_SETTINGS=f"{settings}.json", PYTHONDONTWRITEBYTECODE="1"),
                      Server(self, "php", fpm, BENCH_SETTINGS=f"{settings}.php"),
                      Server(self, "node", lambda s: ["node", "server.js"], BENCH_SETTINGS=f"{settings}.json",
                             NODE_PATH="/usr/share/nodejs")]
        self.peers[2].env["BENCH_SOCKET"] = str(self.peers[2].socket)

    def start(self, workers=None):
        """`workers`: {peer: how many}."""
        self.write_settings()
        for server in (self.floor, self.cold, self.cold_gate, *self.peers):
            server.start((workers or {}).get(server.name))
        self.start_nginx()
        return self

    def all(self, floor=True):
        return [*([self.floor] if floor else []), self.postern, *self.peers]

    def write_settings(self):
        private, kid = signing_key(self.site)
        page = urllib.request.urlopen(self.site.url + "/", timeout=10).read().decode()
        start, end = page.index('\t\t<div class="article-preview">'), page.index("\t\t</div>\n\t</aside>")
        user, password = account_of(self.var, "owner")
        settings = {
            "user": user, "password": password, "socket": f"{self.var}/run/db.sock", "url": self.site.url, "kid": kid,
            "uploads": f"{self.var}/bench/uploads", "head": page[:start].rstrip(), "foot": page[end:],
            "private": private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()).decode(),
            "public": private.public_key().public_bytes(serialization.Encoding.PEM,
                                                        serialization.PublicFormat.SubjectPublicKeyInfo).decode()}
        (self.var / "bench" / "settings.json").write_text(json.dumps(settings))
        php = ", ".join("'{}' => '{}'".format(k, v.replace("\\", "\\\\").replace("'", "\\'")) for k, v in settings.items())
        (self.var / "bench" / "settings.php").write_text(f"<?php return [{php}];\n")

    def start_nginx(self):
        """The site's own configuration on another port, with a server for each of the others."""
        conf = (self.var / "run" / "nginx.conf").read_text()
        conf = conf.replace(f"127.0.0.1:{self.site.port}", f"127.0.0.1:{self.postern.port}")
        conf = conf.replace("run/nginx.pid", "run/bench.pid").replace("\t\tinclude ", GUARDED.format(var=self.var) + "\t\tinclude ", 1)
        servers = "".join(
            SERVER.format(name=s.name, socket=s.socket, port=s.port, nginx=ROOT / "nginx", bench=BENCH, var=self.var,
                          kept="keepalive 32;" if s.name == "node" else "",
                          gate=COLD_GATE.format(var=self.var) if s.name == "cold" else "",
                          passed="proxy_pass http://" if s.name in ("flask", "node") else "fastcgi_pass ")
            for s in (self.floor, self.cold, self.scaled, *self.peers))
        conf = conf.rstrip().removesuffix("}")
        kept = conf[conf.index("\tserver {"):].replace(f"127.0.0.1:{self.postern.port}", f"127.0.0.1:{self.kept.port}")
        kept = kept.replace("\t\tinclude ", f'\t\tinclude "{ROOT}/nginx/cache.conf";\n\t\tinclude ', 1)
        path = self.var / "run" / "bench.conf"
        path.write_text(conf + kept + servers + "}\n")
        self.nginx = subprocess.Popen(["nginx", "-p", f"{self.var}/", "-c", str(path), "-e", "stderr",
                                       *(["-g", "user root;"] if os.geteuid() == 0 else [])])
        if not until(lambda: (self.var / "run" / "bench.pid").exists(), 10):
            raise RuntimeError("nginx did not start")

    def stop(self):
        for server in (self.floor, self.cold, self.cold_gate, self.scaled, *self.peers):
            server.stop()
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait()
        self.site.run("stop")
        self.site.remove()


def cpu_of(pids):
    return sum(cpu(p) for p in pids if alive(p))
