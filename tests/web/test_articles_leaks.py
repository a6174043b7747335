# SPDX-License-Identifier: ISC
"""S8, S9, S10 for articles and comments: whose they are, what nobody may set, what stands in no answer; features;
who may publish; what becomes of an account's articles (A11, A12)."""
import json

import pytest

from accounts import events, newcomer, sign_up, user_of, without
from articles import (COMMENT, article_of, change, comments_of, counted, draft, favor, follow, read, remove, say, slugs,
                      write)
from conftest import errors_of, running
from members import id_of, join, new_admin
from test_leaks import FORCED

OWN = {"title", "description", "body", "tagList"}
FORBIDDEN = {"article": ["forbidden"]}


def rows(site, slug):
    """All that stands of an article but what its author may set."""
    return site.sql(f"SELECT id, author_id, favorites_count, created_at FROM articles WHERE slug = '{slug}'") + \
        site.sql(f"SELECT user_id, articles_count, w.favorites_count, last_at, last_id FROM writers w JOIN articles ON"
                 f" author_id = user_id WHERE slug = '{slug}'")


@pytest.mark.parametrize("way", ["json", "form"])
def test_S9_article(site, member, way):
    forced = {n: v for n, v in FORCED.items() if n not in OWN}
    sent = draft()
    if way == "json":
        answer = site.api("POST", "/articles", {**FORCED, "article": {**forced, **sent}}, member["token"])
    else:
        fields = {n: v if isinstance(v, str) else json.dumps(v) for n, v in forced.items()}
        answer = site.api("POST", "/articles?author_id=1&slug=feed", token=member["token"], data={**fields, **sent})
    made = article_of(answer, 201)
    assert {n: made[n] for n in sent} == sent and made["author"]["username"] == member["username"]
    assert made["slug"].startswith("title-") and made["favoritesCount"] == 0 and made["createdAt"] > "2002"
    assert site.sql("SELECT html, renderer FROM article_bodies b JOIN articles a ON a.id = b.article_id WHERE slug ="
                    f" '{made['slug']}'")[0][0].startswith("<p>The <em>text</em>")
    before = rows(site, made["slug"])
    body = {**FORCED, "article": {**forced, "body": "changed"}}
    now = article_of(site.api("PUT", f"/articles/{made['slug']}", body, member["token"]))
    assert now == {**made, "body": "changed", "updatedAt": now["updatedAt"]} and rows(site, made["slug"]) == before
    assert counted(site) == []


def test_S9_comment(site, member):
    slug = write(site, member)["slug"]
    first = say(site, member, slug)
    body = {**FORCED, "comment": {**FORCED, "body": "said"}}
    made = site.api("POST", f"/articles/{slug}/comments", body, member["token"]).json()["comment"]
    assert made["body"] == "said" and made["id"] > first["id"] and made["author"]["username"] == member["username"]
    assert made["createdAt"] == made["updatedAt"] > "2002" and comments_of(site, slug) == [first, made]


def test_S8_whose_it_is(site, member):
    """Every object, every method, everybody."""
    other, admin = site.register(), new_admin(site)
    slug = write(site, member)["slug"]
    id = say(site, member, slug)["id"]
    table = [   # method, path, body, {who: status}; the last two take it away
        ("GET", f"/articles/{slug}", None, {None: 200, "other": 200, "admin": 200, "owner": 200}),
        ("GET", f"/articles/{slug}/comments", None, {None: 200, "other": 200, "admin": 200, "owner": 200}),
        ("PUT", f"/articles/{slug}", {"article": {"body": "x"}}, {None: 401, "other": 403, "admin": 403, "owner": 200}),
        ("POST", f"/articles/{slug}/favorite", None, {None: 401, "other": 200, "admin": 200, "owner": 200}),
        ("DELETE", f"/articles/{slug}/favorite", None, {None: 401, "other": 200, "admin": 200, "owner": 200}),
        ("POST", f"/articles/{slug}/comments", {"comment": {"body": "x"}},
         {None: 401, "other": 201, "admin": 201, "owner": 201}),
        ("DELETE", f"/articles/{slug}/comments/{id}", None, {None: 401, "other": 403, "owner": 204}),
        ("DELETE", f"/articles/{slug}", None, {None: 401, "other": 403, "owner": 204}),
    ]
    tokens = {None: None, "other": other["token"], "admin": admin["token"], "owner": member["token"]}
    for method, path, body, expected in table:
        for who, status in expected.items():
            assert site.api(method, path, body, tokens[who]).status_code == status, (method, path, who)


