# SPDX-License-Identifier: ISC
"""The database locks, refuses, hangs and dies: what clients see, and what is in it afterwards."""
import concurrent.futures
import contextlib
import itertools
import os
import signal
import threading
import time

import pytest

from breaker import Cut, Server, failing, kill_connections
from conftest import PASSWORD, errors_of, running
from database import Second, account_of, root
from forge import claims_of
from ways import SOCKETS
from workers import pid_of, until, workers

pytestmark = SOCKETS

LOCK_WAIT = 2       # seconds, of the programs' connections
TRIES = 4


@pytest.fixture(scope="module")
def hurt():
    with running({"WORKERS": "3"}) as s:
        yield s
        os.kill(pid_of(s, "site"), signal.SIGCONT)      # if test_F1 stopped it


@pytest.fixture
def member(hurt):
    return hurt.register()


@pytest.fixture(autouse=True)
def no_worker_dies(hurt):
    programs = [p.stem for p in hurt.var.glob("run/*.sock") if p.stem != "db"]
    before = {program: workers(hurt, program) for program in programs}
    yield
    assert {program: workers(hurt, program) for program in programs} == before
    answers = [hurt.api("GET", "/health/ready").status_code for _ in range(4)]
    assert answers == [200] * 4


def get(site, member):
    """A safe request that looks at the database."""
    return site.api("GET", "/user", token=member["token"])


def put(site, member, bio="changed"):
    return site.api("PUT", "/user", {"user": {"bio": bio}}, member["token"])


def login(site, member):
    user = {"email": member["email"], "password": member["password"]}
    return site.api("POST", "/users/login", {"user": user})


def register(site, name):
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return site.api("POST", "/users", {"user": user})


def away(answer):
    """503 as JSON, with the time to come again."""
    assert errors_of(answer, 503) == {"server": ["is not ready, try again"]}
    assert int(answer.headers["Retry-After"]) > 0
    return True


def rows_of(site, name):
    """How many rows a registration left in (users, credentials, sessions, events). Each user has one address."""
    ((addresses, *counts),) = site.sql(
        "SELECT COUNT(DISTINCT a.user_id), COUNT(DISTINCT u.id), COUNT(DISTINCT c.user_id), COUNT(DISTINCT s.id),"
        " COUNT(DISTINCT e.id) FROM users u LEFT JOIN addresses a ON a.user_id = u.id"
        " LEFT JOIN credentials c ON c.user_id = u.id"
        " LEFT JOIN sessions s ON s.user_id = u.id LEFT JOIN events e ON e.user_id = u.id"
        f" WHERE u.username = '{name}'")
    assert addresses == counts[0]
    return tuple(int(n) for n in counts)


def all_is_well(site, member):
    for _ in range(6):
        assert get(site, member).status_code == 200
        assert put(site, member).status_code == 200
    assert login(site, member).status_code == 200


def test_F2_connections_killed_between_requests(hurt, member):
    for _ in range(3):
        all_is_well(hurt, member)
        hurt.register()
        assert kill_connections(hurt) >= 2
        all_is_well(hurt, member)


def test_F2_wait_timeout_between_requests(hurt, member):
    root(hurt, "SET GLOBAL wait_timeout = 1")
    try:
        kill_connections(hurt)
        all_is_well(hurt, member)
        idle = "SELECT COUNT(*) FROM information_schema.processlist WHERE user LIKE 'postern\\_%'"
        assert until(lambda: root(hurt, idle) == [["0"]])
        all_is_well(hurt, member)
    finally:
        root(hurt, "SET GLOBAL wait_timeout = DEFAULT")
    kill_connections(hurt)


def registration_through(site, cut, name, limit="off"):
    """Register by a program that reaches the server through `cut`. Its status. A limit would be a unit of
    work before the one that is looked at."""
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    status, _, body = site.cgi("users", "POST", body={"user": user}, POSTERN_DATABASE_SOCKET=str(cut.path),
                               POSTERN_LIMITS_REGISTER=limit)
    assert status in (201, 503), body
    assert cut.left == 0
    return status


def test_F2_lost_before_commit_is_done_again_once(hurt, tmp_path):
    for n, needle in enumerate((b"START TRANSACTION", b"INSERT INTO users", b"INSERT INTO addresses",
                                b"INSERT INTO sessions")):
        name = f"again{n}"
        with Cut(hurt, tmp_path / name, needle, 1, reply=False) as cut:
            assert registration_through(hurt, cut, name) == 201
            assert cut.connections == 2
        assert rows_of(hurt, name) == (1, 1, 1, 1)


@pytest.mark.parametrize("needle", [b"START TRANSACTION", b"INSERT INTO throttles"])
def test_F2_limit_lost_before_commit_is_counted_again_once(hurt, tmp_path, needle):
    with Cut(hurt, tmp_path / "limit", needle, 1, reply=False) as cut:
        assert registration_through(hurt, cut, name := f"limit{len(needle)}", "9/90s") == 201
    assert rows_of(hurt, name) == (1, 1, 1, 1)


