# SPDX-License-Identifier: ISC
"""What HTTP adds to articles: ETag and If-None-Match (N10), If-Match (C3), Idempotency-Key (C6)."""
import pytest

from articles import article_of, change, comments_of, draft, favor, follow, read, say, slugs, together, write
from conftest import errors_of

CHANGED = {"article": ["has been changed since you read it"]}
USED = {"Idempotency-Key": ["has been used for another request"]}


def get(site, path, member=None, tag=None):
    headers = {"If-None-Match": tag} if tag else {}
    return site.api("GET", path, token=member and member["token"], headers=headers)


def paths(site, member):
    slug = write(site, member, tagList=["tagged"])["slug"]
    say(site, member, slug)
    return [f"/articles/{slug}", "/articles", f"/articles?author={member['username']}", "/articles/feed", "/tags",
            f"/articles/{slug}/comments", f"/profiles/{member['username']}"]


def test_not_modified(site, member):
    for path in paths(site, member):
        first = get(site, path, member)
        tag = first.headers["ETag"]
        assert first.status_code == 200 and tag.startswith('"') and tag.endswith('"'), path
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in first.headers["Vary"]
        for wanted in tag, f"W/{tag}", f'"x", {tag}', "*":
            again = get(site, path, member, wanted)
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag), (path, wanted)
            assert again.headers["Cache-Control"] == "private, no-cache" and again.headers["X-Request-ID"]
        for other in '"x"', tag[:-2] + '"', tag.upper().replace("T", "t"):
            assert get(site, path, member, other).status_code == 200
        head = site.api("HEAD", path, token=member["token"], headers={"If-None-Match": tag})
        assert head.status_code == 304


def test_N10_never_what_was_before(site, member):
    """Each thing that a reader would see differently is another tag."""
    slug = write(site, member)["slug"]
    reader = site.register()
    path, tags = f"/articles/{slug}", []

    def differs():
        for p in path, f"/articles?author={member['username']}":
            answer = get(site, p, reader)
            assert all(get(site, p, reader, t).status_code == 200 for t in tags if t != answer.headers["ETag"])
            assert answer.headers["ETag"] not in tags
            tags.append(answer.headers["ETag"])

    differs()
    favor(site, reader, slug)
    differs()
    follow(site, reader, member["username"])
    differs()
    assert change(site, member, slug, description="Other").status_code == 200
    differs()
    assert site.api("PUT", "/user", {"user": {"bio": "Other"}}, member["token"]).status_code == 200
    differs()


def test_N10_not_that_of_another_reader(site, member):
    slug = write(site, member)["slug"]
    fan = site.register()
    favor(site, fan, slug)
    tag = get(site, f"/articles/{slug}", fan).headers["ETag"]
    assert get(site, f"/articles/{slug}", None, tag).status_code == 200
    assert get(site, f"/articles/{slug}", member, tag).status_code == 200
    assert get(site, f"/articles/{slug}", {"token": "junk"}, tag).status_code == 401
    assert site.api("DELETE", f"/articles/{slug}", token=member["token"]).status_code == 204
    assert get(site, f"/articles/{slug}", fan, tag).status_code == 404


def test_errors_and_writes_have_no_tag(site, member):
    slug = write(site, member)["slug"]
    for answer in get(site, "/articles/nowhere"), get(site, "/articles?limit=x"), change(site, member, slug, body="x"):
        assert "ETag" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


def test_C3_if_match(site, member):
    slug = write(site, member)["slug"]
    tag = get(site, f"/articles/{slug}", member).headers["ETag"]
    favor(site, site.register(), slug)      # no other text
    assert get(site, f"/articles/{slug}").headers["ETag"] != tag
    first = article_of(change(site, member, slug, {"If-Match": tag}, body="one"))
    assert errors_of(change(site, member, slug, {"If-Match": tag}, body="two"), 412) == CHANGED
    assert read(site, slug) == {**first, "favorited": False}
    now = get(site, f"/articles/{slug}").headers["ETag"]
    for good in "{}", '"x", {}', "W/{}", "*":
        assert change(site, member, slug, {"If-Match": good.format(now)}, body="three").status_code == 200
        now = get(site, f"/articles/{slug}").headers["ETag"]
    for bad in '"x"', "x", now[:10] + '"', '""':
        assert errors_of(change(site, member, slug, {"If-Match": bad}, body="four"), 412) == CHANGED


