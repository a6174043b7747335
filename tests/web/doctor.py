# SPDX-License-Identifier: ISC
"""What the tests of postern doctor share: how faults are planted and mended, and what it says of them."""
import contextlib
import itertools
import json
import os
import re
import signal
import stat

import pytest
import requests

from conftest import running
from database import account_of, root
from workers import pid_of, until

numbers = itertools.count(1)


class Faults(list):
    """Those of one file: for pytest.mark.parametrize("check,said,plant,others", FAULTS)."""

    def fault(self, check, said, *others):
        """For a generator that plants a fault, yields words and environment for the doctor, and mends it. `check`
        names it, with `said`; `others` may do so as well."""
        def take(plant):
            self.append(pytest.param(check, said, contextlib.contextmanager(plant), others,
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


def named(site, check, said, plant, others):
    """The fault is named by its own check, and by none that has nothing to do with it."""
    with plant(site) as (words, env):
        found = problems(doctor(site, *words, **env))
    assert re.search(said, found.get(check, "")), found
    assert set(found) - {check, *others} == set(), found


@pytest.fixture(scope="module")
def hurt():
    """A site of our own, to be hurt and mended."""
    with running() as site:
        yield site


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


@contextlib.contextmanager
def sql(site, there, back):
    root(site, there, "postern")
    try:
        yield (), {}
    finally:
        root(site, back, "postern")


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