def test_F2_lost_twice_is_given_up(hurt, tmp_path):
    hurt.expect(r"error database error 2013 in: INSERT INTO sessions")
    with Cut(hurt, tmp_path / "twice", b"INSERT INTO sessions", 2, reply=False) as cut:
        assert registration_through(hurt, cut, "twice") == 503
        assert cut.connections == 2
    assert rows_of(hurt, "twice") == (0, 0, 0, 0)


@pytest.mark.parametrize("reply, rows", [(True, (1, 1, 1, 1)), (False, (0, 0, 0, 0))])
def test_F2_lost_at_commit_is_never_done_again(hurt, tmp_path, reply, rows):
    """Whether the server has committed is not known: 503, and what it did, it did once."""
    hurt.expect(r"error database error 2013 in: COMMIT$")
    name = f"commit{reply:d}"
    with Cut(hurt, tmp_path / name, b"\x03COMMIT", 1, reply) as cut:
        assert registration_through(hurt, cut, name) == 503
        assert cut.connections == 1
    assert until(lambda: rows_of(hurt, name) == rows), rows_of(hurt, name)


@pytest.mark.parametrize("code", [1213, 1205, 1020, 1047])
def test_F3_done_again_leaves_one_row(hurt, code):
    """When sessions refuses, the users row is there: without a ROLLBACK the second try would be a 409."""
    hurt.expect(rf"error database error {code} in: INSERT INTO sessions")
    for times in 1, TRIES - 1:
        name = f"retry{code}.{times}"
        with failing(hurt, code, times) as left:
            answer = register(hurt, name)
            assert (answer.status_code, left()) == (201, 0), answer.text
        assert rows_of(hurt, name) == (1, 1, 1, 1)
        assert answer.json()["user"]["username"] == name
    name = f"retry{code}.never"
    with failing(hurt, code, 99) as left:
        assert away(register(hurt, name))
        assert left() == 99 - TRIES
    assert rows_of(hurt, name) == (0, 0, 0, 0)
    assert hurt.log("users").count(f"database error {code} in: ") == 1      # what was mended is no news


def test_F3_other_errors_are_not_done_again(hurt):
    hurt.expect(r"error database error 1644 in: INSERT INTO sessions")
    with failing(hurt, 1644, 9) as left:
        assert errors_of(register(hurt, "never"), 500) == {"server": ["has failed"]}
        assert left() == 8
    assert rows_of(hurt, "never") == (0, 0, 0, 0)


def test_F3_a_login_done_again_is_one_session(hurt, member):
    with failing(hurt, 1213, TRIES - 1):
        assert login(hurt, member).status_code == 200
    user = claims_of(member["token"])["sub"]
    assert hurt.sql(f"SELECT COUNT(*) FROM sessions WHERE user_id = {user}") == [["2"]]
    assert hurt.sql(f"SELECT COUNT(*) FROM events WHERE user_id = {user} AND kind = 'login'") == [["1"]]


def under_lock(site, member, seconds):
    """A change while another connection holds the session's row so long: (answer, seconds it took)."""
    with Second(site, database="postern") as other, concurrent.futures.ThreadPoolExecutor() as pool:
        other.do("START TRANSACTION")
        other.do(f"SELECT * FROM sessions WHERE id = {claims_of(member['token'])['sid']} FOR UPDATE")
        start = time.monotonic()
        answer = pool.submit(put, site, member, "under lock")
        concurrent.futures.wait([answer], seconds)
        other.do("COMMIT")
        return answer.result(), time.monotonic() - start


def test_F3_row_locked_by_another(hurt):
    """A short lock is waited for, a longer one is waited for again, and then it is enough."""
    hurt.expect(r"error database error 1205 in: SELECT ")
    locks = 1, LOCK_WAIT + 1, 99
    members = [hurt.register() for _ in locks]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        short, longer, endless = pool.map(under_lock, [hurt] * 3, members, locks)
    assert short[0].status_code == 200 and short[1] >= 1
    assert longer[0].status_code == 200 and longer[1] > LOCK_WAIT
    # One of the tries may have been a connection that an earlier test killed.
    assert away(endless[0]) and (TRIES - 1) * LOCK_WAIT <= endless[1] < TRIES * LOCK_WAIT + 4
    bios = [get(hurt, member).json()["user"]["bio"] for member in members]
    assert bios == ["under lock", "under lock", None]


