# SPDX-License-Identifier: ISC
"""A site in one folder: nginx/site.sh run, start, stop and status."""
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

import pytest
import requests

from conftest import BUILD, ROOT, SITE, Site
from ways import RUN

pytestmark = RUN


def processes():
    """Every process that is not a zombie: number -> (parent, moment of birth)."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found[int(folder.name)] = (int(fields[1]), fields[19])
    return found


def family(pid):
    """A process and all that descend from it, as pairs (number, moment of birth)."""
    all_of_them, found = processes(), set()
    todo = [pid]
    while todo:
        one = todo.pop()
        if one in all_of_them:
            found.add((one, all_of_them[one][1]))
        todo += [child for child, (parent, _) in all_of_them.items() if parent == one]
    return found


def command(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def left(people):
    return people & {(pid, born) for pid, (_, born) in processes().items()}


def wait_until(true, seconds=15):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited for too long"
        time.sleep(0.02)


def pid_of(site, name):
    return int((site.var / "run" / "pids" / name).read_text().split()[0])


def everyone(site):
    """The script and all that it has started, but the sleep between two looks: more than the database, nginx and four programs."""
    people = {(pid, born) for pid, born in family(pid_of(site, "site")) if command(pid) != "sleep"}
    assert len(people) > 15
    return people


def one_line(done):
    """The one line of standard error of a refusal."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("postern: "), done.stderr
    return lines[0]


@pytest.fixture
def own():
    """Makes sites of one's own, and takes them away again."""
    sites = []

    def make(settings=None):
        sites.append(Site(settings))
        return sites[-1]

    yield make
    for site in sites:
        site.run("stop")
        site.remove()


@pytest.fixture(scope="module")
def used():
    """A site that has been started before and is stopped: the tests share its data."""
    site = Site()
    site.start()
    site.stop()
    yield site
    site.run("stop")
    site.remove()


@pytest.fixture
def up(used):
    used.start()
    yield used
    used.run("stop")


def test_start_status_stop(used):
    used.env["PATH"], path = "/usr/bin:/bin", used.env["PATH"]   # as in a login shell without sbin
    done = used.run("start")
    used.env["PATH"] = path
    assert done.returncode == 0 and done.stderr == ""
    assert f"ready: {used.url}" in done.stdout
    assert "govardhan@example.org" in done.stdout and done.stdout.count("curl ") == 3
    assert f" {used.url}/admin/users.\n" in done.stdout
    people = everyone(used)
    status = used.run("status")
    assert status.returncode == 0 and used.url in status.stdout
    for name in ("db", "nginx", "users", "login", "user", "health"):
        assert re.search(rf"^  {name} +{pid_of(used, name)}$", status.stdout, re.M)
    done = used.run("stop")
    assert done.returncode == 0 and "stopped" in done.stdout
    assert not left(people)
    assert not list((used.var / "run").glob("*.sock"))
    status = used.run("status")
    assert status.returncode == 3 and "not running" in status.stdout
    assert "not running" in used.run("stop").stdout


def test_the_three_lines_work(up):
    up.stop()
    done = up.run("start")
    lines = [line for line in done.stdout.splitlines() if "curl " in line]
    done = subprocess.run(["bash", "-ec", "\n".join(lines)], text=True, capture_output=True, timeout=30)
    assert '"username":"ada"' in done.stdout and '"username":"Govardhan"' in done.stdout, done


