# SPDX-License-Identifier: ISC
"""What must be true of a server before it is measured, the same for Postern and its peers: answers that are Postern's,
refusals where it refuses, and as many statements at most, and one."""
import hashlib
import re

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import PASSWORD, SEND
from database import root
from people import SHORT, signing_key, token

SLACK = 1       # statements that a peer may send beyond Postern's
TRIES = 3
TEXT = "A text: 2 < 3 & 4."
requests.Session.send = SEND    # the peers' answers are not held against the OpenAPI of Postern


def refused(answer, status):
    assert answer.status_code == status, (answer.url, answer.status_code, answer.text)


def good(answer, status=200):
    assert answer.status_code == status, (answer.url, answer.status_code, answer.text)
    return answer


def flat(page):
    """A page with white space as a browser takes it, and quotes written in one way."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", page)).replace("&#34;", "&quot;").strip()


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


class Checks:
    def __init__(self, bench, people):
        self.bench, self.site, self.people = bench, bench.site, people
        self.key, self.kid = signing_key(self.site)
        self.token = token(self.site, people[0], SHORT, self.key, self.kid)
        self.number = 0
        self.statements = {}        # {server: {what: statements}}

    def bad_tokens(self):
        head, payload, signature = self.token.split(".")
        other = ec.generate_private_key(ec.SECP256R1())
        none = jwt.encode(jwt.decode(self.token, options={"verify_signature": False}), None, "none")
        yield from ("x", f"{head}.{payload}.{signature[:-4]}AAAA", f"{head}.{payload}.", none,
                    f"{head}.{token(self.site, self.people[1], SHORT, self.key, self.kid).split('.')[1]}.{signature}",
                    token(self.site, self.people[0], SHORT, other, self.kid), token(self.site, self.people[0], -10, self.key, self.kid))

    def refusals(self, server):
        for text in self.bad_tokens():
            for path in ("/api/user", "/guarded/file"):
                refused(requests.get(server.url + path, headers=bearer(text), timeout=10), 401)
            refused(requests.post(server.url + "/api/articles", headers=bearer(text), json=self.article(), timeout=10), 401)
        for path in ("/api/user", "/guarded/file"):
            refused(requests.get(server.url + path, timeout=10), 401)
        refused(requests.get(server.url + "/api/articles/nobody-wrote-this", timeout=10), 404)
        for name in ("title", "description", "body"):
            sent = self.article()
            del sent["article"][name]
            refused(requests.post(server.url + "/api/articles", headers=bearer(self.token), json=sent, timeout=10), 422)

    def article(self):
        self.number += 1
        return {"article": {"title": f"Check {self.number}", "description": "What is written", "body": TEXT,
                            "tagList": ["written", "bench"]}}

    def reads(self, server):
        """All that is read, as it must be equal for all."""
        get = lambda path: good(requests.get(server.url + path, headers=bearer(self.token), timeout=10))    # noqa: E731
        public = lambda path: good(requests.get(server.url + path, timeout=10))                             # noqa: E731
        return {"user": get("/api/user").json(), "articles": public("/api/articles?limit=20").json(),
                "one": public("/api/articles?limit=1").json(), "article": public("/api/articles/demo-5").json(),
                "home": flat(public("/").text), "guarded": get("/guarded/file").text}

    def counters(self):
        return self.site.sql("SELECT (SELECT n FROM totals), (SELECT articles_count FROM writers WHERE user_id ="
                             f" {self.people[0][0]}), (SELECT SUM(articles_count) FROM tags WHERE name IN ('bench', 'written'))")[0]

    def writes(self, server):
        """An article, in each table what Postern puts there; the rows."""
        before = self.counters()
        sent = self.article()
        answer = good(requests.post(server.url + "/api/articles", headers=bearer(self.token), json=sent, timeout=10), 201).json()
        slug = answer["article"]["slug"]
        assert slug == sent["article"]["title"].lower().replace(" ", "-")
        after = self.counters()
        assert [int(a) - int(b if b != "NULL" else 0) for a, b in zip(after, before)] == [1, 1, 2], (server.name, before, after)
        assert good(requests.get(f"{self.bench.postern.url}/api/articles/{slug}", timeout=10)).json() == answer
        (row,) = self.site.sql("SELECT b.html, COUNT(t.tag_id), MAX(t.article_created_at = a.created_at), MAX(w.last_id = a.id)"
                               " FROM articles a JOIN article_bodies b ON b.article_id = a.id JOIN article_tags t"
                               " ON t.article_id = a.id JOIN writers w ON w.user_id = a.author_id"
                               f" WHERE a.slug = '{slug}'")
        for name in ("slug", "title", "createdAt", "updatedAt"):
            del answer["article"][name]
        return row, answer

    def logs_in(self, server):
        user = {"email": self.people[0][2] + "@example.org", "password": PASSWORD}
        refused(requests.post(server.url + "/api/users/login", json={"user": {**user, "password": "wrong horse"}}, timeout=30), 401)
        refused(requests.post(server.url + "/api/users/login", json={"user": {**user, "email": "nobody@example.org"}}, timeout=30), 401)
        answer = good(requests.post(server.url + "/api/users/login", json={"user": user}, timeout=30)).json()["user"]
        mine = good(requests.get(self.bench.postern.url + "/api/user", headers=bearer(answer["token"]), timeout=10)).json()["user"]
        assert mine == answer
        return {**answer, "token": None}

    def uploads(self, server):
        content = bytes(range(256)) * 5000
        answer = good(requests.post(server.url + "/api/files", headers=bearer(self.token), data={"description": "x"},
                                    files={"inputFile": ("some.bin", content)}, timeout=30), 201).json()["file"]
        found = {name: answer[name] for name in ("name", "size", "sha256")}
        assert found == {"name": "some.bin", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        return found

    def questions(self):
        return int(root(self.site, "SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])

    def count(self, ask):
        """Statements of a request: the fewest of some tries, since others may work meanwhile; looking costs some, too."""
        looking, found = [], []
        for _ in range(TRIES):
            before = self.questions()
            between = self.questions()
            looking.append(between - before)
            ask()
            found.append(self.questions() - between)
        return min(found) - min(looking)

    def statements_of(self, server):
        get = lambda path, **more: lambda: good(requests.get(server.url + path, timeout=10, **more))        # noqa: E731
        found = {"gate-jwt": self.count(get("/guarded/file", headers=bearer(self.token))),
                 "user": self.count(get("/api/user", headers=bearer(self.token))),
                 "articles": self.count(get("/api/articles?limit=20")), "article": self.count(get("/api/articles/demo-5")),
                 "home": self.count(get("/")), "article-post": self.count(lambda: good(requests.post(
                     server.url + "/api/articles", headers=bearer(self.token), json=self.article(), timeout=10), 201))}
        if server.name != "node":
            found["login"] = self.count(lambda: self.log_in(server))
        self.statements[server.name] = found

    def log_in(self, server):
        good(requests.post(server.url + "/api/users/login", timeout=30, json={
            "user": {"email": self.people[0][2] + "@example.org", "password": PASSWORD}}))

    def run(self):
        expected = None
        for server in self.bench.all(floor=False):
            self.refusals(server)
            found = {**self.reads(server), "upload": self.uploads(server)}
            if server.name != "node":       # it has no bcrypt
                found["login"] = self.logs_in(server)
            expected = expected or found
            for name, answer in found.items():
                assert answer == expected[name], (server.name, name, answer, expected[name])
        rows = [self.writes(server) for server in self.bench.all(floor=False)]
        assert all(row == rows[0] for row in rows), rows
        for server in self.bench.all(floor=False):
            self.statements_of(server)
            over = {what: n for what, n in self.statements[server.name].items()
                    if n > self.statements["postern"][what] + SLACK}
            assert not over, f"{server.name} sends more statements than it may: {over}, Postern {self.statements['postern']}"
