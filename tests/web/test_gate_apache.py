# SPDX-License-Identifier: ISC
"""The gate for Apache: apache/gate.conf as it stands there, the program asked as a FastCGI authorizer."""
import re

import pytest
import requests

from conftest import BUILD, ROOT, free_port, running
from fcgi_client import PARAMS, begin, pair, stream, talk, variables
from gate_site import PAGE, echo, personal, short, told
from pages import signed_in
from test_gate_programs import listens, process
from test_nginx import raw
from ways import SOCKETS

MODULES = ("mpm_event authn_core authz_core authz_user authnz_fcgi setenvif headers rewrite macro proxy proxy_http"
           " alias").split()


def conf(folder, port, program, app):
    text = (ROOT / "apache/gate.conf").read_text()
    assert "127.0.0.1:9010" in text
    return "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n" for m in MODULES) + f"""
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
DocumentRoot {folder}/www
<Directory {folder}/www>
	Require all granted
</Directory>
{text.replace("127.0.0.1:9010", f"127.0.0.1:{program}")}
Use PosternGate /members/ both "member"
Use PosternGate /staff/ both "group:staff fresh"
Use PosternGate /app/ cookie "member"
Use PosternGate /any/ both "member"
ProxyPass /staff/ http://127.0.0.1:{app}/
ProxyPass /app/ http://127.0.0.1:{app}/
ProxyPass /any/ http://127.0.0.1:{app}/
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apache")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    (folder / "www/members").mkdir(parents=True)
    (folder / "www/members/file").write_text("for members\n")
    port, program = free_port(), free_port()
    with running() as s, echo() as app:
        (folder / "apache.conf").write_text(conf(folder, port, program, app))
        with (folder / "auth.log").open("w") as log, \
                process(lambda: listens(program), "spawn-fcgi", "-n", "-a", "127.0.0.1", "-p", program, "--",
                        "/usr/bin/multiwatch", "-r", "1000000", "-t", "1", "-f", "1", "--", BUILD / "cgi-bin/auth.fcgi",
                        env=s.tool_env(), stderr=log), \
                process(lambda: listens(port), "apache2", "-f", folder / "apache.conf", "-D", "FOREGROUND"):
            s.apache, s.apache_port = f"http://127.0.0.1:{port}", port
            s.ada, s.bob = (s.register(username=name) for name in ("apacheada", "apachebob"))
            s.tool("group", "new", "staff")
            s.tool("group", "add", "staff", "apacheada")
            yield s


def ask(site, path, method="GET", token=None, **headers):
    headers = {n.replace("__", "-"): v for n, v in headers.items()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return requests.request(method, site.apache + path, headers=headers, allow_redirects=False, timeout=30)


def test_a_folder(site):
    assert ask(site, "/members/file").status_code == 401
    assert ask(site, "/members/file", token="x").status_code == 401
    assert ask(site, "/members/file", token=short(site, site.bob)).text == "for members\n"
    assert ask(site, "/members/file", token=personal(site, site.bob, "gate")["token"]).status_code == 200
    assert ask(site, "/members/file", token=personal(site, site.bob, "read")["token"]).status_code == 403


def test_rules(site):
    assert ask(site, "/staff/x").status_code == 401
    assert ask(site, "/staff/x", token=short(site, site.bob)).status_code == 403
    assert told(ask(site, "/staff/x", token=site.ada["token"])) == {
        "x-postern-user": "apacheada", "remote-user": "apacheada", "x-remote-user": "apacheada",
        "x-webauth-user": "apacheada", "x-postern-role": "member", "x-postern-groups": "staff", "remote-groups": "staff",
        "x-postern-email": site.ada["email"], "remote-email": site.ada["email"],
        "x-postern-user-id": site.sql("SELECT id FROM users WHERE username = 'apacheada'")[0][0]}


def test_cookies_and_the_logout(site):
    """A browser sends the cookie of the port that it asks."""
    browser = signed_in(site, site.bob)
    cookie = f"session-{site.apache_port}={browser.cookie()}"
    assert told(ask(site, "/app/x", Cookie=cookie, Authorization="Basic YTpi"))["remote-user"] == "apachebob"
    assert ask(site, "/any/x", Cookie=cookie, Authorization="Basic YTpi").status_code == 401
    browser.log_out()
    assert ask(site, "/app/x", Cookie=cookie).status_code == 401


def test_spoofed_headers_never_arrive(site):
    token = short(site, site.bob)
    seen = told(ask(site, "/any/x", token=token, Remote__User="root", X__Postern__Email="root", X__Remote__User="root",
                    X__Postern__Groups="staff"))
    assert "root" not in seen.values() and "staff" not in seen.values() and seen["remote-user"] == "apachebob"
    assert "x-postern-email" not in seen
    for name in ("Remote_User", "X_Postern_User", "X-Postern_User"):
        answer = requests.get(f"{site.apache}/any/x", headers={name: "root", "Authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code in (401, 403)
    for name in ("GATE_REQUIRE", "GATE-REQUIRE"):
        answer = requests.get(f"{site.apache}/staff/x", headers={name: "member", "Authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code in (401, 403)


@pytest.mark.parametrize("path", ["/public/../members/file", "/public/%2e%2e/members/file", "//members/file",
                                  "/%6dembers/file", "/members/./file"])
def test_no_spelling_of_a_path_goes_round_the_gate(site, path):
    site.port, port = site.apache_port, site.port
    try:
        answer = raw(site, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    finally:
        site.port = port
    assert answer[0] in (401, 404) and "for members" not in answer[2]


def test_browsers_go_to_the_login(site):
    for path, next in ("/members/file?a=1&b=2", "/members/file"), ("/members/%C3%A4%26", "/members/%25C3%25A4%2526"):
        answer = ask(site, path, **PAGE)
        assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/login?next={next}")
    assert ask(site, "/members/file").status_code == 401


@SOCKETS
def test_an_authorizer_has_no_body(site):
    """It is answered at once, though no end of a body comes (FastCGI 1.0, section 6.3)."""
    def ask_as(role, **more):
        pairs = b"".join(pair(n, v) for n, v in {**variables("GET", "/"), **more}.items())
        return talk(site.var / "run" / "auth.sock", begin(role=role) + stream(PARAMS, pairs), timeout=2)

    answer = ask_as(2, HTTP_AUTHORIZATION=f"Bearer {short(site, site.bob)}", CONTENT_LENGTH="7")
    assert answer.status == 200 and answer.headers["Variable-REMOTE_USER"] == "apachebob"
    assert ask_as(2).status == 401


def test_all_words_stand_there():
    """The same headers as for nginx."""
    text, nginx = ((ROOT / name).read_text() for name in ("apache/gate.conf", "nginx/gate-headers.conf"))
    assert re.findall(r"Use PosternHeader (\S+)", text) == re.findall(r"^proxy_set_header (\S+)", nginx, re.M)
