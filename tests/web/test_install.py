# SPDX-License-Identifier: ISC
"""nginx/site.sh install: silent when nothing is missing, and it never waits for a password."""
import os
import subprocess

import pytest

from conftest import SITE


def install(*packages, **env):
    return subprocess.run([str(SITE), "install", *packages], env={**os.environ, **env}, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, capture_output=True)


def test_install_is_silent_when_nothing_is_missing():
    done = install("bash", "coreutils")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root installs")
def test_install_asks_nothing_without_a_terminal(tmp_path):
    (tmp_path / "sudo").write_text("#!/bin/sh\n[ \"$1\" = -n ] && exit 1\nread -r answer\n")
    (tmp_path / "sudo").chmod(0o755)
    done = install("no-such-package", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "sudo apt-get install no-such-package" in done.stderr
