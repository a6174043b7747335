# SPDX-License-Identifier: ISC
"""What a peer on the socket can do to a program: here it is not a web server, and speaks as it likes.

The site has one worker a program, so that "the next request" is one for the same process.
"""
import json
import random
import time

import pytest

import fcgi_client as fcgi
from conftest import PASSWORD, running
from ways import SOCKETS
from workers import QUARANTINE, SANITIZED, rss, workers

pytestmark = SOCKETS

FREE_SECONDS = 5        # until a worker that was held up serves again


@pytest.fixture(scope="module")
def lone():
    with running({"WORKERS": "1"}) as s:
        yield s


@pytest.fixture
def user(lone):
    """The socket of the program `user`; its worker must have outlived the test and serve the next."""
    path = lone.var / "run" / "user.sock"
    (worker,) = workers(lone, "user")
    fcgi.get(path, "/api/user")
    before = rss(worker)
    yield path
    served(path)
    assert workers(lone, "user") == [worker]
    assert rss(worker) - before < (8 << 20) + QUARANTINE


def served(path):
    """An ordinary request is answered in time."""
    start = time.monotonic()
    answer = fcgi.get(path, "/api/nothing")
    assert (answer.status, answer.json()) == (404, {"errors": {"path": ["not found"]}})
    assert time.monotonic() - start < FREE_SECONDS


def params(*pairs):
    return b"".join(fcgi.pair(*p) for p in pairs)


GET = params(*fcgi.variables("GET", "/api/user").items())
REST = fcgi.stream(fcgi.PARAMS, GET) + fcgi.stream(fcgi.STDIN, b"")
LONGEST = b"\xff\xff\xff\xff"     # a length of 2^31 - 1
GARBAGE = {
    "nothing": b"",
    "one byte": b"\1",
    "half a header": fcgi.begin()[:5],
    "half a body": fcgi.begin()[:12],
    "no begin": REST,
    "version 0": fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0", version=0) + REST,
    "version 2": fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0", version=2) + REST,
    "version 255 of params": fcgi.begin() + fcgi.record(fcgi.PARAMS, GET, version=255),
    "role 0": fcgi.begin(role=0) + REST,
    "role 9": fcgi.begin(role=9) + REST,
    "authorizer": fcgi.begin(role=2) + REST,
    "filter": fcgi.begin(role=3) + REST,
    "short begin": fcgi.record(fcgi.BEGIN, b"\0\1") + REST,
    "long begin": fcgi.record(fcgi.BEGIN, b"\0\1\0\0\0\0\0\0" * 9) + REST,
    "second begin": fcgi.begin() + fcgi.begin() + REST,
    "second begin, other id": fcgi.begin() + fcgi.begin(id=2) + REST,
    "second begin in the body": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET) + fcgi.begin(id=2),
    "id 0": fcgi.begin(id=0) + REST,
    "params of another": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET, id=7),
    "abort": fcgi.begin() + fcgi.record(fcgi.ABORT) + REST,
    "abort in the body": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET) + fcgi.record(fcgi.ABORT),
    "abort alone": fcgi.record(fcgi.ABORT),
    "management": fcgi.record(99, b"x", id=0) + fcgi.begin() + REST,
    "management, 64 kB": fcgi.record(99, b"x" * 65535, id=0) + fcgi.begin() + REST,
    "management in params": fcgi.begin() + fcgi.record(99, b"x", id=0) + REST,
    "values": fcgi.record(fcgi.GET_VALUES, params(("FCGI_MAX_CONNS", "")), id=0) + fcgi.begin() + REST,
    "values of any name": fcgi.record(fcgi.GET_VALUES, params(("x" * 300, "y" * 300)), id=0),
    "values cut": fcgi.record(fcgi.GET_VALUES, b"\x0eF", id=0),
    "unknown type": fcgi.begin() + fcgi.record(77, b"x") + REST,
    "stdout from us": fcgi.begin() + fcgi.record(fcgi.STDOUT, b"x") + REST,
    "data": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET) + fcgi.stream(fcgi.DATA, b"x" * 100),
    "body first": fcgi.begin() + fcgi.stream(fcgi.STDIN, b"x"),
    "params cut": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET[:-7]),
    "params cut in a length": fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET + b"\xff\xff"),
    "params without end": fcgi.begin() + fcgi.record(fcgi.PARAMS, GET),
    "record longer than sent": fcgi.begin() + fcgi.record(fcgi.PARAMS, GET, length=60000),
    "longest name": fcgi.begin() + fcgi.stream(fcgi.PARAMS, LONGEST + b"\1" + b"x" * 100),
    "longest value": fcgi.begin() + fcgi.stream(fcgi.PARAMS, b"\1" + LONGEST + b"x" * 100),
    "longest both": fcgi.begin() + fcgi.stream(fcgi.PARAMS, LONGEST * 2 + b"x" * 100),
    "a million nothings": fcgi.begin() + fcgi.stream(fcgi.PARAMS, b"\0\0" * 65536),
    "same name often": fcgi.begin() + fcgi.stream(fcgi.PARAMS, params(("REQUEST_METHOD", "GET")) * 3000),
    "noise": random.Random(1).randbytes(65536),
    "noise after begin": fcgi.begin() + random.Random(2).randbytes(65536),
    "http": b"GET /api/user HTTP/1.1\r\nHost: x\r\n\r\n",
}

