# SPDX-License-Identifier: ISC
"""POST /users: who is taken in and how, and what is wrong with the others, all of it at once."""
import pytest

from accounts import BLANK, TAKEN, events, newcomer, row, sign_up, user_of, without
from conftest import PASSWORD, errors_of
from forge import claims_of

OPTIONAL = "bio", "image"
NEEDED = "username", "email", "password"


def test_register_answers_the_user(site):
    user = newcomer(username="Grace", email="Grace@Example.org")
    answer = sign_up(site, user)
    made = user_of(answer, 201)
    assert without(made, "token") == {**without(user, "password"), "bio": None, "image": None}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert user_of(site.api("GET", "/user", token=made["token"])) == made


def test_register_leaves_a_session_and_an_event(site):
    user = newcomer()
    answer = sign_up(site, user, headers={"User-Agent": "Moth/1.0", "X-Forwarded-For": "203.0.113.9"})
    claims = claims_of(answer.json()["user"]["token"])
    assert claims["exp"] - claims["iat"] == 7 * 86400
    assert claims["username"] == user["username"] and claims["role"] == "member"
    session = site.sql("SELECT user_id, address, agent, ended_at, TIMESTAMPDIFF(SECOND, created_at,"
                       f" expires_at) FROM sessions WHERE id = {claims['sid']}")
    assert session == [[claims["sub"], "127.0.0.1", "Moth/1.0", "NULL", str(7 * 86400)]]
    assert events(site, answer) == [["register", claims["sub"]]]
    assert row(site, user["username"], "id, role, locked") == [claims["sub"], "member", "0"]


def test_register_with_all_members(site):
    user = newcomer(bio="Two lines,\n\tone tab; \u00e4 \u2028 \U0001f9a6", image="https://e.org/a.png?s=1#x")
    assert without(user_of(sign_up(site, user), 201), "token") == without(user, "password")


@pytest.mark.parametrize("nothing", [None, "", " ", "\t\n ", "\u00a0\u3000"])
def test_no_bio_and_no_image_is_null(site, nothing):
    made = user_of(sign_up(site, newcomer(bio=nothing, image=nothing)), 201)
    assert made["bio"] is None and made["image"] is None
    assert row(site, made["username"], "bio, image") == ["NULL", "NULL"]


def test_register_by_form(site):
    user = newcomer(bio="a+b & \u00e4", image="")
    made = user_of(site.api("POST", "/users", data=user), 201)
    assert without(made, "token") == {**without(user, "password"), "image": None}
    assert site.api("POST", "/login", data=without(user, "email")).status_code == 200


def test_all_errors_at_once(site, unchanged):
    assert errors_of(sign_up(site, {}), 422) == {name: BLANK for name in NEEDED}
    wrong = {"username": "a b", "email": "nobody", "password": "short", "bio": 1, "image": "javascript:1"}
    assert errors_of(sign_up(site, wrong), 422) == {
        "username": ["may hold letters a to z, digits, _ - . (first a letter or digit)"],
        "email": ["is not a mail address"], "password": ["is too short (minimum is 8 characters)"],
        "bio": ["must be text"], "image": ["is not a web address"]}


@pytest.mark.parametrize("blank", [None, "", " ", "\t\r\n", "\u00a0", "\u2003\u200b\ufeff", " " * 8, 0, 12345,
                                   1.5, True, False, [], ["x"], {}, {"x": "y"}])
def test_N1_blank_or_no_text(site, unchanged, blank):
    assert errors_of(sign_up(site, {name: blank for name in NEEDED}), 422) == {name: BLANK for name in NEEDED}
    for name in NEEDED:
        assert errors_of(sign_up(site, newcomer(**{name: blank})), 422) == {name: BLANK}


@pytest.mark.parametrize("value", [0, 1.5, True, False, [], ["x"], {}, {"x": "y"}])
def test_N1_bio_and_image_of_a_wrong_type(site, unchanged, value):
    errors = errors_of(sign_up(site, newcomer(bio=value, image=value)), 422)
    assert errors == {name: ["must be text"] for name in OPTIONAL}


def long(most, unit="characters"):
    return [f"is too long (maximum is {most} {unit})"]


def test_lengths(site, unchanged):
    for name, value, text in (("username", "u" * 31, long(30)), ("username", "u" * 256, long(30)),
                              ("bio", "b" * 5001, long(5000)), ("bio", "\U0001f9a6" * 5001, long(5000)),
                              ("image", "i" * 2001, long(2000)),
                              ("email", "e" * 243 + "@example.org", long(254))):
        assert errors_of(sign_up(site, newcomer(**{name: value})), 422) == {name: text}, (name, len(value))


def test_longest_that_is_taken(site):
    number = newcomer()["username"][3:]
    email = "e" * (64 - len(number)) + number + "@" + ".".join(["d" * 63, "d" * 63, "d" * 57, "org"])
    assert len(email) == 254
    user = newcomer(username=number.rjust(30, "u"), email=email, bio="\U0001f9a6" * 5000,
                    image="/" + "\u00e4" * 1999)
    assert without(user_of(sign_up(site, user), 201), "token") == without(user, "password")


