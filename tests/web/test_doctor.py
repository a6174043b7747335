# SPDX-License-Identifier: ISC
"""postern doctor: of a healthy site it says nothing bad; each of these faults, planted for real, it names."""
import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest
import requests

from conftest import BUILD, running
from database import account_of, root
from mail_server import serving, speechless
from test_claims import FAKETIME
from workers import children, pid_of, until

FAULTS = []     # (name, check, what is said, how it is planted, other checks that may say so as well)
numbers = itertools.count(1)


def fault(check, said, *others):
    """A generator that plants a fault, yields words and environment for the doctor, and mends it."""
    def take(plant):
        FAULTS.append(pytest.param(check, said, contextlib.contextmanager(plant), others,
                                   id=plant.__name__.replace("_", "-")))
        return plant
    return take


def told(done):
    """The rows of --json, after looking at the exit status."""
    answer = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1), done.stderr
    assert answer["ok"] == all(row["ok"] is not False for row in answer["checks"])
    return answer["checks"]


def doctor(site, *words, **env):
    done = site.tool("doctor", "--json", *words, check=False, **env)
    for name in "owner", "content", "mail":     # no secret is told
        conf = site.var / f"{name}.conf"
        assert not conf.exists() or account_of(site.var, name)[1] not in done.stdout + done.stderr
    return told(done)


def problems(rows):
    return {row["check"]: row["text"] for row in rows if row["ok"] is False}


@pytest.fixture(scope="module")
def hurt():
    """A site of our own, to be hurt and mended."""
    with running() as site:
        yield site


@pytest.mark.parametrize("way", ["nginx", "proxy", "fcgid", "cgi"])
def test_nothing_is_wrong_with_a_healthy_site(way):
    with running({"WEB": way}) as site:
        site.register()
        began = time.monotonic()
        rows = doctor(site)
        assert problems(rows) == {}, way
        assert len({row["check"] for row in rows}) >= 20 and all(row["ok"] for row in rows)
        assert time.monotonic() - began < 30
        text = site.tool("doctor")
        assert text.count("\n") == len(rows) and all(line.startswith("OK ") for line in text.splitlines())


def test_usage(site):
    done = site.tool("doctor", "twice", check=False)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("postern: usage: postern doctor")


# Files: settings, secrets, keys.

@contextlib.contextmanager
def changed(path, text=None, mode=None):
    """A file with other text (None: none at all, "": empty) or mode, for a while."""
    before, was = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    try:
        if mode is not None:
            path.chmod(mode)
        elif text is None:
            path.unlink()
        else:
            path.chmod(0o600)
            path.write_text(text)
            path.chmod(was)
        yield
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(before)
        path.chmod(was)


@fault("settings", r"postern\.conf: site\.colour is not a setting")
def unknown_setting(site):
    conf = site.var / "postern.conf"
    with changed(conf, conf.read_text() + "[site]\ncolour = red\n"):
        yield (), {}


@fault("settings", "limits.body must be a whole number")
def bad_value(site):
    yield (), {"POSTERN_LIMITS_BODY": "much"}


@fault("settings", "/nowhere/postern.conf: cannot be read")
def no_settings(_):
    yield (), {"POSTERN_CONFIG": "/nowhere/postern.conf"}


@fault("settings", "site.time_zone must be a name such as Europe/Berlin")
def wrong_time_zone(_):
    yield (), {"POSTERN_SITE_TIME_ZONE": "Europe/Atlantis"}


@fault("settings", "session.cookie_domain is not the host of site.urls")
def cookies_of_another_domain(_):
    yield (), {"POSTERN_SESSION_COOKIE_DOMAIN": "example.org"}


@fault("secrets", "content.conf: holds secrets, so nobody else may read it: chmod 0400")
def secrets_that_others_may_read(site):
    with changed(site.var / "content.conf", mode=0o644):
        yield (), {}


@fault("secrets", "gate.conf: No such file", "account")
def missing_secret(site):
    with changed(site.var / "gate.conf"):
        yield (), {}


@fault("settings", "token.audience .* is a secret|database.password is a secret")
def password_in_the_settings(site):
    conf = site.var / "postern.conf"
    with changed(conf, conf.read_text().replace("[database]", "[database]\npassword = hunter2")):
        yield (), {}


@fault("mail", "mail.key")
def no_key_for_links_in_mails(site):
    conf = site.var / "mail.conf"
    with changed(conf, conf.read_text().split("[mail]")[0]):
        yield (), {}


@fault("keys", "private.json may be read by others: chmod 0400")
def key_that_others_may_read(site):
    with changed(site.var / "keys/private.json", mode=0o644):
        yield (), {}