if SANITIZED:       # libfcgi loses 48 bytes at each of these, and LeakSanitizer would say so
    GARBAGE = {name: bytes for name, bytes in GARBAGE.items() if not name.startswith("management")}


@pytest.mark.parametrize("name", GARBAGE)
def test_N6_garbage(user, name):
    assert fcgi.throw(user, GARBAGE[name]).answers <= 1


@pytest.mark.skipif(SANITIZED, reason="ASan ends the process before libfcgi does")
def test_N6_what_libfcgi_dies_of(lone):
    """Lengths that it asserts, and values asked for more often than its 64 bytes hold. Only the peer on the socket
    can do this; the worker dies and the next one is there at once."""
    lone.expect(r"Assertion `.*' failed\.$|^\*\*\* stack smashing detected \*\*\*|^Child\[0\] died, respawn$")
    path = lone.var / "run" / "user.sock"
    values = fcgi.record(fcgi.GET_VALUES, params(*[("FCGI_MAX_CONNS", "")] * 4), id=0)
    for deadly in (fcgi.stream(fcgi.PARAMS, b"\xff\xff\xff\xfe" * 2 + b"x" * 100),
                   fcgi.stream(fcgi.PARAMS, b"\1\xff\xff\xff\xf0" + b"x" * 100),
                   fcgi.stream(fcgi.PARAMS, b"\xff\xff\xff\xf0\1" + b"x" * 100), values + REST):
        before = fcgi.get(path, "/api/user").status
        fcgi.throw(path, fcgi.begin() + deadly)
        served(path)
        assert before == 401
    (worker,) = workers(lone, "user")
    assert rss(worker) < 64 << 20


def ask(path, pairs, body=b"", **more):
    answer = fcgi.talk(path, fcgi.request(pairs, body, **more))
    return answer.status, answer.json()


WRONG = (400, {"errors": {"body": ["does not fit its headers"]}})
LARGE = (413, {"errors": {"body": ["is too large"]}})
LENGTH = (400, {"errors": {"body": ["is not as long as Content-Length says"]}})
INVALID = (401, {"errors": {"token": ["is invalid"]}})


def test_N6_twice(user, lone):
    usual = list(fcgi.variables("PUT", "/api/user", b"{}", CONTENT_TYPE="application/json").items())
    good = ("HTTP_AUTHORIZATION", f"Token {lone.register()['token']}")
    assert ask(user, usual + [good], b"{}")[0] == 422
    for length in "2", "0", "", "9":
        assert ask(user, usual + [good, ("CONTENT_LENGTH", length)], b"{}") == WRONG
        assert ask(user, [("CONTENT_LENGTH", length)] + usual + [good], b"{}") == WRONG
    for method in "PUT", "GET", "":
        assert ask(user, usual + [good, ("REQUEST_METHOD", method)], b"{}") == WRONG
    for other in good, ("HTTP_AUTHORIZATION", "Token x"), ("HTTP_AUTHORIZATION", ""):
        assert ask(user, usual + [good, other], b"{}") == INVALID
        assert ask(user, usual + [other, good], b"{}") == INVALID


