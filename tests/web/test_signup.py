# SPDX-License-Identifier: ISC
"""Who may sign up, by site.registration and site.mail_domains; what keeps a new member from logging in; invitations
and the other links that work once. Programs are asked as plain CGI, so that each request has settings of its own."""
import json
import resource

from accounts import TAKEN, at_once, log_in, newcomer, row, user_of
from conftest import PASSWORD
from pages import Browser

CLOSED, UNINVITED = {"registration": ["is closed"]}, {"registration": ["needs an invitation"]}
APPROVAL = "waits for approval"
ADDRESS = "waits for the confirmation of the address"
DOMAIN = {"email": ["is of a domain that is not taken here"]}
USED = {"token": ["is invalid, used or too old"]}


def sign_up(site, mode, user, **settings):
    """(status, answer)"""
    status, _, body = site.cgi("users", "POST", "", {"user": user}, POSTERN_SITE_REGISTRATION=mode, **settings)
    return status, json.loads(body)


def refused(site, mode, user, status, errors, **settings):
    before = site.checksum()
    assert sign_up(site, mode, user, **settings) == (status, {"errors": errors})
    assert site.checksum() == before


def token_of(link, site, page):
    address, _, token = link.strip().partition("=")
    assert address == site.url + page and len(token) == 43
    return token


def invitation(site, *words):
    return token_of(site.tool("invite", "--link", *words), site, "/register?invite")


def confirmation(site, name):
    return token_of(site.tool("user", "link", name), site, "/email/verify?token")


def verify(site, token, password=PASSWORD):
    return site.api("POST", "/email/verify", {"token": token, "current_password": password})


def may_log_in(site, user):
    return log_in(site, user["email"]).status_code == 200


def waits(site, user, why):
    answer = log_in(site, user["email"])
    assert (answer.status_code, answer.json()) == (403, {"errors": {"account": [why]}})
    for who in user["username"], user["email"]:     # A1: only the right password learns of it
        answer = site.api("POST", "/login", {"username": who, "password": "not the password"})
        assert (answer.status_code, answer.json()) == (401, {"errors": {"credentials": ["invalid"]}})
    assert site.sql("SELECT COUNT(*) FROM sessions JOIN users u ON u.id = user_id"
                    f" WHERE u.username = '{user['username']}'") == [["0"]]
    assert Browser(site).open(f"/profile/{user['username']}").status == 404
    page = Browser(site).open("/login").form().send(email=user["email"], password=PASSWORD)
    assert page.status == 403 and len(page.errors) == 1 and page.form().values["password"] == ""
    return True


def test_closed(site):
    refused(site, "closed", newcomer(), 403, CLOSED)
    status, _, page = site.cgi("users", path="", DOCUMENT_URI="/register", POSTERN_SITE_REGISTRATION="closed")
    assert status == 403 and b"<h1>No new members</h1>" in page and b"<form" not in page
    for program, path in (("users", "/register"), ("login", "/login"), ("pages", "/"), ("pages", "/nothing")):
        for mode in "closed", "invite":
            _, _, page = site.cgi(program, path="", DOCUMENT_URI=path, POSTERN_SITE_REGISTRATION=mode)
            assert b"/register" not in page, (path, mode)
        _, _, page = site.cgi(program, path="", DOCUMENT_URI=path)
        assert b"/register" in page


def test_open_takes_no_notice_of_an_invitation(site):
    status, answer = sign_up(site, "open", newcomer(invite="x"))
    assert status == 201 and answer["user"]["token"]


def test_invite(site):
    user, token = newcomer(), invitation(site)
    for wrong in None, "", token[:-1], token + "x", token.swapcase(), "' OR 1":
        refused(site, "invite", {**user, "invite": wrong}, 403, UNINVITED)
    refused(site, "invite", user, 403, UNINVITED)
    status, answer = sign_up(site, "invite", {**user, "invite": token})
    assert status == 201 and answer["user"]["token"] and may_log_in(site, user)
    refused(site, "invite", newcomer(invite=token), 403, UNINVITED)


