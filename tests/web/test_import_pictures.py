# SPDX-License-Identifier: ISC
"""`postern user import --pictures`, and `user export --pictures`: files of a folder as profile pictures."""
import os
import shutil
import subprocess
import time

import pytest
import requests
from PIL import Image

from accounts import row
from conftest import BUILD, running
from pictures import BROKEN, KIND, PIXELS, far, jpeg, opened, painted, png, squared, webp
from test_export import exported, rows_of
from test_import import person, run_import, sheet, taken

NONE = "no picture: there is no such file"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pics").mkdir()
    return tmp_path / "pics"


def with_files(site, folder, files, *args, status=0, **more):
    """Import a member for each file name: the members, what `taken` says, and the lines."""
    people = {name: person(picture=name, **more) for name in files}
    return people, *taken(site, sheet(people.values()), "--pictures", folder, *args, status=status)


def picture_of(site, p):
    """(address, the name of the original) of a member's picture."""
    return site.sql("SELECT COALESCE(image, ''), COALESCE(file, '') FROM users LEFT JOIN pictures ON user_id = id"
                    f" WHERE username = '{p['username']}'")[0]


def served(site, p):
    answer = requests.get(site.url + picture_of(site, p)[0], timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/webp"
    return opened(answer.content)


def test_names_as_they_are(site, folder):
    names = ["e5ad87622249ed75download (2).jpeg", "-rf", "a;b&c|d$(e)`f`", " lead and trail ", "\u00e4\u20ac\U0001f6f6.png",
             "..png", "x" * 251 + ".jpg", "new\nline\t.jpg", "\"quoted\".webp", "'", "\\", "no-ending", "*", "%s%n"]
    for i, name in enumerate(names):
        (folder / name).write_bytes([jpeg(), png(), webp()][i % 3])
    people, numbers, lines = with_files(site, folder, names)
    n = len(names)
    assert (numbers, lines) == ((n, 0, 0, n, n, 0), [])
    for name, p in people.items():
        assert far(served(site, p), squared(painted())) < 4
    (stored,) = site.sql("SELECT file FROM pictures JOIN users ON id = user_id"
                         f" WHERE username = '{people[names[0]]['username']}'")
    assert stored == [names[0]] and picture_of(site, people["new\nline\t.jpg"])[1] == "new?line?.jpg"


def test_a_name_in_any_bytes(site, folder):
    (folder / "caf\udce9.jpg").write_bytes(jpeg())
    p = person()
    text = f"username,email,picture\n{p['username']},{p['email']},".encode() + b"caf\xe9.jpg\n"
    assert taken(site, text, "--pictures", folder)[0] == (1, 0, 0, 1, 1, 0)
    assert picture_of(site, p)[1] == "caf?.jpg"


def test_none_is_asked_for(site, folder):
    (folder / "default.jpg").write_bytes(jpeg())
    (folder / "x.jpg").write_bytes(jpeg())
    people, numbers, lines = with_files(site, folder, ["default.jpg", "", "https://example.org/x.jpg"])
    assert (numbers, lines) == ((3, 0, 0, 3, 0, 0), [])
    assert [picture_of(site, p)[0] for p in people.values()] == ["", "", "https://example.org/x.jpg"]
    done = subprocess.run([BUILD / "postern", "user", "import", "-"], input=sheet([person(picture="x.jpg")]), text=True,
                          env=site.tool_env(), capture_output=True)
    assert done.returncode == 0 and "; 1 pictures left out (--pictures FOLDER); " in done.stdout


def test_never_outside_the_folder(site, folder, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(jpeg())
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "inside.jpg").symlink_to("real.jpg")
    (folder / "real.jpg").write_bytes(jpeg())
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe")
    names = ["link.jpg", "inside.jpg", "sub", ".", "..", "pipe", "absent.jpg", "x" * 300]
    people, numbers, lines = with_files(site, folder, names, status=1)
    assert numbers == (8, 0, 0, 8, 0, 8)
    assert [line.split(": ", 2)[2] for line in lines] == [
        "the file cannot be read", "the file cannot be read", "this is no file", "this is no file", "this is no file",
        "this is no file", "there is no such file", "the file cannot be read"]
    assert all(picture_of(site, p) == ["", ""] for p in people.values())
    for name in "../secret.jpg", "sub/../real.jpg", "./real.jpg":
        _, numbers, lines = with_files(site, folder, [name], status=1)
        assert numbers[:3] == (0, 0, 1)
        assert lines == ["line 2: picture is neither the name of a file nor a web address"]


def test_a_refused_picture_is_not_a_refused_member(site, folder):
    for name, bytes in {"good.jpg": jpeg(), "text.jpg": b"no picture", "empty.jpg": b"", "cut.jpg": jpeg()[:500],
                        "huge.png": png(Image.new("1", (9000, 9000)))}.items():
        (folder / name).write_bytes(bytes)
    people, numbers, lines = with_files(site, folder, [p.name for p in sorted(folder.iterdir())], status=1)
    assert numbers == (5, 0, 0, 5, 1, 4)
    assert lines == [f"line 2: no picture: {BROKEN}", f"line 3: no picture: {KIND}", f"line 5: no picture: {PIXELS}",
                     f"line 6: no picture: {KIND}"] and picture_of(site, people["cut.jpg"]) == ["", ""]
    (folder / "cut.jpg").write_bytes(jpeg())
    again = sheet([people["cut.jpg"], people["good.jpg"]])
    before = picture_of(site, people["good.jpg"])
    assert taken(site, again, "--pictures", folder) == ((0, 2, 0, 0, 1, 0), [])     # it is mended
    assert served(site, people["cut.jpg"]) and picture_of(site, people["good.jpg"]) == before
    assert taken(site, again, "--pictures", folder) == ((0, 2, 0, 0, 0, 0), [])


def test_dry_run_looks_at_pictures_too(site, folder):
    (folder / "a.jpg").write_bytes(jpeg())
    before = site.checksum()
    _, numbers, lines = with_files(site, folder, ["a.jpg", "b.jpg"], "--dry-run", status=1)
    assert numbers == (2, 0, 0, 2, 1, 1) and lines == [f"line 3: {NONE}"] and site.checksum() == before


def test_a_refused_member_has_no_picture(site, folder, member):
    (folder / "a.jpg").write_bytes(jpeg())
    rows = [person(picture="a.jpg", username=member["username"]), person(picture="b.jpg", role="x")]
    before = site.checksum()
    assert taken(site, sheet(rows), "--pictures", folder, status=1)[0] == (0, 0, 2, 0, 0, 0)
    assert site.checksum() == before


def installed(tmp_path, script):
    """The tool beside another program of that name."""
    (tmp_path / "cgi-bin").mkdir()
    shutil.copy(BUILD / "postern", tmp_path / "postern")
    (tmp_path / "cgi-bin" / "pictures.fcgi").write_text(script)
    (tmp_path / "cgi-bin" / "pictures.fcgi").chmod(0o755)
    return tmp_path / "postern"


def run_as(tool, site, folder, people, **more):
    return subprocess.run([tool, "user", "import", "-", "--pictures", folder, "--dry-run"], input=sheet(people).encode(),
                          env=site.tool_env(**more), capture_output=True, timeout=60)


def test_a_program_that_breaks(site, folder, tmp_path):
    """Crashes, silence, floods and noise cost that picture; the filter gets no environment and no descriptor."""
    tool = installed(tmp_path, """#!/bin/bash
case $(cat) in
crash) kill -SEGV $$ ;;
silent) exit 0 ;;
mute) exit 3 ;;
flood) head -c 600000 /dev/zero ;;
noise) printf '\\xff\\xfe' >&2; exit 1 ;;
env) for fd in {3..99}; do [[ ! -e /proc/$$/fd/$fd ]] || exit 1; done
	[[ -z $POSTERN_CONFIG$HOME && $# = 1 && $1 = --convert ]] && echo fine ;;
esac
""")
    for name in "crash", "silent", "mute", "flood", "noise", "env":
        (folder / name).write_text(name)
    done = run_as(tool, site, folder, [person(picture=p.name) for p in sorted(folder.iterdir())])
    assert done.returncode == 1 and b"; 1 pictures, 5 refused; " in done.stdout, done
    assert done.stderr.decode().splitlines() == [
        f"line {n}: no picture: it takes too long, or is broken" for n in (2, 4, 5, 6, 7)]


def test_two_at_once(site, folder, tmp_path):
    tool = installed(tmp_path, f"""#!/bin/sh
echo >> {tmp_path}/begun; sleep 0.3; wc -l < {tmp_path}/begun >> {tmp_path}/seen; echo x
""")
    people = [person(picture=f"{i}") for i in range(6)]
    for i in range(6):
        (folder / f"{i}").write_text("x")
    start = time.monotonic()
    assert run_as(tool, site, folder, people).returncode == 0
    assert 0.85 < time.monotonic() - start < 1.7      # three times 0.3, not six


def test_folders_and_programs_that_are_not_there(site, folder, tmp_path):
    def said(tool, folder):
        done = run_as(tool, site, folder, [])
        assert done.returncode == 1 and done.stdout == b""
        return done.stderr.decode()
    assert said(BUILD / "postern", tmp_path / "none") == f"postern: {tmp_path}/none: No such file or directory\n"
    (tmp_path / "file").touch()
    assert said(BUILD / "postern", tmp_path / "file") == f"postern: {tmp_path}/file: Not a directory\n"
    (tmp_path / "alone").mkdir()
    shutil.copy(BUILD / "postern", tmp_path / "alone" / "postern")
    line = said(tmp_path / "alone" / "postern", folder)
    assert line == "postern: the program pictures.fcgi is not beside this one\n"


def test_there_and_back_with_pictures(site, folder, tmp_path):
    (folder / "a.jpg").write_bytes(jpeg(painted()))
    people, *_ = with_files(site, folder, ["a.jpg"])
    p, out = people["a.jpg"], tmp_path / "out"
    done = subprocess.run([BUILD / "postern", "user", "export"], env=site.tool_env(), capture_output=True, text=True)
    left = site.sql("SELECT COUNT(*) FROM pictures")[0][0]
    assert done.stderr == f"postern: {left} pictures are left out (--pictures FOLDER)\n"
    assert rows_of(done.stdout)[p["username"]]["picture"] == ""
    file = tmp_path / "members.csv"
    exported(site, str(file), "--pictures", str(out))
    name = rows_of(file.read_text())[p["username"]]["picture"]
    assert f"/pictures/{name}" == picture_of(site, p)[0] and len(os.listdir(out)) == int(left)
    assert (out / name).stat().st_mode & 0o777 == 0o600 and (out / name).read_bytes() == requests.get(site.url + picture_of(site, p)[0], timeout=10).content
    with running() as empty:
        empty.sql("DELETE FROM users")
        run_import(empty, "", "--pictures", out, path=file)     # other tests left more there than would come back
        assert far(served(empty, p), served(site, p)) < 4 and row(empty, p["username"], "bio") == row(site, p["username"], "bio")
    (tmp_path / "file").touch()
    assert "Not a directory" in exported(site, "--pictures", str(tmp_path / "file"), status=1)[1]