ADDRESSES = ["a+b@{}.example.org", "a'b@{}.org", "a.b-c_d@{}.co.uk", "!#$%&*/=?^`{{|}}~@{}.org",
             "1@{}.2x.org", "a@{}.xn--p1ai", "a@{}-b.org"]
NO_ADDRESSES = ["nobody", "@example.org", "a@", "a@b", "a@@example.org", "a@b@example.org", "a b@example.org",
                "a@exa mple.org", " a@example.org", "a@example.org ", "a@-b.org", "a@b-.org", "a@b..org",
                "a@.b.org", "a@b.org.", "a@[127.0.0.1]", '"a b"@example.org', "a@b_c.org", "a,b@example.org",
                "a<b@example.org", "Ada <ada@example.org>", "a@b.org\r\nBcc: c@d.org", "a@b.org\n",
                "a\t@b.org", "l" * 65 + "@example.org", "a@" + "d" * 64 + ".org", "\u00e4@example.org",
                "a@\u00e4.org", "a@example\u3002org", "a\u200b@example.org", "a%00@example.org\x7f"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_mail_addresses(site, address):
    user = newcomer()
    address = address.format(user["username"])
    assert user_of(sign_up(site, {**user, "email": address}), 201)["email"] == address


def test_A6_what_is_no_mail_address(site, unchanged):
    for address in NO_ADDRESSES:
        answer = sign_up(site, newcomer(email=address))
        assert errors_of(answer, 422) == {"email": ["is not a mail address"]}, address


@pytest.mark.parametrize("image", ["https://example.org/a.png", "HTTP://example.org", "/pictures/1", "a/b",
                                   "//example.org/x", "?x=a:b", "#a:b", "a/b:c", "https://e.org/\u00e4'",
                                   'https://e.org/"onload=x', "https://e.org/<b>", "/a b", "/\\{{x}}%00"])
def test_images(site, image):
    assert user_of(sign_up(site, newcomer(image=image)), 201)["image"] == image


def test_what_is_no_image(site, unchanged):
    for image in ("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
                  " javascript:alert(1)", "\x01javascript:alert(1)", "data:image/png;base64,AA==",
                  "ftp://e.org/", "x:y", ":x", "https:example.org", "http:", "http:/x", "a b:c",
                  "/\x7f", "https://e.org/\u0085", "https://e.org/\r\nX: y"):
        answer = sign_up(site, newcomer(image=image))
        assert errors_of(answer, 422) == {"image": ["is not a web address"]}, image


def test_taken(site, member, unchanged):
    name, email = member["username"], member["email"]
    assert errors_of(sign_up(site, newcomer(username=name)), 409) == {"username": TAKEN}
    assert errors_of(sign_up(site, newcomer(email=email)), 409) == {"email": TAKEN}
    both = {"username": TAKEN, "email": TAKEN}
    assert errors_of(sign_up(site, newcomer(username=name, email=email)), 409) == both
    assert errors_of(sign_up(site, newcomer(username=name.upper(), email=email.upper())), 409) == both
    # What is wrong in itself is said first.
    assert errors_of(sign_up(site, newcomer(username=name, password="x")), 422).keys() == {"password"}


def test_a_name_is_no_address(site, member):
    """Somebody's name may be the first half of another's address."""
    user = newcomer(email=f"{member['username']}@elsewhere.example")
    assert user_of(sign_up(site, user), 201)["email"] == user["email"]


ENVELOPES = [
    ({}, {"user": BLANK}), ({"user": None}, {"user": BLANK}), (newcomer(), {"user": BLANK}),
    ({"User": newcomer()}, {"user": BLANK}), ({"users": newcomer()}, {"user": BLANK}),
    ({"user": []}, {"user": ["must be an object"]}),
    ({"user": [newcomer()]}, {"user": ["must be an object"]}),
    ({"user": "x"}, {"user": ["must be an object"]}), ({"user": 1}, {"user": ["must be an object"]}),
    ([], {"body": ["must be an object"]}), ([{"user": newcomer()}], {"body": ["must be an object"]})]


def test_envelope(site, member, unchanged):
    for method, path in ("POST", "/users"), ("POST", "/users/login"), ("PUT", "/user"):
        for body, errors in ENVELOPES:
            answer = site.api(method, path, body, member["token"])
            assert errors_of(answer, 422) == errors, (path, body)


def test_unknown_members_are_ignored(site):
    user = newcomer(Username="x", nickname="y", friends=[{"a": [None]}])
    answer = site.api("POST", "/users", {"user": user, "article": 1, "": {}})
    assert user_of(answer, 201)["username"] == user["username"]


def test_a_token_is_not_looked_at(site, member):
    """The row is open: a client that still sends an old token can register and log in."""
    for token in member["token"], "x", "":
        assert sign_up(site, newcomer(), headers={"Authorization": f"Token {token}"}).status_code == 201
    answer = site.api("POST", "/login", {"email": member["email"], "password": PASSWORD}, token="x")
    assert answer.status_code == 200