def test_N6_nul_in_a_value(user, lone):
    """A C string ends there: what is behind is nowhere looked at, and no second variable comes of it."""
    good = f"Token {lone.register()['token']}"
    for name in ("QUERY_STRING", "HTTP_USER_AGENT", "REQUEST_ID", "REMOTE_ADDR", "CONTENT_LENGTH",
                 "DOCUMENT_URI"):
        usual = fcgi.variables("GET", "/api/user", HTTP_AUTHORIZATION=good)
        usual[name] = usual.get(name, "x") + "\0HTTP_AUTHORIZATION=x\0"
        assert ask(user, usual)[0] == 200, name
    assert ask(user, fcgi.variables("GET", "/api/user", HTTP_AUTHORIZATION=f"\0{good}")) == INVALID
    assert ask(user, {**fcgi.variables("GET", "/api/user"), "X\0HTTP_AUTHORIZATION": good})[0] == 401


@pytest.mark.parametrize("flags", [0, fcgi.KEEP_CONN])
def test_N6_body_not_as_long_as_declared(user, lone, flags):
    good = f"Token {lone.register()['token']}"
    body = json.dumps({"user": {"bio": "x"}}).encode()
    usual = fcgi.variables("PUT", "/api/user", CONTENT_TYPE="application/json", HTTP_AUTHORIZATION=good)
    for declared, sent in ((len(body), body[:-1]), (len(body), body + b" "), (len(body), b""), (0, body),
                           (len(body), body * 20000), (5, body), (1 << 20, body)):
        assert ask(user, {**usual, "CONTENT_LENGTH": str(declared)}, sent, flags=flags) == LENGTH, declared
    for declared in 1 << 40, 2 << 20, (1 << 20) + 1:
        assert ask(user, {**usual, "CONTENT_LENGTH": str(declared)}, body, flags=flags) == LARGE, declared
    for declared in "-1", "x", "9" * 30:
        assert ask(user, {**usual, "CONTENT_LENGTH": declared}, body, flags=flags) == WRONG
    assert ask(user, {**usual, "CONTENT_LENGTH": str(len(body))}, body, flags=flags)[0] == 200


def test_N6_cut_short_is_no_request(user, lone):
    """libfcgi takes parameters that end between two of them for all, and a body without an end for one."""
    good = params(("HTTP_AUTHORIZATION", f"Token {lone.register()['token']}"))
    whole = fcgi.begin() + fcgi.stream(fcgi.PARAMS, GET + good)
    for cut in fcgi.begin(), fcgi.begin() + fcgi.record(fcgi.PARAMS, GET), whole[:-8]:
        assert fcgi.throw(user, cut).answers == 0
    for rest in b"", fcgi.record(fcgi.ABORT), fcgi.record(fcgi.STDIN)[:5]:
        answer = fcgi.throw(user, whole + rest)
        assert (answer.status, answer.json()) == LENGTH
    assert fcgi.throw(user, whole + fcgi.record(fcgi.STDIN)).status == 200


def forged(name):
    """A whole request that registers a member."""
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    body = json.dumps({"user": user}).encode()
    return fcgi.request(fcgi.variables("POST", "/api/users", body, CONTENT_TYPE="application/json"), body)


def registered(lone, name):
    return lone.sql(f"SELECT COUNT(*) FROM users WHERE username = '{name}'") != [["0"]]


