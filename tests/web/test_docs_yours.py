# SPDX-License-Identifier: ISC
"""The worked example of "Make it yours" in the README, done as it says."""
import subprocess

import pytest
import requests
from conftest import BUILD, ROOT, Site
from test_docs import block


@pytest.fixture(scope="module")
def yours(tmp_path_factory):
    """A site that was started once, then given the settings and files of the README, and what the shell said."""
    s, folder = Site(), tmp_path_factory.mktemp("checkout")
    for name, to in (("build", BUILD), ("templates", ROOT / "templates"), ("var", s.var)):
        (folder / name).symlink_to(to)
    try:
        s.start().stop()
        conf = s.var / "postern.conf"
        given = block("Make it yours", "ini")
        text, _, rest = conf.read_text().partition("[site]\n")
        urls = next(line for line in rest.splitlines() if line.startswith("urls"))
        conf.write_text(text + given + urls + "\n\n" + rest[rest.index("["):])
        done = subprocess.run(["bash", "-eu"], cwd=folder, input=block("Make it yours", "sh"), text=True,
                              capture_output=True, timeout=60, env=s.env)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        s.said = done.stdout
        yield s.start()
        s.stop()
        assert not s.unexpected(), "\n".join(s.unexpected())
        s.remove()
    finally:
        s.run("stop")


def test_the_tool_shows_which_file_is_used_and_a_page(yours):
    assert f"{yours.var}/mine/home.html" in yours.said and f"{yours.var}/mine/widgets/field.html" in yours.said
    assert f"{ROOT}/templates/login.html" in yours.said and "Data:" in yours.said
    assert "<title>Sign out - Try</title>" in yours.said


def test_pages_widgets_and_settings_are_the_owners(yours):
    home = requests.get(yours.url + "/", timeout=10).text
    assert "<h1>Ahoy!</h1>" in home and "On the river since 1904. " in home and "Come aboard." in home
    assert "<title>The club - Rowing Club</title>" in home and "--accent:#8a1c4a" in home
    for link in ('href="/static/statutes.html"', 'href="https://boats.example.org"', "mailto:office@example.org"):
        assert link in home
    login = requests.get(yours.url + "/login", timeout=10).text
    assert 'class="field rowing"' in login and "<h1>Sign in</h1>" in login


def test_static_files_come_from_both_folders(yours):
    assert "Statutes" in requests.get(yours.url + "/static/statutes.html", timeout=10).text
    assert requests.get(yours.url + "/static/style.css", timeout=10).headers["Content-Type"] == "text/css; charset=utf-8"
    told = requests.get(yours.url + "/.well-known/security.txt", timeout=10)
    assert told.status_code == 200 and "Contact: mailto:office@example.org\nExpires: 20" in told.text
    assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
