# SPDX-License-Identifier: ISC
"""N2 and N4: bytes that are no UTF-8, NUL, and names given twice, wherever a value can stand."""
import json

import pytest

from accounts import BLANK, BROKEN, FORM, log_in, newcomer, row, sign_up, user_of
from conftest import PASSWORD, errors_of

JSON = {"Content-Type": "application/json"}
ENCODING = ["must be UTF-8 without NUL"]

# The classes of Markus Kuhn's decoder stress test, and what RFC 3629 leaves out.
INVALID = {
    "continuation, first": b"\x80", "continuation, last": b"\xbf", "continuations": bytes(range(0x80, 0xc0)),
    "start of two": b"\xc2 ", "all starts of two": b" ".join(bytes([b]) for b in range(0xc0, 0xe0)),
    "starts of three": b" ".join(bytes([b]) for b in range(0xe0, 0xf0)),
    "starts of four": b" ".join(bytes([b]) for b in range(0xf0, 0xf8)), "start of five": b"\xf8 ",
    "start of six": b"\xfc ",
    "two cut": b"\xc3", "three cut": b"\xe2\x82", "four cut": b"\xf0\x9f\xa6", "cut and on": b"\xe2\x82x",
    "cut and next": b"\xf0\x9f\xa6\xe2\x82\xac", "fe": b"\xfe", "ff": b"\xff",
    "fe fe ff ff": b"\xfe\xfe\xff\xff", "overlong slash 2": b"\xc0\xaf",
    "overlong slash 3": b"\xe0\x80\xaf", "overlong slash 4": b"\xf0\x80\x80\xaf",
    "overlong slash 5": b"\xf8\x80\x80\x80\xaf", "overlong slash 6": b"\xfc\x80\x80\x80\x80\xaf",
    "overlong 7f": b"\xc1\xbf", "overlong 7ff": b"\xe0\x9f\xbf", "overlong ffff": b"\xf0\x8f\xbf\xbf",
    "overlong nul 2": b"\xc0\x80", "overlong nul 3": b"\xe0\x80\x80", "overlong nul 4": b"\xf0\x80\x80\x80",
    "surrogate, first": b"\xed\xa0\x80", "surrogate, last": b"\xed\xbf\xbf",
    "surrogate pair": b"\xed\xa0\xbe\xed\xb6\xa6",
    "beyond": b"\xf4\x90\x80\x80", "far beyond": b"\xf7\xbf\xbf\xbf", "latin-1": "\u00e4".encode("latin-1"),
    "five bytes": b"\xf8\x88\x80\x80\x80", "six bytes": b"\xfd\xbf\xbf\xbf\xbf\xbf"}
# The last and first of each length, and what is valid though nobody assigns it.
VALID = b" \x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbd \xef\xbf\xbe" \
        b" \xef\xbf\xbf \xef\xb7\x90 \xf0\x90\x80\x80 \xf0\x9f\xbf\xbe \xf4\x8f\xbf\xbd \xf4\x8f\xbf\xbf "


def escaped(data):
    return b"".join(b"%%%02X" % b for b in data)


def test_N2_json(site, member, unchanged):
    """As a value, as a name, in the envelope's name and as a whole: not JSON, whichever row."""
    for what, bad in INVALID.items():
        for method, path, body in (
                ("PUT", "/user", b'{"user":{"bio":"%s"}}'), ("PUT", "/user", b'{"user":{"%s":"x"}}'),
                ("POST", "/users", b'{"%s":1,"user":{}}'), ("POST", "/users", b'{"user":{"username":"a%s"}}'),
                ("POST", "/users/login", b'{"user":{"email":"x","password":"%s"}}'),
                ("POST", "/login", b'{"username":"x%s","password":"x"}'), ("POST", "/login", b"%s")):
            answer = site.api(method, path, body.replace(b"%s", bad), member["token"], headers=dict(JSON))
            assert errors_of(answer, 422) == BROKEN, (what, body)


