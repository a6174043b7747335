# SPDX-License-Identifier: ISC
"""Stored hashes: imported ones become bcrypt at the next good login, broken ones let nobody in."""
import hashlib

import pytest

from accounts import WRONG, at_once, hash_of, log_in, pair, refused_login, row, set_hash, user_of
from conftest import PASSWORD, errors_of
from forge import claims_of
from workers import until


def scrypt(password, n=1024, r=8, p=1, salt="salt of text"):
    key = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, dklen=64, maxmem=1 << 28)
    return f"scrypt:{n}:{r}:{p}${salt}${key.hex()}"


def pbkdf2(password, n=1000, salt="salt of text"):
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), n)
    return f"pbkdf2:sha256:{n}${salt}${key.hex()}"


def bcrypt(site, password, cost, prefix="$2b$"):
    made = site.tool("hash", "--cost", str(cost), input=password).strip()
    assert made.startswith(f"$2b${cost:02d}$")
    return prefix + made[4:]


HASHES = {
    "empty": "", "disabled": "*0", "disabled too": "*1", "star": "*", "lock": "!", "two": "*0*1", "word": "x",
    "plain": PASSWORD, "md5": hashlib.md5(PASSWORD.encode()).hexdigest(),
    "sha256": "sha256$salt$" + hashlib.sha256(b"salt" + PASSWORD.encode()).hexdigest(),
    "bcrypt, salt alone": "$2b$05$abcdefghijklmnopqrstuu", "bcrypt, other": "$2b$05$" + "a" * 53,
    "bcrypt, short": "$2b$05$" + "a" * 52, "bcrypt, long": "$2b$05$" + "a" * 54,
    "bcrypt, cost 0": "$2b$00$" + "a" * 53, "bcrypt, cost 31": "$2b$31$" + "a" * 53,
    "bcrypt, cost 99": "$2b$99$" + "a" * 53, "bcrypt, no cost": "$2b$xx$" + "a" * 53,
    "bcrypt, alphabet": "$2b$05$" + "*" * 53, "bcrypt, version": "$2c$05$" + "a" * 53,
    "dollars": "$$$$", "sha512": "$6$", "sha512, rounds": "$6$rounds=999999999$salt$" + "a" * 86,
    "yescrypt": "$y$", "yescrypt, large": "$y$jFT$salt$" + "a" * 43,
    "scrypt": "scrypt:", "scrypt, n": "scrypt:3:8:1$salt$" + "0" * 128,
    "scrypt, large": "scrypt:1073741824:8:1$s$" + "0" * 128, "scrypt, zero": "scrypt:0:0:0$salt$" + "0" * 128,
    "scrypt, short": "scrypt:1024:8:1$salt$" + "0" * 127, "scrypt, minus": "scrypt:-1:8:1$salt$" + "0" * 128,
    "pbkdf2": "pbkdf2:sha256:", "pbkdf2, none": "pbkdf2:sha256:0$s$" + "0" * 64,
    "pbkdf2, large": "pbkdf2:sha256:999999999$salt$" + "0" * 64,
    "pbkdf2, sha1": "pbkdf2:sha1:1000$salt$" + "0" * 40,
    "quote": "'; --", "letters": "\u00e4\u00f6" * 30, "longest": "$2b$05$" + "a" * 248}


def test_A13_hashes_that_are_none(site, member):
    """Whatever stands in the database, nobody gets in by it and nothing fails; each try is an event."""
    user, tries = claims_of(member["token"])["sub"], 0
    for name, hash in HASHES.items():
        set_hash(site, member["username"], hash.replace("'", "''"))
        for password in PASSWORD, hash or "empty", "*0", "*1":
            assert errors_of(log_in(site, member["email"], password), 401) == WRONG, (name, password)
            tries += 1
        assert hash_of(site, member["username"]) == hash, name
    kinds = site.sql(f"SELECT kind, COUNT(*) FROM events WHERE user_id = {user} GROUP BY kind ORDER BY kind")
    assert kinds == [["login failed", str(tries)], ["register", "1"]]
    assert site.sql(f"SELECT COUNT(*) FROM sessions WHERE user_id = {user}") == [["1"]]


