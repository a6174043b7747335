# SPDX-License-Identifier: ISC
"""Accounts as the tests of many files use them: newcomers, logins, stored hashes, races, log lines."""
import concurrent.futures
import itertools
import threading

from conftest import PASSWORD, errors_of
from workers import until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRONG = {"credentials": ["invalid"]}
BLANK = ["can't be blank"]
TAKEN = ["has already been taken"]
REVOKED = {"token": ["has been revoked"]}
BROKEN = {"body": ["is not valid JSON"]}
MEMBERS = {"email", "token", "username", "bio", "image"}

numbers = itertools.count(1)


def newcomer(**more):
    """What somebody who is not here yet would send."""
    name = f"new{next(numbers)}"
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **more}


def without(members, *names):
    return {k: v for k, v in members.items() if k not in names}


def sign_up(site, user, **more):
    return site.api("POST", "/users", {"user": user}, **more)


def log_in(site, email, password=PASSWORD):
    return site.api("POST", "/users/login", {"user": {"email": email, "password": password}})


def pair(site, username, password=PASSWORD):
    return site.api("POST", "/login", {"username": username, "password": password})


def put(site, member, **user):
    return site.api("PUT", "/user", {"user": user}, member["token"])


def user_of(answer, status=200):
    """The user of a good answer, after checking its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json().keys() == {"user"} and answer.json()["user"].keys() == MEMBERS
    assert answer.json()["user"]["token"]
    return answer.json()["user"]


def refused_login(answer):
    assert errors_of(answer, 401) == WRONG


def row(site, name, columns="*"):
    """Columns of a member's rows, as text."""
    return site.sql(f"SELECT {columns} FROM users JOIN addresses ON user_id = id WHERE username_key = '{name.lower()}'")[0]


def hash_of(site, name):
    return site.sql("SELECT hash FROM credentials JOIN users ON id = user_id"
                    f" WHERE username_key = '{name.lower()}'")[0][0]


def set_hash(site, name, hash):
    site.sql(f"UPDATE credentials SET hash = '{hash}' WHERE user_id ="
             f" (SELECT id FROM users WHERE username_key = '{name.lower()}')")


def events(site, answer):
    """[kind, user id] of the events that a request left."""
    return site.sql("SELECT kind, user_id FROM events WHERE request_id ="
                    f" '{answer.headers['X-Request-ID']}' ORDER BY id")


def log_line(site, program, answer):
    """What a program wrote about an answer: {id, method, path, status, us, user}."""
    mark = f" id={answer.headers['X-Request-ID']} "
    lines = until(lambda: [l for l in site.log(program).splitlines() if mark in l])
    assert len(lines) == 1, lines
    return dict(word.split("=", 1) for word in lines[0].split() if "=" in word)


def at_once(*calls):
    """Make these calls at the same moment, each in a thread; their results."""
    barrier = threading.Barrier(len(calls))

    def one(call):
        barrier.wait(30)
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
