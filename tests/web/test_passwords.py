# SPDX-License-Identifier: ISC
"""Passwords are bytes, exactly those that were typed, and never more than bcrypt looks at."""
import json
import resource
import unicodedata

import pytest

from accounts import (BLANK, BROKEN, FORM, TAKEN, hash_of, log_in, newcomer, pair, put, refused_login,
                      sign_up, user_of)
from conftest import PASSWORD, errors_of

LONG = ["is too long (maximum is 72 bytes)"]
SHORT = ["is too short (minimum is 8 characters)"]
OTTER = "\U0001f9a6"


def works(site, user, password):
    """In each of the ways to send it."""
    user_of(log_in(site, user["email"], password))
    assert pair(site, user["username"], password).status_code == 200
    assert site.api("POST", "/login", data={"email": user["email"], "password": password}).status_code == 200


GOOD = {
    "8 letters": "password", "64 letters": "x" * 64, "72 bytes": "y" * 72, "72 bytes of emoji": OTTER * 18,
    "8 emoji": OTTER * 8, "blanks around": "  pass word  ", "line break": "pass\r\nword", "tab": "\tpassword",
    "controls": "\x01\x02\x03\x1b\x7f\x80\x9f pass", "quotes": "\"'\\`;-- %s%n", "percent": "%00%41+&=;pass",
    "noncharacters": "\ufffe\uffffpass12", "separators": "\u2028\u2029password", "html": "<b>&amp;</b>",
    "mustache": "{{user}}${x}", "looks like a hash": "$2b$05$abcdefghijklmnopqrstuu", "null": "null-null"}


@pytest.mark.parametrize("name", GOOD)
def test_A4_taken_exactly(site, name):
    password, user = GOOD[name], newcomer()
    user_of(sign_up(site, {**user, "password": password}), 201)
    works(site, user, password)
    near = {password[:-1], password[1:], password + " ", " " + password, password.strip(),
            password.swapcase(), password.replace("\r\n", "\n"), password.replace("\r", ""),
            password[:-1] + "?", password + "x", password[::-1], password.rstrip("\ufffe\uffff"),
            password.replace("\x1b", "")}
    for other in near - {password}:
        refused_login(log_in(site, user["email"], other))
    made = hash_of(site, user["username"])
    assert made.startswith("$2b$05$") and len(made) == 60


def test_A4_by_form(site):
    user = newcomer(password="pa+ss w%rd&=\u00e4\r\n")
    user_of(site.api("POST", "/users", data=user), 201)
    works(site, user, user["password"])


TOO_LONG = {"73 bytes": "y" * 73, "200 bytes": "y" * 200, "64 emoji": OTTER * 64, "19 emoji": OTTER * 19,
            "71 letters and one of two bytes": "y" * 71 + "\u00e4", "37 letters of two bytes": "\u00e4" * 37}


@pytest.mark.parametrize("name", TOO_LONG)
def test_A4_too_long(site, member, unchanged, name):
    """Refused, not cut: neither as a new password nor is it equal to its first 72 bytes."""
    password = TOO_LONG[name]
    assert errors_of(sign_up(site, newcomer(password=password)), 422) == {"password": LONG}
    assert errors_of(put(site, member, password=password), 422) == {"password": LONG}
    refused_login(log_in(site, member["email"], password))