def test_C3_checks_before(site, member):
    slug, wrong = write(site, member)["slug"], {"If-Match": '"x"'}
    assert errors_of(change(site, member, slug, wrong, body=""), 422)
    assert errors_of(change(site, member, "nowhere", wrong, body="x"), 404)
    assert errors_of(change(site, site.register(), slug, wrong, body="x"), 403)


def test_C3_one_of_twenty_editors(site, member):
    """With the tag of one state, one edit comes through, whole."""
    slug = write(site, member)["slug"]
    tag = get(site, f"/articles/{slug}").headers["ETag"]
    answers = together(20, lambda i: change(site, member, slug, {"If-Match": tag}, description=f"d{i}", body=f"b{i}",
                                           tagList=[f"t{i}"]))
    assert sorted(a.status_code for a in answers) == [200] + [412] * 19
    (won,) = [i for i, a in enumerate(answers) if a.status_code == 200]
    now = read(site, slug)
    assert (now["description"], now["body"], now["tagList"]) == (f"d{won}", f"b{won}", [f"t{won}"])


def test_C3_without_it_the_last_one_counts(site, member):
    """… and no two are mixed."""
    slug = write(site, member)["slug"]
    answers = together(12, lambda i: change(site, member, slug, description=f"d{i}", body=f"b{i}", tagList=[f"t{i}"]))
    assert {a.status_code for a in answers} == {200}
    now = read(site, slug)
    i = now["body"][1:]
    assert (now["description"], now["tagList"]) == (f"d{i}", [f"t{i}"])
    assert len({a.json()["article"]["updatedAt"] for a in answers}) == 12


@pytest.mark.parametrize("what", ["article", "comment"])
def test_C6_once(site, member, what):
    slug = write(site, member)["slug"]
    path, body = ("/articles", {"article": draft()}) if what == "article" else \
        (f"/articles/{slug}/comments", {"comment": {"body": "Once"}})

    def send(key, body=body, who=member, path=path):
        return site.api("POST", path, body, who["token"], headers={"Idempotency-Key": key})

    def count():
        return slugs(site, f"?author={member['username']}")[1] + len(comments_of(site, slug))

    before = count()
    first = send("a key")
    assert first.status_code == 201
    for _ in range(3):
        again = send("a key")
        assert (again.status_code, again.json()) == (201, first.json())
    assert count() == before + 1
    other = {"article": draft()} if what == "article" else {"comment": {"body": "Twice"}}
    assert errors_of(send("a key", other), 422) == USED
    assert errors_of(send("a key", path=f"/articles/{slug}/comments" if what == "article" else "/articles", body={
        "comment": {"body": "x"}} if what == "article" else {"article": draft()}), 422) == USED
    assert count() == before + 1
    assert send("another key").json() != first.json() and count() == before + 2
    assert send("a key", who=site.register()).json() != first.json()
    assert site.api("POST", path, body, member["token"]).status_code == 201


def test_C6_refused_is_not_remembered(site, member):
    key = {"Idempotency-Key": "tried before"}
    assert site.api("POST", "/articles", {"article": draft(title="")}, member["token"], headers=dict(key)).status_code == 422
    assert site.api("POST", "/articles/nowhere/comments", {"comment": {"body": "x"}}, member["token"],
                    headers=dict(key)).status_code == 404
    assert write(site, member, key)["slug"]


def test_C6_together(site, member):
    """Twenty at the same moment: one article, twenty equal answers."""
    body = {"article": draft(title="Sent twenty times")}
    answers = together(20, lambda _: site.api("POST", "/articles", body, member["token"],
                                             headers={"Idempotency-Key": "x" * 255}))
    assert {a.status_code for a in answers} == {201}
    assert all(a.json() == answers[0].json() for a in answers)
    assert slugs(site, f"?author={member['username']}")[1] == 1


def test_C6_is_tidied(site, member):
    made = write(site, member, {"Idempotency-Key": "old"}, title="Twice")
    site.sql("UPDATE idempotency_keys SET created_at = NOW(3) - INTERVAL 25 HOUR")
    assert "idempotency keys" in site.tool("tidy")
    assert site.sql("SELECT 1 FROM idempotency_keys") == []
    assert write(site, member, {"Idempotency-Key": "old"}, title="Twice")["slug"] != made["slug"]
