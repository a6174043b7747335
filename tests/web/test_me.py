# SPDX-License-Identifier: ISC
"""Who a program is told asks, by what came and when it was last looked up: the role and groups of now, or those
of a short token. Told by a program that says it."""
import json
import shlex
import subprocess

import pytest

from accounts import log_in
from conftest import BUILD, PASSWORD, ROOT
from members import join, new_member
from pages import signed_in

PROGRAM = """
#include "serve.h"

static json_t *
show(struct req *rq)
{
	return mem_pack(rq->mem, "{s:s, s:s, s:s}", "username", rq->me->username, "role", rq->me->role, "groups",
		rq->me->groups);
}

static const struct route routes[] = {
	{ GET, "/me", NULL, MEMBER, NULL, NULL, NULL, show, 200, NULL },
	{ PUT, "/me", NULL, MEMBER, NULL, NULL, NULL, show, 200, NULL },
	{ GET, NULL, "/me", MEMBER, NULL, NULL, NULL, show, 200, "me" },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "me", "content", routes, .pages = &page_steps });
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Built as the others are. What stands before .fcgi of its path."""
    folder = tmp_path_factory.mktemp("me")
    (folder / "me.c").write_text(PROGRAM)
    (folder / "me.html").write_text("<p>{{username}} {{role}} {{groups}}</p>\n")
    (folder / "templates").symlink_to(ROOT / "templates")
    libraries = [f"-l{name}" for name in ("fcgi", "mariadb", "jansson", "crypt", "crypto", "inih")]
    subprocess.run([*shlex.split((BUILD / "flags").read_text()), "-o", str(folder / "me.fcgi"), str(folder / "me.c"),
                    str(BUILD / "libpostern.a"), *libraries], cwd=ROOT, check=True, timeout=120)
    return folder / "me"


def told(site, program, token, method="GET"):
    """(role, groups), or the status of what was refused"""
    status, _, body = site.cgi(str(program), method, "/api/me", HTTP_AUTHORIZATION=f"Bearer {token}",
                               POSTERN_SITE_TEMPLATES=str(program.parent))
    answer = json.loads(body)
    return (answer["role"], answer["groups"]) if status == 200 else status


def on_a_page(site, program, browser):
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies)
    status, _, page = site.cgi(str(program), DOCUMENT_URI="/me", SERVER_PORT=str(site.port), HTTP_COOKIE=cookie,
                               POSTERN_SITE_TEMPLATES=str(program.parent))
    if status != 200:
        return status
    _, role, *groups = page.decode().removeprefix("<p>").removesuffix("</p>\n").split(" ")
    return role, " ".join(groups)


def test_role_and_groups_of_now_and_of_then(site, program):
    member = new_member(site)
    join(site, member, "rowers")
    lasting = log_in(site, member["email"]).json()["user"]["token"]
    short = site.api("POST", "/login", {"email": member["email"], "password": PASSWORD}).json()["token"]
    browser = signed_in(site, member)
    then, now = ("member", "rowers"), ("admin", "Board rowers")
    for token in lasting, short:
        assert [told(site, program, token, method) for method in ("GET", "PUT")] == [then, then]
    assert told(site, program, member["token"]) == then and on_a_page(site, program, browser) == then
    site.sql(f"UPDATE users SET role = 'admin' WHERE id = {member['id']}")
    join(site, member, "Board")
    assert told(site, program, short) == then               # nobody looks it up
    assert told(site, program, short, "PUT") == now         # but before something changes
    assert told(site, program, lasting) == now == told(site, program, lasting, "PUT")
    assert on_a_page(site, program, browser) == now
    site.sql(f"DELETE FROM group_members WHERE user_id = {member['id']}")
    site.sql(f"UPDATE users SET role = 'member' WHERE id = {member['id']}")
    assert told(site, program, lasting) == ("member", "") == on_a_page(site, program, browser)
    site.sql(f"UPDATE users SET locked = TRUE WHERE id = {member['id']}")
    assert told(site, program, lasting) == 401 == told(site, program, short, "PUT")
    assert on_a_page(site, program, browser) == 303
