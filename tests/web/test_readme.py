# SPDX-License-Identifier: ISC
"""Every block of the README for a shell is run: those with answers behind the `#`, and the one that makes the site
one's own, by test_docs.py, those of a real server by tests/deb, the others here."""
import os
import re
import signal
import subprocess

import pytest
import requests

from conftest import BUILD, ROOT, free_port, running
from test_docs import README, block
from workers import until

ELSEWHERE = {"Try it", "Articles", "Files", "Tokens and devices", "Lose the password", "Make it yours",
             "From `make run` to production in ten lines"}
HERE = {"Two commands", "Settings", "Members, admins and groups"}


def test_no_block_is_left_out():
    found = re.findall(r"^## (.*)|^```sh$", README, re.M)
    titles = [title for title, following in zip(found, [*found[1:], "end"]) if title and not following]
    assert set(titles) == ELSEWHERE | HERE
    assert found.count("") == len(titles), "a second block in one section"


def test_two_commands(tmp_path):
    """The first is run, to the Ctrl-C that ends it; the second is what runs this."""
    run, test = (line.split("#")[0].strip() for line in block("Two commands", "sh").splitlines())
    assert test == "make test"
    said, port = tmp_path / "said", free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    env |= {"POSTERN_TEST": "1", "POSTERN_TEST_COST": "5"}
    with said.open("w") as out:
        site = subprocess.Popen(["bash", "-c", f"exec {run} VAR={tmp_path}/var PORT={port} BUILD={BUILD.name}"], cwd=ROOT,
                                env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        until(lambda: site.poll() is not None or "Ctrl-C" in said.read_text(), seconds=120)
        assert requests.get(f"http://127.0.0.1:{port}/api/health/ready", timeout=10).status_code == 200, said.read_text()
    finally:
        os.killpg(site.pid, signal.SIGINT)
        site.wait(60)
    assert "govardhan" in said.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/", timeout=10)


@pytest.fixture(scope="module")
def shell():
    """Run a block as if it stood in the folder of the sources, with the site in var/; its output."""
    with running({"POSTERN_TOKEN_LOCATIONS": None}) as site:
        def run(title):
            commands = block(title, "sh").replace("$PWD/var/", f"{site.var}/").replace("build/", f"{BUILD}/")
            done = subprocess.run(["bash", "-eu"], input=commands, text=True, capture_output=True, cwd=ROOT, timeout=60,
                                  env=site.tool_env())
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
            return done.stdout
        yield site, run


def test_settings(shell):
    site, run = shell
    site.api("POST", "/login", {"username": "Govardhan", "password": "postern-demo"})
    said = run("Settings")
    assert "\nsite.name = Postern\n" in said and "govardhan@example.org" in said and "127.0.0.1" in said
    token = re.search(r"^(ey[\w-]+\.[\w-]+\.[\w-]+)$", said, re.M)[1]
    assert site.api("GET", "/user", token=token).json()["user"]["username"] == "Govardhan"
    assert "030_create_files" in said


def test_members_admins_and_groups(shell):
    site, run = shell
    run("Members, admins and groups")
    assert site.sql("SELECT username, role, locked FROM users WHERE username IN ('Dathu', 'BhanBot') ORDER BY 1") == [
        ["BhanBot", "member", "1"], ["Dathu", "admin", "0"]]
    assert "rowers" in site.tool("user", "show", "Dathu")
