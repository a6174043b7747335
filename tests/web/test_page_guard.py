# SPDX-License-Identifier: ISC
"""Who may see what is for some alone, told by a program with one page of each kind: the page of a refused form
is for those for whom the page itself is, whoever may send the form; and what is an admin's."""
import json
import shlex
import subprocess

import pytest

from accounts import REVOKED, pair
from conftest import BUILD, ROOT
from pages import Browser, signed_in

PROGRAM = """
#include "log.h"
#include "serve.h"

static json_t *
show(struct req *rq)
{
	log_error("shown to %s", rq->me != NULL ? rq->me->role : "nobody");
	return under(rq, "secret", json_string("for some alone"));
}

static const struct field in[] = {
	{ "bio", TEXT, .max = 10 },
	{ 0 },
};

static const struct route routes[] = {
	{ GET, "/public", "/public", PUBLIC, NULL, NULL, NULL, show, 200, "guarded" },
	{ POST, NULL, "/public", OPEN, NULL, in, NULL, nothing, 200, NULL },
	{ GET, NULL, "/member", MEMBER, NULL, NULL, NULL, show, 200, "guarded" },
	{ POST, NULL, "/member", OPEN, NULL, in, NULL, nothing, 200, NULL },
	{ GET, "/admin", "/admin", ADMIN, NULL, NULL, NULL, show, 200, "guarded" },
	{ POST, NULL, "/admin", OPEN, NULL, in, NULL, nothing, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "guarded", "content", routes, .pages = &page_steps });
}
"""
PAGE = "<!DOCTYPE html>\n<p>{{secret}}</p>\n<form>{{> form-errors}}{{{form.bioHtml}}}</form>\n"
SECRET = "for some alone"
FORBIDDEN = {"errors": {"user": ["forbidden"]}}
MAY = {"public": {"nobody", "member", "admin"}, "member": {"member", "admin"}, "admin": {"admin"}}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Built as the others are. What stands before .fcgi of its path."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "guarded.c").write_text(PROGRAM)
    (folder / "guarded.html").write_text(PAGE)
    (folder / "templates").symlink_to(ROOT / "templates")
    libraries = [f"-l{name}" for name in ("fcgi", "mariadb", "jansson", "crypt", "crypto", "inih")]
    subprocess.run([*shlex.split((BUILD / "flags").read_text()), "-o", str(folder / "guarded.fcgi"),
                    str(folder / "guarded.c"), str(BUILD / "libpostern.a"), *libraries], cwd=ROOT, check=True,
                   timeout=120)
    return folder / "guarded"


@pytest.fixture(scope="module")
def people(site):
    """Browsers of each kind, and their tokens."""
    admin = site.register()
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{admin['username']}'")
    found = {"nobody": Browser(site), "member": signed_in(site), "admin": signed_in(site, admin)}
    return {who: (browser, browser.open("/login" if who == "nobody" else "/settings").token)
            for who, browser in found.items()}


def ask(site, program, people, who, path, method="GET", body=""):
    """(status, text of the page)"""
    browser, _ = people[who]
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies)
    status, _, page = site.cgi(str(program), method, DOCUMENT_URI=path, SERVER_PORT=str(site.port),
                                     HTTP_COOKIE=cookie, HTTP_ORIGIN=site.url, body=body.encode(),
                                     type="application/x-www-form-urlencoded",
                                     POSTERN_SITE_TEMPLATES=str(program.parent))
    return status, page.decode()


@pytest.mark.parametrize("who", ["nobody", "member", "admin"])
@pytest.mark.parametrize("path", MAY)
def test_S3_page_of_a_refused_form_asks_its_own_guard(site, program, people, path, who):
    may = who in MAY[path]
    if may:
        site.expect(f"error shown to {who}$")
    _, token = people[who]
    status, page = ask(site, program, people, who, f"/{path}")
    assert (status == 200) == (SECRET in page) == may
    assert may or status == (303 if who == "nobody" else 403)
    for body, refused in ((f"bio={'x' * 11}&csrf_token={token}", 422),
                          (f"bio=typed&csrf_token={token}x", 403)):
        status, page = ask(site, program, people, who, f"/{path}", "POST", body)
        assert status == refused
        assert (SECRET in page) == ('name="bio"' in page) == may, page


def call(site, program, path, token=None):
    """(status, JSON) of GET under /api"""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    status, _, body = site.cgi(str(program), "GET", DOCUMENT_URI=f"/api/{path}",
                               POSTERN_SITE_TEMPLATES=str(program.parent), **headers)
    return status, json.loads(body)


def token_of(site, member):
    return pair(site, member["username"]).json()["token"]


def test_of_an_admin_the_token_and_the_table_must_say_so(site, program):
    member, admin = site.register(), site.register()
    was_member = token_of(site, admin)
    set_role = "UPDATE users SET role = '{}' WHERE username = '" + admin["username"] + "'"
    site.sql(set_role.format("admin"))
    token = token_of(site, admin)
    site.expect("error shown to (admin|nobody)$")
    for path, bearer, status, answer in (
            ("public", None, 200, {"secret": SECRET}),
            ("admin", None, 401, {"errors": {"token": ["is missing"]}}),
            ("admin", "x", 401, {"errors": {"token": ["is invalid"]}}),
            ("admin", token_of(site, member), 403, FORBIDDEN),
            ("admin", was_member, 403, FORBIDDEN),
            ("admin", token, 200, {"secret": SECRET})):
        assert call(site, program, path, bearer) == (status, answer), (path, status)
    site.sql(set_role.format("member"))
    assert call(site, program, "admin", token) == (403, FORBIDDEN)
    site.sql(set_role.format("admin"))
    assert call(site, program, "admin", token)[0] == 200
    site.sql("UPDATE sessions SET ended_at = NOW(3) WHERE user_id = (SELECT id FROM users WHERE username ="
             f" '{admin['username']}')")
    assert call(site, program, "admin", token) == (401, {"errors": REVOKED})


@pytest.mark.parametrize("path", MAY)
def test_page_of_an_admin_who_is_none_any_more(site, program, path):
    """The role of a viewer is read with the session, at each request."""
    admin = site.register()
    site.sql(f"UPDATE users SET role = 'admin' WHERE username = '{admin['username']}'")
    people = {"admin": (signed_in(site, admin), None)}
    site.expect("error shown to (admin|member)$")
    assert ask(site, program, people, "admin", f"/{path}")[0] == 200
    site.sql(f"UPDATE users SET role = 'member' WHERE username = '{admin['username']}'")
    assert ask(site, program, people, "admin", f"/{path}")[0] == (403 if path == "admin" else 200)