def test_invitation_of_a_refused_registration_stays_good(site, member):
    token = invitation(site)
    taken = newcomer(invite=token, username=member["username"])
    assert sign_up(site, "invite", taken) == (409, {"errors": {"username": TAKEN}})
    assert sign_up(site, "invite", newcomer(invite=token, password="short"))[0] == 422
    assert sign_up(site, "invite", newcomer(invite=token))[0] == 201


def test_invitation_for_one_address(site):
    user = newcomer()
    token = invitation(site, user["email"].upper())
    refused(site, "invite", newcomer(invite=token), 403, UNINVITED)
    assert sign_up(site, "invite", {**user, "invite": token})[0] == 201


def test_invitation_gets_old(site):
    token = invitation(site, "--days", "3")
    ((days,),) = site.sql("SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) / 86400 FROM one_time_tokens"
                          f" WHERE hash = UNHEX(SHA2('{token}', 256))")
    assert float(days) == 3
    site.sql(f"UPDATE one_time_tokens SET expires_at = NOW(3) WHERE hash = UNHEX(SHA2('{token}', 256))")
    refused(site, "invite", newcomer(invite=token), 403, UNINVITED)


def test_A10_invitation_for_many_at_once(site):
    token = invitation(site)
    users = [newcomer(invite=token) for _ in range(6)]
    answers = at_once(*[lambda u=u: sign_up(site, "invite", u) for u in users])
    assert sorted(status for status, _ in answers) == [201] + [403] * 5
    assert all(answer == {"errors": UNINVITED} for status, answer in answers if status == 403)


def test_a_link_is_good_for_its_own_purpose_alone(site, member):
    """J11: an invitation confirms nothing, a confirmation invites nobody."""
    assert verify(site, invitation(site)).json() == {"errors": USED}
    refused(site, "invite", newcomer(invite=confirmation(site, member["username"])), 403, UNINVITED)


def test_page_by_invitation(site):
    """The door without an invitation, with one, and the form that comes back with it."""
    def page(query):
        status, _, text = site.cgi("users", path="", DOCUMENT_URI="/register", query=query,
                                   POSTERN_SITE_REGISTRATION="invite")
        return status, text.decode()

    token = invitation(site)
    for query in "", "invite=", "invite=x", f"invite={token[:-1]}":
        status, text = page(query)
        assert status == 403 and "<h1>By invitation</h1>" in text and "<form" not in text
    status, text = page(f"invite={token}")
    assert status == 200 and f'<input type="hidden" name="invite" value="{token}">' in text
    browser = Browser(site)
    form = browser.open("/register").form()     # its CSRF token is good for the same form as CGI
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies)

    def post(**values):
        pairs = "&".join(f"{n}={v}" for n, v in {**form.values, **newcomer(), "invite": token, **values}.items())
        status, headers, text = site.cgi("users", "POST", "", pairs.encode(), "application/x-www-form-urlencoded",
                                         DOCUMENT_URI="/register", POSTERN_SITE_REGISTRATION="invite",
                                         SERVER_PORT=str(site.port), HTTP_COOKIE=cookie, HTTP_ORIGIN=site.url)
        return status, headers, text.decode()

    status, _, text = post(password="short")
    assert status == 422 and f'name="invite" value="{token}"' in text
    status, _, text = post(invite="x")
    assert status == 403 and "you need an invitation" in text and "<form" in text
    status, headers, _ = post()
    assert status == 303 and headers["Location"] == "/"


def test_approve(site):
    user = newcomer()
    assert sign_up(site, "approve", user) == (202, {"registration": APPROVAL})
    assert waits(site, user, APPROVAL)
    assert f"{user['username']}\t{user['email']}\tmember, waits for approval\t" in site.tool("user", "list")
    refused(site, "approve", newcomer(email=user["email"].upper()), 409, {"email": TAKEN})
    site.tool("user", "approve", user["username"])
    assert may_log_in(site, user)
    assert Browser(site).open(f"/profile/{user['username']}").status == 200
    again = site.tool("user", "approve", user["username"], check=False)
    assert again.returncode == 1 and "does not wait" in again.stderr
    kinds = site.sql("SELECT kind FROM events JOIN users u ON u.id = user_id"
                     f" WHERE u.username = '{user['username']}' ORDER BY events.id")
    assert [k for (k,) in kinds if not k.startswith("login")] == ["register", "approved"]