@pytest.mark.parametrize("flags", [0, fcgi.KEEP_CONN])
def test_N6_records_in_a_body_are_no_request(lone, flags):
    """libfcgi reads 8 KiB at a time: where what it has not read of a body begins with a header, a worker
    that left it there would take it for the next request."""
    path = lone.var / "run" / "users.sock"
    (worker,) = workers(lone, "users")
    name = f"smuggled.{flags}"
    inner = forged(name)
    for where, declared in (("/api/users", None), ("/nothing", None), ("/api/users", 10),
                            ("/api/users", 9 << 20)):
        for pad in [0, *range(7900, 8260, 8), 16384 - 300]:
            body = b" " * pad + inner
            usual = fcgi.variables("POST", where, body, CONTENT_TYPE="application/json")
            if declared is not None:
                usual["CONTENT_LENGTH"] = str(declared)
            answer = fcgi.talk(path, fcgi.request(usual, body, flags=flags))
            assert answer.answers == 1 and answer.status in (400, 404, 413, 422), (where, pad)
    assert not registered(lone, name)
    assert workers(lone, "users") == [worker]
    # The forged one is a good request where it stands alone.
    assert fcgi.talk(path, inner).status == 201 and registered(lone, name)


@pytest.mark.parametrize("flags", [0, fcgi.KEEP_CONN])
def test_N6_one_request_a_connection(lone, flags):
    name = f"second.{flags}"
    path = lone.var / "run" / "users.sock"
    first = fcgi.request(fcgi.variables("GET", "/nothing"), flags=flags)
    start = time.monotonic()
    answer = fcgi.talk(path, first + forged(name))
    assert answer.answers == 1 and answer.status == 404
    assert time.monotonic() - start < 2     # closed by the program, not given up
    served(lone.var / "run" / "user.sock")
    assert not registered(lone, name)


def test_N6_many_and_large_parameters(user, lone):
    good = ("HTTP_AUTHORIZATION", f"Token {lone.register()['token']}")
    usual = list(fcgi.variables("GET", "/api/user").items())
    many = [(f"HTTP_X_{i}", "x" * 50) for i in range(5000)]
    for pairs in many + usual + [good], usual + [good] + many, usual + [good, ("HTTP_X", "x" * (1 << 20))]:
        assert ask(user, pairs)[0] == 200
    for name in ("QUERY_STRING", "HTTP_USER_AGENT", "REMOTE_ADDR", "REQUEST_ID", "CONTENT_TYPE",
                 "DOCUMENT_URI"):
        pairs = [p for p in usual if p[0] != name] + [good, (name, "/api/" + "x" * (1 << 20))]
        assert ask(user, pairs)[0] == (404 if name == "DOCUMENT_URI" else 200), name
    pairs = [("REQUEST_METHOD", "X" * (1 << 20))] + usual[1:] + [good]
    assert ask(user, pairs)[0] == 405
    page = fcgi.variables("GET", "/settings")
    for name, status in {"DOCUMENT_URI": 404, "QUERY_STRING": 303, "HTTP_COOKIE": 303, "HTTP_REFERER": 303}.items():
        answer = fcgi.talk(user, fcgi.request({**page, name: "/" + "x" * (1 << 20)}))
        assert (answer.status, answer.ended) == (status, 1), name
        assert sum(map(len, answer.headers.values())) < 16000       # what nginx takes for headers


def test_client_gone_before_the_answer(user, lone):
    good = f"Token {lone.register()['token']}"
    body = json.dumps({"user": {"bio": "gone"}}).encode()
    usual = fcgi.variables("PUT", "/api/user", body, CONTENT_TYPE="application/json", HTTP_AUTHORIZATION=good)
    for _ in range(20):
        with fcgi.connect(user) as peer:
            peer.sendall(fcgi.request(usual, body))
    served(user)
    answer = fcgi.get(user, "/api/user", HTTP_AUTHORIZATION=good)
    assert answer.json()["user"]["bio"] == "gone"       # an answer that nobody took is no failure


def test_client_that_never_reads(user):
    """An answer fits into the socket's buffer, and a peer that stays costs the next one nothing."""
    with fcgi.connect(user) as peer:
        peer.sendall(fcgi.request(fcgi.variables("GET", "/api/user")))
        start = time.monotonic()
        served(user)
        assert time.monotonic() - start < 0.5       # libfcgi would wait for the peer
        time.sleep(0.2)
        assert b"Status: 401" in peer.recv(65536)   # and what was not taken yet is not lost