@fault("keys", "private.json: .* \\(postern key new makes keys\\)")
def empty_key_file(site):
    site.expect(r"keys/private\.json: .*; the keys read before stay")
    with changed(site.var / "keys/private.json", ""):
        yield (), {}


@fault("keys", "refresh.key: is not a line of 43 letters")
def garbage_in_the_refresh_key(site):
    site.expect(r"keys/refresh\.key: is not a line of 43")
    with changed(site.var / "keys/refresh.key", "garbage\n"):
        yield (), {}


@fault("keys", "refresh.key: No such file or directory: postern key refresh")
def missing_refresh_key(site):
    site.expect(r"keys/refresh\.key: No such file")
    with changed(site.var / "keys/refresh.key"):
        yield (), {}


@fault("keys", "share.json: .*: postern key share makes one")
def garbage_in_the_share_key(site):
    with changed(site.var / "keys/share.json", "{}"):
        yield (), {}


@fault("keys", "public.json lacks a key of")
def public_keys_of_another_site(site):
    with running() as other:
        public = (other.var / "keys/public.json").read_text()
    with changed(site.var / "keys/public.json", public):
        yield (), {}


# The database.

@contextlib.contextmanager
def sql(site, there, back):
    root(site, there, "postern")
    try:
        yield (), {}
    finally:
        root(site, back, "postern")


@fault("account", "postern_content may not SELECT ON users: postern migrate up")
def missing_grant(site):
    with sql(site, "REVOKE SELECT ON users FROM postern_content@localhost",
             "GRANT SELECT ON users TO postern_content@localhost") as planted:
        yield planted


@fault("account", r"postern_mail may not SELECT \(locked\) ON users")
def missing_grant_of_a_column(site):
    with sql(site, "REVOKE SELECT (locked) ON users FROM postern_mail@localhost",
             "GRANT SELECT (locked) ON users TO postern_mail@localhost") as planted:
        yield planted


@fault("account", "postern_gate may DELETE ON users, which its programs do not need")
def extra_grant(site):
    with sql(site, "GRANT DELETE ON users TO postern_gate@localhost",
             "REVOKE DELETE ON users FROM postern_gate@localhost") as planted:
        yield planted


@fault("account", r"postern_pictures may SELECT \(email\) ON addresses")
def extra_grant_of_a_column(site):
    with sql(site, "GRANT SELECT (email) ON addresses TO postern_pictures@localhost",
             "REVOKE SELECT (email) ON addresses FROM postern_pictures@localhost") as planted:
        yield planted


@fault("account", r"postern_content may (FILE ON \*\.\*|SELECT ON postern\.\*), (FILE|SELECT)")
def rights_to_everything(site):
    with sql(site, "GRANT FILE ON *.* TO postern_content@localhost; GRANT SELECT ON postern.* TO postern_content@localhost",
             "REVOKE FILE ON *.* FROM postern_content@localhost; REVOKE SELECT ON postern.* FROM postern_content@localhost"
             ) as planted:
        yield planted


@fault("account", "the database refuses postern_pictures with the password of pictures.conf")
def another_password(site):
    conf = site.var / "pictures.conf"
    with changed(conf, conf.read_text().replace("password = ", "password = x")):
        yield (), {}


@fault("migrations", "1 steps are pending or were edited: postern migrate status")
def pending_migration(site):
    last = int(root(site, "SELECT MAX(number) FROM schema_migrations", "postern")[0][0])
    with sql(site, f"UPDATE schema_migrations SET finished_at = NULL WHERE number = {last}",
             f"UPDATE schema_migrations SET finished_at = NOW(3) WHERE number = {last}") as planted:
        yield planted


@fault("migrations", "the database knows step 999 .* an older Postern")
def unknown_migration(site):
    with sql(site, "INSERT INTO schema_migrations (number, name, checksum, started_at) VALUES (999, 'x', '', NOW())",
             "DELETE FROM schema_migrations WHERE number = 999") as planted:
        yield planted


@fault("database", "sql_mode of the server is not strict")
def sql_mode_without_strict(site):
    mode = root(site, "SELECT @@GLOBAL.sql_mode")[0][0]
    with sql(site, "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'", f"SET GLOBAL sql_mode = '{mode}'") as planted:
        yield planted


@fault("database", "new tables would be of latin1: ALTER DATABASE postern")
def database_of_another_charset(site):
    with sql(site, "ALTER DATABASE postern CHARACTER SET latin1", "ALTER DATABASE postern CHARACTER SET utf8mb4") as planted:
        yield planted


@fault("database", "the table strays is not of InnoDB and utf8mb4")
def table_of_another_charset(site):
    with sql(site, "CREATE TABLE strays (t TEXT) CHARACTER SET latin1", "DROP TABLE strays") as planted:
        yield planted


