# SPDX-License-Identifier: ISC
"""The configurations of INSTALL.md, as they stand there, over what `make install` has installed."""
import re
import subprocess

import pytest
import requests

from conftest import ROOT, free_port
from test_gate_programs import listens, process

INSTALL = (ROOT / "INSTALL.md").read_text()


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", INSTALL, re.M | re.S)[1]


@pytest.fixture
def here(site, installed):
    """A text with the places of this test's installation."""
    return lambda text: (text.replace("/usr/local", str(installed)).replace("/var/lib/postern/errors", f"{site.var}/errors")
                         .replace("/etc/nginx/postern", f"{installed}/share/postern/nginx").replace("…", "")
                         .replace("/var/log/nginx", str(site.var / "log")))


def test_nginx_takes_it(here, installed, tmp_path):
    (block,) = re.findall(r"^```nginx\n(.*?)^```", section("With systemd and nginx"), re.M | re.S)
    (tmp_path / "postern").symlink_to(installed / "share/postern/nginx")
    conf = f"pid {tmp_path}/pid; events {{}} http {{ access_log off;\n{here(block)} }}"
    (tmp_path / "nginx.conf").write_text(conf.replace("/var/cache/postern", f"{tmp_path}/cache").replace("listen 80", "listen 127.0.0.1:1"))
    done = subprocess.run(["nginx", "-t", "-q", "-e", "stderr", "-c", tmp_path / "nginx.conf"], text=True, capture_output=True,
                          env={"PATH": "/usr/sbin:/usr/bin:/bin"})
    assert (done.returncode, done.stderr) == (0, "")


def test_the_site_of_setup_is_that_of_the_document():
    """Letter by letter, but for its name and port."""
    (block,) = re.findall(r"^```nginx\n(.*?)^```", section("With systemd and nginx"), re.M | re.S)
    made = re.search(r"<<-NGINX\n.*?\n(.*?)^\t\tNGINX$", (ROOT / "systemd/setup.sh").read_text(), re.M | re.S)[1]
    made = re.sub(r"^\t\t\t", "", made, flags=re.M).replace("$ERRORS", "/var/lib/postern/errors")
    assert made.replace("$port;$six", "80;").replace("${host%:*}", "www.example.org") == block


def apache(here, folder, way, port, before=""):
    """The file of a server that has what the document says in its <VirtualHost>."""
    block = re.search(r"^```apache\n(.*?)^```", section("On Apache"), re.M | re.S)[1]
    modules = re.search(r"`a2enmod (.*?)`", section("On Apache"))[1]
    if way == "fcgid":
        line = re.search(r"first line is `(Define .*?)`", section("On Apache"))[1]
        block, modules = re.sub(r"\A.*\n", f"{line}\n", block).replace("proxy.conf", "fcgid.conf"), modules.replace("proxy_fcgi", "fcgid")
    named = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in
                    ["mpm_event", "authz_core", "authz_host", *["proxy"] * (way == "proxy"), *modules.split()])
    (folder / "apache.conf").write_text(
        f"{named}ServerName a\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nListen 127.0.0.1:{port}\nTypesConfig /dev/null\n"
        f"<VirtualHost *:{port}>\n{before}{here(block).replace('/var/log/apache2', str(folder))}</VirtualHost>\n")
    return folder / "apache.conf"


@pytest.mark.parametrize("way", ["proxy", "fcgid"])
def test_apache_takes_it(here, tmp_path, way):
    done = subprocess.run(["apache2", "-t", "-f", apache(here, tmp_path, way, 1)], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "Syntax OK\n")


@pytest.mark.parametrize("way", ["proxy", "fcgid"])
def test_what_else_apache_guards_stays_guarded(here, installed, tmp_path, way):
    """What is Postern's is for all; folders and places of others, said before it, are as they were."""
    for name in "open", "closed", "intranet":
        (tmp_path / "www" / name).mkdir(parents=True)
        (tmp_path / "www" / name / "file").write_text(name)
    for folder in (tmp_path, *tmp_path.parents[:2], installed, *installed.parents[:2]):
        folder.chmod(0o755)
    port = free_port()
    before = f"""DocumentRoot "{tmp_path}/www"
        <Directory "{tmp_path}/www/open">
        Require all granted
        </Directory>
        <Directory "{tmp_path}/www/intranet">
        Require all granted
        </Directory>
        <Directory "{tmp_path}/www/closed">
        Require all denied
        </Directory>
        <Location "/intranet/">
        Require ip 10.9.8.7
        </Location>
        RewriteEngine On
        RewriteRule "^/(?:open|closed|intranet)/" "-" [END]
        """
    with process(lambda: listens(port), "apache2", "-f", apache(here, tmp_path, way, port, before), "-D", "FOREGROUND"):
        answers = {name: requests.get(f"http://127.0.0.1:{port}/{name}/file", timeout=10) for name in ("open", "closed", "intranet")}
        assert {name: a.status_code for name, a in answers.items()} == {"open": 200, "closed": 403, "intranet": 403}
        assert requests.get(f"http://127.0.0.1:{port}/static/style.css", timeout=10).status_code == 200
        assert " - " in requests.get(f"http://127.0.0.1:{port}/static/nothing.css", timeout=10).text     # a page of ours
        assert requests.get(f"http://127.0.0.1:{port}/open/file?token=secret", timeout=10).text == "open"
    assert "secret" not in (tmp_path / "access.log").read_text() and "GET /open/file" in (tmp_path / "access.log").read_text()