def test_S10_answers(site, member):
    """No address, id, hash or HTML of anybody."""
    other = site.register(bio="bio", image="https://example.org/x.png")
    slug = write(site, member, tagList=["s10"])["slug"]
    say(site, other, slug)
    follow(site, other, member["username"])
    texts = []
    for who in None, member, other:
        token = who and who["token"]
        for path in f"/articles/{slug}", "/articles?tag=s10", f"/articles/{slug}/comments", "/tags", \
                f"/profiles/{other['username']}", f"/profiles/{member['username']}", "/articles/feed":
            texts.append(site.api("GET", path, token=token).text)
    texts += [site.api("POST", f"/articles/{slug}/favorite", token=other["token"]).text,
              change(site, other, slug, body="x").text, change(site, member, slug, title=" ").text]
    id = site.sql(f"SELECT id FROM articles WHERE slug = '{slug}'")[0][0]
    for text in texts:
        for secret in "@example", "$2", "html", "Html", "<p>", "role", "locked", "author_id", "_key", "user_id", \
                f'"id":{id},', "renderer", "SELECT", "token\":\"":
            assert secret not in text, (secret, text)
    assert all(c.keys() == COMMENT for c in comments_of(site, slug))


def test_X5_X7_texts_come_back_as_they_are(site, member):
    odd = ["{{user}}", "{{{x}}}", "%n%s", "${x}", "$(id)", "`id`", "</script><script>alert(1)</script>", "a\u2028b\u2029",
           "'; DROP TABLE articles; --", "\\", "\"", "&amp;", "🙂", "a\u202eb", "\u200bx"]
    for text in odd:
        made = write(site, member, title=f"x{text}", description=text, body=text, tagList=[text])
        assert (made["title"], made["description"], made["body"], made["tagList"]) == (f"x{text}", text, text, [text])
        assert read(site, made["slug"]) == made and say(site, member, made["slug"], text)["body"] == text
        raw = site.api("GET", f"/articles/{made['slug']}")
        assert raw.headers["Content-Type"] == "application/json; charset=utf-8"
        assert raw.headers["X-Content-Type-Options"] == "nosniff"
        site.api("DELETE", f"/articles/{made['slug']}", token=member["token"])      # or it stands on pages of other tests
    for bad in "a\r\nX: y", "a\nb", "a\x00b", "\x7f":
        assert errors_of(site.api("POST", "/articles", {"article": draft(title=bad)}, member["token"]), 422)


def test_N2_bad_utf8(site, member):
    for bad in b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82":
        body = b'{"article":{"title":"x","description":"x","body":"' + bad + b'"}}'
        assert site.api("POST", "/articles", body, member["token"], headers={"Content-Type": "application/json"}
                        ).status_code == 422
        quoted = "".join(f"%{b:02x}" for b in bad)
        assert site.api("GET", f"/articles?tag={quoted}").status_code == 422
        assert site.api("GET", f"/articles/{quoted}").status_code in (400, 404, 422)


@pytest.mark.parametrize("off,gone", [
    ("ARTICLES", ["/articles", "/articles/feed", "/articles/x", "/articles/x/comments", "/tags"]),
    ("COMMENTS", ["/articles/x/comments"]), ("FOLLOW", ["/profiles/someone/follow"])])
def test_features(off, gone):
    with running({f"POSTERN_FEATURES_{off}": "off"}) as bare:
        someone = bare.register(username="someone")
        paths = ["/articles", "/articles/feed", "/articles/x", "/articles/x/comments", "/tags",
                 "/profiles/someone/follow"]
        for path in paths:
            errors = bare.api("OPTIONS", path).status_code == 404
            assert errors == (path in gone), path
            if path in gone:
                for method in "GET", "POST", "PUT", "DELETE":
                    assert errors_of(bare.api(method, path, {}, someone["token"]), 404) == {"path": ["not found"]}
        if off == "FOLLOW":
            assert errors_of(bare.api("GET", "/articles/feed", token=someone["token"]), 404) == {
                "article": ["not found"]}
        elif off == "COMMENTS":
            assert bare.api("GET", f"/articles/{write(bare, someone)['slug']}").status_code == 200


