# SPDX-License-Identifier: ISC
"""POST, GET, PUT, DELETE /api/articles[/:slug]: what is answered, in which order it is checked, slugs, dates."""
import pytest

from accounts import BLANK, events
from articles import article_of, change, counted, draft, read, remove, slugs, write
from conftest import errors_of
from members import id_of, new_admin

MISSING = {"token": ["is missing"]}
FORBIDDEN = {"article": ["forbidden"]}
NOT_FOUND = {"article": ["not found"]}
INVALID = {"token": ["is invalid"]}


def test_written_and_read(site, member):
    sent = draft(title="How to Train Your Dragon", tagList=["training", "dragons", "dragons"])
    made = article_of(site.api("POST", "/articles", {"article": sent}, member["token"]), 201)
    assert made["slug"].startswith("how-to-train-your-dragon")
    assert {n: made[n] for n in ("title", "description", "body")} == {n: sent[n] for n in
                                                                      ("title", "description", "body")}
    assert made["tagList"] == ["dragons", "training"]
    assert made["createdAt"] == made["updatedAt"] and not made["favorited"] and made["favoritesCount"] == 0
    assert made["author"] == {"username": member["username"], "bio": None, "image": None, "following": False}
    assert read(site, made["slug"]) == made == read(site, made["slug"], member)
    assert counted(site) == []


def test_list_has_it_without_the_body(site, member):
    made = write(site, member)
    listed = site.api("GET", "/articles?limit=1").json()["articles"][0]
    assert listed == {n: v for n, v in made.items() if n != "body"}


def test_no_tags(site, member):
    assert write(site, member)["tagList"] == [] and write(site, member, tagList=[])["tagList"] == []


@pytest.mark.parametrize("title,slug", [
    ("Hello, World!", "hello-world"), ("  a  --  b  ", "a-b"), ("C++ & C#", "c-c"), ("100 % of it", "100-of-it"),
    ("Über größere Bäume", "uber-grossere-baume"), ("Don't panic", "dont-panic"), ("Œuvre à l’état", "oeuvre-a-letat"),
    ("x/y?z#w", "x-y-z-w"), ("../../etc", "etc"), ("{{user}} %n%s ${x} $(id) `ls`", "user-n-s-x-id-ls")])
def test_kebab(site, member, title, slug):
    made = write(site, member, title=f"{title} {member['username']}")
    assert made["slug"] == f"{slug}-{member['username']}" and read(site, made["slug"]) == made
    assert made["title"] == f"{title} {member['username']}"


@pytest.mark.parametrize("title", ["!!!", "日本語の題", "🙂", "-", "feed", "Feed", "FEED!", "feed "])
def test_titles_that_make_no_slug(site, member, title):
    made, again = write(site, member, title=title), write(site, member, title=title)
    assert made["slug"] not in ("", "feed") and made["slug"] != again["slug"]
    assert read(site, made["slug"]) == made


def test_one_title_twice(site, member):
    other = site.register()
    made = [write(site, m, title="The same for all") for m in (member, member, other)]
    assert len({a["slug"] for a in made}) == 3
    assert all(a["slug"].startswith("the-same-for-all") for a in made)
    assert [read(site, a["slug"]) for a in made] == made


def test_long_titles(site, member):
    made = [write(site, member, title=t) for t in ("x" * 120, "x" * 120, "ß" * 120, "ß" * 120, "é" * 120)]
    assert [read(site, a["slug"]) for a in made] == made


@pytest.mark.parametrize("name", ["title", "description", "body"])
def test_needed(site, member, name, unchanged):
    for value in None, "", " \t", " ", 7, ["x"], {}, True:
        sent = draft(**{name: value})
        errors = errors_of(site.api("POST", "/articles", {"article": sent}, member["token"]), 422)
        assert errors.keys() == {name} and errors[name][0] == BLANK[0]
    sent = {n: v for n, v in draft().items() if n != name}
    assert errors_of(site.api("POST", "/articles", {"article": sent}, member["token"]), 422) == {name: BLANK}


