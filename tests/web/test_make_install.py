# SPDX-License-Identifier: ISC
"""make install and make uninstall, in folders of their own."""
import os
import subprocess

import pytest

from conftest import BUILD, ROOT, make

SETTINGS = "[site]\nname = Installed\n"


def run(*words, **env):
    return subprocess.run([str(w) for w in words], env={"PATH": os.environ["PATH"], **env}, text=True, capture_output=True)


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir() or p.is_symlink())


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "postern.conf").write_text(SETTINGS)
    return str(tmp_path / "postern.conf")


def test_what_is_installed(installed):
    found = set(files(installed))
    for source, place in (("cgi-bin/*.c", "lib/postern/{}.fcgi"), ("nginx/*.conf", "share/postern/nginx/{}.conf"),
                          ("apache/*.conf", "share/postern/apache/{}.conf"),
                          ("apache/errors/*.json", "share/postern/apache/errors/{}.json")):
        names = [p.stem for p in ROOT.glob(source)]
        assert names and {place.format(name) for name in names} <= found
    for folder in "templates", "static", "sql":
        assert {f"share/postern/{p.relative_to(ROOT)}" for p in (ROOT / folder).rglob("*") if p.is_file()} <= found
    for name in ("bin/postern", "share/postern/postern.conf.sample", "lib/systemd/system/postern.target",
                 "share/postern/doc/openapi.json", "share/man/man1/postern.1", "share/man/man5/postern.conf.5",
                 "share/bash-completion/completions/postern"):
        assert name in found
    for path in installed.rglob("*"):   # whoever runs it
        assert path.is_symlink() or path.stat().st_mode & 0o777 == (0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def test_the_tool_and_the_programs_find_their_things(installed, site, settings):
    """Wherever PREFIX is: no path of it is built in."""
    tool = installed / "bin/postern"
    assert run(tool, "--version").stdout == f"postern {(ROOT / 'VERSION').read_text()}"
    assert "\nsite.name = Installed\n" in run(tool, "config", POSTERN_CONFIG=settings).stdout
    assert f"{installed}/share/postern/templates/home.html" in run(tool, "tmpl", "--list", POSTERN_CONFIG=settings).stdout
    env = site.tool_env()
    for program in (installed / "lib/postern").iterdir():
        done = subprocess.run([program, "--check"], env=env, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, ""), program
    done = subprocess.run([tool, "static", folder := installed.parent / "errors"], env=env)
    assert done.returncode == 0 and (folder / "openapi.json").exists() and (folder / "docs.html").exists()
    done = subprocess.run([tool, "migrate", "status"], env=env, text=True, capture_output=True)
    assert done.returncode == 0 and "028_create_idempotency_keys" in done.stdout


def test_the_sample_is_taken(installed, tmp_path):
    """Its settings exist; the folders that it names are those of the units."""
    sample = (installed / "share/postern/postern.conf.sample").read_text()
    (tmp_path / "postern.conf").write_text(sample)
    done = run(installed / "bin/postern", "config", POSTERN_CONFIG=str(tmp_path / "postern.conf"))
    assert done.returncode == 0 and "\nsite.urls = https://www.example.org\n" in done.stdout, done.stderr
    assert "password.locks = /run/postern/locks\n" in done.stdout
    assert "d /run/postern/locks " in (installed / "lib/tmpfiles.d/postern.conf").read_text()


def test_upstreams_are_the_sockets_of_the_units(installed):
    text = (installed / "share/postern/nginx/upstreams.conf").read_text()
    for program in (BUILD / "cgi-bin").glob("*.fcgi"):
        assert text.count(f'"unix:/run/postern/{program.stem}.sock"') == 2
    assert "@" not in text
    assert "ListenStream=/run/postern/%i.sock\n" in (installed / "lib/systemd/system/postern@.socket").read_text()


def test_uninstall_leaves_nothing(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/postern")
    (unit,) = tmp_path.rglob("postern-mail.service")
    assert "ExecStart=/opt/postern/bin/postern mail" in unit.read_text()    # and nothing of DESTDIR
    assert str(tmp_path) not in "".join(p.read_text() for p in unit.parent.rglob("*") if p.is_file() and not p.is_symlink())
    own = tmp_path / "opt/postern/lib/systemd/system/poster.service"
    own.write_text("")
    make("uninstall", f"DESTDIR={tmp_path}", "PREFIX=/opt/postern")
    assert files(tmp_path) == [str(own.relative_to(tmp_path))]
