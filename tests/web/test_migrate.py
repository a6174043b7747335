# SPDX-License-Identifier: ISC
"""postern migrate, on a database of its own beside that of the site."""
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT
from database import Second, account_of, root
from workers import until

FIRST = ["001_create_users", "002_create_credentials", "003_create_sessions", "004_create_events",
         "005_create_attempts"]
OWN = {"schema_grants", "schema_lock", "schema_migrations"}


class Scratch:
    """A copy of the tool with a folder of steps that may be spoiled, and an empty database."""

    def __init__(self, site, folder):
        self.site, self.folder, self.sql_folder = site, folder, folder / "sql"
        (folder / "build").mkdir()
        shutil.copy(BUILD / "postern", folder / "build")
        shutil.copytree(ROOT / "sql", self.sql_folder)
        for name in "postern.conf", "owner.conf":       # no other class: no accounts are touched
            shutil.copy(site.var / name, folder)
        self.env = site.tool_env(POSTERN_CONFIG=str(folder / "postern.conf"), POSTERN_DATABASE_NAME="scratch")
        self.steps = sorted(p.name.removesuffix(".up.sql") for p in self.sql_folder.glob("*.up.sql"))

    def start(self, *args):
        return subprocess.Popen([self.folder / "build" / "postern", "migrate", *args], env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def run(self, *args):
        """(exit status, standard output, standard error)"""
        process = self.start(*args)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def good(self, *args):
        status, out, err = self.run(*args)
        assert (status, err) == (0, ""), (out, err)
        return out

    def bad(self, *args):
        """The one line of a run that fails."""
        status, _, err = self.run(*args)
        assert status == 1 and err.startswith("postern: ") and err.count("\n") == 1, (status, err)
        return err

    def sql(self, statements):
        return root(self.site, statements, "scratch")

    def tables(self):
        return {table for (table,) in self.sql("SHOW TABLES")}

    def states(self):
        return {line.split()[-1]: " ".join(line.split()[:-1]) for line in self.good("status").splitlines()}

    def write(self, name, up, down="DO 0;\n"):
        (self.sql_folder / f"{name}.up.sql").write_text(up)
        (self.sql_folder / f"{name}.down.sql").write_text(down)


@pytest.fixture
def scratch(site, tmp_path):
    user, _ = account_of(site.var, "owner")
    root(site, f"CREATE DATABASE scratch; GRANT ALL ON scratch.* TO {user}@localhost")
    try:
        yield Scratch(site, tmp_path)
    finally:
        root(site, f"DROP DATABASE scratch; REVOKE ALL ON scratch.* FROM {user}@localhost")


def lines(steps, way):
    return [f"{way:4} {step}" for step in steps]


def test_up_status_check(scratch):
    assert scratch.steps[:5] == FIRST
    assert set(scratch.states().values()) == {"pending"} and not scratch.tables()
    assert f"{len(scratch.steps)} steps are pending" in scratch.bad("check")
    assert scratch.good("up").splitlines() == lines(scratch.steps, "up")
    assert scratch.states() == dict.fromkeys(scratch.steps, "done")
    assert scratch.good("check") == ""
    tables = scratch.tables()
    assert {"users", "credentials", "sessions", "events", "throttles"} | OWN <= tables
    before = scratch.sql("SELECT * FROM schema_migrations")
    assert scratch.good("up") == ""
    assert (scratch.tables(), scratch.sql("SELECT * FROM schema_migrations")) == (tables, before)


def test_every_table_as_the_design_says(scratch):
    """InnoDB, utf8mb4, a primary key; foreign keys that say what becomes of them."""
    scratch.good("up")
    rows = scratch.sql("SELECT t.table_name, t.engine, t.table_collation, COUNT(k.column_name) FROM"
                       " information_schema.tables t LEFT JOIN information_schema.key_column_usage k ON"
                       " k.table_schema = t.table_schema AND k.table_name = t.table_name AND"
                       " k.constraint_name = 'PRIMARY' WHERE t.table_schema = 'scratch' GROUP BY 1, 2, 3")
    for table, engine, collation, keys in rows:
        assert engine == "InnoDB" and int(keys) > 0, table
        assert table in OWN or collation == "utf8mb4_nopad_bin", table
    assert all(re.search("ON DELETE (CASCADE|SET NULL|RESTRICT)", row[1])
               for table in scratch.tables() for row in scratch.sql(f"SHOW CREATE TABLE {table}")
               if "FOREIGN KEY" in row[1])


def test_down(scratch):
    scratch.good("up")
    count = len(scratch.steps)
    assert scratch.good("down").splitlines() == lines(scratch.steps[-1:], "down")
    assert list(scratch.states().values()) == ["done"] * (count - 1) + ["pending"]
    assert scratch.good("down", "2").splitlines() == lines(scratch.steps[-2:-4:-1], "down")
    assert scratch.good("up").splitlines() == lines(scratch.steps[-3:], "up")
    assert scratch.good("down", "99").splitlines() == lines(scratch.steps[::-1], "down")
    assert scratch.tables() == OWN
    assert scratch.good("down") == ""
    assert scratch.good("up").splitlines() == lines(scratch.steps, "up")


def test_usage(scratch):
    for args in ([], ["sideways"], ["down", "0"], ["down", "-1"], ["down", "x"], ["down", "1x"],
                 ["down", "1", "1"], ["new"], ["new", "Add users"], ["new", "../x"], ["new", ""],
                 ["new", "a", "b"], ["up", "1"], ["status", "now"], ["check", ""]):
        assert scratch.bad(*args), args
    assert scratch.tables() <= OWN
    assert len(list(scratch.sql_folder.glob("*.up.sql"))) == len(scratch.steps)


def test_sql_prints_and_does_nothing(scratch):
    printed = scratch.good("up", "--sql")
    for step in scratch.steps:
        assert (scratch.sql_folder / f"{step}.up.sql").read_text() in printed
    assert scratch.tables() <= OWN
    scratch.good("up")
    assert "CREATE TABLE" not in scratch.good("up", "--sql")
    printed = scratch.good("down", "2", "--sql")
    assert re.findall(r"^-- (\d{3}_.*)$", printed, re.M) == scratch.steps[-1:-3:-1]
    assert scratch.states() == dict.fromkeys(scratch.steps, "done")


def test_new(scratch):
    scratch.good("up")
    number = len(scratch.steps) + 1
    paths = scratch.good("new", "add_users_language").splitlines()
    name = f"{number:03}_add_users_language"
    assert paths == [f"{scratch.sql_folder}/{name}.{way}.sql" for way in ("up", "down")]
    assert scratch.states()[name] == "pending"
    scratch.write(name, "ALTER TABLE users ADD COLUMN IF NOT EXISTS language CHAR(2) NULL;\n",
                  "ALTER TABLE users DROP COLUMN IF EXISTS language;\n")
    assert scratch.good("up").splitlines() == lines([name], "up")
    assert scratch.sql("SELECT COUNT(language) FROM users") == [["0"]]
    assert scratch.good("down").splitlines() == lines([name], "down")
    assert "language" not in scratch.sql("SHOW CREATE TABLE users")[0][1]
    assert scratch.good("new", "add_more").splitlines()[0].endswith(f"/{number + 1:03}_add_more.up.sql")


def test_a_step_edited_after_it_ran_is_refused(scratch):
    scratch.good("up")
    scratch.write(f"{len(scratch.steps) + 1:03}_add_x", "CREATE TABLE x (id INT PRIMARY KEY);\n")
    up = scratch.sql_folder / f"{FIRST[1]}.up.sql"
    text = up.read_text()
    up.write_text(text + "\n")
    assert f"{FIRST[1]} was edited after it ran" in scratch.bad("up")
    assert scratch.states()[FIRST[1]] == "edited"
    assert "were edited" in scratch.bad("check")
    assert "x" not in scratch.tables()      # nothing ran, not even what is pending
    up.write_text(text)
    scratch.good("up")
    scratch.good("check")
    assert "x" in scratch.tables()


@pytest.mark.parametrize("table", [None, "events"])
def test_a_half_done_step_is_done_again(scratch, table):
    scratch.good("up")
    scratch.sql(f"UPDATE schema_migrations SET finished_at = NULL WHERE name = '{FIRST[3]}'")
    if table:
        scratch.sql(f"DROP TABLE {table}")
    assert scratch.states()[FIRST[3]] == "half done"
    assert "1 steps are pending" in scratch.bad("check")
    assert scratch.good("up").splitlines() == lines([FIRST[3]], "up")
    assert scratch.states() == dict.fromkeys(scratch.steps, "done")
    assert "events" in scratch.tables()


def test_a_half_done_step_may_be_mended_or_taken_back(scratch):
    scratch.good("up")
    name = f"{len(scratch.steps) + 1:03}_add_two"
    scratch.write(name, "CREATE TABLE IF NOT EXISTS one (id INT PRIMARY KEY);\nCREATE TABLE two (rubbish);\n",
                  "DROP TABLE IF EXISTS one, two;\n")
    line = scratch.bad("up")
    assert f"{name}.up.sql stopped: " in line and "run the same command again" in line
    assert scratch.states()[name] == "half done" and "one" in scratch.tables()
    assert f"{name}.up.sql stopped: " in scratch.bad("up")
    up = scratch.sql_folder / f"{name}.up.sql"
    up.write_text(up.read_text().replace("rubbish", "id INT PRIMARY KEY"))
    assert scratch.good("up").splitlines() == lines([name], "up")
    assert {"one", "two"} <= scratch.tables()
    scratch.sql("UPDATE schema_migrations SET finished_at = NULL ORDER BY number DESC LIMIT 1")
    assert scratch.good("down").splitlines() == lines([name], "down")
    assert not {"one", "two"} & scratch.tables()


def test_a_killed_run_is_taken_up_again(scratch):
    """kill -9 in the middle of a step that waits for a lock."""
    scratch.good("up")
    name = f"{len(scratch.steps) + 1:03}_add_users_language"
    scratch.write(name, "ALTER TABLE users ADD COLUMN IF NOT EXISTS language CHAR(2) NULL;\n")
    with Second(scratch.site, database="scratch") as other:
        other.do("START TRANSACTION")
        other.do("SELECT * FROM users")
        run = scratch.start("up")
        assert until(lambda: scratch.states()[name] == "half done") and run.poll() is None
        run.kill()
        run.communicate()
        assert scratch.states()[name] == "half done"
        other.do("COMMIT")
    assert scratch.good("up").splitlines() == lines([name], "up")
    assert scratch.states() == dict.fromkeys([*scratch.steps, name], "done")


def test_two_runs_at_once(scratch):
    runs = [scratch.start("up") for _ in range(4)]
    ends = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0] * 4, ends
    assert sorted(line for out, _ in ends for line in out.splitlines()) == lines(scratch.steps, "up")
    assert scratch.states() == dict.fromkeys(scratch.steps, "done")


