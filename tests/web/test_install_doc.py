# SPDX-License-Identifier: ISC
"""The configurations of INSTALL.md, as they stand there, over what `make install` has installed."""
import re
import subprocess

import pytest

from conftest import ROOT

INSTALL = (ROOT / "INSTALL.md").read_text()


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", INSTALL, re.M | re.S)[1]


@pytest.fixture
def here(site, installed):
    """A text with the places of this test's installation."""
    return lambda text: (text.replace("/usr/local", str(installed)).replace("/var/lib/postern/errors", f"{site.var}/errors")
                         .replace("/etc/nginx/postern", f"{installed}/share/postern/nginx").replace("…", ""))


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


@pytest.mark.parametrize("way", ["proxy", "fcgid"])
def test_apache_takes_it(here, tmp_path, way):
    block = re.search(r"^```apache\n(.*?)^```", section("On Apache"), re.M | re.S)[1]
    modules = re.search(r"`a2enmod (.*?)`", section("On Apache"))[1]
    if way == "fcgid":
        line = re.search(r"first line is `(Define .*?)`", section("On Apache"))[1]
        block, modules = re.sub(r"\A.*\n", f"{line}\n", block).replace("proxy.conf", "fcgid.conf"), modules.replace("proxy_fcgi", "fcgid")
    named = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in
                    ["mpm_event", "authz_core", *["proxy"] * (way == "proxy"), *modules.split()])
    (tmp_path / "apache.conf").write_text(f"{named}ServerName a\nPidFile {tmp_path}/pid\nErrorLog {tmp_path}/error.log\nListen 127.0.0.1:1\nTypesConfig /dev/null\n"
                                          f"<VirtualHost *:1>\n{here(block)}</VirtualHost>\n")
    done = subprocess.run(["apache2", "-t", "-f", tmp_path / "apache.conf"], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "Syntax OK\n")
