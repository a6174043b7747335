# SPDX-License-Identifier: ISC
"""What lists cost the database: the rows it touches for a first page, and the indexes that lead there (X2, N3). How long
that takes over a million articles is measured by make flat."""
import re

import pytest

from accounts import put
from conftest import running
from database import root
from ways import LASTING

MANY = 30000


@pytest.fixture(scope="module")
def full():
    with running() as site:
        site.tool("demo", str(MANY))
        root(site, "SET GLOBAL query_cache_type = OFF; SET GLOBAL query_cache_size = 0; SET GLOBAL log_output = 'TABLE'")
        site.tool("migrate", "up")
        site.reader = site.register()
        site.sql(f"INSERT INTO follows SELECT (SELECT id FROM users WHERE username = '{site.reader['username']}'),"
                 " followed_id, NOW(3) FROM follows")
        yield site


def touched(site):
    """Rows that were read, by any way."""
    rows = root(site, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_first', 'Handler_read_key',"
                      " 'Handler_read_last', 'Handler_read_next', 'Handler_read_prev')")
    return sum(int(n) for _, n in rows)


def cost(site, path):
    """(rows read, articles shown, statements) for one request."""
    ask = lambda: site.api("GET", path, token=site.reader["token"])     # noqa: E731
    assert [ask().status_code for _ in range(6)] == [200] * 6           # each worker has prepared its statements
    root(site, "TRUNCATE mysql.general_log; SET GLOBAL general_log = ON")
    before = touched(site)
    answer = ask()
    after = touched(site)
    root(site, "SET GLOBAL general_log = OFF")
    said = root(site, "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Execute'"
                      " AND user_host LIKE 'postern_content%' ORDER BY event_time")
    return after - before, answer.json(), [s.replace("\\n", " ") for (s,) in said]


LISTS = {"": 20, "?author=demo2": 20, "?tag=demo3": 20, "?favorited=demo1": 20, "?limit=100&offset=50": 100}


@pytest.mark.parametrize("query", LISTS)
def test_rows_of_a_page(full, query):
    """A few for each article that is shown or passed over, whatever there is; and always as many statements."""
    rows, answer, statements = cost(full, "/articles" + query)
    assert len(answer["articles"]) == LISTS[query] and answer["articlesCount"] >= 800
    # The session, the filter or the total, the ids, the rows; the front page has all but the session in one.
    assert len(statements) == (4 if query else 2)
    assert rows < 60 + 7 * LISTS[query] + 60 * ("offset" in query), rows


@LASTING
def test_rows_of_a_feed(full):
    """Those who are followed are looked at, a thousand of them; of what they wrote, little."""
    for query, k in ("", 20), ("?limit=10", 10), ("?offset=60", 80):
        rows, answer, statements = cost(full, "/articles/feed" + query)
        assert answer["articlesCount"] > 5000 and len(answer["articles"]) in (10, 20)
        assert len(statements) == 4 and rows < 2000 + 60 + 7 * 20 + k * k, rows


def with_values(site, statement):
    """A prepared statement with something in its places, as the log does not tell."""
    ids = dict(site.sql("SELECT username, id FROM users WHERE username IN ('demo1', 'demo2')"))
    tag = site.sql("SELECT id FROM tags WHERE name = 'demo3'")[0][0]
    for pattern, value in [
            (r"\(\? IS NULL OR EXISTS \(SELECT 1 FROM \w+ y WHERE [^)]*\)\)", "TRUE"),
            (r"JSON_TABLE\(\?", "JSON_TABLE('[{\"id\": 30000}, {\"id\": 29999}]'"), (r"LIMIT \? OFFSET \?", "LIMIT 20 OFFSET 0"),
            (r"LIMIT \?", "LIMIT 20"), (r"OFFSET \?", "OFFSET 19"), (r"COUNT\(\*\) < \?", "COUNT(*) < 20"),
            (r"created_at >= \?", "created_at >= NOW() - INTERVAL 1 HOUR"), (r"x\.author_id = \?", f"x.author_id = {ids['demo2']}"),
            (r"tag_id = \?", f"tag_id = {tag}"), (r"(username_key|t\.name) = \?", r"\1 = 'demo2'"), (r"\?", ids["demo1"])]:
        statement = re.sub(pattern, value, statement)
    return statement


@LASTING
@pytest.mark.parametrize("query,keys", [
    ("", {"articles_created"}), ("?author=demo2", {"articles_author"}), ("?tag=demo3", {"PRIMARY"}),
    ("?favorited=demo1", {"PRIMARY"}), ("/feed", {"articles_author"})])
def test_explain(full, query, keys):
    """No statement looks at a table as a whole, but at what it was given or has found."""
    *_, statements = cost(full, "/articles" + query)
    used = set()
    for statement in statements:
        for row in full.sql("EXPLAIN " + with_values(full, statement)):
            table, kind, key, extra = row[2], row[3], row[5], row[9]
            assert kind in ("const", "eq_ref", "ref", "range", "index", "NULL", "system", "ref_or_null") or \
                table.startswith(("<", "p")), (row, statement)
            assert "filesort" not in extra or table in ("x", "f", "<derived2>"), (row, statement)
            if kind == "index":
                assert key == "articles_created" and statement.endswith("LIMIT ?"), row
            if table == ("x" if query else "a"):
                used.add(key)
    assert used == keys


def test_offsets_cost_no_rows_but_entries_of_an_index(full):
    rows, answer, _ = cost(full, "/articles?offset=20000")
    assert len(answer["articles"]) == 20 and rows < 20000 + 300
    rows, answer, _ = cost(full, f"/articles?offset={MANY}")
    assert answer["articles"] == [] and rows < 20


@LASTING
def test_who_is_not_logged_in_shares_the_answer(site):
    """The server answers from its query cache what somebody else has asked, whichever worker asks; a change is seen."""
    member = site.register()
    body = {"title": f"Shared by all {member['username']}", "description": "x", "body": "x"}
    made = site.api("POST", "/articles", {"article": body}, member["token"])
    slug = made.json()["article"]["slug"]

    def asked(path):
        """(statements that ran, answered from the cache, the answer)"""
        known = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_stmt_execute', 'Qcache_hits')"
        before = [int(n) for _, n in root(site, known)]
        answer = site.api("GET", path)
        assert answer.status_code == 200
        ran, hits = [int(n) - b for (_, n), b in zip(root(site, known), before)]
        return ran, hits, answer.json()

    for path in "/articles", f"/articles/{slug}":
        for _ in range(8):                              # each worker has prepared its statement
            asked(path)
        assert [asked(path)[:2] for _ in range(4)] == [(1, 1)] * 4, path
        put(site, member, bio=f"Seen at {path}")
        ran, hits, answer = asked(path)
        # Compared with what was known, then answered, by the cache.
        assert (ran, hits) in ((1, 0), (2, 1)) and f"Seen at {path}" in str(answer)
