# SPDX-License-Identifier: ISC
"""Questions that were asked before: the answer is the one that was made, as long as the rows are what they were, and for
nobody else."""
import os
import signal
import time

import pytest

import fcgi_client as fcgi
from articles import draft, favor, say, write
from database import root
from pages import signed_in
from test_fastcgi import lone       # noqa: F401: a worker a program
from ways import SOCKETS
from workers import SANITIZED, cpu, pid_of, rss, workers

pytestmark = SOCKETS

TIMES = 4       # the second makes it known, the third is answered by it
ASKED = [("articles", "/api/articles", ""), ("articles", "/api/articles", "tag=again&limit=3"),
         ("articles", "/api/articles", "author=againada"), ("articles", "/api/articles/again-one", ""),
         ("articles", "/api/articles/again-one/comments", ""), ("tags", "/api/tags", ""),
         ("profiles", "/api/profiles/againada", ""), ("pages", "/", ""), ("pages", "/", "page=2"), ("pages", "/tag/again", ""),
         ("profiles", "/profile/againada", ""), ("pages", "/article/again-one", "")]


@pytest.fixture(scope="module")
def again(lone):
    lone.ada, lone.bob = (lone.register(username=name) for name in ("againada", "againbob"))
    write(lone, lone.ada, title="Again one", tagList=["again"])
    for i in range(12):
        write(lone, lone.ada, title=f"Again other {i}", tagList=["again", f"again{i}"])
    say(lone, lone.bob, "again-one")
    return lone


def ask(site, program, path, query="", **headers):
    return fcgi.get(site.var / "run" / f"{program}.sock", path, QUERY_STRING=query, **headers)


def lasting(answer):
    """What does not differ from answer to answer."""
    return answer.status, answer.body, {n: v for n, v in answer.headers.items() if n not in ("X-Request-ID", "Set-Cookie")}


@pytest.mark.parametrize("program, path, query", ASKED)
def test_the_same_question_gets_the_same_answer(again, program, path, query):
    first = ask(again, program, path, query, REQUEST_ID="f" * 32)
    assert first.status == 200
    for i in range(TIMES):
        answer = ask(again, program, path, query, REQUEST_ID=f"{i:032x}")
        assert answer.headers["X-Request-ID"] == f"{i:032x}"
        assert lasting(answer) == lasting(first)


@pytest.mark.parametrize("program, path, query", ASKED[:-1])
def test_what_has_changed_is_seen_at_once(again, program, path, query):
    """Even by a statement that no program has run."""
    for i in range(TIMES):
        answers = [ask(again, program, path, query) for _ in range(TIMES)]
        assert len({a.body for a in answers}) == 1
        root(again, f"UPDATE articles SET title = 'Again {path} {query} {i}' WHERE slug LIKE 'again%';"
                    f"UPDATE tags SET name = 'renamed{i}' WHERE name LIKE 'renamed%' OR name = 'again5';"
                    f"UPDATE comments SET body = 'Again {path} {i}', html = '<p>Again {path} {i}</p>';"
                    f"UPDATE users SET bio = 'Again {path} {query} {i}' WHERE username = 'againada'", "postern")
        assert ask(again, program, path, query).body not in {a.body for a in answers}, "out of date"


def test_it_is_worth_it(again):
    """A cookie of any name makes it a new question each time."""
    (pid,), spent = workers(again, "pages"), []
    for headers in {"HTTP_COOKIE": "x=y"}, {}:
        for _ in range(TIMES):
            ask(again, "pages", "/", **headers)
        before = cpu(pid)
        for _ in range(1500):
            assert ask(again, "pages", "/", **headers).status == 200
        spent.append(cpu(pid) - before)
    print(f"{spent[0]:.2f} s without, {spent[1]:.2f} s with")
    assert SANITIZED or spent[1] < 0.7 * spent[0]


