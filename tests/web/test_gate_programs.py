# SPDX-License-Identifier: ISC
"""Real programs behind the gate, by the blocks of the README and of nginx/gate.conf as they stand there: a folder,
Radicale, cgit, an application with a WebSocket, an API; and the samples, each of which reads one header."""
import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys

import pytest
import requests
import websockets

from conftest import PASSWORD, ROOT, free_port
from gate_site import PAGE, ask, echo, gated, personal, short, told
from pages import Browser, signed_in
from test_nginx import raw
from ways import GATE
from workers import until

pytestmark = GATE

INSTALL = (ROOT / "INSTALL.md").read_text().partition("## A CGI program behind the gate\n")[2]
README = re.findall(r"^```nginx\n(.*?)^```", (ROOT / "README.md").read_text() + INSTALL, re.M | re.S)
GATE_CONF = (ROOT / "nginx/gate.conf").read_text()
EXAMPLES = re.findall(r"^(location .*?^\})", re.sub("^#\t", "", GATE_CONF, flags=re.M), re.M | re.S)[:3]
WEBSOCKET = """
import asyncio, sys, websockets
async def answer(peer):
    await peer.send("hello " + peer.request_headers.get("Remote-User", "nobody"))
    async for text in peer:
        await peer.send(text)
async def main():
    async with websockets.serve(answer, "127.0.0.1", int(sys.argv[1])):
        await asyncio.Future()
asyncio.run(main())
"""
SAMPLES = sorted((ROOT / "samples").iterdir())


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def process(ready, *command, **more):
    """A program for the length of a block, once `ready()`."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                             **{"stderr": subprocess.PIPE, **more})
    try:
        assert until(lambda: ready() or child.poll() is not None, 20) and child.poll() is None, command
        yield
    finally:
        child.terminate()
        child.wait(20)
        if child.stderr:
            child.stderr.close()


def radicale(stack, folder):
    port = free_port()
    (folder / "radicale.conf").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = http_x_remote_user\n"
        f"[storage]\nfilesystem_folder = {folder}/calendars\n[logging]\nlevel = warning\n")
    stack.enter_context(process(lambda: listens(port), "radicale", "--config", folder / "radicale.conf"))
    return port


def cgit(stack, folder):
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q", folder / "boats"], check=True)
    (folder / "boats" / "README").write_text("Oars\n")
    subprocess.run([*git, "-C", folder / "boats", "add", "README"], check=True)
    subprocess.run([*git, "-C", folder / "boats", "commit", "-q", "-m", "first boat"], check=True)
    (folder / "cgitrc").write_text("include=/etc/cgitrc\nvirtual-root=/cgit/\nrepo.url=boats\n" f"repo.path={folder}/boats/.git\n")
    path = folder / "cgit.sock"
    stack.enter_context(process(path.exists, "fcgiwrap", "-s", f"unix:{path}",
                                env={**os.environ, "CGIT_CONFIG": str(folder / "cgitrc"), "HOME": str(folder)}))
    return path


def samples(stack, folder):
    """Where they listen: the web servers of Python and Node, and a socket of PHP's FastCGI."""
    ports = {"py": free_port(), "js": free_port()}
    stack.enter_context(process(lambda: listens(ports["py"]), sys.executable, "-m", "flask", "--app",
                                ROOT / "samples/app.py", "run", "-p", ports["py"]))
    stack.enter_context(process(lambda: listens(ports["js"]), "node", ROOT / "samples/app.js",
                                env={**os.environ, "PORT": str(ports["js"])}))
    path = folder / "php.sock"
    stack.enter_context(process(path.exists, "php-cgi", "-b", path))
    return (f"location /app/ {{ auth_request \"/postern-gate/both/member\"; include postern/gate-headers.conf;"
            f" proxy_pass http://127.0.0.1:{ports['py']}; }}\n"
            f"location /js/ {{ auth_request \"/postern-gate/both/member\"; include postern/gate-headers.conf;"
            f" proxy_pass http://127.0.0.1:{ports['js']}; }}\n"
            f"location /php/ {{ auth_request \"/postern-gate/both/member\"; include postern/gate-headers.conf;"
            f" fastcgi_pass unix:{path}; fastcgi_param SCRIPT_FILENAME {ROOT}/samples/app.php;"
            " fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REDIRECT_STATUS 200; }\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    with contextlib.ExitStack() as stack:
        socket_port, api = free_port(), stack.enter_context(echo())
        stack.enter_context(process(lambda: listens(socket_port), sys.executable, "-c", WEBSOCKET, socket_port))
        static, calendars, source = README
        _, application, tools = EXAMPLES
        assert all(f"127.0.0.1:{port}" in block for port, block in (("5232", calendars), ("5000", application),
                                                                    ("5001", tools)))
        blocks = (static.replace("/srv", f"{folder}/srv")
                  + calendars.replace("5232", str(radicale(stack, folder)))
                  + source.replace("/run/fcgiwrap.socket", str(cgit(stack, folder)))
                  + application.replace("/app/", "/socket/").replace("5000", str(socket_port))
                  + tools.replace("5001", str(api)) + samples(stack, folder))
        (folder / "srv/members").mkdir(parents=True)
        (folder / "srv/members/index.html").write_text("for members\n")
        with gated(blocks) as s:
            s.ada, s.bob = (s.register(username=name) for name in ("ada", "bob"))
            s.tool("group", "new", "staff")
            s.tool("group", "add", "staff", "ada")
            yield s


def test_the_examples_are_short():
    assert len(README) == 3 and len(EXAMPLES) == 3
    for block in README[0], EXAMPLES[0]:
        assert len(block.splitlines()) <= 5
    for sample in SAMPLES:
        lines = sample.read_text().splitlines()
        assert len(lines) <= 8 and sum("emote" in line or "REMOTE" in line for line in lines) == 1
    assert len(SAMPLES) == 3


def test_a_folder(site):
    assert ask(site, "/members/").status_code == 401
    browser = Browser(site)
    login = browser.open("/members/", headers=PAGE)
    page = login.form().send(follow=True, email=site.bob["email"], password=PASSWORD)
    assert page.path == "/members/" and page.answer.text == "for members\n"


PRINCIPAL = ('<?xml version="1.0"?><propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>')


def test_radicale(site):
    """Its own rights hold for whom the gate has named: nobody reads another's calendar."""
    ada, bob = signed_in(site, site.ada).session, signed_in(site, site.bob).session

    def calendars(session, method, path, **more):
        return session.request(method, f"{site.url}/radicale{path}", timeout=30, allow_redirects=False, **more)

    assert calendars(requests, "PROPFIND", "/").status_code == 401
    spoofed = {"X-Remote-User": "ada", "Remote-User": "ada"}
    assert calendars(requests, "PROPFIND", "/", headers=spoofed).status_code == 401
    for session, name in (ada, "ada"), (bob, "bob"):
        answer = calendars(session, "PROPFIND", "/", data=PRINCIPAL, headers=spoofed)
        assert answer.status_code == 207 and f"<href>/radicale/{name}/</href>" in answer.text.replace("ns0:", "")
    assert calendars(ada, "MKCALENDAR", "/ada/boats/").status_code == 201
    event = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
             "DTSTART:20260101T000000Z\r\nSUMMARY:Regatta\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    assert calendars(ada, "PUT", "/ada/boats/1.ics", data=event).status_code == 201
    assert "Regatta" in calendars(ada, "GET", "/ada/boats/1.ics").text
    assert calendars(bob, "GET", "/ada/boats/1.ics", headers=spoofed).status_code == 403
    assert calendars(bob, "PUT", "/ada/boats/1.ics", data=event, headers=spoofed).status_code == 403
    # Basic is the application's own here, and does not kill the cookie.
    assert calendars(ada, "GET", "/ada/boats/1.ics", auth=("x", "y")).status_code == 200


def test_cgit(site):
    staff = signed_in(site, site.ada).session
    page = staff.get(f"{site.url}/cgit/boats/tree/README", timeout=30)
    assert page.status_code == 200 and "Oars" in page.text and "/cgit/boats/log/" in page.text
    assert "first boat" in staff.get(f"{site.url}/cgit/boats/log/", timeout=30).text
    assert "/cgit-css/cgit.css" in page.text and ask(site, "/cgit-css/cgit.css").status_code == 200
    assert signed_in(site, site.bob).open("/cgit/boats/tree/README", follow=False).status == 403
    assert ask(site, "/cgit/boats/tree/README").status_code == 401
    assert "Oars" in ask(site, "/cgit/boats/tree/README", token=short(site, site.ada)).text
    assert ask(site, "/cgit/boats/plain/README", token=personal(site, site.ada, "gate")["token"]).text == "Oars\n"
    clone = subprocess.run(["git", "-c", f"http.extraHeader=Authorization: Bearer {short(site, site.ada)}", "ls-remote",
                            f"{site.url}/cgit/boats"], text=True, capture_output=True, timeout=30)
    assert clone.returncode == 0 and "refs/heads/main" in clone.stdout, clone.stderr


@pytest.mark.parametrize("path", ["/members/../cgit/boats/tree/README", "/cgit-css/%2e%2e/cgit/boats/tree/README",
                                  "/cgit-css/..%2fcgit/boats/tree/README", "//cgit/boats/tree/README",
                                  "/%63git/boats/tree/README", "/radicale/../cgit/boats/tree/README"])
def test_no_spelling_of_a_path_goes_round_a_program(site, path):
    answer = raw(site, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer[0] == 401 and "Oars" not in answer[2]


@pytest.mark.parametrize("path", ["/cgit-css../doc/cgit/copyright", "/cgit-css/../../lib/cgit/cgit.cgi", "/membersx/index.html"])
def test_what_is_beside_a_place_is_not_served(site, path):
    answer = raw(site, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer[0] in (400, 404)


def test_websocket(site):
    """The check is made at the handshake: one that is open lives on after a logout, the next is refused."""
    browser = signed_in(site, site.ada)
    uri = f"ws://127.0.0.1:{site.port}/socket/"
    cookie = {"Cookie": f"session-{site.port}={browser.cookie()}"}

    async def refused(headers):
        with pytest.raises(websockets.InvalidStatusCode) as error:
            await websockets.connect(uri, extra_headers=headers)
        return error.value.status_code

    async def talk():
        assert await refused({}) == 401
        assert await refused({"Remote-User": "ada", "Accept": "text/html"}) == 401
        bob = f"session-{site.port}={signed_in(site, site.bob).cookie()}"
        assert await refused({"Cookie": bob}) == 403
        async with websockets.connect(uri, extra_headers={**cookie, "Remote-User": "root"}) as open_one:
            assert await open_one.recv() == "hello ada"
            await open_one.send("ping")
            assert await open_one.recv() == "ping"
            browser.log_out()
            assert await refused(cookie) == 401
            await open_one.send("still here")
            assert await open_one.recv() == "still here"

    asyncio.run(talk())


def test_an_api(site):
    """For tokens alone, which it does not see."""
    answer = ask(site, "/tool/api/", token=short(site, site.bob))
    assert told(answer)["remote-user"] == "bob"
    assert "authorization" not in {name.lower() for name, _ in answer.json()["headers"]}
    assert ask(site, "/tool/api/", headers=PAGE).status_code == 401
    assert signed_in(site, site.bob).open("/tool/api/", follow=False).status == 401
    preflight = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "PUT"}
    assert told(ask(site, "/tool/api/", "OPTIONS", headers=preflight)) == {}


@pytest.mark.parametrize("place", ["app", "php", "js"])
def test_samples(site, place):
    assert ask(site, f"/{place}/", headers={"Remote-User": "root"}).status_code == 401
    assert signed_in(site, site.ada).open(f"/{place}/").answer.text == "Hello ada\n"
    spoofed = {"Remote-User": "root", "Remote_User": "root", "REMOTE-USER": "root"}
    assert ask(site, f"/{place}/", token=short(site, site.bob), headers=spoofed).text == "Hello bob\n"
