# SPDX-License-Identifier: ISC
"""Names and addresses: who is the same, who is somebody else, and one winner of two at the same moment."""
import json

import pytest

from accounts import TAKEN, at_once, log_in, newcomer, pair, put, refused_login, row, sign_up, user_of
from conftest import errors_of
from database import Second, new_members
from workers import until

SHAPE = ["may hold letters a to z, digits, _ - . (first a letter or digit)"]
NUL = {"body": ["is not valid JSON"]}

# By what it is: the name, made of an existing one of letters that have look-alikes.
FORBIDDEN = {
    "blank behind": "{} ", "blank before": " {}", "blank inside": "{} x", "tab": "{}\t", "line break": "{}\n",
    "carriage return": "x\r\n{}", "accent": "\u00e1{}", "combining": "a\u0301{}", "full-width": "\uff41{}",
    "zero-width space": "{}\u200b", "zero-width joiner": "{}\u200dx", "byte order mark": "\ufeff{}",
    "soft hyphen": "{}\u00ad", "right-to-left override": "\u202e{}", "right-to-left mark": "{}\u200f",
    "Cyrillic a": "\u0430{}", "Greek o": "\u03bf{}", "dotless i": "{}\u0131", "dotted I": "{}\u0130",
    "sharp s": "{}\u00df", "long s": "{}\u017f", "Kelvin sign": "{}\u212a", "ligature": "{}\ufb01",
    "superscript": "{}\u00b2", "Arabic digit": "{}\u0661", "no-break space": "{}\u00a0",
    "emoji": "{}\U0001f9a6", "noncharacter": "{}\ufffe", "dot behind": "{}.", "dot before": ".{}",
    "hyphen before": "-{}",
    "underscore before": "_{}", "dots alone": "..", "dot alone": ".", "slash": "{}/x", "backslash": "{}\\x",
    "at": "{}@x", "colon": "{}:x", "percent": "{}%00", "plus": "{}+", "quote": "{}'", "angle": "<{}>",
    "control": "{}\x01", "delete": "{}\x7f", "semicolon": "{};--", "braces": "{{{{{}}}}}", "dollar": "${}"}
RESERVED = ["admin", "Admin", "ADMIN", "administrator", "api", "API", "login", "Login", "logout", "register",
            "root", "settings", "postmaster", "webmaster", "hostmaster", "security", "support", "system",
            "moderator"]


@pytest.fixture
def kim(site):
    """A member whose name and address are full of letters with look-alikes."""
    user = newcomer()
    user = {**user, "username": f"Kaiso.fi{user['username'][3:]}", "email": f"Kaiso.fi{user['email'][3:]}"}
    user_of(sign_up(site, user), 201)
    return user


@pytest.mark.parametrize("spell", [str, str.lower, str.upper, str.swapcase])
def test_A6_same_name(site, kim, unchanged, spell):
    """Another way to write it is the same name, and the same login."""
    assert errors_of(sign_up(site, newcomer(username=spell(kim["username"]))), 409) == {"username": TAKEN}
    assert errors_of(sign_up(site, newcomer(email=spell(kim["email"]))), 409) == {"email": TAKEN}


def test_A6_shown_as_typed(site, kim):
    name, email = kim["username"], kim["email"]
    columns = row(site, name, "username, username_key, email, email_key")
    assert columns == [name, name.lower(), email, email.lower()]
    for who in name.lower(), name.upper(), email.upper():
        token = pair(site, who).json()["token"]
        user = user_of(site.api("GET", "/user", token=token))
        assert (user["username"], user["email"]) == (name, email)


def test_A6_forbidden_name(site, kim, unchanged):
    for what, name in FORBIDDEN.items():
        answer = sign_up(site, newcomer(username=name.format(kim["username"])))
        assert errors_of(answer, 422) == {"username": SHAPE}, what


def test_A6_no_login_by_a_look_alike(site, kim, unchanged):
    """What is not the same name is nobody's: it neither logs in, nor counts as a try at the other."""
    account = "account " + row(site, kim["username"], "id")[0]
    for what, name in FORBIDDEN.items():
        answer = pair(site, name.format(kim["username"]))
        if what in ("tab", "line break", "carriage return", "control", "delete"):
            assert errors_of(answer, 422).keys() == {"username"}, what
        else:
            refused_login(answer)
    assert site.sql(f"SELECT 1 FROM throttles WHERE subject = UNHEX(SHA2('{account}', 256))") == []


LOOK_ALIKES = {"K": "\u212a", "a": "\u0430", "i": "\u0131", "s": "\u017f", "o": "\u03bf", "fi": "\ufb01",
               ".": "\u3002", "k": "\uff4b", "f": "\uff46"}


@pytest.mark.parametrize("of", LOOK_ALIKES)
def test_A6_letters_that_are_taken_for_others(site, kim, unchanged, of):
    name, email = (kim[n].replace(of, LOOK_ALIKES[of], 1) if of in kim[n] else LOOK_ALIKES[of] + kim[n][1:]
                   for n in ("username", "email"))
    assert errors_of(sign_up(site, newcomer(username=name)), 422) == {"username": SHAPE}
    assert errors_of(sign_up(site, newcomer(email=email)), 422) == {"email": ["is not a mail address"]}
    for who in name, email:
        refused_login(pair(site, who))
    refused_login(log_in(site, email))


def test_A6_reserved(site, member, unchanged):
    for name in RESERVED:
        assert errors_of(sign_up(site, newcomer(username=name)), 422) == {"username": ["is reserved"]}, name
        assert errors_of(put(site, member, username=name), 422) == {"username": ["is reserved"]}, name