def test_nobody_gets_what_was_a_members(again):
    favor(again, again.bob, "again-one")
    token = f"Token {again.bob['token']}"
    for _ in range(TIMES):
        assert ask(again, "articles", "/api/articles/again-one", HTTP_AUTHORIZATION=token).json()["article"]["favorited"]
        assert not ask(again, "articles", "/api/articles/again-one").json()["article"]["favorited"]
        bad = ask(again, "articles", "/api/articles/again-one", HTTP_AUTHORIZATION="Token x")
        assert bad.status == 401
    browser = signed_in(again)
    for _ in range(TIMES):
        assert browser.open("/").user == browser.member["username"]
        assert browser.member["username"].encode() not in ask(again, "pages", "/").body


def test_each_visitor_has_a_cookie_of_their_own(again):
    cookies = {ask(again, "pages", "/article/again-one").headers["Set-Cookie"] for _ in range(TIMES)}
    assert len(cookies) == TIMES


def test_a_question_mark_of_the_path_is_none_of_the_query(again):
    for _ in range(TIMES):
        assert b"about again?x=1" in ask(again, "pages", "/tag/again?x=1").body
    assert b"about again?x=1" not in ask(again, "pages", "/tag/again", "x=1?").body


def test_conditions_and_heads_are_questions_of_their_own(again):
    tag = [ask(again, "articles", "/api/articles").headers["ETag"] for _ in range(TIMES)][0]
    known = ask(again, "articles", "/api/articles", HTTP_IF_NONE_MATCH=tag)
    assert (known.status, known.body) == (304, b"")
    head = fcgi.talk(again.var / "run" / "articles.sock", fcgi.request(fcgi.variables("HEAD", "/api/articles")))
    assert (head.status, head.body) == (200, b"")
    assert ask(again, "articles", "/api/articles").body
    secure = ask(again, "articles", "/api/articles", HTTPS="on")
    assert "Strict-Transport-Security" in secure.headers
    assert "Strict-Transport-Security" not in ask(again, "articles", "/api/articles").headers


def test_what_was_wrong_is_asked_anew(again):
    for _ in range(TIMES):
        assert ask(again, "articles", "/api/articles/again-later").status == 404
        assert ask(again, "articles", "/api/articles", "limit=x").status == 422
    write(again, again.ada, title="Again later")
    assert ask(again, "articles", "/api/articles/again-later").status == 200
    for _ in range(TIMES):
        ask(again, "articles", "/api/articles/again-later")
    assert again.api("DELETE", "/articles/again-later", token=again.ada["token"]).status_code == 204
    assert ask(again, "articles", "/api/articles/again-later").status == 404


def test_without_the_database_nothing_is_remembered(again):
    for _ in range(TIMES):
        assert ask(again, "tags", "/api/tags").status == 200
    again.expect(r"database error 20\d\d in: ")
    os.kill(pid_of(again, "db"), signal.SIGSTOP)
    start = time.monotonic()
    try:
        assert ask(again, "tags", "/api/tags").status == 503
        assert time.monotonic() - start < 6     # as of a question that is new
    finally:
        os.kill(pid_of(again, "db"), signal.SIGCONT)
    for _ in range(TIMES):
        assert ask(again, "tags", "/api/tags").status == 200


def test_many_questions_and_large_answers_have_their_bounds(again):
    (pid,) = workers(again, "articles")
    draft_ = draft(title="Again large", body="x" * 60000)
    assert again.api("POST", "/articles", {"article": draft_}, again.ada["token"]).status_code == 201
    before = 0
    for turn in range(3):
        for i in range(1, 60):
            bodies = {ask(again, "articles", "/api/articles", f"limit={i}&tag=again").body for _ in range(TIMES)}
            assert len(bodies) == 1
        for _ in range(TIMES):
            assert len(ask(again, "articles", "/api/articles/again-large").body) > 60000
        if turn == 0:
            before = rss(pid)
    assert SANITIZED or rss(pid) < before + (1 << 20)
