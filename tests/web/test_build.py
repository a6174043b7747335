# SPDX-License-Identifier: ISC
"""What was built: which libraries a program links, and how large it is."""
import os
import subprocess

import pytest
from conftest import BUILD, ROOT

PROGRAMS = sorted((BUILD / "cgi-bin").glob("*.fcgi"))
OWN = {"files": {"libmagic"}, "pictures": {"libjpeg", "libpng16", "libwebp", "libexif"}, **{p: {"libcmark"} for p in ("articles", "editor", "pages")}}    # of one program alone
ALLOWED = {"libfcgi", "libmariadb", "libjansson", "libcrypt", "libcrypto", "libinih", "libc", "libm"}
plain = pytest.mark.skipif(BUILD.name != "build", reason="sanitizers and counters link and weigh more")


def libraries(program):
    """The names of the libraries that the program itself asks for."""
    said = subprocess.run(["objdump", "-p", program], text=True, capture_output=True, check=True).stdout
    return {line.split()[1].split(".so")[0] for line in said.splitlines() if "NEEDED" in line}


def test_there_is_a_program_for_each_file():
    assert [p.stem for p in PROGRAMS] == sorted(p.stem for p in (ROOT / "cgi-bin").glob("*.c"))


@plain
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_links_only_the_libraries_of_the_design(program):
    assert libraries(program) <= ALLOWED | OWN.get(program.stem, set())


@plain
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_weighs_at_most_150_kb_stripped(program, tmp_path):
    subprocess.run(["strip", "-o", tmp_path / "stripped", program], check=True)
    assert (tmp_path / "stripped").stat().st_size <= 150 * 1000


@plain
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_is_hardened(program):
    """Position independent, full RELRO, no executable stack."""
    said = subprocess.run(["readelf", "-Wdl", program], text=True, capture_output=True, check=True).stdout
    assert "DYN (" in subprocess.run(["readelf", "-h", program], text=True, capture_output=True).stdout
    assert "GNU_RELRO" in said and "BIND_NOW" in said
    assert " RWE " not in next(line for line in said.splitlines() if "GNU_STACK" in line)


def test_make_deps_prints_every_program():
    said = subprocess.run(["make", "-s", "deps", f"BUILD={BUILD.name}"], cwd=ROOT, text=True, capture_output=True,
                          env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")}, check=True).stdout
    for program in PROGRAMS:
        assert f"{program.name}: " in said and "libfcgi.so.0" in said


def test_make_packages_names_what_runs():
    said = subprocess.run(["make", "-s", "packages"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    for package in ("libfcgi-dev", "mariadb-server-core", "nginx-light", "spawn-fcgi", "multiwatch", "libcmocka-dev"):
        assert package in said.split()