def test_confirm(site):
    user = newcomer()
    assert sign_up(site, "confirm", user) == (202, {"registration": ADDRESS})
    assert waits(site, user, ADDRESS)
    old, token = confirmation(site, user["username"]), confirmation(site, user["username"])
    for wrong in old, token[:-1], token + "x", "", None:    # A10: altered, or of before the newer one
        answer = verify(site, wrong)
        assert answer.status_code == 422 and answer.json() == {"errors": USED}
    answer = verify(site, token)
    assert answer.status_code == 204 and answer.content == b""
    assert verify(site, token).json() == {"errors": USED}
    assert may_log_in(site, user)
    assert row(site, user["username"], "waits, email_confirmed_at IS NULL") == ["NULL", "0"]


def test_A10_confirmation_of_many_at_once_and_of_a_changed_address(site):
    member = site.register()
    token = confirmation(site, member["username"])
    answers = at_once(*[lambda: verify(site, token).status_code for _ in range(10)])
    assert sorted(answers) == [204] + [422] * 9
    assert row(site, member["username"], "email_confirmed_at IS NULL") == ["0"]
    token = confirmation(site, member["username"])
    new = newcomer()["email"]
    user_of(site.api("PUT", "/user", {"user": {"bio": "the same address"}}, member["token"]))
    assert row(site, member["username"], "email_confirmed_at IS NULL") == ["0"]
    user_of(site.api("PUT", "/user", {"user": {"email": new}}, member["token"]))
    assert row(site, member["username"], "email_confirmed_at IS NULL") == ["1"]
    assert verify(site, token).json() == {"errors": USED}
    assert row(site, member["username"], "email_confirmed_at IS NULL") == ["1"]


def test_confirmation_gets_old_and_goes_with_its_member(site, member):
    token = confirmation(site, member["username"])
    site.sql(f"UPDATE one_time_tokens SET expires_at = NOW(3) WHERE hash = UNHEX(SHA2('{token}', 256))")
    assert verify(site, token).json() == {"errors": USED}
    token = confirmation(site, member["username"])
    site.sql(f"DELETE FROM users WHERE username = '{member['username']}'")
    assert verify(site, token).json() == {"errors": USED}
    assert site.sql(f"SELECT COUNT(*) FROM one_time_tokens WHERE hash = UNHEX(SHA2('{token}', 256))") == [["0"]]


def test_A8_address_of_an_account_is_answered_as_a_new_one(site, member):
    def accounts():
        return site.sql("CHECKSUM TABLE users, addresses, credentials, sessions, one_time_tokens")

    before = accounts()
    known = sign_up(site, "confirm", newcomer(email=member["email"].upper()))
    assert accounts() == before
    assert known == sign_up(site, "confirm", newcomer()) == (202, {"registration": ADDRESS})
    assert site.sql("SELECT kind FROM events JOIN users u ON u.id = user_id WHERE u.username ="
                    f" '{member['username']}' ORDER BY events.id DESC LIMIT 1") == [["register again"]]
    refused(site, "confirm", newcomer(email=member["email"], username=member["username"]), 409, {"username": TAKEN})
    assert sign_up(site, "open", newcomer(email=member["email"])) == (409, {"errors": {"email": TAKEN}})


def test_A8_a_name_does_not_tell_either(site, member):
    """Whoever registers a name with an address, and then the name again, learns nothing of the address."""
    for email in member["email"], newcomer()["email"]:
        first = newcomer(email=email)
        assert sign_up(site, "confirm", first)[0] == 202
        assert sign_up(site, "confirm", newcomer(username=first["username"]))[0] == 202


def test_whoever_signs_up_last_with_an_unconfirmed_address_has_it(site):
    """Somebody else's password must not be the one that the owner of the address confirms."""
    thief, owner = newcomer(password="password of a thief"), newcomer()
    owner["email"] = thief["email"]
    assert sign_up(site, "confirm", thief)[0] == 202
    stolen = confirmation(site, thief["username"])
    assert sign_up(site, "confirm", owner)[0] == 202
    assert verify(site, stolen, thief["password"]).json() == {"errors": USED}
    assert verify(site, confirmation(site, owner["username"])).status_code == 204
    assert may_log_in(site, owner)
    assert log_in(site, thief["email"], thief["password"]).status_code == 401
    assert site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{thief['username']}'") == [["0"]]


