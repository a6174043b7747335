# SPDX-License-Identifier: ISC
"""GET /api/articles: filters, pages, absurd numbers (N3), wildcards (X2); which index each list is found by."""
import re

import pytest

from articles import change, favor, follow, list_of, slugs, write
from conftest import errors_of
from database import root


@pytest.fixture(scope="module")
def shelf(site):
    """Articles of two authors with their tags and favourites: {who, slugs: newest first}."""
    ada, bob, fan = site.register(), site.register(), site.register()
    tag = f"tag-{ada['username']}"
    made = []
    for i in range(9):
        author = ada if i % 3 else bob
        made.insert(0, (write(site, author, tagList=[tag, f"n{i}"] if i % 2 else [f"n{i}"]), author, i))
    loved = [a["slug"] for a, _, i in made if i in (1, 2, 3, 6)]
    for slug in loved:
        favor(site, fan, slug)
    return {"ada": ada, "bob": bob, "fan": fan, "tag": tag, "loved": loved,
            "all": [a["slug"] for a, _, _ in made],
            "of": lambda who: [a["slug"] for a, w, _ in made if w is who],
            "tagged": [a["slug"] for a, _, i in made if i % 2]}


def test_filters(site, shelf):
    ada, bob, fan, tag = (shelf[n] for n in ("ada", "bob", "fan", "tag"))
    of_ada, tagged, loved = shelf["of"](ada), shelf["tagged"], shelf["loved"]
    assert slugs(site)[0][:9] == shelf["all"]
    assert slugs(site, f"?author={ada['username']}") == (of_ada, 6)
    assert slugs(site, f"?author={ada['username'].upper()}") == (of_ada, 6)
    assert slugs(site, f"?tag={tag}") == (tagged, 4)
    assert slugs(site, f"?favorited={fan['username']}") == (loved, 4)
    for query, expected in [
            (f"?tag={tag}&author={ada['username']}", [s for s in tagged if s in of_ada]),
            (f"?tag={tag}&favorited={fan['username']}", [s for s in tagged if s in loved]),
            (f"?author={bob['username']}&favorited={fan['username']}",
             [s for s in shelf["of"](bob) if s in loved]),
            (f"?tag={tag}&author={ada['username']}&favorited={fan['username']}",
             [s for s in tagged if s in of_ada and s in loved]),
            (f"?tag={tag}&author={fan['username']}", [])]:
        assert slugs(site, query) == (expected, len(expected)), query
        for offset in range(len(expected) + 2):
            assert slugs(site, f"{query}&limit=1&offset={offset}") == (expected[offset:offset + 1], len(expected))


def test_unknown(site, shelf):
    for query in "author=nobody", "tag=none-such", "favorited=nobody", "author=nobody&tag=" + shelf["tag"], \
            "favorited=" + shelf["bob"]["username"]:
        assert slugs(site, "?" + query) == ([], 0), query


def test_blank_is_no_filter(site, shelf):
    assert slugs(site, "?tag=&author=&favorited=&limit=9") == slugs(site, "?limit=9")


def test_X2_wildcards_are_letters(site, shelf, member):
    for wild in "%", "_", "%25", "tag%25", "n_", "*", "n1' OR '1'='1", "n1\" --", "'", "`", "n1\\":
        for name in "tag", "author", "favorited":
            assert slugs(site, f"?{name}={wild}") == ([], 0), (name, wild)
    odd = ["%", "_", "a%b", "N1", "n1 ", " n1", "ñ1", "n1'", "\\9", "*"]
    made = {w: write(site, member, tagList=[w])["slug"] for w in odd}
    for wild, slug in made.items():
        query = "?tag=" + "".join(f"%{b:02x}" for b in wild.encode())
        assert slugs(site, query) == ([slug], 1), wild


def test_pages(site, shelf):
    query = f"?author={shelf['ada']['username']}"
    expected = shelf["of"](shelf["ada"])
    for limit in range(1, 8):
        for offset in range(8):
            assert slugs(site, f"{query}&limit={limit}&offset={offset}") == (expected[offset:offset + limit], 6)


