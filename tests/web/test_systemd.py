# SPDX-License-Identifier: ISC
"""The units as `make install` writes them: valid, hardened, and their commands serve requests within what the
units allow. There is no systemd to run them here, so what a worker asks of the kernel is watched instead."""
import contextlib
import json
import os
import pathlib
import re
import subprocess

import pytest
import requests

from conftest import BUILD, PASSWORD, ROOT
from fcgi_client import request, talk, variables
from pictures import jpeg
from test_gate_programs import process
from ways import SOCKETS
from workers import until

PROGRAMS = sorted(p.stem for p in (ROOT / "cgi-bin").glob("*.c"))
plain = pytest.mark.skipif(BUILD.name != "build", reason="sanitizers ask more of the kernel")


@pytest.fixture
def units(installed, monkeypatch):
    folder = installed / "lib/systemd/system"
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", f"{folder}:")       # and those of the system behind it
    return folder


def analyze(*words):
    done = subprocess.run(["systemd-analyze", *map(str, words)], text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


def settings(units, name):
    """What a unit and its drop-ins say, in order."""
    template = re.sub("@.*[.]", "@.", name)
    files = [units / template, *sorted((units / f"{name}.d").glob("*.conf"))]
    lines = "".join(f.read_text() for f in files if f.exists()).splitlines()
    return [line.split("=", 1) for line in lines if re.match(r"[A-Z]\w*=", line)]


def last(units, name, key):
    return [value for k, value in settings(units, name) if k == key][-1]


def test_verify(units):
    names = ["postern.target", "postern-mail.service", "postern-tidy.service", "postern-tidy.timer"]
    names += [f"postern@{p}.{kind}" for p in PROGRAMS for kind in ("service", "socket")]
    assert analyze("verify", *names) == (0, "")
    (units / "postern@login.service.d/slip.conf").write_text("[Service]\nUsr=x\n")
    try:
        assert "Usr" in analyze("verify", "postern@login.service")[1]
    finally:
        (units / "postern@login.service.d/slip.conf").unlink()


@pytest.mark.parametrize("name, most", [("postern@login.service", 5), ("postern-tidy.service", 5), ("postern-mail.service", 20)])
def test_exposure(units, name, most, tmp_path):
    """In tenths. The template is what all programs have; drop-ins say who, and how many."""
    unit = tmp_path / name
    template = units / name.replace("login", "")
    unit.write_text(template.read_text().replace("[Service]", "[Service]\nUser=postern-credentials", 1))
    status, said = analyze("security", "--offline=true", f"--threshold={most}", unit)
    assert status == 0, said


def test_the_target_wants_every_socket(units):
    wants = {p.name for p in (units / "postern.target.wants").iterdir()}
    assert wants == {f"postern@{p}.socket" for p in PROGRAMS}
    assert all(p.exists() for p in (units / "postern.target.wants").iterdir())


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_the_user_of_its_class(units, installed, program):
    source = (ROOT / "cgi-bin" / f"{program}.c").read_text()
    class_ = re.search(r'struct program\)\{\s*"\w+",\s*"(\w+)"', source)[1]
    assert last(units, f"postern@{program}.service", "User") == f"postern-{class_}"
    assert f"\nu postern-{class_} " in (installed / "lib/sysusers.d/postern.conf").read_text()


@SOCKETS
def test_workers_and_places_are_those_of_make_run(units, site):
    for program in PROGRAMS:
        pid = (site.var / "run/pids" / program).read_text().split()[0]
        words = open(f"/proc/{pid}/cmdline").read().split("\0")
        assert f"WORKERS={words[words.index('-f') + 1]}" == last(units, f"postern@{program}.service", "Environment")
    places = {p: last(units, f"postern@{p}.socket", "Backlog") for p in PROGRAMS}
    assert places == {p: "24" if p in ("login", "users", "password") else "1024" for p in PROGRAMS}


def listens(socket):
    return re.search(rf" 00010000 .* {socket}$", pathlib.Path("/proc/net/unix").read_text(), re.M)


@contextlib.contextmanager
def activated(site, units, folder, program):
    """A program as its unit starts it, on a socket of systemd's; (socket, file of its system calls)."""
    name = f"postern@{program}.service"
    assert last(units, name, "StandardInput") == "socket"
    command = last(units, name, "ExecStart").replace("%i", program)
    socket, trace = folder / f"{program}.sock", folder / f"{program}.trace"
    env = site.tool_env(**dict([last(units, name, "Environment").split("=", 1)]))
    words = ["systemd-socket-activate", "-l", socket]
    for key in env:
        if key.startswith(("POSTERN", "WORKERS")):
            words += ["-E", key]
    words += ["strace", "-D", "-f", "-o", trace, "sh", "-c", f"exec {command} 0<&3 3<&-"]
    with process(lambda: listens(socket), *words, env={**env, "LC_ALL": "C"}):
        yield socket, trace
    first = trace.read_text().split()[0]    # multiwatch, which SIGTERM reaches; it waits for its workers
    assert until(lambda: re.search(rf"^{first} .*exited with", trace.read_text(), re.M))


def allowed(units, name):
    """The system calls of SystemCallFilter=, sets taken apart by systemd itself."""
    found = set()
    for words in (value for key, value in settings(units, name) if key == "SystemCallFilter"):
        calls = set()
        for word in words.lstrip("~").split():
            calls |= expand(word)
        found = found - calls if words.startswith("~") else found | calls
    return found | expand("@default")   # always


def expand(word):
    if not word.startswith("@"):
        return {word}
    lines = [line.strip() for line in analyze("syscall-filter", word)[1].splitlines()[1:]]
    return set().union(*(expand(line) for line in lines if line and not line.startswith("#")))


def used(trace):
    return set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)[( ]", trace.read_text(), re.M)) - {"resumed"}


@plain
def test_commands_serve_within_what_units_allow(site, units, tmp_path):
    filtered = allowed(units, "postern@login.service")
    assert {"read", "accept4", "execve"} <= filtered and not {"mount", "setuid", "ptrace", "reboot"} & filtered
    seen = set()
    ada = site.register()
    body = json.dumps({"email": ada["email"], "password": PASSWORD}).encode()
    form = requests.Request("PUT", "http://a/", files={"image": ("a.jpg", jpeg())}).prepare()
    for program, send, status in (
            ("login", request(variables("POST", "/api/login", body, CONTENT_TYPE="application/json"), body), 200),
            ("pages", request(variables("GET", "/")), 200),
            ("user", request(variables("GET", "/api/user", HTTP_AUTHORIZATION=f"Token {ada['token']}")), 200),
            ("pictures", request(variables("PUT", "/api/user/image", form.body, HTTP_AUTHORIZATION=f"Token {ada['token']}",
                                           CONTENT_TYPE=form.headers["Content-Type"]), form.body), 200)):
        with activated(site, units, tmp_path, program) as (socket, trace):
            answer = talk(socket, send, timeout=30)
            assert answer.status == status, (program, answer.body)
        seen |= used(trace)
    assert "execve" in seen and "setpriority" in seen      # the hash was made, at low priority
    assert seen <= filtered, sorted(seen - filtered)


@plain
def test_mail_and_tidying_stay_within_what_units_allow(site, units, tmp_path):
    for name, *words in ("postern-tidy.service", "tidy", "-q"), ("postern-mail.service", "mail", "--once"):
        trace = tmp_path / name
        assert last(units, name, "ExecStart").split()[1] == words[0]
        subprocess.run(["strace", "-f", "-q", "-o", trace, BUILD / "postern", *words], env=site.tool_env(), check=True,
                       stdout=subprocess.DEVNULL)
        assert "connect" in used(trace)
        assert used(trace) <= allowed(units, name), sorted(used(trace) - allowed(units, name))


def test_the_end_is_told_to_multiwatch_alone(units):
    """And again and again: a worker that is just being started takes no notice, and would hold up the stop for 15 s."""
    assert last(units, "postern@login.service", "KillMode") == "mixed"
    shell = last(units, "postern@login.service", "ExecStop").removeprefix("/bin/sh -c '").removesuffix("'")
    slowly = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "inject=set_robust_list:delay_exit=500000"]   # after fork
    with subprocess.Popen([*slowly, "/usr/bin/multiwatch", "-f", "2", "--", "/bin/sleep", "60"], stdout=subprocess.DEVNULL) as main:
        children = pathlib.Path(f"/proc/{main.pid}/task/{main.pid}/children")
        assert until(lambda: len(children.read_text().split()) == 2)
        stop = subprocess.Popen(["sh", "-c", shell], env={"MAINPID": str(main.pid), "PATH": os.environ["PATH"]})
        assert main.wait(10) == 0
        assert stop.wait(5) == 0


def test_users_and_folders_are_made(installed, tmp_path):
    """By the files as they are installed, in a folder in the place of the root."""
    (tmp_path / "etc").mkdir()
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", "-"], input=(installed / "lib/sysusers.d/postern.conf").read_text(), text=True,
                   check=True, capture_output=True)
    assert {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()} == \
        {f"postern-{c}" for c in ("owner", "credentials", "content", "gate", "pictures", "mail")}