def test_a_run_waits_for_another(scratch):
    scratch.good("down")
    with Second(scratch.site, database="scratch") as other:
        other.do("START TRANSACTION")
        other.do("SELECT * FROM schema_lock FOR UPDATE")
        run = scratch.start("up")
        assert run.stderr.readline() == "postern: waiting for another migration\n"
        assert run.poll() is None and scratch.tables() == OWN
        other.do("COMMIT")
        out, err = run.communicate(timeout=30)
    assert (run.returncode, out.splitlines(), err) == (0, lines(scratch.steps, "up"), "")


def test_steps_that_do_not_fit_the_database(scratch):
    scratch.good("up")
    scratch.sql("INSERT INTO schema_migrations VALUES (99, '099_later', REPEAT('0', 64), NOW(3), NOW(3))")
    for command in "up", "down", "status", "check":
        assert "an older Postern?" in scratch.bad(command)
    scratch.sql("DELETE FROM schema_migrations WHERE number = 99")
    shutil.copy(scratch.sql_folder / f"{FIRST[0]}.up.sql", scratch.sql_folder / "002_again.up.sql")
    assert "is missing or there twice" in scratch.bad("up")
    (scratch.sql_folder / "002_again.up.sql").unlink()
    (scratch.sql_folder / f"{FIRST[1]}.up.sql").unlink()
    assert "002 is missing" in scratch.bad("status")
    (scratch.sql_folder / f"{scratch.steps[-1]}.down.sql").unlink()
    shutil.copy(ROOT / "sql" / f"{FIRST[1]}.up.sql", scratch.sql_folder)
    assert f"{scratch.steps[-1]}.down.sql: No such file" in scratch.bad("down")
    assert scratch.states() == dict.fromkeys(scratch.steps, "done")
    shutil.rmtree(scratch.sql_folder)
    scratch.sql_folder.mkdir()
    assert "no migrations are there" in scratch.bad("up")