def test_bounds(site, member):
    long = {"title": "x" * 121, "description": "x" * 251, "body": "x" * 60001, "tagList": ["a"] * 21}
    errors = errors_of(site.api("POST", "/articles", {"article": long}, member["token"]), 422)
    assert errors.keys() == long.keys()
    full = write(site, member, title="t" * 120, description="é" * 250, body="é" * 60000,
                 tagList=[f"{'é' * 58}{i:02}" for i in range(20)])
    assert read(site, full["slug"]) == full
    assert errors_of(change(site, member, full["slug"], **long), 422).keys() == long.keys()


def test_envelope(site, member, unchanged):
    for body in {}, {"article": None}, draft():
        assert errors_of(site.api("POST", "/articles", body, member["token"]), 422) == {"article": BLANK}
    assert errors_of(site.api("POST", "/articles", "{", member["token"],
                              headers={"Content-Type": "application/json"}), 422).keys() == {"body"}


@pytest.mark.parametrize("tags", [None, "x", 7, {}, [None], [7], [""], [" "], ["a\nb"], ["x" * 61], [["a"]]])
def test_bad_tags(site, member, tags):
    """In a new article, and in one that is there: null is no way to say "as before"."""
    assert errors_of(site.api("POST", "/articles", {"article": draft(tagList=tags)}, member["token"]),
                     422).keys() == {"tagList"}
    slug = write(site, member, tagList=["kept"])["slug"]
    assert errors_of(change(site, member, slug, tagList=tags), 422).keys() == {"tagList"}
    assert read(site, slug)["tagList"] == ["kept"]


def test_changed(site, member):
    made = write(site, member, tagList=["a", "b"])
    body = article_of(change(site, member, made["slug"], body="# Other"))
    assert body == {**made, "body": "# Other", "updatedAt": body["updatedAt"]} and body["updatedAt"] > made["updatedAt"]
    title = article_of(change(site, member, made["slug"], title=made["title"] + " two"))
    assert title["slug"] == made["slug"] + "-two" and title["body"] == "# Other"
    assert errors_of(site.api("GET", f"/articles/{made['slug']}"), 404) == NOT_FOUND
    assert read(site, title["slug"]) == title
    same = article_of(change(site, member, title["slug"], title=title["title"], description="New"))
    assert same["slug"] == title["slug"] and same["description"] == "New"
    assert counted(site) == []


def test_other_title_that_is_taken(site, member):
    one, two = write(site, member), write(site, member)
    moved = article_of(change(site, member, two["slug"], title=one["title"]))
    assert moved["slug"].startswith(one["slug"] + "-") and read(site, one["slug"]) == one
    assert article_of(change(site, member, moved["slug"], title="feed"))["slug"] != "feed"


def test_updated_always_moves(site, member):
    """Also when many edits fall into one millisecond."""
    made = write(site, member)
    moments = [made["updatedAt"]]
    for i in range(20):
        moments.append(article_of(change(site, member, made["slug"], body=f"{i}"))["updatedAt"])
    assert moments == sorted(set(moments)) and read(site, made["slug"])["createdAt"] == made["createdAt"]
    site.sql(f"UPDATE articles SET updated_at = NOW(3) + INTERVAL 1 MINUTE WHERE slug = '{made['slug']}'")
    ahead = read(site, made["slug"])["updatedAt"]
    assert article_of(change(site, member, made["slug"], body="x"))["updatedAt"] > ahead


def test_tags_of_an_update(site, member):
    slug = write(site, member, tagList=["b", "a"])["slug"]
    assert article_of(change(site, member, slug, body="x"))["tagList"] == ["a", "b"]
    assert article_of(change(site, member, slug, tagList=["c", "b", "c"]))["tagList"] == ["b", "c"]
    assert counted(site) == []
    assert article_of(change(site, member, slug, tagList=[]))["tagList"] == [] == read(site, slug)["tagList"]
    assert counted(site) == []


def test_blank_on_update(site, member):
    slug = write(site, member)["slug"]
    for name in "title", "description", "body":
        for value in None, "", " ":
            assert errors_of(change(site, member, slug, **{name: value}), 422) == {name: BLANK}