def test_A6_nul(site, kim, unchanged):
    for text in kim["username"] + "\0", "\0" + kim["username"], "a\0" + kim["username"]:
        assert errors_of(sign_up(site, newcomer(username=text)), 422) == NUL
        assert errors_of(pair(site, text), 422) == NUL
        errors = errors_of(site.api("POST", "/users", data=newcomer(username=text)), 422)
        assert errors == {"username": ["must be UTF-8 without NUL"]}


def test_A6_lengths(site):
    long = newcomer()["username"].rjust(30, "x")
    for name in "Q", "7", long, "a..b", "a.-_", "ss", "i", "0x10", "null", "1e5", "admin1", "the.admin":
        assert user_of(sign_up(site, newcomer(username=name)), 201)["username"] == name
    for name in "q", long.upper(), "I":
        assert errors_of(sign_up(site, newcomer(username=name)), 409) == {"username": TAKEN}
    for name in long + "x", "x" * 31, "x" * 256, "x" * 100000:
        errors = errors_of(sign_up(site, newcomer(username=name)), 422)
        assert errors == {"username": ["is too long (maximum is 30 characters)"]}


def test_A6_change_of_name(site, kim, member, unchanged):
    """The same rules hold when a member changes name or address."""
    for spell in str.lower, str.upper:
        taken = {"username": spell(kim["username"]), "email": spell(kim["email"])}
        assert errors_of(put(site, member, **taken), 409) == {"username": TAKEN, "email": TAKEN}
    for what, name in FORBIDDEN.items():
        errors = errors_of(put(site, member, username=name.format("x")), 422)
        assert errors == {"username": SHAPE}, what


def test_ada_beside_ADA(site):
    ada = newcomer(username="ada")
    assert user_of(sign_up(site, ada), 201)["username"] == "ada"
    assert errors_of(sign_up(site, newcomer(username="ADA")), 409) == {"username": TAKEN}
    assert pair(site, "ADA").status_code == 200


def same(i):
    """Two newcomers who cannot both be taken in, and the member it fails by."""
    one, two = newcomer(), newcomer()
    key = "username" if i % 2 else "email"
    two[key] = one[key].upper() if i % 4 < 2 else one[key]
    return one, two, key


def one_winner(site, answers, one, key):
    """Of two (status, errors) one is 201, the other 409 by this member; there is one row and one hash."""
    assert sorted(status for status, _ in answers) == [201, 409], answers
    assert [errors for status, errors in answers if status == 409] == [{key: TAKEN}]
    rows = site.sql("SELECT COUNT(*), COUNT(c.hash), COUNT(s.id) FROM users u JOIN addresses a ON a.user_id = u.id"
                    " LEFT JOIN credentials c ON c.user_id = u.id LEFT JOIN sessions s ON s.user_id = u.id"
                    f" WHERE {key}_key = '{one[key].lower()}'")
    assert rows == [["1", "1", "1"]]


def test_A7_pairs_through_nginx(site):
    for i in range(100):
        one, two, key = same(i)
        answers = at_once(*[lambda user=user: sign_up(site, user) for user in (one, two)])
        one_winner(site, [(a.status_code, a.json().get("errors")) for a in answers], one, key)


def test_A7_pairs_of_processes(site):
    for i in range(16):
        one, two, key = same(i)
        answers = at_once(*[lambda u=u: site.cgi("users", "POST", body={"user": u}) for u in (one, two)])
        one_winner(site, [(status, json.loads(body).get("errors")) for status, _, body in answers], one, key)


@pytest.mark.parametrize("end, status", [("COMMIT", 409), ("ROLLBACK", 201)])
@pytest.mark.parametrize("key", ["username", "email"])
def test_A7_the_database_decides(site, key, end, status):
    """Both have found the name free, one has inserted it: the other waits for the outcome."""
    one, two = newcomer(), newcomer()
    two[key] = one[key].upper()
    waiting = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    with Second(site) as first:
        first.do("BEGIN")
        first.do(new_members(f"'{one['username']}'", f"'{one['email']}'"))

        def decide():
            with Second(site, database="information_schema") as look:
                assert until(lambda: look.do(waiting), step=0.2)     # InnoDB renews that table after 100 ms unread
            first.do(end)

        answer, _ = at_once(lambda: sign_up(site, two), decide)
    assert answer.status_code == status
    assert status == 201 or answer.json() == {"errors": {key: TAKEN}}
    assert site.sql(f"SELECT COUNT(*) FROM users JOIN addresses ON user_id = id WHERE {key}_key = '{one[key]}'") == [["1"]]


def test_A7_two_members_take_one_name(site):
    for i in range(10):
        members, new = [site.register(), site.register()], newcomer()
        key = "username" if i % 2 else "email"
        answers = at_once(*[lambda m=m: put(site, m, **{key: new[key]}) for m in members])
        assert sorted(a.status_code for a in answers) == [200, 409]
        assert [a.json() for a in answers if a.status_code == 409] == [{"errors": {key: TAKEN}}]
        assert site.sql(f"SELECT COUNT(*) FROM users JOIN addresses ON user_id = id WHERE {key}_key = '{new[key]}'") == [["1"]]


def test_a_name_that_was_left_is_free(site, member):
    old = member["username"]
    user_of(put(site, member, username=newcomer()["username"]))
    refused_login(pair(site, old))
    user_of(sign_up(site, newcomer(username=old, password="another one")), 201)
    assert pair(site, old, "another one").status_code == 200
    assert user_of(site.api("GET", "/user", token=member["token"]))["username"] != old
