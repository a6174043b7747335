# SPDX-License-Identifier: ISC
"""A3: how often. Tries at passwords by account, by address and by the two together, and registrations."""
import collections
import itertools
import json

import pytest

from accounts import at_once, events, log_in, newcomer, put, refused_login, row, set_hash, sign_up, user_of
from conftest import LIMITS, PASSWORD, errors_of, running
from database import root
from fcgi_client import request, talk, variables
from forge import claims_of
from pages import Browser
from ways import WAY

RATE = {"rate": ["too many requests, try again later"]}
WRONG = {"credentials": ["invalid"]}
PAIR, ACCOUNT, ADDRESS = 10, 30, 100        # what is let through at once, as it is set by default
networks = itertools.count(1)


@pytest.fixture(scope="module")
def limited():
    """A site with the limits that a site has."""
    with running(dict.fromkeys(LIMITS)) as s:
        yield s


def address():
    """One that nobody has come from yet."""
    n = next(networks)
    return f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}"


class Said(collections.namedtuple("Said", "status headers body")):
    """As fcgi_client.Answer."""

    def json(self):
        return json.loads(self.body)


def ask(site, program, method, path, body, where, **more):
    """A request as the web server would pass it on from this address."""
    content = json.dumps(body).encode()
    if WAY not in ("nginx", "proxy"):       # there is no socket to ask
        status, headers, said = site.cgi(program, method, "", content, "application/json", DOCUMENT_URI=path,
                                         **{"REMOTE_ADDR": where, **more})
        return Said(status, headers, said)
    return talk(site.var / "run" / f"{program}.sock", request(variables(
        method, path, content, CONTENT_TYPE="application/json", **{"REMOTE_ADDR": where, **more}), content), 60)


def attempt(site, who, where, password="wrong horse", **more):
    body = {"user": {"email": who, "password": password}}
    return ask(site, "login", "POST", "/api/users/login", body, where, **more)


def arrive(site, where, **more):
    """A new member, who signs up at this address."""
    user = newcomer(**more)
    assert ask(site, "users", "POST", "/api/users", {"user": user}, where).status == 201
    return {**user, "id": row(site, user["username"], "id")[0], "where": where}


def outcome(answer):
    """The status of a refusal that looks as it should."""
    assert answer.json() == {"errors": {401: WRONG, 429: RATE}[answer.status]}
    if answer.status == 429:
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    return answer.status


def passed(site, tries):
    """How many of so many tries were looked at: the first ones."""
    statuses = [outcome(attempt(site, *one)) for one in tries]
    n = statuses.count(401)
    assert statuses == [401] * n + [429] * (len(statuses) - n)
    return n


def subject(text):
    return f"subject = UNHEX(SHA2('{text}', 256))"


def ahead(site, text):
    """The seconds until a bucket is full again."""
    found = site.sql("SELECT GREATEST(0, TIMESTAMPDIFF(SECOND, NOW(3), full_at)) FROM throttles"
                     f" WHERE {subject(text)}")
    return int(found[0][0]) if found else 0


def wait(site, seconds):
    """Let the time of all buckets go on."""
    site.sql(f"UPDATE throttles SET full_at = full_at - INTERVAL {seconds} SECOND")


@pytest.mark.parametrize("tries", [10, 100, 1000])
def test_A3_one_address(limited, tries):
    """The right password does not pass either, until its time; at home its owner notices nothing."""
    owner, where = arrive(limited, address()), address()
    statuses = [outcome(attempt(limited, owner["email"], where, HTTP_X_FORWARDED_FOR=address(),
                                HTTP_X_REAL_IP=address(), HTTP_FORWARDED=f"for={address()}"))
                for _ in range(tries)]
    assert statuses == [401] * PAIR + [429] * (tries - PAIR)
    assert outcome(attempt(limited, owner["email"], where, PASSWORD)) == 429
    assert attempt(limited, owner["email"], owner["where"], PASSWORD).status == 200


@pytest.mark.parametrize("tries", [100, 1000])
def test_A3_hundred_addresses(limited, tries):
    owner, crowd = arrive(limited, address()), [address() for _ in range(100)]
    assert passed(limited, [(owner["email"], crowd[i % 100]) for i in range(tries)]) == ACCOUNT
    assert outcome(attempt(limited, owner["email"], address(), PASSWORD)) == 429
    assert attempt(limited, owner["email"], owner["where"], PASSWORD).status == 200
    assert attempt(limited, owner["email"], address(), PASSWORD).status == 200      # and all is forgotten