@pytest.mark.parametrize("escape", [escaped, bytes], ids=["escaped", "as it is"])
def test_N2_forms(site, member, unchanged, escape):
    def send(method, path, body):
        return site.api(method, path, body, member["token"], headers=dict(FORM))

    for what, bad in {**INVALID, "nul": b"\0", "nul inside": b"a\0b"}.items():
        bad = escape(bad)
        assert errors_of(send("PUT", "/user", b"bio=%s" % bad), 422) == {"bio": ENCODING}, what
        body = b"username=%s&email=x%s&password=%s&bio=%s&image=%s" % (bad, bad, bad, bad, bad)
        errors = {name: ENCODING for name in ("username", "email", "password", "bio", "image")}
        assert errors_of(send("POST", "/users", body), 422) == errors, what
        errors = errors_of(send("POST", "/login", b"username=%s&password=x" % bad), 422)
        assert errors == {"username": ENCODING}, what
        errors = errors_of(send("POST", "/users/login", b"email=x&password=%s" % bad), 422)
        assert errors == {"password": ENCODING}, what


def test_N2_names_in_forms(site, member):
    """A name that is no declared one is ignored, whatever its bytes."""
    for what, bad in {**INVALID, "nul behind": b"\0", "nul and more": b"\0x"}.items():
        body = b"bio%s=a&%s=b&%s&image=/%s" % (escaped(bad), escaped(bad), bad, b"x")
        user = user_of(site.api("PUT", "/user", body, member["token"], headers=dict(FORM)))
        assert (user["bio"], user["image"]) == (None, "/x"), what


def test_N2_broken_escapes(site, member, unchanged):
    for bad in "%", "%4", "%zz", "%4z", "%u00e4", "%%41", "% 41", "%-1", "a%", "%41%":
        for body in f"bio={bad}", f"{bad}=bio", f"x={bad}&bio=a", f"bio=a&x=%41{bad}":
            answer = site.api("PUT", "/user", body, member["token"], headers=dict(FORM))
            assert errors_of(answer, 422) == {"body": ENCODING}, body


def test_N2_query(site, member):
    """Rows that read no query ignore it whole; a secret in it is nobody's business."""
    for bad in [*map(escaped, INVALID.values()), b"%00", b"%", b"%zz", b"=", b"&&&", b"a=%ff&a", b"x" * 4000]:
        bad = bad.decode()
        for query in f"?bio={bad}", f"?{bad}=x":
            user_of(site.api("GET", "/user" + query, token=member["token"]))
            assert site.api("GET", "/health/live" + query).status_code == 200
            errors = errors_of(site.api("PUT", "/user" + query, token=member["token"]), 422)
            assert errors == {"user": BLANK}


def test_N2_path(site, member):
    for bad in INVALID.values():
        for path in "/user%s", "/%s/user", "/user.fcgi/%s", "/user.fcgi%s":
            answer = site.api("GET", path % escaped(bad).decode(), token=member["token"])
            assert errors_of(answer, 404) == {"path": ["not found"]}


def test_N2_headers(site, member):
    """What is kept of a browser is UTF-8 and fits, or it is nothing."""
    def agent_of(agent):
        answer = site.api("POST", "/login", {"username": member["username"], "password": PASSWORD},
                          headers={"User-Agent": agent})
        assert answer.status_code == 200
        name = answer.headers["X-Request-ID"]
        return site.sql("SELECT HEX(e.agent), HEX(s.agent) FROM events e JOIN sessions s USING (user_id)"
                        f" WHERE e.request_id = '{name}' ORDER BY s.id DESC LIMIT 1")[0]

    otter, euro = "M\u00e4h \U0001f9a6".encode(), "\u20ac".encode()
    for agent, kept in ((b"Moth/1.0", b"Moth/1.0"), (otter, otter), (b"M\xe4h", b""), (b"\xc0\xaf", b""),
                        (b"\xed\xa0\x80", b""), (b"x" * 300, b"x" * 255),
                        (b"x" + euro * 100, b"x" + euro * 84)):
        assert agent_of(agent) == [kept.hex().upper()] * 2, agent


