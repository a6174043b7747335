# SPDX-License-Identifier: ISC
"""Ways into the database of a site that the programs do not have."""
import configparser
import os
import pwd
import re
import subprocess

ADMIN = pwd.getpwuid(os.geteuid()).pw_name      # the server's root is the system user who runs it


def command(site, user, database):
    return ["mariadb", "--no-defaults", "--batch", "--skip-column-names", f"--socket={site.var}/run/db.sock",
            f"--user={user}", f"--database={database}", "--default-character-set=utf8mb4"]


def root(site, statements, database="mysql"):
    """As root of the server, which the system user who runs it may be."""
    done = subprocess.run(command(site, ADMIN, database), input=statements, text=True, timeout=30,
                          capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return [line.split("\t") for line in done.stdout.splitlines()]


def account_of(folder, name):
    """User and password of NAME.conf."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(folder / f"{name}.conf")
    return conf["database"]["user"], conf["database"]["password"]


def try_all(site, folder, name, statements):
    """Run statements of one line under an account, whatever fails: {statement: number of its error, or 0}."""
    user, password = account_of(folder, name)
    done = subprocess.run([*command(site, user, "postern"), "--force"], text=True, timeout=60,
                          env={**os.environ, "MYSQL_PWD": password}, capture_output=True,
                          input="".join(f"{s};\n" for s in statements))
    errors = re.findall(r"^ERROR (\d+) .* at line (\d+):", done.stderr, re.M)
    failed = {int(line): int(code) for code, line in errors}
    assert done.returncode == 0 or failed, done.stderr
    return {statement: failed.get(i, 0) for i, statement in enumerate(statements, 1)}


def new_members(username, email, many=1):
    """Statements that put members straight into the tables; both are expressions of `seq`, which is 1 to `many`."""
    return ("INSERT INTO users (username, username_key, created_at, updated_at)"
            f" SELECT {username}, {username}, NOW(3), NOW(3) FROM seq_1_to_{many};"
            " INSERT INTO addresses (user_id, email, email_key)"
            f" SELECT LAST_INSERT_ID() + seq - 1, {email}, {email} FROM seq_1_to_{many}")


class Second:
    """A second connection that stays open: send() goes on at once, do() waits for the rows."""

    def __init__(self, site, user=None, password="", database="postern"):
        self.process = subprocess.Popen(
            [*command(site, user or ADMIN, database), "--unbuffered"], text=True, bufsize=1,
            env={**os.environ, "MYSQL_PWD": password}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        self.do("SELECT 1")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def send(self, statement):
        self.process.stdin.write(statement + ";\n")

    def rows(self):
        """What has been answered so far, up to here."""
        self.send("SELECT '-- end --'")
        return list(iter(lambda: self.process.stdout.readline().rstrip("\n"), "-- end --"))

    def do(self, statement):
        self.send(statement)
        return self.rows()