def test_dead_database(scratch):
    scratch.env["POSTERN_DATABASE_SOCKET"] = str(scratch.folder / "no.sock")
    for command in "up", "down", "status", "check":
        assert "does not answer" in scratch.bad(command)


def shape(scratch, *tables):
    """Columns in their order, and indexes."""
    names = ", ".join(f"'{t}'" for t in tables)
    return (scratch.sql("SELECT table_name, column_name, column_type, is_nullable, column_default FROM"
                        f" information_schema.columns WHERE table_schema = 'scratch' AND table_name IN ({names})"
                        " ORDER BY table_name, ordinal_position"),
            scratch.sql("SELECT table_name, index_name, column_name, non_unique, seq_in_index FROM"
                        f" information_schema.statistics WHERE table_schema = 'scratch' AND table_name IN ({names})"
                        " ORDER BY 1, 2, 5"))


def statements_of(scratch, step, way):
    text = re.sub(r"^--.*\n", "", (scratch.sql_folder / f"{step}.{way}.sql").read_text(), flags=re.M)
    return [s for s in text.split(";\n") if s.strip()]


@pytest.mark.parametrize("way", ["up", "down"])
def test_addresses_move_with_all_that_is_in_them(scratch, way):
    """Whichever statement was the last before the power went, and twice, too: then it is run again from the first."""
    step = "029_create_addresses"
    scratch.good("up")
    later = len(scratch.steps) - scratch.steps.index(step)
    scratch.good("down", str(later))
    before = shape(scratch, "users")
    scratch.sql("INSERT INTO users (username, username_key, email, email_key, email_confirmed_at, email_new, email_new_key,"
                " email_new_at, created_at, updated_at) SELECT CONCAT('U', seq), CONCAT('u', seq), CONCAT('E@', seq),"
                " CONCAT('e@', seq), IF(seq % 2, NULL, '2020-01-02 03:04:05.678'), IF(seq % 3, NULL, 'New@x'),"
                " IF(seq % 3, NULL, 'new@x'), IF(seq % 3, NULL, '2021-01-02 03:04:05.678'), NOW(3), NOW(3)"
                " FROM seq_1_to_20")
    columns = "id, username, email, email_key, email_confirmed_at, email_new, email_new_key, email_new_at"
    old, new = f"SELECT {columns} FROM users ORDER BY id", \
        f"SELECT {columns} FROM users JOIN addresses ON user_id = id ORDER BY id"
    people = scratch.sql(old)
    assert len(people) == 20 and len({tuple(p[2:]) for p in people}) == 20
    if way == "down":
        scratch.good("up")
        after = shape(scratch, "users", "addresses")
    steps = statements_of(scratch, step, way)
    for done in range(len(steps) + 1):
        scratch.sql(";\n".join(steps[:done]) or "DO 0")
        if way == "up":
            scratch.good("up")
            assert scratch.sql(new) == people and "email" not in scratch.sql("SHOW CREATE TABLE users")[0][1]
            scratch.good("down", str(later))
            assert shape(scratch, "users") == before and scratch.sql(old) == people
        else:
            scratch.good("down", str(later))
            assert "addresses" not in scratch.tables() and scratch.sql(old) == people
            scratch.good("up")
            assert shape(scratch, "users", "addresses") == after and scratch.sql(new) == people
    if way == "up":
        scratch.sql("INSERT INTO users (username, username_key, email, email_key, created_at, updated_at)"
                    " VALUES ('last', 'last', 'last@x', 'last@x', NOW(3), NOW(3))")
        scratch.good("up")
        assert scratch.sql("SELECT email FROM addresses ORDER BY user_id DESC LIMIT 1") == [["last@x"]]