@fault("database", "no database answers at /nowhere.sock", "account", "sockets")
def database_elsewhere(_):
    yield (), {"POSTERN_DATABASE_SOCKET": "/nowhere.sock"}


@fault("database", "there is no database elsewhere", "account")
def database_of_another_name(_):
    yield (), {"POSTERN_DATABASE_NAME": "elsewhere"}


@fault("clock", "the database's is 3[56]\\d\\d seconds behind ours")
def clocks_apart(_):
    assert FAKETIME, "libfaketime is missing"
    yield (), {"LD_PRELOAD": FAKETIME, "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1"}


@fault("keys", "the key that signs was made in the future", "clock")
def clock_before_the_keys(_):
    yield (), {"LD_PRELOAD": FAKETIME, "FAKETIME": "-2h", "DONT_FAKE_MONOTONIC": "1"}


@fault("tidy", "what has ended 5 hours ago is still there: postern tidy does not run")
def nobody_tidies(site):
    with sql(site, "INSERT INTO throttles VALUES (UNHEX(REPEAT('d', 64)), NOW(3) - INTERVAL 301 MINUTE)",
             "DELETE FROM throttles WHERE subject = UNHEX(REPEAT('d', 64))") as planted:
        yield planted


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

@contextlib.contextmanager
def nginx(site, replace=None, by="", add=""):
    """Other settings of nginx, for a while."""
    conf = site.var / "run/nginx.conf"
    marks = [f"/planted-{next(numbers)}", f"/planted-{next(numbers)}"]

    def load(text, mark):
        start = text.rindex("\t}\n")
        conf.write_text(f"{text[:start]}location = {mark} {{ return 204; }}\n{text[start:]}")
        os.kill(pid_of(site, "nginx"), signal.SIGHUP)
        assert until(lambda: all(requests.get(site.url + mark, timeout=5).status_code == 204 for _ in range(10)))

    before = conf.read_text()
    text = before if replace is None else before.replace(replace, by)
    assert replace is None or text != before, replace
    start = text.rindex("\t}\n")
    try:
        load(f"{text[:start]}{add}\n{text[start:]}", marks[0])
        yield (), {}
    finally:
        load(before, marks[1])
        conf.write_text(before)


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


@fault("address", "site.urls says https, so the web server must speak TLS")
def https_in_site_urls_alone(site):
    yield (), {"POSTERN_SITE_URLS": site.url.replace("http:", "https:")}


@fault("address", "Couldn't connect to server: is the web server running")
def address_where_nobody_is(_):
    yield (), {"POSTERN_SITE_URLS": "http://127.0.0.1:1"}


@fault("login", "forms of http://club.localhost:.* are refused: site.urls must name the address")
def address_that_site_urls_lack(site):
    yield ("--url", site.url.replace("127.0.0.1", "club.localhost")), {}


@pytest.mark.parametrize("check,said,plant,others", FAULTS)
def test_fault_is_named(hurt, check, said, plant, others):
    """Named by its own check, and by none that has nothing to do with it."""
    with plant(hurt) as (words, env):
        found = problems(doctor(hurt, *words, **env))
    assert re.search(said, found.get(check, "")), found
    assert set(found) - {check, *others} == set(), found


def test_all_faults_are_mended(hurt):
    assert problems(doctor(hurt)) == {}


def test_without_settings_it_goes_on_with_what_it_can(hurt):
    """What needs no settings is looked at; the rest says why not."""
    rows = doctor(hurt, "--sockets", str(hurt.var / "run"), POSTERN_CONFIG="/nowhere")
    assert len([row for row in rows if row["ok"] is None]) > 10
    assert {row["check"] for row in rows if row["ok"] is False} == {"settings"}
    assert [row["text"] for row in rows if row["check"] == "sockets"] == [
        f"each of {len(list((BUILD / 'cgi-bin').glob('*.fcgi')))} in {hurt.var}/run answers"]


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


def test_program_of_another_version(hurt, copy):
    other = copy / "cgi-bin/tags.fcgi"
    other.unlink()
    other.write_text("#!/bin/sh\necho postern 0.0.9\n")
    other.chmod(0o755)
    found = problems(asked(hurt, copy))
    assert found.keys() == {"programs"} and found["programs"].startswith("tags: not of version "), found


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
    """And one that does, for a host that has been told to trust it."""
    from conftest import free_port
    port = free_port()
    url = f"https://localhost:{port}"
    with running({"TLS_PORT": str(port), "POSTERN_SITE_URLS": url}) as site:
        env = {"POSTERN_SITE_URLS": url}
        found = problems(doctor(site, **env))
        assert found.keys() == {"address"} and "certificate" in found["address"], found