def test_A3_many_accounts_from_one_address(limited):
    where = address()
    assert passed(limited, [(newcomer()["email"], where) for _ in range(ADDRESS + 20)]) == ADDRESS
    owner = arrive(limited, address())
    assert outcome(attempt(limited, owner["email"], where, PASSWORD)) == 429
    assert attempt(limited, owner["email"], address(), PASSWORD).status == 200


def test_known_address_has_the_limit_of_the_pair(limited):
    """Whoever shares an address with the owner may not try for ever."""
    owner = arrive(limited, address())
    assert passed(limited, [(owner["email"], owner["where"])] * 15) == PAIR
    assert ahead(limited, f"account {owner['id']}") == 0


def test_ended_login_leaves_its_address_known(limited):
    owner = arrive(limited, "2001:db8:7:7::1")
    limited.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = {owner['id']}")
    assert passed(limited, [(owner["email"], address()) for _ in range(40)]) == ACCOUNT
    assert attempt(limited, owner["email"], "2001:db8:7:7:ffff::9", PASSWORD).status == 200


def test_unknown_account_has_the_same_limits(limited):
    who = newcomer()
    assert passed(limited, [(who["email"], address()) for _ in range(40)]) == ACCOUNT
    assert passed(limited, [(who["username"], address())] * 15) == PAIR


def test_names_of_one_account_share_a_counter(limited):
    owner, where = arrive(limited, address()), address()
    names = [owner["username"], owner["email"], owner["username"].upper(), owner["email"].title()]
    assert passed(limited, [(names[i % 4], where) for i in range(15)]) == PAIR
    assert passed(limited, [(newcomer()["email"].upper(), where)]) == 1


def test_each_login_counts(limited):
    owner, where = arrive(limited, address()), address()
    for i in range(12):
        for path, body in (("/api/login", {"username": owner["username"], "password": "wrong horse"}),
                           ("/api/users/login", {"user": {"email": owner["email"], "password": "x"}})):
            answer = ask(limited, "login", "POST", path, body, where)
            assert outcome(answer) == (401 if i < PAIR / 2 else 429)


def test_refused_try_is_not_counted_and_retry_after_is_true(limited):
    owner, where = arrive(limited, address()), address()
    assert passed(limited, [(owner["email"], where)] * 60) == PAIR
    said = int(attempt(limited, owner["email"], where).headers["Retry-After"])
    assert 50 <= said <= 60
    for name in f"account {owner['id']}", f"address {where}", f"account {owner['id']} from {where}":
        assert ahead(limited, name) <= 60 * PAIR, name
    wait(limited, said - 5)
    assert outcome(attempt(limited, owner["email"], where)) == 429
    wait(limited, 5)
    assert passed(limited, [(owner["email"], where)] * 3) == 1


def test_refused_try_is_no_event_and_hashes_nothing(limited):
    owner, where = arrive(limited, address()), address()
    count = f"SELECT COUNT(*) FROM events WHERE kind = 'login failed' AND user_id = {owner['id']}"
    assert passed(limited, [(owner["email"], where)] * 40) == PAIR
    assert limited.sql(count) == [[str(PAIR)]]


def test_20_at_once_never_pass_more_than_the_limit(limited):
    """The counters are shared by all workers, and each of them counts exactly."""
    for _ in range(5):
        owner, where = arrive(limited, address()), address()
        answers = at_once(*[lambda: attempt(limited, owner["email"], where)] * 20)
        assert sorted(map(outcome, answers)) == [401] * PAIR + [429] * 10
        crowd = [lambda w=address(): attempt(limited, owner["email"], w) for _ in range(24)]
        assert sorted(map(outcome, at_once(*crowd))).count(401) == ACCOUNT - PAIR


def test_clock_or_setting_put_back_keeps_nobody_out(limited):
    """A bucket that is full later than it ever can be has one try left, and then waits its usual time."""
    owner, where = arrive(limited, address()), address()
    assert passed(limited, [(owner["email"], where)] * 11) == PAIR
    limited.sql("UPDATE throttles SET full_at = full_at + INTERVAL 1 DAY")
    assert passed(limited, [(owner["email"], where)] * 5) == 1
    assert attempt(limited, owner["email"], owner["where"], PASSWORD).status == 200