@pytest.mark.parametrize("publish,allowed", [("admin", {"admin"}), ("group:writers", {"admin", "writer"})])
def test_who_may_publish(publish, allowed):
    with running({"POSTERN_SITE_PUBLISH": publish}) as site:
        people = {"admin": new_admin(site), "writer": site.register(), "member": site.register()}
        join(site, people["writer"], "writers")
        for name, person in people.items():
            answer = site.api("POST", "/articles", {"article": draft()}, person["token"])
            if name in allowed:
                slug = article_of(answer, 201)["slug"]
                assert change(site, person, slug, body="x").status_code == 200
            else:
                assert errors_of(answer, 403) == FORBIDDEN
                bad = site.api("POST", "/articles", {"article": {}}, person["token"])
                assert errors_of(bad, 422).keys() == {"title", "description", "body"}
                assert say(site, person, slug)["id"] and favor(site, person, slug)["favorited"]
        writer = people["admin"] if publish == "admin" else people["writer"]
        slug = write(site, writer)["slug"]
        site.sql("UPDATE users SET role = 'member'; DELETE FROM group_members")
        assert errors_of(change(site, writer, slug, body="x"), 403) == FORBIDDEN
        remove(site, writer, slug)


def busy_member(site):
    """Somebody with articles, comments, favourites and follows, in both directions; and the others."""
    one, other = site.register(), site.register()
    mine, theirs = (write(site, who, tagList=["shared", f"of-{who['username']}"])["slug"] for who in (one, other))
    for who in one, other:
        for slug in mine, theirs:
            favor(site, who, slug)
            say(site, who, slug)
    follow(site, one, other["username"])
    follow(site, other, one["username"])
    return one, other, mine, theirs


@pytest.mark.parametrize("way", ["self", "admin", "tool"])
def test_A12_articles_go_with_their_author(site, way):
    one, other, mine, theirs = busy_member(site)
    id = id_of(site, one)
    if way == "self":
        assert site.api("DELETE", "/user", token=one["token"]).status_code == 204
    elif way == "admin":
        assert site.api("DELETE", f"/users/{id}", token=new_admin(site)["token"]).status_code == 204
    else:
        site.tool("user", "remove", one["username"])
    assert counted(site) == []
    for table, column in ("articles", "author_id"), ("comments", "author_id"), ("favorites", "user_id"), \
            ("follows", "follower_id"), ("follows", "followed_id"), ("writers", "user_id"):
        assert site.sql(f"SELECT 1 FROM {table} WHERE {column} = {id}") == [], table
    assert site.api("GET", f"/articles/{mine}").status_code == 404
    left = read(site, theirs, other)
    assert left["favoritesCount"] == 1 and left["favorited"] and len(comments_of(site, theirs)) == 1
    assert slugs(site, f"?favorited={other['username']}") == ([theirs], 1)
    assert slugs(site, path="/articles/feed", member=other) == ([], 0)
    tags = site.api("GET", "/tags").json()["tags"]
    assert f"of-{one['username']}" not in tags and f"of-{other['username']}" in tags
    again = user_of(sign_up(site, newcomer(username=one["username"])), 201)
    assert slugs(site, f"?author={one['username']}") == ([], 0) and again["username"] == one["username"]


def test_A11_export_has_it_all(site):
    one, other, mine, theirs = busy_member(site)
    written = site.api("GET", "/user/export", token=one["token"]).json()["written"]
    article = read(site, mine)
    assert written["articles"] == [without(article, "favorited", "favoritesCount", "author")]
    assert [(c["article"], c["body"]) for c in written["comments"]] == [(mine, "A *comment*."), (theirs, "A *comment*.")]
    assert written["favorites"] == [{"slug": mine}, {"slug": theirs}]
    assert [f["username"] for f in written["following"]] == [other["username"]]


def test_removals_are_in_the_history_of_the_author(site, member):
    admin, slug = new_admin(site), write(site, member)["slug"]
    answer = site.api("DELETE", f"/articles/{slug}", token=admin["token"])
    assert events(site, answer)
    mine = site.api("GET", "/events", token=member["token"])
    if mine.status_code == 200:
        event = mine.json()["events"][0]
        assert (event["kind"], event["actor"], event["address"]) == ("article removed", admin["username"], "")
