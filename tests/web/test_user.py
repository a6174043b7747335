# SPDX-License-Identifier: ISC
"""GET and PUT /user: one's own account, changed member by member."""
import pytest

from accounts import (BLANK, REVOKED, TAKEN, at_once, events, hash_of, log_in, newcomer, pair, put,
                      refused_login, row, set_hash, sign_up, user_of, without)
from conftest import PASSWORD, errors_of
from forge import claims_of

NEW = "another horse"
NEEDED = {"current_password": ["is needed"]}
MISSING = {"token": ["is missing"]}


@pytest.fixture
def full(site):
    """A member who has a bio and an image."""
    return {**user_of(sign_up(site, newcomer(bio="here", image="/ada.png")), 201), "password": PASSWORD}


def session_of(member):
    return claims_of(member["token"])["sid"]


def age(site, member, seconds):
    """Let the member's login be so many seconds old."""
    site.sql(f"UPDATE sessions SET authenticated_at = NOW(3) - INTERVAL {seconds} SECOND"
             f" WHERE id = {session_of(member)}")


def test_show(site, full):
    answer = site.api("GET", "/user", token=full["token"])
    assert user_of(answer) == without(full, "password")
    assert answer.headers["Cache-Control"] == "no-store"
    user_of(site.api("GET", "/user", headers={"Authorization": f"Bearer {full['token']}"}))


def test_show_as_it_is_now(site, full):
    site.sql(f"UPDATE users SET bio = 'changed' WHERE username = '{full['username']}'")
    assert user_of(site.api("GET", "/user", token=full["token"]))["bio"] == "changed"


def test_without_token(site, member, unchanged):
    for method, body in (("GET", None), ("HEAD", None), ("PUT", {"user": {"bio": "x"}}), ("PUT", {}),
                         ("PUT", b"{")):
        answer = site.api(method, "/user", body)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
        assert method == "HEAD" or errors_of(answer, 401) == MISSING


def test_credentials_are_no_token(site, member, unchanged):
    """Basic comes later, for the login; here it is a token that is none."""
    answer = site.api("GET", "/user", auth=(member["username"], PASSWORD))
    assert errors_of(answer, 401) == {"token": ["is invalid"]}


CHANGES = [("username", "{}.new"), ("email", "{}@elsewhere.example"), ("bio", "two\nlines of {} \U0001f9a6"),
           ("image", "https://e.org/{}.png")]


@pytest.mark.parametrize("key, value", CHANGES)
def test_one_member(site, full, key, value):
    """The others stay as they were; the answer and the next read agree."""
    value = value.format(full["username"])
    user = user_of(put(site, full, **{key: value}))
    assert user == {**without(full, "password"), key: value}
    assert user_of(site.api("GET", "/user", token=full["token"])) == user
    user_of(log_in(site, user["email"]))


def test_all_members_at_once(site, full):
    values = {key: value.format(full["username"]) for key, value in CHANGES}
    assert user_of(put(site, full, **values, password=NEW)) == {**values, "token": full["token"]}
    assert pair(site, values["username"], NEW).status_code == 200
    refused_login(log_in(site, values["email"]))


def test_nothing_to_change(site, full):
    same = without(full, "token", "password")
    for values in {}, same, {"bio": "here"}, {"nickname": "x"}, {"email": full["email"]}:
        assert user_of(put(site, full, **values)) == without(full, "password")
    assert errors_of(site.api("PUT", "/user", token=full["token"]), 422) == {"user": BLANK}


@pytest.mark.parametrize("key", ["bio", "image"])
@pytest.mark.parametrize("nothing", [None, "", " \n", "\u3000"])
def test_no_bio_or_image_is_null(site, full, key, nothing):
    assert user_of(put(site, full, **{key: nothing})) == {**without(full, "password"), key: None}
    assert row(site, full["username"], key) == ["NULL"]


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\u2003", 0, 1.5, True, False, [], ["x"], {}])
def test_N1_blank_or_no_text(site, full, unchanged, blank):
    for key in "username", "email", "password":
        assert errors_of(put(site, full, **{key: blank}), 422) == {key: BLANK}
    errors = errors_of(put(site, full, username=blank, email=blank, password=blank, bio="x"), 422)
    assert errors == {"username": BLANK, "email": BLANK, "password": BLANK}