@pytest.mark.parametrize("send", ["json", "form", "form escaped"])
def test_N2_valid_is_kept_exactly(site, member, send):
    if send == "json":
        body, headers = b'{"user":{"bio":"%s"}}' % VALID, JSON
    else:
        body = b"bio=" + (escaped(VALID) if "escaped" in send else VALID.replace(b" ", b"+"))
        headers = FORM
    answer = site.api("PUT", "/user", body, member["token"], headers=dict(headers))
    assert user_of(answer)["bio"].encode() == VALID
    assert row(site, member["username"], "HEX(bio)") == [VALID.hex().upper()]


def test_N2_valid_in_a_password(site):
    user = newcomer(password=VALID.decode())
    user_of(sign_up(site, user), 201)
    user_of(log_in(site, user["email"], user["password"]))


def test_N2_the_database_holds_utf8_alone(site):
    """All text of all tables, after whatever has been tried before."""
    columns = site.sql("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema ="
                       " 'postern' AND data_type IN ('varchar', 'text', 'char', 'mediumtext', 'longtext')")
    assert len(columns) > 10
    for table, column in columns:
        for (value,) in site.sql(f"SELECT DISTINCT HEX({column}) FROM {table} WHERE {column} IS NOT NULL"):
            assert "\0" not in bytes.fromhex(value).decode()


def test_N4_first_of_a_form_wins(site, member):
    def bio(body, path="/user"):
        return user_of(site.api("PUT", path, body, member["token"], headers=dict(FORM)))["bio"]

    for body in "bio=a&bio=b", "b%69o=a&bio=b", "x=b&bio=a&bio=", "&&bio=a&;bio=b", "Bio=b&bio=a&BIO=b", \
                "bio[]=b&bio=a&bio[]=c", "user[bio]=b&user.bio=b&bio=a", "bio%00=b&bio=a", "%20bio=b&bio=a":
        assert bio(body) == "a", body
        assert bio("bio=z") == "z"
    for body in "bio=&bio=b", "bio&bio=b":
        assert bio(body) is None, body
    assert bio("bio=a=b") == "a=b"
    # The query is not a place for what a body holds.
    assert bio("bio=a", "/user?bio=b") == "a"
    assert bio("image=/x", "/user?bio=b") == "a"


def test_N4_twice_at_the_login(site, member):
    other = site.register()

    def who(body):
        answer = site.api("POST", "/login?username=x&password=x", body, headers=dict(FORM))
        if answer.status_code == 200:
            token = answer.json()["token"]
            return site.api("GET", "/user", token=token).json()["user"]["username"]
        return errors_of(answer, 401) and None

    one, two, password = member["username"], other["username"], PASSWORD.replace(" ", "+")
    assert who(f"username={one}&username={two}&password={password}") == one
    assert who(f"username={one}&password=x&password={password}") is None
    assert who(f"username={one}&password={password}&password=x") == one
    assert who(f"username={one}&email={two}@example.org&password={password}") == one
    assert who(f"username=nobody&email={two}@example.org&password={password}") is None


def test_N4_twice_in_json_is_refused(site, member, unchanged):
    for body in b'{"user":{"bio":"a","bio":"a"}}', b'{"user":{"bio":"a"},"user":{"bio":"a"}}', \
                b'{"user":{"bio":"a","\\u0062io":"b"}}', b'{"user":{"bio":"a","Bio":1,"Bio":2}}':
        answer = site.api("PUT", "/user", body, member["token"], headers=dict(JSON))
        assert errors_of(answer, 422) == BROKEN


def test_N4_names_are_exact(site, member):
    body = {"User": {"bio": "b"}, "bio": "b", "user": {"Bio": "b", "bio ": "b", "b\u00efo": "b", "bio": "a"}}
    answer = site.api("PUT", "/user", json.dumps(body).encode(), member["token"], headers=dict(JSON))
    assert user_of(answer)["bio"] == "a"


def test_N3_more_pairs_than_anybody_sends(site, member, unchanged):
    body = "x=1&" * 999 + "bio=a"
    for more in "&y=1", "&y=1" * 9000, "&" * 100_000:
        answer = site.api("PUT", "/user", body + more, member["token"], headers=dict(FORM))
        assert errors_of(answer, 422).keys() == {"body"}
    answer = site.api("GET", "/user?" + "&" * 2000, token=member["token"])
    user_of(answer)
