# SPDX-License-Identifier: ISC
"""postern(1), postern.conf(5) and the completion of bash, as the build makes them from the tables of the tool."""
import os
import re
import subprocess

import pexpect
import pytest

from conftest import BUILD

MAN, CONF, BASH = (BUILD / "doc" / name for name in ("postern.1", "postern.conf.5", "postern.bash"))
# It is not installed where the test runs.
ELSEWHERE = re.compile(r"STYLE: referenced manual not found: Xr postern(\.conf)? \d")


def shown(page):
    """The text of a manual page, on one line without the letters that are struck twice."""
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=78", page], text=True, capture_output=True, check=True)
    return " ".join(re.sub(".\b", "", done.stdout).split())


def commands():
    """What the tool itself says of each: {name: the line of its help}"""
    done = subprocess.run([BUILD / "postern", "help"], text=True, capture_output=True, check=True)
    return dict(re.findall(r"^  postern (\w+) +(.*)$", done.stdout, re.M))


def settings(site):
    """{name: (help, default)} of what an owner may set; defaults are of a site that sets nothing."""
    said = site.tool("config")
    return {name: help_ for help_, name in re.findall(r"^# (.*)\n([a-z_.]+) = ", said, re.M)
            if not name.startswith("test.")}


@pytest.mark.parametrize("page", [MAN, CONF], ids=lambda page: page.name)
def test_manual_is_clean(page):
    done = subprocess.run(["mandoc", "-T", "lint", page], text=True, capture_output=True)
    assert [line for line in done.stdout.splitlines() if not ELSEWHERE.search(line)] == []


def test_manual_has_each_command_with_each_usage():
    text = shown(MAN)
    assert len(commands()) > 15
    for name, line in commands().items():
        usage, _, meaning = line.rpartition("   ")
        for part in re.split(r" \| (?![^[]*\])", usage):
            assert f"{name} {part}".strip() in text.replace("‐ ", ""), (name, part)
        assert f"{meaning[0].upper()}{meaning[1:]}." in text.replace("‐ ", ""), name


def test_manual_has_each_setting_with_its_help(site):
    page = CONF.read_text()
    for name, help_ in settings(site).items():
        section, _, own = name.partition(".")
        found = re.search(rf"^\.Ss Section {section}\n(?:(?!\.Ss).*\n)*?\.It Cm {own}\n(.*)\n", page, re.M)
        assert found, name
        assert found[1].replace("\\&", "").replace("\\-", "-").replace("\\(dq", '"') == f"{help_[0].upper()}{help_[1:]}."
    assert "Section test" not in page


def completed(typed):
    """What an interactive bash makes of this line, in which TAB stands for that key."""
    env = {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "> ", "HOME": "/"}
    bash = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], env=env, encoding="utf-8", timeout=20, echo=False)
    bash.expect("> ")
    bash.sendline(f". {BASH}; bind 'set bell-style none'; echo sour''ced")
    bash.expect("sourced\r\n")
    bash.send(typed.replace("TAB", "\t") + "'\x01echo 'made: \r")     # ^A: the line becomes the text of an echo
    bash.expect(r"made: (.*?)\r\n")
    bash.close()
    return bash.match[1].rstrip()


@pytest.mark.parametrize("typed,made", [
    ("postern migTABstaTAB", "postern migrate status"),
    ("postern user imTABFILE --picTAB", "postern user import FILE --pictures"),
    ("postern mail --onTAB", "postern mail --once"),
    ("postern config site.urTAB", "postern config site.urls"),
    ("postern config gaTAB", "postern config gate.sites"),
    ("postern static /usr/shaTAB", "postern static /usr/share/")])
def test_bash_completes(typed, made):
    assert completed(typed) == made


def words(*typed):
    """All that bash would offer for the last word."""
    script = f'. {BASH}; COMP_WORDS=({" ".join(map(repr, typed))}); COMP_CWORD={len(typed) - 1}; _postern;' \
             ' printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-eu", "-c", script], text=True, capture_output=True)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_bash_offers_each_command_setting_and_option(site):
    assert words("postern", "") == set(commands())
    assert words("postern", "config", "") == set(settings(site))
    for name, line in commands().items():
        assert words("postern", name, "x", "-") == set(re.findall(r"(?<=[ [(])--?[a-z][a-z-]*", f" {line}")), name


def test_config_prints_one_setting(site):
    assert re.fullmatch("# .*\nsite.name = Postern\n", site.tool("config", "site.name"))
    assert site.tool("config", "site.nobody", check=False).returncode == 1