def test_good_login_forgets_the_account_and_gives_the_address_one_back(limited):
    owner, where = arrive(limited, address()), address()
    for _ in range(3):
        assert passed(limited, [(owner["email"], where)] * (PAIR - 1)) == PAIR - 1
        assert attempt(limited, owner["username"], where, PASSWORD).status == 200
    assert ahead(limited, f"account {owner['id']}") == ahead(limited, f"account {owner['id']} from {where}") == 0
    assert 6 * (3 * PAIR - 3) - 30 < ahead(limited, f"address {where}") <= 6 * (3 * PAIR - 3)
    assert passed(limited, [(owner["email"], where)] * 15) == PAIR


def test_ipv6_counts_by_its_64_bits_and_mapped_ipv4_as_ipv4(limited):
    owner, where = arrive(limited, address()), address()
    tries = [(owner["email"], f"2001:db8:1:2::{i:x}" if i % 2 else f"2001:db8:1:2:{i:x}::1") for i in range(15)]
    assert passed(limited, tries) == PAIR
    assert outcome(attempt(limited, owner["email"], "2001:db8:1:3::1")) == 401
    assert passed(limited, [(owner["email"], f"::ffff:{where}" if i % 2 else where) for i in range(15)]) == PAIR


def test_A1_known_unknown_and_locked_do_the_same_work(limited):
    """As many statements for each, let through or refused, and the same answer."""
    good, locked, old = (arrive(limited, address()) for _ in range(3))
    limited.sql(f"UPDATE users SET locked = TRUE WHERE id = {locked['id']}")
    set_hash(limited, old["username"], limited.tool("hash", "--cost", "4", input=PASSWORD).strip())

    def work(who, where):
        counters = ("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_stmt_execute', 'Com_commit',"
                    " 'Com_rollback', 'Com_begin')")
        before = dict(root(limited, counters))
        answer = attempt(limited, who["email"], where)
        after = dict(root(limited, counters))
        headers = {k: v for k, v in answer.headers.items() if k != "X-Request-ID"}
        return answer.status, headers, answer.body, {k: int(after[k]) - int(before[k]) for k in after}

    for who in good, locked, old, newcomer():       # prepared statements are made once a worker
        [attempt(limited, who["email"], address()) for _ in range(4)]
    for refused in False, True:
        seen = []
        for who in good, locked, old, newcomer():
            where = address()
            for _ in range(PAIR * refused):
                attempt(limited, who["email"], where)
            seen.append(work(who, where))
        assert seen[0][0] == (429 if refused else 401) and seen.count(seen[0]) == 4, seen


def test_hundred_registrations_from_one_address(limited):
    where = address()
    for _ in range(100):
        arrive(limited, where)
    assert ahead(limited, f"register from {where}") <= 200


def test_registrations_have_a_limit(limited):
    """What comes to nothing counts as well: it tells which names are taken. What cannot be does not."""
    where, taken = address(), arrive(limited, address())
    name = f"register from {where}"
    assert ask(limited, "users", "POST", "/api/users", {"user": newcomer(password="x")}, where).status == 422
    assert ahead(limited, name) == 0
    assert ask(limited, "users", "POST", "/api/users", {"user": taken}, where).status == 409
    limited.sql(f"UPDATE throttles SET full_at = NOW(3) + INTERVAL 599 SECOND WHERE {subject(name)}")
    before = limited.checksum()
    answer = ask(limited, "users", "POST", "/api/users", {"user": newcomer()}, where)
    assert outcome(answer) == 429 and answer.headers["Retry-After"] in ("1", "2")
    assert limited.checksum() == before
    arrive(limited, address())


def stale(site):
    """A member whose login is too old to change the password without it."""
    member = site.register()
    sid = claims_of(member["token"])["sid"]
    site.sql(f"UPDATE sessions SET authenticated_at = '2001-01-01' WHERE id = {sid}")
    return member


def test_current_password_counts(limited):
    member = stale(limited)
    for i in range(15):
        answer = put(limited, member, password="another horse", current_password="wrong horse")
        assert answer.status_code == (403 if i < PAIR else 429)
    assert errors_of(answer, 429) == RATE and 50 <= int(answer.headers["Retry-After"]) <= 60
    assert errors_of(put(limited, member, password="another horse", current_password=PASSWORD), 429)
    assert errors_of(log_in(limited, member["email"]), 429)
    wait(limited, 60)
    user_of(put(limited, member, password="another horse", current_password=PASSWORD))
    for _ in range(PAIR):                                                   # and all is forgotten
        refused_login(log_in(limited, member["email"]))
    assert events(limited, log_in(limited, member["email"])) == []