def test_approved_and_confirmed_accounts_are_nobodys_to_replace(site):
    for mode in "approve", "open":
        user = newcomer()
        assert sign_up(site, mode, user)[0] in (201, 202)
        before = row(site, user["username"])
        sign_up(site, "confirm", newcomer(email=user["email"]))
        sign_up(site, "confirm", newcomer(username=user["username"]))
        assert row(site, user["username"]) == before


def spent(site, email):
    """Seconds of a processor that a registration took, with hashes of the real cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    user = newcomer()
    assert sign_up(site, "confirm", {**user, "email": email or user["email"]}, POSTERN_TEST_COST="12")[0] == 202
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def test_A8_takes_the_same_time(site, member):
    """The hash is computed all the same."""
    known, new = (min(spent(site, email) for _ in range(3)) for email in (member["email"], None))
    assert abs(known - new) < 0.3 * new, (known, new)


def test_mail_domains(site):
    domains = {"POSTERN_SITE_MAIL_DOMAINS": "club.example Rowing.example"}
    for email in "ada@club.example", "bob@ROWING.Example":
        user = newcomer()
        assert sign_up(site, "open", {**user, "email": user["username"] + email[3:]}, **domains)[0] == 201
    for email in ("x@example.org", "x@sub.club.example", "x@club.example.org", "x@notclub.example",
                  "club.example@a.org"):
        refused(site, "open", newcomer(email=email), 422, DOMAIN, **domains)


def test_S9_nobody_lets_himself_in(site):
    user = newcomer(waits=None, email_confirmed_at="2026-01-01", locked=False, role="admin", instead=[{"id": 1}])
    assert sign_up(site, "approve", user)[0] == 202
    assert row(site, user["username"], "waits, email_confirmed_at, role") == ["approval", "NULL", "member"]


def test_tool(site):
    for words in (["invite", "no address"], ["invite", "--link", "--days", "0"], ["invite", "--link", "--days", "91"],
                  ["invite", "a@b.org", "c"], ["invite", "a@b.org", "--days", "3"], ["invite"], ["user", "link"],
                  ["user", "link", "nobody-there"], ["user", "approve"], ["user", "approve", "nobody-there"]):
        done = site.tool(*words, check=False)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and done.stdout == "", words


def test_confirming_on_the_page(site, member):
    """Opening the link changes nothing, the button does; afterwards it says so."""
    token = confirmation(site, member["username"])
    before, browser = site.checksum(), Browser(site)
    for _ in range(2):
        page = browser.open(f"/email/verify?token={token}")
        assert page.status == 200 and page.texts("h1") == ["Confirm your address"]
    assert browser.open(f"/email/verify?token={token}", "HEAD").status == 200
    assert site.checksum() == before
    done = page.form().send(follow=True, current_password=PASSWORD)
    assert done.status == 200 and done.flash == [("success", "Thank you, your address is confirmed.")]
    again = page.form().send(current_password=PASSWORD)
    assert again.status == 422
    assert again.errors == ["This link has been used, or is too old, or your address has changed since."]


def test_robots_fill_in_what_people_do_not_see(site):
    user = newcomer()
    browser = Browser(site)
    form = browser.open("/register").form()
    field = form.field("website")
    assert field["tabindex"] == "-1" and field["autocomplete"] == "off" and field.parent["aria-hidden"] == "true"
    answer = form.send(follow=False, **user, website="https://casino.example")
    good = Browser(site).open("/register").form().send(follow=False, **newcomer())
    assert (answer.status, answer.location) == (good.status, good.location) == (303, "/")
    assert browser.cookie() is None and log_in(site, user["email"]).status_code == 401
    events = site.sql(f"SELECT kind, user_id FROM events WHERE request_id = '{answer.headers['X-Request-ID']}'")
    assert events == [["robot", "NULL"]]
    assert site.sql(f"SELECT COUNT(*) FROM users WHERE username = '{user['username']}'") == [["0"]]
    people = newcomer()     # who leave it empty, or blank
    assert Browser(site).open("/register").form().send(follow=False, **people, website=" ").status == 303
    assert may_log_in(site, people)