def test_second_start_is_quick_and_makes_nothing_anew(used, tmp_path):
    for tool in ("apt-get", "mariadb-install-db", "sudo", "curl"):
        (tmp_path / tool).write_text("#!/bin/sh\necho called >&2\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    keys = (used.var / "keys" / "private.json").read_bytes()
    path, used.env["PATH"] = used.env["PATH"], f"{tmp_path}:{used.env['PATH']}"
    since = time.monotonic()
    done = used.run("start")
    took = time.monotonic() - since
    used.env["PATH"] = path
    assert done.returncode == 0, done.stderr
    assert took < 3
    assert "first start" not in done.stdout.lower()
    assert (used.var / "keys" / "private.json").read_bytes() == keys
    used.stop()


def test_side_by_side(used, own):
    other = own()
    used.start()
    first = other.run("start")
    assert first.returncode == 0 and "first start" in first.stdout.lower()
    for site in (used, other):
        assert requests.get(f"{site.url}/api/health/ready", timeout=5).status_code == 200
    used.stop()
    assert requests.get(f"{other.url}/api/health/ready", timeout=5).status_code == 200
    people = everyone(other)
    other.stop()
    assert not left(people)


def test_already_running(up):
    people = everyone(up)
    assert "already running" in one_line(up.run("start"))
    assert "already running" in one_line(up.run("run"))
    assert left(people) == people


def test_secrets_are_seen_by_their_owner_only(up):
    mode = lambda name: stat.S_IMODE((up.var / name).stat().st_mode)
    assert mode("run") == 0o700 and mode("postern.conf") == 0o644
    for name in ("owner", "credentials", "content"):
        assert mode(f"{name}.conf") == 0o400
        password = re.search(r"^password = ([0-9a-f]{64})$", (up.var / f"{name}.conf").read_text(), re.M)[1]
        for log in (up.var / "log").iterdir():
            assert password.encode() not in log.read_bytes()
        for pid, _ in everyone(up):
            assert password.encode() not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    assert not (up.var / "run" / "init.sql").exists()


def test_settings_are_the_owners(used):
    conf = used.var / "postern.conf"
    kept = conf.read_text()
    conf.write_text(kept.replace("name = Postern", "name = Ada's club") + "\n; a note\n")
    port, used.env["PORT"] = used.env["PORT"], str(used.port - 1)
    used.start()
    used.stop()
    used.env["PORT"] = port
    now = conf.read_text()
    assert "name = Ada's club" in now and "; a note" in now
    assert f"urls = http://127.0.0.1:{used.port - 1} http://localhost:{used.port - 1}\n" in now
    conf.write_text(kept)


def foreground(site):
    """`site.sh run` in a session of its own, once it is ready."""
    run = subprocess.Popen([str(SITE), "run"], env=site.env, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    wait_until(lambda: run.poll() is not None or (site.var / "run" / "ready").exists())
    assert run.poll() is None, run.communicate()
    return run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_foreground_ends_by_signal(used, number):
    run = foreground(used)
    people = everyone(used)
    os.killpg(run.pid, number)      # as a terminal does: to the whole group
    out, err = run.communicate(timeout=30)
    assert run.returncode == 0 and err == "" and "ready: " in out
    assert not left(people)


@pytest.mark.parametrize("name", ["db", "nginx", "users"])
def test_a_death_stops_all_and_is_told_in_one_line(used, name):
    run = foreground(used)
    people = everyone(used)
    os.kill(pid_of(used, name), signal.SIGKILL)
    _, err = run.communicate(timeout=30)
    done = subprocess.CompletedProcess([], run.returncode, "", err)
    assert f"postern: {name} has ended by itself" in one_line(done) and f"/log/{name}.log" in err
    assert not left(people)


def test_a_killed_script_leaves_nothing(up):
    people = everyone(up)
    os.kill(pid_of(up, "site"), signal.SIGKILL)
    wait_until(lambda: not left(people))
    assert up.run("status").returncode == 3
    up.start()      # what it left behind is no hindrance


def test_stop_ends_what_a_stopped_script_does_not(up):
    """Pid files are looked at, not believed: a number that is somebody else's now is left alone."""
    stranger = subprocess.Popen(["sleep", "60"])
    up.stop()
    (up.var / "run" / "pids" / "users").write_text(f"{stranger.pid} 1\n")
    assert "users" not in up.run("status").stdout
    up.run("stop")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_port_taken(used):
    with socket.create_server(("127.0.0.1", used.port)):
        line = one_line(used.run("start"))
    assert f"port {used.port} is taken" in line and "make run PORT=" in line


def test_port_taken_by_one_who_does_not_listen(used):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", used.port))
        assert "nginx did not start" in one_line(used.run("start"))


@pytest.mark.parametrize("port", ["abc", "0", "65536", "80 80"])
def test_port_is_no_number(own, port):
    assert "not a port number" in one_line(own({"PORT": port}).run("start"))


def test_folder_too_long(own):
    line = one_line(own({"VAR": "/tmp/" + "x" * 100}).run("start"))
    assert "too long" in line and "107" in line and "VAR=" in line
    assert not os.path.exists("/tmp/" + "x" * 100)


def test_folder_with_blanks(own):
    site = own()
    site.var = site.var / "a folder é"
    site.env["VAR"] = str(site.var)
    site.start()
    assert requests.get(f"{site.url}/api/health/ready", timeout=5).status_code == 200
    site.stop()
    site.var = site.var.parent


def test_temporary_tables_of_others_are_left_alone(own, tmp_path):
    """A MariaDB that starts removes what others have in its folder for them: two first starts at once fail."""
    for name in "#sql-temptable-1-1-1.MAI", "#sql-temptable-1-1-1.MAD":
        (tmp_path / name).touch()
    site = own({"TMPDIR": str(tmp_path)}).start()
    site.stop()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("folder", ["/tmp/a'b", "/tmp/a$b", "/proc/postern"])
def test_folder_of_no_use(own, folder):
    assert folder in one_line(own({"VAR": folder}).run("start"))


def test_nothing_built(own, tmp_path):
    assert "run make" in one_line(own({"BUILD": str(tmp_path)}).run("start"))


def test_dead_database(used, own):
    site = own()
    shutil.copytree(used.var, site.var, dirs_exist_ok=True, symlinks=True)
    (site.var / "db" / "ibdata1").write_bytes(bytes(100_000))
    line = one_line(site.run("start"))
    assert "the database did not start" in line and "/log/db.log" in line
    assert "not running" in site.run("status").stdout


def test_program_that_cannot_work(used, own):
    site = own()
    shutil.copytree(used.var, site.var, dirs_exist_ok=True, symlinks=True)
    with open(site.var / "postern.conf", "a") as conf:
        conf.write("\n[site]\nno_such_setting = 1\n")
    assert "no_such_setting" in one_line(site.run("start"))


def test_normal_user_in_a_closed_home():
    """A copy of the project in a home of mode 0700, run by somebody who is not root."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="home-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    project = home / "postern"
    for folder in ("nginx", "sql", "static", "templates"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, project / folder)
    (project / "build" / "cgi-bin").mkdir(parents=True)
    shutil.copy2(BUILD / "postern", project / "build")
    for program in (BUILD / "cgi-bin").glob("*.fcgi"):
        shutil.copy2(program, project / "build" / "cgi-bin")
    site = Site()
    site.env.update(VAR=str(project / "var"), BUILD=str(project / "build"), HOME=str(home))
    command = [str(project / "nginx" / "site.sh")]
    if os.geteuid() == 0:
        command[:0] = ["runuser", "-u", user.pw_name, "--"]
        for path in [home, *home.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
    run = lambda what: subprocess.run([*command, what], env=site.env, cwd=project, text=True, timeout=120,
                                      stdin=subprocess.DEVNULL, capture_output=True)
    try:
        done = run("start")
        assert done.returncode == 0, done.stderr
        assert "stay in var." in done.stdout
        assert requests.get(f"{site.url}/api/health/ready", timeout=5).status_code == 200
        pids = [path.read_text().split()[0] for path in (project / "var" / "run" / "pids").iterdir()]
        assert {os.stat(f"/proc/{pid}").st_uid for pid in pids} == {user.pw_uid}
        if os.geteuid() == 0:
            site.env.update(BUILD=str(BUILD))
            site.var = project / "var"
            assert "belongs to nobody" in one_line(site.run("start"))
            site.env.update(BUILD=str(project / "build"))
    finally:
        done = run("stop")
        shutil.rmtree(home)
        shutil.rmtree(site.env["VAR"], ignore_errors=True)
    assert done.returncode == 0, done.stderr