@pytest.mark.parametrize("value", [0, 1.5, True, False, [], ["x"], {}])
def test_N1_no_text(site, full, unchanged, value):
    for key in "bio", "image", "current_password":
        assert errors_of(put(site, full, **{key: value}), 422) == {key: ["must be text"]}


def test_by_form(site, full):
    answer = site.api("PUT", "/user", token=full["token"], data={"bio": "a+b & c", "image": ""})
    assert user_of(answer) == {**without(full, "password"), "bio": "a+b & c", "image": None}


def test_own_name_and_address_are_no_conflict(site, full):
    """Nor in another case: then they are shown as typed, and no password is needed."""
    age(site, full, 3600)
    for spell in str, str.upper, str.title:
        values = {"username": spell(full["username"]), "email": spell(full["email"])}
        user = user_of(put(site, full, **values))
        assert (user["username"], user["email"]) == (values["username"], values["email"])
    user_of(log_in(site, full["email"]))


def test_taken(site, full, member, unchanged):
    for spell in str, str.upper:
        name, email = spell(member["username"]), spell(member["email"])
        assert errors_of(put(site, full, username=name), 409) == {"username": TAKEN}
        assert errors_of(put(site, full, email=email, bio="x"), 409) == {"email": TAKEN}
        errors = errors_of(put(site, full, username=name, email=email, password=NEW), 409)
        assert errors == {"username": TAKEN, "email": TAKEN}


def test_updated_at_moves(site, full):
    for bio in "a", "b", "b":
        before = row(site, full["username"], "updated_at, created_at")
        put(site, full, bio=bio)
        after = row(site, full["username"], "updated_at, created_at")
        assert after[0] > before[0] and after[1] == before[1]


def test_new_password(site, full):
    """The old one is gone, the other sessions too; who changed it goes on, and so does everybody else."""
    stranger = site.register()
    others = [user_of(log_in(site, full["email"])), user_of(log_in(site, full["email"]))]
    answer = put(site, full, password=NEW)
    assert user_of(answer) == without(full, "password")
    claims = claims_of(full["token"])
    assert events(site, answer) == [["password", claims["sub"]]]
    for other in others:
        for answer in site.api("GET", "/user", token=other["token"]), put(site, other, bio="x"):
            assert errors_of(answer, 401) == REVOKED
    for going_on in full, stranger:
        user_of(put(site, going_on, bio="still here"))
        user_of(site.api("GET", "/user", token=going_on["token"]))
    alive = site.sql(f"SELECT id FROM sessions WHERE user_id = {claims['sub']} AND ended_at IS NULL")
    assert alive == [[claims["sid"]]]
    refused_login(log_in(site, full["email"]))
    user_of(log_in(site, full["email"], NEW))


def test_new_password_by_a_short_token(site, full):
    """It goes on as well; what ends is every other session, that of the long token too."""
    short = pair(site, full["username"]).json()["token"]
    user_of(put(site, {"token": short}, password=NEW))
    user_of(put(site, {"token": short}, bio="still here"))
    assert errors_of(site.api("GET", "/user", token=full["token"]), 401) == REVOKED


@pytest.mark.parametrize("password", ["8letters", "x" * 64, "        8 blanks"])
def test_passwords_that_are_taken(site, member, password):
    before = hash_of(site, member["username"])
    user_of(put(site, member, password=password))
    assert hash_of(site, member["username"]) != before
    user_of(log_in(site, member["email"], password))


