# SPDX-License-Identifier: ISC
"""Comments: /api/articles/:slug/comments[/:id]."""
import pytest

from accounts import BLANK, events
from articles import comments_of, follow, remove, say, write
from conftest import errors_of
from members import id_of, new_admin

FORBIDDEN = {"comment": ["forbidden"]}


def drop(site, member, slug, id):
    return site.api("DELETE", f"/articles/{slug}/comments/{id}", token=member and member["token"])


def test_written_and_read(site, member):
    slug, other = write(site, member)["slug"], site.register()
    assert comments_of(site, slug) == []
    made = [say(site, m, slug, f"Text {i}") for i, m in enumerate((member, other, member))]
    assert [c["body"] for c in made] == ["Text 0", "Text 1", "Text 2"] and len({c["id"] for c in made}) == 3
    assert made[1]["author"] == {"username": other["username"], "bio": None, "image": None, "following": False}
    assert all(type(c["id"]) is int and c["createdAt"] == c["updatedAt"] for c in made)
    assert comments_of(site, slug) == made == comments_of(site, slug, other)
    follow(site, member, other["username"])
    assert [c["author"]["following"] for c in comments_of(site, slug, member)] == [False, True, False]


def test_order_of_checks(site, member, unchanged):
    path = "/articles/nowhere/comments"
    bad, good = {"comment": {"body": " "}}, {"comment": {"body": "x"}}
    assert errors_of(site.api("POST", path, bad), 401) == {"token": ["is missing"]}
    assert errors_of(drop(site, None, "nowhere", 1), 401) == {"token": ["is missing"]}
    assert errors_of(site.api("POST", path, bad, member["token"]), 422) == {"body": BLANK}
    assert errors_of(site.api("POST", path, {}, member["token"]), 422) == {"comment": BLANK}
    assert errors_of(site.api("POST", path, good, member["token"]), 404) == {"article": ["not found"]}
    assert errors_of(site.api("GET", path), 404) == {"article": ["not found"]}
    assert errors_of(drop(site, member, "nowhere", 1), 404) == {"article": ["not found"]}


def test_bad_bodies(site, member):
    slug = write(site, member)["slug"]
    for body in None, "", " \n", 7, [], "x" * 10001:
        answer = site.api("POST", f"/articles/{slug}/comments", {"comment": {"body": body}}, member["token"])
        assert errors_of(answer, 422).keys() == {"body"}
    assert comments_of(site, slug) == []
    assert say(site, member, slug, "🙂" * 10000)["body"] == "🙂" * 10000


def test_who_may_remove(site, member):
    slug = write(site, member)["slug"]
    other, third, admin = site.register(), site.register(), new_admin(site)
    mine, theirs = say(site, member, slug), say(site, other, slug)
    assert errors_of(drop(site, third, slug, theirs["id"]), 403) == FORBIDDEN
    assert errors_of(drop(site, other, slug, mine["id"]), 403) == FORBIDDEN
    for who, comment, author in (other, theirs, other), (member, say(site, other, slug), other), \
            (admin, say(site, other, slug), other), (member, mine, member):
        answer = drop(site, who, slug, comment["id"])
        assert (answer.status_code, answer.content) == (204, b"")
        assert events(site, answer) == [["comment removed", str(id_of(site, author))]]
        assert errors_of(drop(site, who, slug, comment["id"]), 404) == {"comment": ["not found"]}
    assert comments_of(site, slug) == []


def test_of_another_article(site, member):
    one, two = write(site, member)["slug"], write(site, member)["slug"]
    comment = say(site, member, one)
    assert errors_of(drop(site, member, two, comment["id"]), 404) == {"comment": ["not found"]}
    assert comments_of(site, one) == [comment]


@pytest.mark.parametrize("id,status", [(0, 404), (-1, 404), (2**31, 404), (2**63 - 1, 404), (2**63, 422), (2**64, 422),
                                       ("0x10", 422), ("1abc", 422), ("%201", 422), ("1.0", 422), ("abc", 422)])
def test_N3_ids(site, member, id, status):
    slug = write(site, member)["slug"]
    say(site, member, slug)
    errors_of(drop(site, member, slug, id), status)
    assert len(comments_of(site, slug)) == 1


def test_they_go_with_the_article(site, member):
    slug = write(site, member)["slug"]
    id = say(site, site.register(), slug)["id"]
    remove(site, member, slug)
    assert site.sql(f"SELECT 1 FROM comments WHERE id = {id}") == []