def test_A13_no_hash_but_the_demo_members(site):
    """Who is there from the start has the password that the documents say, and no other."""
    assert site.sql("SELECT DISTINCT LEFT(hash, 7) FROM credentials WHERE user_id <= 4") == [["$2b$12$"]]
    for name in "admin", "root", "demo", "test", "postern", "administrator":
        for password in "admin", "password", "postern", "postern-demo":
            refused_login(pair(site, name, password))


IMPORTED = {"scrypt": scrypt, "scrypt, as made today": lambda p: scrypt(p, 32768),
            "scrypt, other numbers": lambda p: scrypt(p, 64, 4, 2),
            "scrypt, salt": lambda p: scrypt(p, salt="\u00e4"),
            "pbkdf2": pbkdf2, "pbkdf2, as made long ago": lambda p: pbkdf2(p, 50000)}


@pytest.mark.parametrize("name", IMPORTED)
def test_A2_werkzeug_becomes_bcrypt_once(site, member, name):
    imported = IMPORTED[name](PASSWORD)
    set_hash(site, member["username"], imported)
    for wrong in PASSWORD + "x", PASSWORD[:-1], imported:
        refused_login(log_in(site, member["email"], wrong))
    assert hash_of(site, member["username"]) == imported
    changed = "SELECT changed_at FROM credentials WHERE hash = '{}'"
    when = site.sql(changed.format(imported))
    user_of(log_in(site, member["email"]))
    made = hash_of(site, member["username"])
    assert made.startswith("$2b$05$") and len(made) == 60
    assert site.sql(changed.format(made)) == when      # the password is the same one
    assert pair(site, member["username"]).status_code == 200
    user_of(log_in(site, member["email"]))
    assert hash_of(site, member["username"]) == made
    refused_login(log_in(site, member["email"], PASSWORD + "x"))


@pytest.mark.parametrize("cost, prefix, again", [(4, "$2b$", True), (5, "$2y$", True), (5, "$2a$", True),
                                                 (5, "$2b$", False), (6, "$2b$", False)])
def test_A2_weaker_bcrypt_is_hashed_again(site, member, cost, prefix, again):
    old = bcrypt(site, PASSWORD, cost, prefix)
    set_hash(site, member["username"], old)
    user_of(log_in(site, member["email"]))
    made = hash_of(site, member["username"])
    assert made.startswith("$2b$05$") and made != old if again else made == old
    user_of(log_in(site, member["email"]))
    assert hash_of(site, member["username"]) == made


def test_A4_imported_password_longer_than_bcrypt_takes(site, member):
    """It works as long as it is, and its hash stays: bcrypt would see 72 bytes of it."""
    password = "long " * 40
    imported = scrypt(password)
    set_hash(site, member["username"], imported)
    user_of(log_in(site, member["email"], password))
    assert hash_of(site, member["username"]) == imported
    for wrong in password[:72], password[:-1], password + "x", password[:100]:
        refused_login(log_in(site, member["email"], wrong))


def test_A2_first_logins_at_once(site, member):
    """Each is right, so each gets in, whoever of them replaces the imported hash."""
    for _ in range(5):
        set_hash(site, member["username"], scrypt(PASSWORD, 8192))
        answers = at_once(*[lambda: log_in(site, member["email"])] * 4)
        assert [a.status_code for a in answers] == [200] * 4
        assert hash_of(site, member["username"]).startswith("$2b$05$")


def test_J12_password_changed_while_a_login_is_checked(site, member):
    """A login by the old password that began before the change opens no session after it."""
    set_hash(site, member["username"], pbkdf2(PASSWORD, 1500000))
    user = row(site, member["username"], "id")[0]
    new = bcrypt(site, "another horse", 5)

    def change():
        assert until(lambda: site.sql("SELECT 1 FROM throttles WHERE subject ="
                                      f" UNHEX(SHA2('account {user} from 127.0.0.1', 256))"))
        site.sql(f"UPDATE credentials SET hash = '{new}', changed_at = NOW(3) WHERE user_id = {user}")

    answer, _ = at_once(lambda: log_in(site, member["email"]), change)
    refused_login(answer)
    assert hash_of(site, member["username"]) == new
    assert site.sql(f"SELECT COUNT(*) FROM sessions WHERE user_id = {user}") == [["1"]]
    user_of(log_in(site, member["email"], "another horse"))