def test_form_comes_back_with_the_reason(limited):
    member, browser = limited.register(), Browser(limited)
    for i in range(PAIR + 1):
        page = browser.open("/login?next=/settings").form().send(email=member["email"], password="wrong horse")
        assert page.status == (401 if i < PAIR else 429)
    assert page.errors == ["There were too many tries, so this one was not looked at. Please wait some minutes"
                           " before the next."]
    assert 50 <= int(page.headers["Retry-After"]) <= 60
    values = page.form().values
    assert (values["email"], values["password"], values["next"]) == (member["email"], "", "/settings")


def test_limits_may_be_off(site):
    """No table is touched for them."""
    off = dict.fromkeys(LIMITS, "off")
    user, where = newcomer(), address()
    body = {"user": {"email": user["email"], "password": "wrong horse"}}
    count = site.sql("SELECT COUNT(*) FROM throttles")
    for _ in range(12):
        status, _, _ = site.cgi("login", "POST", "/users/login", body, REMOTE_ADDR=where, **off)
        assert status == 401
    assert site.cgi("users", "POST", "", {"user": user}, REMOTE_ADDR=where, **off)[0] == 201
    assert site.cgi("login", "POST", "/users/login", {"user": user}, REMOTE_ADDR=where, **off)[0] == 200
    assert site.sql("SELECT COUNT(*) FROM throttles") == count


@pytest.mark.parametrize("kind", ["ACCOUNT", "ADDRESS", "PAIR"])
def test_each_limit_alone(site, kind):
    """One of them off leaves the others as they are."""
    set = {**dict.fromkeys(LIMITS, "off"), f"POSTERN_LIMITS_{kind}": "2/1m"}
    who, where = site.register(), address()
    body = {"user": {"email": who["email"], "password": "wrong horse"}}
    answers = [site.cgi("login", "POST", "/users/login", body, REMOTE_ADDR=where, **set) for _ in range(3)]
    assert [status for status, _, _ in answers] == [401, 401, 429]
    assert int(answers[2][1]["Retry-After"]) in range(20, 31)
    set[f"POSTERN_LIMITS_{kind}"] = "4/2m"
    body["user"]["password"] = PASSWORD
    status, _, _ = site.cgi("login", "POST", "/users/login", body, REMOTE_ADDR=where, **set)
    assert status == 200
    body["user"]["password"] = "wrong horse"
    answers = [site.cgi("login", "POST", "/users/login", body, REMOTE_ADDR=where, **set) for _ in range(5)]
    left = {"ADDRESS": 2, "PAIR": 4, "ACCOUNT": 5}      # where the member is known, the account's does not hold
    assert [status for status, _, _ in answers].count(401) == left[kind]


def test_tool_lets_somebody_try_again(limited):
    owner, where = arrive(limited, address()), address()
    assert passed(limited, [(owner["email"], where)] * 12) == PAIR
    assert limited.tool("throttle", "clear", owner["username"]) == "1 forgotten\n"      # of the account alone
    assert passed(limited, [(owner["email"], where)] * 2) == 0
    assert limited.tool("throttle", "clear", owner["email"].upper(), "--from", where) == "2 forgotten\n"
    assert passed(limited, [(owner["email"], where)] * 12) == PAIR
    assert limited.tool("throttle", "clear", "--from", f"::ffff:{where}") == "1 forgotten\n"
    unknown = newcomer()["email"]
    assert passed(limited, [(unknown, where)] * 12) == PAIR
    assert limited.tool("throttle", "clear", unknown, "--from", where) == "3 forgotten\n"
    arrive(limited, where)
    assert limited.tool("throttle", "clear", "--from", where) == "1 forgotten\n"
    for words in ([], ["clear"], ["list"], ["clear", "a", "b"]):
        failed = limited.tool("throttle", *words, check=False)
        assert failed.returncode == 1 and failed.stderr.startswith("postern: usage: postern throttle clear")


def test_settings_say_the_limits(site):
    said = site.tool("config", POSTERN_LIMITS_PAIR="5/2m", POSTERN_LIMITS_FORGOT="off")
    for line in "limits.pair = 5/120", "limits.forgot = off", "limits.address = 1000000/3600":
        assert f"\n{line}\n" in said
    failed = site.tool("config", check=False, POSTERN_LIMITS_PAIR="5 in 2m")
    assert failed.returncode != 0 and "must be a number in a time, such as 10/5m, or off" in failed.stderr


def test_database_holds_no_name_of_what_is_counted(limited):
    who = newcomer()
    attempt(limited, who["email"], "203.0.113.77")
    columns = limited.sql("SELECT HEX(subject), full_at FROM throttles")
    assert columns and all(len(a) == 64 for a, _ in columns)
