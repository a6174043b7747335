# SPDX-License-Identifier: ISC
"""A front-end of files and the API on one origin, by nginx/front.conf, with a page that asks by fetch."""
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, web

CONFIG = """
user root; daemon off; pid {folder}/nginx.pid; error_log stderr alert;
events {{ worker_connections 64; }}
http {{
	access_log off; default_type text/html;
	types {{ text/html html; text/javascript js; }}
	client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi; proxy_temp_path {folder}/proxy;
	scgi_temp_path {folder}/scgi; uwsgi_temp_path {folder}/uwsgi;
	include "{site.var}/run/upstreams.conf";
	include "{site.var}/errors/cors.conf";
	{server}
}}
"""


CONF = (ROOT / "nginx/front.conf").read_text()


@pytest.fixture
def front(site, tmp_path):
    """The address of such a server."""
    command = re.search(r"^#\t(grep .*)", CONF, re.M)[1].replace(">api.conf", f">{tmp_path}/api.conf")
    subprocess.run(["sh", "-c", command], cwd=ROOT, check=True)
    shutil.copytree(ROOT / "tests" / "browser" / "front", tmp_path / "app")
    port = web.free_port()
    server = CONF
    for old, new in (("127.0.0.1:8081", f"127.0.0.1:{port}"), ("/srv/app", f"{tmp_path}/app"),
                     ("/var/lib/postern/errors", f"{site.var}/errors"), ("/etc/postern/api.conf", f"{tmp_path}/api.conf"),
                     ("/usr/share/postern/nginx", f"{ROOT}/nginx")):
        assert old in server
        server = server.replace(old, new)
    (tmp_path / "nginx.conf").write_text(CONFIG.format(folder=tmp_path, site=site, server=server))
    nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", tmp_path / "nginx.conf", "-p", tmp_path], stderr=subprocess.PIPE)
    for _ in range(100):
        if subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/", "-o", "/dev/null"]).returncode == 0:
            break
    yield f"http://127.0.0.1:{port}"
    nginx.terminate()
    assert nginx.wait(timeout=20) == 0


def test_files_and_api_on_one_origin(browser, front, site):
    c = browser(js=True)
    c.base = front
    c.open("/")
    assert c.status == 200
    c.until(lambda: "in all" in c.text("[role=status]"))
    c.find("[name=title]").send_keys("From afar")
    c.find("button").click()
    c.until(lambda: any(t.startswith("From afar by front") for t in c.texts("li")))
    assert c.complaints() == [] and c.strangers() == []
    assert site.sql("SELECT COUNT(*) FROM articles WHERE title = 'From afar'") == [["1"]]
    c.find("[name=title]").clear()
    c.find("[name=title]").send_keys("x" * 121)
    c.find("button").click()
    c.until(lambda: "title is too long" in c.text("[role=status]"))
    c.open("/some/view/of/its/own")
    assert c.status == 200 and c.text("h1") == "Articles"
    c.open("/api/nothing")
    assert c.status == 404 and c.text() == '{"errors":{"path":["not found"]}}'
    c.open("/login")
    assert c.text("h1") == "Articles", "none of the pages"