def test_a_refused_change_ends_nothing(site, full):
    other = user_of(log_in(site, full["email"]))
    for values in {"password": "short"}, {"password": NEW, "email": "x"}, {"password": NEW, "username": None}:
        errors_of(put(site, full, **values), 422)
    user_of(put(site, full, username="x" + full["username"]))
    user_of(site.api("GET", "/user", token=other["token"]))


def test_events_of_a_change(site, full):
    sub = claims_of(full["token"])["sub"]
    answer = put(site, full, email="2" + full["email"], password=NEW, bio="x")
    assert sorted(events(site, answer)) == [["email", sub], ["password", sub]]
    assert events(site, put(site, full, bio="y", username="y" + full["username"])) == []


SENSITIVE = [{"password": NEW}, {"email": "else{}@example.org"},
             {"password": NEW, "email": "both{}@example.org"}]


def filled(values, member):
    return {key: value.format(member["username"]) for key, value in values.items()}


@pytest.mark.parametrize("values", SENSITIVE)
def test_A11_old_login_needs_the_password(site, full, values):
    values = filled(values, full)
    age(site, full, 15 * 60 + 2)
    before = site.checksum()
    assert errors_of(put(site, full, **values), 403) == NEEDED
    for nothing in None, "", "  ":
        assert errors_of(put(site, full, **values, current_password=nothing), 403) == NEEDED
    for wrong in PASSWORD + " ", PASSWORD.upper(), NEW, "x", "x" * 1024:
        errors = errors_of(put(site, full, **values, current_password=wrong), 403)
        assert errors == {"current_password": ["is wrong"]}
    assert site.checksum() == before
    user = user_of(put(site, full, **values, current_password=PASSWORD))
    assert user["email"] == values.get("email", full["email"])
    user_of(log_in(site, user["email"], values.get("password", PASSWORD)))
    # The password was given just now, so it is not asked for again.
    user_of(put(site, full, email="again." + user["email"]))


@pytest.mark.parametrize("values", SENSITIVE)
def test_fresh_login_needs_no_password(site, full, values):
    age(site, full, 14 * 60 + 50)
    user_of(put(site, full, **filled(values, full), current_password="not looked at"))


def test_old_login_may_change_the_rest(site, full):
    age(site, full, 86400)
    user_of(put(site, full, username="z" + full["username"], bio="x", image=None, email=full["email"]))


def test_A11_freshness_is_of_the_session(site, full):
    """Another device's fresh login does not help, nor does a token made anew."""
    age(site, full, 3600)
    other = user_of(log_in(site, full["email"]))
    assert errors_of(put(site, full, password=NEW), 403) == NEEDED
    user_of(put(site, other, password=NEW))
    assert errors_of(put(site, full, bio="x"), 401) == REVOKED


def test_A11_taken_is_said_before_the_password_is_asked(site, full, member, unchanged):
    """And hashing costs nobody anything for what cannot be."""
    assert errors_of(put(site, full, email=member["email"], password="x"), 422).keys() == {"password"}
    assert errors_of(put(site, full, email=member["email"], current_password="x"), 409) == {"email": TAKEN}


@pytest.mark.parametrize("hash", ["", "*0", "$2b$05$" + "a" * 53, "x"])
def test_A13_current_password_with_a_broken_hash(site, full, hash):
    age(site, full, 3600)
    set_hash(site, full["username"], hash)
    before = site.checksum()
    for password in PASSWORD, hash or "x":
        errors = errors_of(put(site, full, password=NEW, current_password=password), 403)
        assert errors == {"current_password": ["is wrong"]}
    assert site.checksum() == before


def test_changes_at_once(site, full):
    """Of one account from two devices: each is done whole, none is lost or refused."""
    other = user_of(log_in(site, full["email"]))
    for i in range(10):
        answers = at_once(lambda: put(site, full, bio=f"bio {i}"),
                          lambda: put(site, other, image=f"/{i}.png"))
        assert [a.status_code for a in answers] == [200, 200]
        user = user_of(site.api("GET", "/user", token=full["token"]))
        assert (user["bio"], user["image"]) == (f"bio {i}", f"/{i}.png")