@pytest.mark.parametrize("unit", ["y", OTTER, "\u00e4"])
def test_A4_beyond_72_bytes(site, unit):
    """Passwords that differ only behind what bcrypt sees are never equal."""
    user = newcomer(password=unit * (72 // len(unit.encode())))
    user_of(sign_up(site, user), 201)
    for more in "x", " ", "\r", unit, unit * 100, "x" * 900:
        refused_login(log_in(site, user["email"], user["password"] + more))
        refused_login(pair(site, user["username"], user["password"] + more))
    works(site, user, user["password"])


def test_A4_the_last_byte_counts(site):
    users = [newcomer(password="y" * 71 + last) for last in "ab"]
    for user in users:
        user_of(sign_up(site, user), 201)
    for user, other in (users, users[::-1]):
        refused_login(log_in(site, user["email"], other["password"]))
        works(site, user, user["password"])


@pytest.mark.parametrize("password", ["x", "1234567", OTTER * 7, "\u00e4" * 7, " 12345 "])
def test_A4_too_short(site, member, unchanged, password):
    assert errors_of(sign_up(site, newcomer(password=password)), 422) == {"password": SHORT}
    assert errors_of(put(site, member, password=password), 422) == {"password": SHORT}


@pytest.mark.parametrize("blank", ["", " " * 8, "\t" * 20, "\u00a0" * 10, "\u200b" * 10, None])
def test_A4_blank(site, member, unchanged, blank):
    assert errors_of(sign_up(site, newcomer(password=blank)), 422) == {"password": BLANK}
    assert errors_of(put(site, member, password=blank), 422) == {"password": BLANK}


def each_row(site, member, text):
    """A password of raw JSON text at each row that takes one."""
    for method, path, body in (
            ("POST", "/users", b'{"user":{"username":"nul","email":"nul@example.org","password":%s}}'),
            ("POST", "/users/login", b'{"user":{"email":"x@example.org","password":%s}}'),
            ("POST", "/login", b'{"username":"x","password":%s}'),
            ("PUT", "/user", b'{"user":{"password":%s}}'),
            ("PUT", "/user", b'{"user":{"current_password":%s}}')):
        headers = {"Content-Type": "application/json"}
        yield site.api(method, path, body % text, member["token"], headers=headers)


@pytest.mark.parametrize("text", [
    b'"password\\u0000"', b'"\\u0000password"', b'"correct horse\\u0000x"', b'"correct horse\0"',
    b'"\\ud83e password"', b'"\\udd9a password"', b'"\\udd9a\\ud83e password"',
    b'"\xed\xa0\xbe\xed\xb6\x9a password"',
    b'"\xff password"', b'"\xc0\x80 password"', b'"correct horse\r\n"'])
def test_A4_nul_and_lone_surrogates(site, member, unchanged, text):
    for answer in each_row(site, member, text):
        assert errors_of(answer, 422) == BROKEN


def test_A4_nul_in_a_form(site, member, unchanged):
    for path, key in ("/users", "username"), ("/users/login", "email"), ("/login", "username"):
        for password in PASSWORD + "\0", "\0" + PASSWORD, "\0":
            answer = site.api("POST", path, data={key: "x", "password": password})
            assert errors_of(answer, 422)["password"] == ["must be UTF-8 without NUL"]
    answer = site.api("PUT", "/user", "password=correct+horse%00x", member["token"], headers={**FORM})
    assert errors_of(answer, 422) == {"password": ["must be UTF-8 without NUL"]}


def test_A4_a_megabyte(site, member, unchanged):
    big = "x" * 1_000_000
    for answer, limit in ((sign_up(site, newcomer(password=big)), 72), (put(site, member, password=big), 72),
                          (log_in(site, member["email"], big), 1024),
                          (pair(site, member["username"], big), 1024),
                          (put(site, member, current_password=big), 1024)):
        assert len(errors_of(answer, 422)) == 1 and f"(maximum is {limit} bytes)" in answer.text


def test_A4_refused_before_hashing(site, member):
    """At a cost where a hash takes seconds of a core, what cannot be right takes none."""
    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    start = spent()
    for user, status, errors in (
            (newcomer(password="x" * 1_000_000), 422, {"password": LONG}),
            (newcomer(password="y" * 73), 422, {"password": LONG}),
            (newcomer(password="short"), 422, {"password": SHORT}),
            (newcomer(username=member["username"]), 409, {"username": TAKEN})):
        answer = site.cgi("users", "POST", body={"user": user}, POSTERN_TEST_COST="15")
        assert (answer[0], json.loads(answer[2])) == (status, {"errors": errors})
    assert spent() - start < 1


@pytest.mark.parametrize("text", ["pass\u00e9word", "\u1e9b\u0323 password", "\uac01 password",
                                  "\u212b password", "\ufb01 password", "\uff41bcdefghi", "\u2460 password",
                                  "\u0130stanbul1"])
def test_A5_no_normalisation(site, text):
    """Each form of a password is a password of its own, whichever of them was registered."""
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")} | {text}
    assert len(forms) > 1
    for password in forms:
        user = newcomer(password=password)
        user_of(sign_up(site, user), 201)
        works(site, user, password)
        for other in forms - {password} | {password.lower(), password.casefold()} - {password}:
            refused_login(log_in(site, user["email"], other))
