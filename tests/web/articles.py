# SPDX-License-Identifier: ISC
"""Articles as the tests of many files use them."""
import itertools
import re

from accounts import at_once

numbers = itertools.count(1)
PROFILE = {"username", "bio", "image", "following"}
LISTED = {"slug", "title", "description", "tagList", "createdAt", "updatedAt", "favorited", "favoritesCount", "author"}
WHOLE = LISTED | {"body"}
COMMENT = {"id", "createdAt", "updatedAt", "body", "author"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def draft(**more):
    return {"title": f"Title {next(numbers)}", "description": "What it is about", "body": "The *text*.", **more}


def check_article(article, members=WHOLE):
    """The object of the contract, and nothing more."""
    assert article.keys() == members
    assert article["author"].keys() == PROFILE and isinstance(article["author"]["following"], bool)
    assert isinstance(article["favorited"], bool) and type(article["favoritesCount"]) is int
    assert article["tagList"] == sorted(set(article["tagList"]))
    assert MOMENT.fullmatch(article["createdAt"]) and MOMENT.fullmatch(article["updatedAt"])
    return article


def article_of(answer, status=200):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json().keys() == {"article"}
    return check_article(answer.json()["article"])


def write(site, member, headers=None, **more):
    """A new article, as it was answered."""
    return article_of(site.api("POST", "/articles", {"article": draft(**more)}, member["token"],
                               headers=dict(headers or {})), 201)


def read(site, slug, member=None):
    return article_of(site.api("GET", f"/articles/{slug}", token=member and member["token"]))


def change(site, member, slug, headers=None, **members):
    return site.api("PUT", f"/articles/{slug}", {"article": members}, member["token"], headers=dict(headers or {}))


def remove(site, member, slug):
    answer = site.api("DELETE", f"/articles/{slug}", token=member["token"])
    assert (answer.status_code, answer.content) == (204, b""), answer.text


def favor(site, member, slug, yes=True):
    return article_of(site.api("POST" if yes else "DELETE", f"/articles/{slug}/favorite", token=member["token"]))


def follow(site, member, username, yes=True):
    answer = site.api("POST" if yes else "DELETE", f"/profiles/{username}/follow", token=member["token"])
    assert answer.status_code == 200 and answer.json()["profile"].keys() == PROFILE, answer.text
    return answer.json()["profile"]


def list_of(answer):
    """(articles, articlesCount) of a list, after checking its shape."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"articles", "articlesCount"} and type(body["articlesCount"]) is int
    for article in body["articles"]:
        check_article(article, LISTED)
    order = [(a["createdAt"]) for a in body["articles"]]
    assert order == sorted(order, reverse=True)
    return body["articles"], body["articlesCount"]


def slugs(site, query="", member=None, path="/articles"):
    """(slugs, articlesCount) of a list."""
    found, count = list_of(site.api("GET", path + query, token=member and member["token"]))
    return [a["slug"] for a in found], count


def say(site, member, slug, body="A *comment*.", headers=None):
    answer = site.api("POST", f"/articles/{slug}/comments", {"comment": {"body": body}}, member["token"],
                      headers=dict(headers or {}))
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"comment"} and answer.json()["comment"].keys() == COMMENT
    return answer.json()["comment"]


def comments_of(site, slug, member=None):
    answer = site.api("GET", f"/articles/{slug}/comments", token=member and member["token"])
    assert answer.status_code == 200 and answer.json().keys() == {"comments"}, answer.text
    return answer.json()["comments"]


def together(n, call):
    """The answers of call(0) to call(n - 1), all made at the same moment."""
    return at_once(*(lambda i=i: call(i) for i in range(n)))


def counted(site):
    """Every count that is kept, beside what it counts: all pairs must be equal."""
    return site.sql(
        "SELECT 'total', n, (SELECT COUNT(*) FROM articles) AS m FROM totals HAVING n <> m;"
        "SELECT 'articles', w.user_id, w.articles_count, COUNT(a.id) AS m FROM writers w LEFT JOIN articles a"
        " ON a.author_id = w.user_id GROUP BY w.user_id HAVING w.articles_count <> m;"
        "SELECT 'newest', w.user_id FROM writers w WHERE NOT (w.last_at, w.last_id) <=> (SELECT a.created_at, a.id FROM"
        " articles a WHERE a.author_id = w.user_id ORDER BY a.created_at DESC, a.id DESC LIMIT 1);"
        "SELECT 'author', a.author_id FROM articles a LEFT JOIN writers w ON w.user_id = a.author_id"
        " WHERE w.user_id IS NULL;"
        "SELECT 'favorites', w.user_id, w.favorites_count, COUNT(f.article_id) AS m FROM writers w LEFT JOIN favorites f"
        " ON f.user_id = w.user_id GROUP BY w.user_id HAVING w.favorites_count <> m;"
        "SELECT 'favorited', a.slug, a.favorites_count, COUNT(f.user_id) AS m FROM articles a LEFT JOIN favorites f"
        " ON f.article_id = a.id AND f.article_created_at = a.created_at GROUP BY a.id HAVING a.favorites_count <> m;"
        "SELECT 'tag', t.name, t.articles_count, COUNT(x.article_id) AS m FROM tags t LEFT JOIN article_tags x"
        " ON x.tag_id = t.id GROUP BY t.id HAVING t.articles_count <> m OR m = 0;"
        "SELECT * FROM (SELECT 'links', a.slug, COUNT(x.tag_id) AS m, IF(a.tag_lines = '', 0, 1 + LENGTH(a.tag_lines)"
        " - LENGTH(REPLACE(a.tag_lines, '\\n', ''))) AS n FROM articles a LEFT JOIN article_tags x ON x.article_id ="
        " a.id AND x.article_created_at = a.created_at GROUP BY a.id) z WHERE m <> n")
