# SPDX-License-Identifier: ISC
"""Profiles and who follows whom: /api/profiles/:username[/follow], and the feed."""
from articles import PROFILE, follow, slugs, write
from conftest import errors_of

NOT_FOUND = {"profile": ["not found"]}


def profile(site, name, member=None):
    answer = site.api("GET", f"/profiles/{name}", token=member and member["token"])
    assert answer.status_code == 200 and answer.json().keys() == {"profile"}, answer.text
    assert answer.json()["profile"].keys() == PROFILE
    return answer.json()["profile"]


def test_profile(site, member):
    other = site.register(bio="Who I am", image="https://example.org/x.png")
    shown = {"username": other["username"], "bio": "Who I am", "image": "https://example.org/x.png",
             "following": False}
    assert profile(site, other["username"]) == shown == profile(site, other["username"].upper(), member)
    assert profile(site, other["username"], other) == shown
    assert profile(site, member["username"])["bio"] is None


def test_follow_and_leave(site, member):
    other, third = site.register(), site.register()
    name = other["username"]
    for _ in range(2):
        assert follow(site, member, name)["following"] is True
        assert profile(site, name, member)["following"] is True
    assert profile(site, name)["following"] is profile(site, name, third)["following"] is False
    assert profile(site, member["username"], other)["following"] is False
    for _ in range(2):
        assert follow(site, member, name.upper(), False)["following"] is False
        assert profile(site, name, member)["following"] is False


def test_nobody_follows_themselves(site, member):
    assert follow(site, member, member["username"])["following"] is False
    write(site, member)
    assert slugs(site, path="/articles/feed", member=member) == ([], 0)


def test_errors(site, member, unchanged):
    for method in "POST", "DELETE":
        assert errors_of(site.api(method, "/profiles/nobody-at-all/follow"), 401) == {"token": ["is missing"]}
        assert errors_of(site.api(method, "/profiles/nobody-at-all/follow", token=member["token"]), 404) == NOT_FOUND
    assert errors_of(site.api("GET", "/profiles/nobody-at-all"), 404) == NOT_FOUND
    assert errors_of(site.api("GET", f"/profiles/{member['username']}", token="junk"), 401) == {"token": ["is invalid"]}


def test_locked_are_unknown(site, member):
    other = site.register()
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{other['username']}'")
    assert errors_of(site.api("GET", f"/profiles/{other['username']}"), 404) == NOT_FOUND
    assert errors_of(site.api("POST", f"/profiles/{other['username']}/follow", token=member["token"]), 404) == NOT_FOUND


def test_feed(site, member):
    """Of those who are followed, newest first, and of nobody else."""
    one, two, other = site.register(), site.register(), site.register()
    assert slugs(site, path="/articles/feed", member=member) == ([], 0)
    follow(site, member, one["username"])
    follow(site, member, two["username"])
    assert slugs(site, path="/articles/feed", member=member) == ([], 0)
    made = [write(site, who)["slug"] for who in (one, two, other, one, one, other, two, member, one)]
    mine = [made[i] for i in (8, 6, 4, 3, 1, 0)]
    assert slugs(site, path="/articles/feed", member=member) == (mine, 6)
    for limit in range(1, 8):
        for offset in range(8):
            query = f"?limit={limit}&offset={offset}"
            assert slugs(site, query, member, "/articles/feed") == (mine[offset:offset + limit], 6), query
    feed = site.api("GET", "/articles/feed", token=member["token"]).json()["articles"]
    assert all(a["author"]["following"] for a in feed)
    follow(site, member, one["username"], False)
    assert slugs(site, path="/articles/feed", member=member) == ([made[6], made[1]], 2)
    assert slugs(site, path="/articles/feed", member=other) == ([], 0)


def test_feed_with_one_moment_for_all(site, member):
    """Dates that are the same are told apart by the order of creation, also at the edge of a page."""
    writers = [site.register() for _ in range(5)]
    made = []
    for who in writers:
        follow(site, member, who["username"])
        made += [write(site, who)["slug"] for _ in range(2)]
    site.sql(f"UPDATE articles SET created_at = '2026-01-01 00:00:00.000' WHERE slug IN ({str(made)[1:-1]});"
             "UPDATE writers w SET last_at = '2026-01-01 00:00:00.000' WHERE user_id IN (SELECT author_id FROM articles"
             f" WHERE slug IN ({str(made)[1:-1]}))")
    newest = made[::-1]
    for limit in 1, 2, 3, 4, 7:
        seen = [s for at in range(0, 10, limit)
                for s in slugs(site, f"?limit={limit}&offset={at}", member, "/articles/feed")[0]]
        assert seen == newest, limit