def test_order_of_checks(site, member, unchanged):
    """Who it is, then what is sent, then what is there, then whose it is."""
    bad, good = {"article": {"title": ""}}, {"article": {"title": "x"}}
    for method, path, body in [("POST", "/articles", bad), ("PUT", "/articles/nowhere", bad),
                               ("DELETE", "/articles/nowhere", None), ("GET", "/articles/feed", None),
                               ("POST", "/articles/nowhere/favorite", None),
                               ("DELETE", "/articles/nowhere/favorite", None)]:
        answer = site.api(method, path, body)
        assert errors_of(answer, 401) == MISSING and answer.headers["WWW-Authenticate"] == "Bearer"
        assert errors_of(site.api(method, path, body, "junk"), 401) == INVALID
    assert errors_of(site.api("PUT", "/articles/nowhere", bad, member["token"]), 422) == {"title": BLANK}
    assert errors_of(site.api("PUT", "/articles/nowhere", good, member["token"]), 404) == NOT_FOUND
    for method, path in ("DELETE", ""), ("POST", "/favorite"), ("DELETE", "/favorite"), ("GET", ""):
        assert errors_of(site.api(method, f"/articles/nowhere{path}", token=member["token"]), 404) == NOT_FOUND


def test_another_s_article(site, member):
    slug, other = write(site, member)["slug"], site.register()
    before = site.checksum()
    bad = site.api("PUT", f"/articles/{slug}", {"article": {"title": " "}}, other["token"])
    assert errors_of(bad, 422) == {"title": BLANK}
    assert errors_of(change(site, other, slug, title="Mine"), 403) == FORBIDDEN
    assert errors_of(site.api("DELETE", f"/articles/{slug}", token=other["token"]), 403) == FORBIDDEN
    assert site.checksum() == before


def test_removed(site, member):
    made = write(site, member, tagList=[f"only-{member['username']}"])
    _, count = slugs(site)
    remove(site, member, made["slug"])
    assert errors_of(site.api("GET", f"/articles/{made['slug']}"), 404) == NOT_FOUND
    assert errors_of(site.api("DELETE", f"/articles/{made['slug']}", token=member["token"]), 404) == NOT_FOUND
    found, now = slugs(site)
    assert made["slug"] not in found and now == count - 1 and counted(site) == []
    assert made["tagList"][0] not in site.api("GET", "/tags").json()["tags"]
    assert write(site, member, title=made["title"])["slug"] == made["slug"]


def test_admin_removes_and_that_is_an_event(site, member):
    slug, admin = write(site, member)["slug"], new_admin(site)
    assert errors_of(change(site, admin, slug, title="x"), 403) == FORBIDDEN
    answer = site.api("DELETE", f"/articles/{slug}", token=admin["token"])
    assert answer.status_code == 204
    assert events(site, answer) == [["article removed", str(id_of(site, member))]]
    assert site.sql("SELECT actor_id, by_other FROM events WHERE request_id ="
                    f" '{answer.headers['X-Request-ID']}'") == [[str(admin["id"]), "1"]]


def test_old_clients(site, member):
    """They send a type without a body, and a body where none is read."""
    slug = write(site, member)["slug"]
    typed = {"Content-Type": "application/json"}
    for method, path in [("GET", "/articles"), ("GET", f"/articles/{slug}"), ("GET", "/articles/feed"), ("GET", "/tags"),
                         ("POST", f"/articles/{slug}/favorite"), ("DELETE", f"/articles/{slug}/favorite"),
                         ("GET", f"/articles/{slug}/comments"), ("GET", f"/profiles/{member['username']}")]:
        assert site.api(method, path, token=member["token"], headers=dict(typed)).status_code == 200, path
    stray = site.api("POST", f"/profiles/{member['username']}/follow", {"user": {"email": "x"}}, member["token"])
    assert stray.status_code == 200
    assert site.api("DELETE", f"/articles/{slug}", token=member["token"], headers=dict(typed)).status_code == 204


def test_methods(site):
    for path, allowed in [("/articles", "GET, HEAD, OPTIONS, POST"), ("/articles/x/favorite", "DELETE, OPTIONS, POST"),
                          ("/articles/x", "DELETE, GET, HEAD, OPTIONS, PUT"), ("/tags", "GET, HEAD, OPTIONS")]:
        answer = site.api("PATCH", path)
        assert errors_of(answer, 405).keys() == {"method"}
        assert ", ".join(sorted(answer.headers["Allow"].split(", "))) == allowed
