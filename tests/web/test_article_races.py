# SPDX-License-Identifier: ISC
"""Many at once: one title (C7), favourites (C2, C4), tags, removals (C5). After each, every count is what it counts."""
import pytest

from articles import article_of, change, counted, draft, favor, follow, read, say, slugs, together, write
from conftest import running
from ways import CROWD


@pytest.fixture(scope="module")
def busy():
    """A site with as many workers as ask at once."""
    with running({"WORKERS": "8"}) as site:
        yield site


@pytest.fixture
def people(busy):
    return [busy.register() for _ in range(10)]


def test_C7_one_title_a_hundred_times(busy, people):
    answers = together(100, lambda i: busy.api("POST", "/articles", {"article": draft(title="One Title", tagList=["c7"])},
                                              people[i % 10]["token"]))
    made = [article_of(a, 201) for a in answers]
    assert len({a["slug"] for a in made}) == 100 and all(a["slug"].startswith("one-title") for a in made)
    assert slugs(busy, "?tag=c7&limit=100")[1] == 100 and counted(busy) == []


def test_C7_renamed_to_one_title(busy, people):
    made = [write(busy, people[i % 10]) for i in range(40)]
    answers = together(40, lambda i: change(busy, people[i % 10], made[i]["slug"], title="Renamed to one"))
    assert len({article_of(a)["slug"] for a in answers}) == 40


def test_C2_favorites(busy, people):
    """A hundred at once on one article, for and against, of ten people, each more than once."""
    slug = write(busy, people[0])["slug"]
    answers = together(100, lambda i: busy.api("POST", f"/articles/{slug}/favorite", token=people[i % 10]["token"]))
    assert {a.status_code for a in answers} == {200}
    assert read(busy, slug)["favoritesCount"] == 10 and counted(busy) == []
    answers = together(100, lambda i: busy.api("POST" if i % 3 else "DELETE", f"/articles/{slug}/favorite",
                                              token=people[i % 10]["token"]))
    assert {a.status_code for a in answers} == {200} and counted(busy) == []
    answers = together(100, lambda i: busy.api("DELETE", f"/articles/{slug}/favorite", token=people[i % 10]["token"]))
    assert {a.status_code for a in answers} == {200}
    assert read(busy, slug)["favoritesCount"] == 0 and counted(busy) == []


def test_C2_favorites_of_one(busy, people):
    """One member loves a hundred articles at once: the count of favourites is one row for all."""
    author, fan = people[:2]
    made = [write(busy, author)["slug"] for _ in range(50)]
    together(50, lambda i: favor(busy, fan, made[i]))
    assert slugs(busy, f"?favorited={fan['username']}&limit=1")[1] == 50 and counted(busy) == []


def test_C2_follow(busy, people):
    answers = together(40, lambda i: busy.api("POST" if i % 2 else "DELETE", f"/profiles/{people[1]['username']}/follow",
                                             token=people[0]["token"]))
    assert {a.status_code for a in answers} == {200}
    for yes in True, False:
        assert follow(busy, people[0], people[1]["username"], yes)["following"] is yes


def test_C4_tags(busy, people):
    """Everybody takes and leaves the same few tags, in every order."""
    names = [f"c4-{i}" for i in range(6)]
    made = [write(busy, people[i % 10], tagList=names)["slug"] for i in range(10)]
    answers = together(CROWD, lambda i: change(busy, people[i % 10], made[i % 10], tagList=names[i % 5:i % 7] + names[:i % 3]))
    assert {a.status_code for a in answers} == {200}, [a.text for a in answers if a.status_code != 200]
    assert counted(busy) == []
    answers = together(10, lambda i: change(busy, people[i], made[i], tagList=[]))
    assert {a.status_code for a in answers} == {200} and counted(busy) == []
    assert not set(names) & set(busy.api("GET", "/tags").json()["tags"])


def test_C5_removed_while_loved(busy, people):
    for _ in range(5):
        slug = write(busy, people[0], tagList=["c5"])["slug"]
        say(busy, people[1], slug)

        def meddle(i):
            who = people[i % 10]["token"]
            if i == 10:
                return busy.api("DELETE", f"/articles/{slug}", token=people[0]["token"])
            if i % 3 == 0:
                return busy.api("POST", f"/articles/{slug}/comments", {"comment": {"body": "x"}}, who)
            return busy.api("POST" if i % 3 == 1 else "DELETE", f"/articles/{slug}/favorite", token=who)

        answers = together(20, meddle)
        assert answers[10].status_code == 204
        assert {a.status_code for a in answers} <= {200, 201, 204, 404}
        assert counted(busy) == []
    assert busy.sql("SELECT 1 FROM comments c LEFT JOIN articles a ON a.id = c.article_id WHERE a.id IS NULL") == []


def test_A12_accounts_end_while_others_love(busy, people):
    """Each author goes while the others read, write and love."""
    made = [write(busy, p, tagList=["a12", p["username"]])["slug"] for p in people for _ in range(3)]
    for i, person in enumerate(people):
        favor(busy, person, made[(3 * i + 4) % 30])
        follow(busy, person, people[(i + 1) % 10]["username"])

    def meddle(i):
        person = people[i % 10]
        if i >= 80:
            return busy.api("DELETE", "/user", token=people[i % 5]["token"])
        if i % 4 == 0:
            return busy.api("POST", "/articles", {"article": draft(tagList=["a12"])}, person["token"])
        return busy.api("POST" if i % 4 < 3 else "DELETE", f"/articles/{made[i % 30]}/favorite", token=person["token"])

    answers = together(85, meddle)
    assert [a.status_code for a in answers[80:]] == [204] * 5, [a.text for a in answers[80:]]
    assert {a.status_code for a in answers} <= {200, 201, 204, 401, 404}, {a.text for a in answers if a.status_code > 404}
    assert counted(busy) == []
    for table, column in ("articles", "author_id"), ("comments", "author_id"), ("favorites", "user_id"), \
            ("follows", "follower_id"), ("follows", "followed_id"), ("writers", "user_id"):
        assert busy.sql(f"SELECT 1 FROM {table} t LEFT JOIN users u ON u.id = t.{column} WHERE u.id IS NULL") == []