def test_F3_real_deadlock(hurt, member):
    """Each of two waits for the other's row: the server ends one of them with 1213, and it is done again."""
    claims = claims_of(member["token"])
    before = root(hurt, "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0][1]
    with Second(hurt, database="postern") as other, concurrent.futures.ThreadPoolExecutor() as pool:
        other.do("START TRANSACTION")
        other.do(f"UPDATE users SET image = '/mine' WHERE id = {claims['sub']}")
        answer = pool.submit(put, hurt, member, "after a deadlock")
        waiting = "SELECT COUNT(*) FROM information_schema.innodb_lock_waits"
        # It holds the session's row, and wants the user's. InnoDB renews that table after 100 ms unread.
        assert until(lambda: root(hurt, waiting) == [["1"]], step=0.15)
        other.do(f"UPDATE sessions SET agent = 'mine' WHERE id = {claims['sid']}")
        other.do("COMMIT")
        assert answer.result().status_code == 200
    assert int(root(hurt, "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0][1]) == int(before) + 1
    user = get(hurt, member).json()["user"]
    assert (user["bio"], user["image"]) == ("after a deadlock", "/mine")


def test_F4_read_only_server(hurt, member):
    hurt.expect(r"error database error 1290 in: ")
    root(hurt, "SET GLOBAL read_only = 1")
    try:
        assert get(hurt, member).status_code == 200
        assert away(put(hurt, member, "read only")) and away(register(hurt, "readonly"))
        assert away(login(hurt, member))
    finally:
        root(hurt, "SET GLOBAL read_only = 0")
    assert rows_of(hurt, "readonly") == (0, 0, 0, 0)
    assert get(hurt, member).json()["user"]["bio"] is None
    all_is_well(hurt, member)


def test_F4_too_many_connections(hurt, member):
    hurt.expect(r"error database error 1040 in: connect")
    kill_connections(hurt)
    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(Second(hurt))
        for _ in range(9):
            stack.enter_context(Second(hurt, *account_of(hurt.var, "owner")))
        admin.do("SET GLOBAL max_connections = 10")
        try:
            for _ in range(4):
                assert away(get(hurt, member)) and away(put(hurt, member))
        finally:
            admin.do("SET GLOBAL max_connections = DEFAULT")
    assert until(lambda: get(hurt, member).status_code == 200, 2)
    all_is_well(hurt, member)


def test_F4_missing_table_and_wrong_grants(hurt, member):
    """What only we can have done is a 500 that says nothing, and a line that says what."""
    hurt.expect(r"error database error (1146|1142|1143) in: (SELECT|INSERT|UPDATE) ")
    failed = {"server": ["has failed"]}
    for spoil, mend in (("RENAME TABLE users TO away", "RENAME TABLE away TO users"),
                        ("REVOKE SELECT ON users FROM postern_credentials@localhost",
                         "GRANT SELECT ON users TO postern_credentials@localhost")):
        root(hurt, spoil, "postern")
        try:
            for answer in get(hurt, member), put(hurt, member), register(hurt, "spoilt"), login(hurt, member):
                assert errors_of(answer, 500) == failed
                assert "Retry-After" not in answer.headers and "users" not in answer.text
        finally:
            root(hurt, mend, "postern")
        all_is_well(hurt, member)
    assert "database error 1146 in: " in hurt.log("user") and "database error 1142 in: " in hurt.log("user")
    assert member["email"] not in hurt.log("user")


def test_F5_server_that_hangs(hurt, member):
    """Not an answer, but within six seconds; what needs no database goes on."""
    hurt.expect(r"error database error (2002|2013) in: ")

    def timed(request, *args):
        start = time.monotonic()
        return request(*args), time.monotonic() - start

    with concurrent.futures.ThreadPoolExecutor() as pool:
        with Server(hurt).stopped():
            slow = [pool.submit(timed, *job) for job in ((get, hurt, member), (put, hurt, member, "hung"),
                                                         (login, hurt, member), (register, hurt, "hung"))]
            time.sleep(0.5)
            answer, seconds = timed(hurt.api, "GET", "/health/live")
            assert answer.status_code == 200 and seconds < 2
            for answer, seconds in [job.result() for job in slow]:
                assert away(answer) and seconds < 6
    assert until(lambda: get(hurt, member).status_code == 200, 2)
    all_is_well(hurt, member)
    assert get(hurt, member).json()["user"]["bio"] == "changed"
    assert rows_of(hurt, "hung") == (0, 0, 0, 0)


def test_F1_server_killed_under_load(hurt, member):
    """Nothing that was acknowledged is lost, nothing is there by half, and it goes on at once."""
    hurt.expect(r"error database error (2002|2006|2013|1053|1927) in: ")
    os.kill(pid_of(hurt, "site"), signal.SIGSTOP)       # it would end all when the database ends
    server, done, answers = Server(hurt), threading.Event(), []

    def write(writer):
        for n in itertools.count():
            if done.is_set():
                return
            name = f"load{writer}.{n}"
            answers.append((name, register(hurt, name)))

    writers = [threading.Thread(target=write, args=[writer]) for writer in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(2):
            time.sleep(0.4)
            server.kill()
            time.sleep(0.2)
            assert away(get(hurt, member)) and away(put(hurt, member)) and away(login(hurt, member))
            server.start()
            assert until(lambda: get(hurt, member).status_code == 200, 2)
            assert until(lambda: put(hurt, member).status_code == 200, 2)
    finally:
        done.set()
        for writer in writers:
            writer.join()
    states = {answer.status_code for _, answer in answers}
    assert states == {201, 503}
    assert all(away(answer) for _, answer in answers if answer.status_code == 503)
    acknowledged = {name for name, answer in answers if answer.status_code == 201}
    there = {name for (name,) in hurt.sql("SELECT username FROM users WHERE username LIKE 'load%'")}
    assert len(acknowledged) > 20 and acknowledged <= there
    assert all(rows_of(hurt, name) == (1, 1, 1, 1) for name in there)
    all_is_well(hurt, member)
