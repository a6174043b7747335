# SPDX-License-Identifier: ISC
"""postern doctor and what others have a hand in: mail servers, processes, the web server."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import BUILD, free_port, running
from doctor import Faults, changed, doctor, hurt, named, nginx, problems, sql, told
from mail_server import serving, speechless
from ways import BUILT, EACH
from workers import children, pid_of, until

pytestmark = EACH

FAULTS = Faults()
fault = FAULTS.fault


# Mails.

WAITS = ("INSERT INTO outbox (letter, address, told, state, created_at, due_at, done_at, tries)"
         " VALUES ('test', 'doctor@example.org', '{}', %s, NOW(3), NOW(3) - INTERVAL %s MINUTE, %s, %s)")
GONE = "DELETE FROM outbox WHERE address = 'doctor@example.org'"


@fault("outbox", "a mail is due for (59|6\\d) minutes: postern mail does not run")
def stuck_outbox(site):
    with sql(site, WAITS % ("'waiting'", 60, "NULL", 0), GONE) as planted:
        yield planted


@fault("outbox", "1 mails were tried more than twice: /admin/mail")
def mail_that_nobody_takes(site):
    with sql(site, WAITS % ("'waiting'", -60, "NULL", 4), GONE) as planted:
        yield planted


@fault("outbox", "1 mails of the last day were given up: /admin/mail")
def dead_mail(site):
    with sql(site, WAITS % ("'failed'", 0, "NOW(3)", 9), GONE) as planted:
        yield planted


@fault("mail", "535 .*: See mail.user and mail.password")
def mail_server_that_refuses_the_login(_):
    with serving(auth=True) as server:
        yield (), {**server.settings, "POSTERN_MAIL_PASSWORD": "wrong"}


@fault("mail", "The server offers no STARTTLS")
def mail_server_without_starttls(_):
    with serving() as server:
        yield (), {**server.settings, "POSTERN_MAIL_STARTTLS": "require"}


@fault("mail", "Nobody listens there: see host and port in mail.server")
def no_mail_server(_):
    yield (), {"POSTERN_MAIL_TRANSPORT": "smtp", "POSTERN_MAIL_SERVER": "smtp://localhost:1"}


@fault("mail", "was not through after 6 seconds|The server was silent for too long")
def speechless_mail_server(_):
    with speechless() as port:
        yield (), {"POSTERN_MAIL_TRANSPORT": "smtp", "POSTERN_MAIL_SERVER": f"smtp://localhost:{port}"}


@fault("mail", "mail.sendmail names no program")
def no_sendmail(_):
    yield (), {"POSTERN_MAIL_TRANSPORT": "sendmail", "POSTERN_MAIL_SENDMAIL": "/nowhere/sendmail"}


@fault("mail", "mail.folder cannot be written to")
def no_folder_for_mails(_):
    yield (), {"POSTERN_MAIL_FOLDER": "/proc/mail"}


# Programs and what they show.

@fault("programs", "home.html:4: ", "error pages", "mail")
def template_that_does_not_parse(site):
    mine = site.var / "mine"
    mine.mkdir(exist_ok=True)
    (mine / "home.html").write_text("{{<layout}}\n{{$main}}\n{{#me}}\n{{/main}}\n{{/layout}}\n")
    yield (), {"POSTERN_SITE_TEMPLATES": str(mine)}


@fault("programs", "login.*password.locks: /nowhere/locks")
def no_folder_for_locks(_):
    yield (), {"POSTERN_PASSWORD_LOCKS": "/nowhere/locks"}


@fault("error pages", "errors/404.html is not as the settings and templates are now: postern static")
def old_error_page(site):
    with changed(site.var / "errors/404.html", "<!DOCTYPE html>\n"):
        yield (), {}


@fault("error pages", "security.txt is there though site.contact is empty")
def old_security_txt(site):
    old = site.var / "errors/security.txt"
    old.write_text("Contact: mailto:office@example.org\nExpires: 2020-01-01T00:00:00Z\n")
    yield (), {}
    old.unlink()


@fault("sockets", "tags.sock: nobody answers: systemctl restart postern@tags.socket")
def dead_socket(site):
    folder = site.var / "sockets"
    folder.mkdir()
    for name in (site.var / "run").glob("*.sock"):
        (folder / name.name).symlink_to(name)
    (folder / "tags.sock").unlink()
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(folder / "tags.sock"))
    yield ("--sockets", str(folder)), {}
    shutil.rmtree(folder)


@fault("sockets", "feeds.sock: nobody answers")
def program_that_hangs(site):
    pids = children(pid_of(site, "feeds"))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    yield (), {}
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


# The web server.

def by_nginx(name, check, said, *others, **change):
    """A fault of nginx's settings."""
    def plant(site):
        with nginx(site, **change) as planted:
            yield planted
    plant.__name__ = name
    fault(check, said, *others)(plant)


by_nginx("authorization_eaten", "authorization", "the header Authorization does not arrive",
         add='fastcgi_param HTTP_AUTHORIZATION "" if_not_empty;')