def test_default_is_twenty(site, member):
    for _ in range(21):
        write(site, member)
    for query in "", "?limit=", "?offset=", "?limit=20":
        assert len(slugs(site, query)[0]) == 20
    assert len(slugs(site, "?limit=100&author=" + member["username"])[0]) == 21


@pytest.mark.parametrize("limit,shown", [(-1, 1), (0, 1), (1, 1), (21, 21), (101, 100), (2**31, 100), (2**63 - 1, 100),
                                         (-2**63, 1)])
def test_N3_limits_are_clamped(site, member, limit, shown):
    name = member["username"]
    row = site.sql(f"SELECT id FROM users WHERE username = '{name}'")[0][0]
    site.sql("INSERT INTO articles (slug, author_id, title, description, created_at, updated_at) SELECT"
             f" CONCAT('{name}-', seq), {row}, 'x', 'x', NOW(3), NOW(3) FROM seq_1_to_101")
    site.sql(f"INSERT INTO writers (user_id, articles_count, last_at, last_id) SELECT author_id, COUNT(*),"
             f" MAX(created_at), MAX(id) FROM articles WHERE author_id = {row};"
             "UPDATE totals SET n = n + 101 WHERE name = 'articles'")
    assert len(slugs(site, f"?limit={limit}&author={name}")[0]) == shown


@pytest.mark.parametrize("offset", [-1, -2**31, -2**63, 0])
def test_N3_negative_offsets_are_none(site, shelf, offset):
    assert slugs(site, f"?tag={shelf['tag']}&offset={offset}") == (shelf["tagged"], 4)


@pytest.mark.parametrize("offset", [4, 1000, 100000, 100001, 2**31, 2**63 - 1])
def test_N3_offsets_behind_the_end(site, shelf, offset):
    assert slugs(site, f"?tag={shelf['tag']}&offset={offset}") == ([], 4)
    assert slugs(site, f"?offset={max(offset, 10000)}")[0] == []


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["2**63", "9223372036854775808", "18446744073709551616", "1e9", "0x10", "%201",
                                   "1abc", "abc", "1.5", "+1", "--1", "%00", "1%00", "null", "[]", "١"])
def test_N3_what_is_no_number(site, name, value):
    for path in "/articles", "/articles/feed":
        token = site.register()["token"] if path != "/articles" else None
        assert errors_of(site.api("GET", f"{path}?{name}={value}", token=token), 422).keys() == {name}


def test_N4_the_first_one_counts(site, shelf):
    assert slugs(site, f"?limit=1&limit=5&tag={shelf['tag']}&tag=x") == (shelf["tagged"][:1], 4)
    assert slugs(site, f"?limit[]=1&tag={shelf['tag']}") == (shelf["tagged"], 4)


def test_favorites_and_whose_they_are(site, shelf):
    """As each reader sees it: nobody, a fan, a follower."""
    reader = site.register()
    follow(site, reader, shelf["ada"]["username"])
    query = f"/articles?author={shelf['ada']['username']}"
    for who, favorited, following in (None, 0, False), (shelf["fan"], 2, False), (reader, 0, True):
        found, _ = list_of(site.api("GET", query, token=who and who["token"]))
        loved = [a["slug"] for a in found if a["favorited"]]
        assert len(loved) == favorited and set(loved) <= set(shelf["loved"])
        assert {a["author"]["following"] for a in found} == {following}
        assert [a["favoritesCount"] for a in found] == [int(a["slug"] in shelf["loved"]) for a in found]


def test_an_edit_moves_nothing(site, shelf):
    oldest = shelf["all"][-1]
    assert change(site, shelf["bob"], oldest, body="Edited").status_code == 200
    assert slugs(site)[0][:9] != [oldest] and slugs(site, f"?author={shelf['bob']['username']}")[0][-1] == oldest
