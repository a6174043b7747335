# SPDX-License-Identifier: ISC
"""F11, F12: memory, reading, writing or randomness fails once in the middle of a happy path. A sample of
`make torture-alloc`, which lets each call of each path fail."""
import pathlib
import sys

import pytest

from workers import SANITIZED

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
from alloc import ALLOC, RANDOM, READ, WRITE, place_of, sweep  # noqa: E402
from happy import CASES  # noqa: E402
from nth import Cgi, Worker  # noqa: E402

pytestmark = pytest.mark.skipif(SANITIZED, reason="the sanitizers have a malloc of their own")
PATHS = {f"{case.program} {case}": case for case in CASES}


@pytest.fixture(scope="module")
def place(site):
    with place_of(site) as p:
        yield p


def torture(place, name, way, kind, step=1):
    line, wrong = sweep(place, PATHS[name], way, kind, False, step)
    assert not wrong, "\n".join([line, *wrong])
    return line


@pytest.mark.parametrize("name", PATHS)
def test_F12_no_randomness_no_secret(place, name):
    lines = [torture(place, name, way, RANDOM) for way in (Cgi, Worker)]
    if name.startswith(("login POST", "users POST")):
        assert all(" refused" in line for line in lines), lines


@pytest.mark.parametrize("name", ["pages GET / by cookie", "user GET /api/user by token"])
def test_F11_no_memory_for_a_process(place, name):
    assert " exited" in torture(place, name, Cgi, ALLOC)


@pytest.mark.parametrize("kind, step", [(ALLOC, 7), (READ, 1), (WRITE, 1)])
@pytest.mark.parametrize("name", ["user PUT /api/user by token", "users POST /register"])
def test_F11_F12_worker(place, name, kind, step):
    torture(place, name, Worker, kind, step)


@pytest.mark.parametrize("kind", [READ, WRITE])
def test_F12_login(place, kind):
    assert " refused" in torture(place, "login POST /api/users/login", Cgi, kind)