by_nginx("body_limit_too_small", "body limits", "/login: the web server refuses what limits.body allows",
         replace="client_max_body_size    1048576", by="client_max_body_size 100000")
by_nginx("headers_removed", "headers", "/login comes without Content-Security-Policy", "web errors",
         add="fastcgi_hide_header Content-Security-Policy;")
by_nginx("header_added_twice", "headers", "/login comes with X-Content-Type-Options twice",
         add="add_header X-Content-Type-Options nosniff always;")
by_nginx("cookies_removed", "login", "/login sets no cookie", add="fastcgi_hide_header Set-Cookie;")
by_nginx("https_that_is_none", "login", "the programs take http://.* for HTTPS", add="fastcgi_param HTTPS on;")
by_nginx("settings_handed_out", "hidden files", "/postern.conf is handed out to everybody",
         add="location = /postern.conf { alias /etc/hostname; }")
by_nginx("redirected", "address", "leads elsewhere, to https://www.example.org/.*: site.urls must begin",
         add="if ($request_uri ~ /ready) { return 301 https://www.example.org$request_uri; }")
by_nginx("no_static_files", "headers", "/static/style.css answers 404: the web server must know the folder static/",
         add='location = /static/style.css { return 404; }')


@fault("body limits", "/settings/image: the web server refuses what limits.picture allows, 9000000 bytes")
def picture_limit_too_small(_):
    yield (), {"POSTERN_LIMITS_PICTURE": "9000000"}


@fault("body limits", "/files: the web server refuses what limits.file allows")
def file_limit_too_small(_):
    yield (), {"POSTERN_LIMITS_FILE": "4000000000"}


@fault("web errors", "what the web server refuses under /api is answered by 413 and is no JSON")
def error_pages_not_included(site):
    text = (site.var / "run/nginx.conf").read_text()
    line = next(l for l in text.splitlines() if "errors.conf" in l and "include \"" in l)
    with nginx(site, line) as planted:
        yield planted


@fault("web errors", "have another Content-Security-Policy than the site")
def old_policy(site):
    with nginx(site, "default-src 'none'; ", "default-src 'self'; ") as planted:
        yield planted


@fault("address", "site.urls says https, so the web server must speak TLS", "error pages")
def https_in_site_urls_alone(site):
    yield (), {"POSTERN_SITE_URLS": site.url.replace("http:", "https:")}


@fault("address", "Couldn't connect to server: is the web server running", "error pages")
def address_where_nobody_is(_):
    yield (), {"POSTERN_SITE_URLS": "http://127.0.0.1:1"}


@fault("login", "forms of http://club.localhost:.* are refused: site.urls must name the address")
def address_that_site_urls_lack(site):
    yield ("--url", site.url.replace("127.0.0.1", "club.localhost")), {}


@pytest.mark.parametrize("check,said,plant,others", FAULTS)
def test_fault_is_named(hurt, check, said, plant, others):
    named(hurt, check, said, plant, others)


def test_all_faults_are_mended(hurt):
    assert problems(doctor(hurt)) == {}


@pytest.fixture
def copy(hurt, tmp_path):
    """The tool and a program or two elsewhere, as of another installation."""
    (tmp_path / "cgi-bin").mkdir()
    for name in "postern", "cgi-bin/tags.fcgi", "cgi-bin/health.fcgi":
        shutil.copy(BUILD / name, tmp_path / name)
    for name in "sql", "templates", "static":
        (tmp_path / name).symlink_to(BUILD.parent / name)
    return tmp_path


def asked(site, folder, *words):
    return told(subprocess.run([folder / "postern", "doctor", "--json", *words], env=site.tool_env(), text=True,
                               timeout=60, capture_output=True))


@BUILT
def test_program_of_another_version(hurt, copy):
    other = copy / "cgi-bin/tags.fcgi"
    other.unlink()
    other.write_text("#!/bin/sh\necho postern 0.0.9\n")
    other.chmod(0o755)
    found = problems(asked(hurt, copy))
    assert found.keys() == {"programs"} and found["programs"].startswith("tags: not of version "), found


@BUILT
def test_program_from_before_the_last_installation(hurt, copy):
    program = copy / "cgi-bin/tags.fcgi"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(copy / "old.sock"))
        listener.listen()
        old = subprocess.Popen([program], stdin=listener, env=hurt.tool_env())
    try:
        assert until(lambda: pathlib.Path(f"/proc/{old.pid}/exe").resolve() == program)
        assert problems(asked(hurt, copy)) == {}
        shutil.copy(program, copy / "new")
        (copy / "new").rename(program)
        found = problems(asked(hurt, copy))
        assert found.keys() == {"sockets"}, found
        assert found["sockets"].startswith("1 processes, one of tags, run what was there before"), found
    finally:
        old.terminate()
        old.wait(10)


def test_https_without_a_certificate_that_holds(tmp_path):
    port = free_port()
    url = f"https://localhost:{port}"
    with running({"TLS_PORT": str(port), "POSTERN_SITE_URLS": url}) as site:
        env = {"POSTERN_SITE_URLS": url}
        found = problems(doctor(site, **env))
        assert found.keys() == {"address"} and "certificate" in found["address"], found
