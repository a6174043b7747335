# SPDX-License-Identifier: ISC
"""Shared hosting: what `make home` puts into a folder, with settings, keys and one database account in it, run as plain
CGI by an Apache of another user, who knows nothing but the folder. The commands are those of INSTALL.md."""
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest
import requests

from conftest import PASSWORD, ROOT, free_port, make, page_of, running
from pages import Browser
from pictures import jpeg
from test_gate_programs import listens, process
from test_nginx import raw

STRANGER = 33 if os.geteuid() == 0 else os.geteuid()
MODULES = "mpm_event authz_core rewrite headers alias mime setenvif cgid".split()


def as_stranger(*words):
    if os.geteuid():
        return words
    return ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", *words)


@pytest.fixture(scope="module")
def home():
    """Not in pytest's folders: whoever starts another pytest closes these to strangers."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-home-"))
    folder.chmod(0o755)
    www, port = folder / "www", free_port()
    make("home", f"DIR={www}")
    with running() as site:
        for way in site.var, site.var / "run":      # the database's socket is anybody's, its accounts are not
            way.chmod(0o711)
        account = configparser.ConfigParser(interpolation=None)
        account.read(site.var / "owner.conf")
        (www / "postern.conf").write_text(f"[site]\nname = Home\nurls = http://127.0.0.1:{port}\n"
                                          f"[database]\nsocket = {site.var}/run/db.sock\nname = postern\n")
        (www / "secret.conf").write_text(f"[database]\nuser = postern_owner\npassword = {account['database']['password']}\n")
        commands = re.search(r"^## On shared hosting\n.*?^```sh\n(.*?)^```", (ROOT / "INSTALL.md").read_text(), re.M | re.S)[1]
        subprocess.run(["chown", "-R", str(STRANGER), folder], check=True)
        env = {"PATH": os.environ["PATH"]}
        done = subprocess.run(as_stranger("bash", "-eu", "-c", commands), cwd=www, env=env, text=True, capture_output=True)
        assert (done.returncode, done.stderr.count("\n")) == (0, 1) and "new key" in done.stderr, done.stderr
        (folder / "apache.conf").write_text("".join(
            f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in MODULES) + f"""
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder} default
ScriptSock {folder}/cgid.sock
ErrorLog {folder}/error.log
TypesConfig /dev/null
DocumentRoot {www}
<Directory {www}>
	AllowOverride FileInfo Options=ExecCGI,Indexes
	Options FollowSymLinks Indexes
	Require all granted
</Directory>
""")
        with process(lambda: listens(port), *as_stranger("apache2", "-f", folder / "apache.conf", "-D", "FOREGROUND"), env=env):
            site.url, site.port, site.www = f"http://127.0.0.1:{port}", port, www
            yield site
    shutil.rmtree(folder)


def test_a_site(home):
    ada = home.register(username="home.ada")
    assert home.api("GET", "/user", token=ada["token"]).json()["user"]["username"] == "home.ada"
    browser = Browser(home)
    assert browser.log_in({"email": ada["email"], "password": PASSWORD}).status == 303
    assert browser.open("/settings").user == "home.ada"
    assert "<title>" in page_of(requests.get(f"{home.url}/", timeout=30), 200)
    assert " - Home</title>" in page_of(requests.get(f"{home.url}/nothing", timeout=30), 404)
    image = home.api("PUT", "/user/image", token=ada["token"], files={"image": ("a.jpg", jpeg())}).json()["image"]
    assert requests.get(home.url + image, timeout=30).content[8:12] == b"WEBP"
    assert browser.open("/settings", "POST", data={"x": "y" * (2 << 20)}).status == 413


def test_everything_is_in_the_folder(home):
    """And the programs are the user whose folder it is."""
    assert {p.stat().st_uid for p in home.www.rglob("*")} == {STRANGER}
    for name in "keys/private.json", "keys/refresh.key", "credentials.conf", "errors/404.html":
        assert (home.www / name).exists(), name
    for secret in (*home.www.glob("*.conf"), home.www / "keys/private.json"):
        assert secret.name == "postern.conf" or secret.stat().st_mode & 0o077 == 0, secret


def test_no_file_but_static_ones_has_an_address(home):
    shown = 0
    for path in sorted(p for p in home.www.rglob("*") if p.is_file()):
        name = str(path.relative_to(home.www))
        status, _, body = raw(home, f"GET /{name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()) \
            if path.suffix not in (".png", ".ico") else (200, None, "")
        if name.startswith("static/"):
            shown += 1
            assert status == 200, name
        elif name.startswith("cgi-bin/"):       # as a program of the API, not as a file
            assert status in (200, 401, 404, 405) and "ELF" not in body, name
        else:
            assert status in (403, 404), (name, status)
            assert "password =" not in body and "{{" not in body and '"d"' not in body, name
    assert shown > 5
