# SPDX-License-Identifier: ISC
"""What the documents say: names exist, tables are up to date, commands answer what is written beside them."""
import json
import os
import re
import shlex
import subprocess

import pytest
import requests

from conftest import BUILD, PASSWORD, ROOT, running
from database import root
from pictures import jpeg
from test_hashes import scrypt

DOCS = {name: (ROOT / name).read_text()
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "FLASK.md")}
README = DOCS["README.md"]
SOURCES = "\n".join(p.read_text() for d in ("src", "cgi-bin", "sql") for p in sorted((ROOT / d).iterdir())
                    if p.is_file())
WORDS = set(re.findall(r"\w+", SOURCES))
SETTINGS = set(re.findall(r'^\t\{ SAYS\("(\w+\.\w+)",',
                          (ROOT / "src/conf_table.c").read_text(), re.M))
MADE = ("build/", "var/")       # not in git
EXAMPLES = ("cgi-bin/logins.c", "tests/unit/test_NAME.c")
FILE = re.compile(r"^[\w.][\w./-]*(/|\.(c|h|sh|py|md|sql|conf|in|fcgi|json))$")
COMPILE = [*shlex.split((BUILD / "flags").read_text()), "-Werror"]


def section(title, text=README):
    """The text below a heading of level two."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]


def block(title, language, text=README):
    """The first fenced block of a section."""
    return re.search(rf"^```{language}\n(.*?)^```", section(title, text), re.M | re.S)[1]


def spans(text):
    """What stands in backticks, outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def rows(title, text=README):
    """The table of a section as lists of cells, without its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section(title, text).splitlines()
            if line.startswith("|")][2:]


def is_file(name):
    return any((folder / name).exists() for folder in (ROOT, ROOT / "src", ROOT / "cgi-bin"))


def unknown(text):
    """The names in backticks that are neither file, address, setting, nor word of the sources or of the text's own
    code, which is compiled elsewhere."""
    wrong, own = [], set(re.findall(r"\w+", "".join(re.findall(r"^```c\n(.*?)^```", text, re.M | re.S))))
    for span in spans(text):
        if span in SETTINGS or span in EXAMPLES or span.startswith(MADE) or "/api/" in span:
            continue
        if FILE.match(span):
            wrong += [] if is_file(span) or (ROOT / "nginx" / f"{span}.in").exists() else [span]
        else:
            wrong += [f"{word} in {span}" for word in re.findall(r"[A-Za-z]\w*", span) if word not in WORDS | own]
    return wrong


def make(*goals):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(["make", "-s", *goals], cwd=ROOT, env=env, text=True, capture_output=True, check=True).stdout


@pytest.mark.parametrize("title,name", [("How a request flows", "CONTRIBUTING.md"), ("Adding an endpoint", "CONTRIBUTING.md")])
def test_names_in_a_section_exist(title, name):
    assert unknown(section(title, DOCS[name])) == []


def test_names_of_coming_from_flask_exist():
    table = rows("Coming from Flask", DOCS["FLASK.md"])
    assert len(table) > 30 and all(len(row) == 2 for row in table)
    assert unknown("\n".join(here for _, here in table)) == []


def test_packages_are_those_of_make_packages():
    text = section("Packages used", DOCS["CONTRIBUTING.md"])
    known = make("packages").split()
    assert sorted(s for s in spans(text) if not FILE.match(s) and " " not in s) == sorted(known)
    table = rows("Packages used", DOCS["CONTRIBUTING.md"])
    for package, _, used_by in table:
        assert spans(used_by), package
    assert unknown("\n".join(used_by for *_, used_by in table)) == []


@pytest.mark.parametrize("name", DOCS)
def test_links_and_files_exist(name):
    linked = [to for to in re.findall(r"\]\(([^)#]+)\)", DOCS[name]) if not to.startswith("https://")]
    named = [s for s in spans(DOCS[name]) if FILE.match(s) and "/" in s and not s.startswith(MADE)]
    assert [to for to in linked + named if to not in EXAMPLES and not (ROOT / to).exists()] == []


@pytest.mark.parametrize("name", DOCS)
def test_make_targets_exist(name):
    targets = set(re.search(r"^\.PHONY:(.*?[^\\])$", (ROOT / "Makefile").read_text(), re.M | re.S)[1].split())
    code = "\n".join(re.findall(r"`+(?:sh\n)?(.*?)`+", DOCS[name], re.S))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - targets == set()
    assert set(re.findall(r"^make ([a-z][a-z-]*)", code, re.M)) - targets == set()


@pytest.mark.parametrize("name", DOCS)
def test_commands_of_the_tool_exist(name):
    help_ = subprocess.run([BUILD / "postern", "--help"], text=True, capture_output=True, check=True).stdout
    for command, word in re.findall(r"\bpostern ([a-z]+)(?: ([a-z]+))?\b", "\n".join(
            re.findall(r"`([^`\n]+)`", DOCS[name]) + re.findall(r"^build/(postern .*)", DOCS[name], re.M))):
        line = re.search(rf"^  postern {command} .*", help_, re.M)
        assert line and (not word or word in line[0].split()), (command, word)


def test_settings_and_environment_exist():
    assert len(SETTINGS) > 25
    for name, text in DOCS.items():
        sections = {s.split(".")[0] for s in SETTINGS}
        named = {s for s in spans(text) if re.fullmatch(r"[a-z]+\.[a-z_]+", s) and s.split(".")[0] in sections}
        named -= {"gate.conf", "mail.conf"}     # files
        assert named <= SETTINGS, name
        for variable in re.findall(r"\bPOSTERN_([A-Z]+_[A-Z]+)=", text):
            assert variable.lower().replace("_", ".", 1) in SETTINGS, (name, variable)


def test_generated_files_are_up_to_date():
    done = subprocess.run([ROOT / "nginx" / "routes.sh", "check", *sorted((BUILD / "cgi-bin").glob("*.fcgi"))],
                          text=True, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_says_what_is_out_of_date(tmp_path):
    """The script works on the tree it stands in: here, one whose README and routes.conf are old."""
    for name in ("nginx/routes.sh", "nginx/upstreams.conf.in", "nginx/routes.conf", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    script = ["sh", tmp_path / "nginx" / "routes.sh"]
    programs = sorted((BUILD / "cgi-bin").glob("*.fcgi"))
    (tmp_path / "README.md").write_text("before\n<!-- routes -->\nold\n<!-- /routes -->\nafter\n")
    (tmp_path / "nginx/routes.conf").write_text("old\n")
    done = subprocess.run([*script, "check", *programs], text=True, capture_output=True)
    assert done.returncode == 1 and (tmp_path / "nginx/routes.conf").read_text() == "old\n"
    assert done.stdout.splitlines() == ["nginx/routes.conf is out of date: make routes",
                                        "README.md is out of date: make routes"]
    subprocess.run([*script, "write", *programs], check=True)
    assert subprocess.run([*script, "check", *programs]).returncode == 0
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text and "| `user` " in text
    (tmp_path / "README.md").write_text("no marks\n")
    done = subprocess.run([*script, "write", *programs], text=True, capture_output=True)
    assert done.returncode == 1 and "<!-- routes -->" in done.stderr
    assert (tmp_path / "README.md").read_text() == "no marks\n"


def test_table_of_routes_is_what_the_programs_say():
    said = set()
    for program in (BUILD / "cgi-bin").glob("*.fcgi"):
        for line in subprocess.run([program, "--routes"], text=True, capture_output=True).stdout.splitlines():
            name, method, api, page, guard = line.split("\t")
            assert method.isupper() and guard.islower()
            said.add((name, method, f"/api{api}" if api != "-" else "", page if page != "-" else "", guard))
    assert {tuple(cell.strip("`") for cell in row) for row in rows("Routes")} == said


def expectations(script, name):
    """The block as (command, status and answer or None), with a member of another name."""
    pairs = []
    for line in script.replace("ada", name).replace("ADA", name.upper()).splitlines():
        if re.match(r"# \d{3}( |$)", line):
            pairs[-1] = (pairs[-1][0], line[2:])
        elif line and not line.startswith("#"):
            pairs.append((line, None))
    return pairs


def same(want, got):
    """Whether two JSON values are equal; "…" in a wanted text stands for anything."""
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(same(want[key], got[key]) for key in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, str) and isinstance(got, str):
        return re.fullmatch(".*".join(map(re.escape, want.split("…"))), got) is not None
    return want == got and type(want) is type(got)


@pytest.fixture
def as_run():
    """A site with the places of tokens that `make run` allows, and with its worker for mails."""
    with running({"POSTERN_TOKEN_LOCATIONS": None, "MAIL": None}) as site:
        yield site


def test_curl_lines_of_the_readme_answer_what_it_says(as_run):
    lines = "\n".join(block(title, "sh") for title in ("Try it", "Articles", "Files", "Tokens and devices", "Lose the password"))
    lines = lines.replace("http://127.0.0.1:8080", as_run.url).replace(" var/", f" {as_run.var}/")
    pairs = expectations(lines, "readme.ada")
    said = sum(bool(re.match("curl ", command)) for command, _ in pairs)
    assert sum(want is not None for _, want in pairs) == said > 20
    script = "curl() { command curl -w '\\n%{http_code}\\n' \"$@\"; }\n" + "".join(f"{c}\necho ----\n" for c, _ in pairs)
    done = subprocess.run(["bash", "-eu"], input=script, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    for (command, want), got in zip(pairs, done.stdout.split("----\n")):
        if want is None:
            assert got == "", command
            continue
        body, status = got.rstrip("\n").rsplit("\n", 1)
        assert status == want[:3], (command, want, got)
        assert same(json.loads(want[4:]), json.loads(body)) if want[4:] else body == "", (command, want, got)


def test_a_site_made_ones_own():
    """The settings and the commands of "Make it yours", and what is said to come of them."""
    with running() as site:
        site.stop()
        conf = site.var / "postern.conf"
        head, settings = block("Make it yours", "ini").split("\n", 1)
        before, old = conf.read_text().split(f"{head}\n", 1)
        for name in re.findall(r"^\w+", settings, re.M):     # those that are there already are changed
            old = re.sub(rf"\A((?:[^\[\n].*\n|\n)*?){name} = .*\n", r"\1", old)
        conf.write_text(f"{before}{head}\n{settings}{old}")
        commands = block("Make it yours", "sh").replace("var/", f"{site.var}/").replace("build/", f"{BUILD}/")
        done = subprocess.run(["bash", "-eu"], input=commands, text=True, capture_output=True, cwd=ROOT)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{site.var}/mine/home.html" in done.stdout and "templates/layout.html" in done.stdout
        assert "</form>" in done.stdout and "Try" in done.stdout
        site.start()
        page, form = (requests.get(site.url + path, timeout=10).text for path in ("/", "/login"))
        assert "<title>The club - Rowing Club</title>" in page and "<h1>Ahoy!</h1>" in page
        assert "On the river since 1904" in page and 'href="https://boats.example.org"' in page
        assert 'class="field rowing"' in form and 'href="mailto:office@example.org"' in form
        assert requests.get(f"{site.url}/static/statutes.html", timeout=10).text == "<h1>Statutes</h1>\n"
        contact = requests.get(f"{site.url}/.well-known/security.txt", timeout=10)
        assert contact.headers["Content-Type"].startswith("text/plain")
        assert contact.text.startswith("Contact: mailto:office@example.org\nExpires: 2")
        with (site.var / "mine" / "home.html").open("a") as home:
            home.write("<a href='{{x}}'>")
        slip = subprocess.run([BUILD / "cgi-bin" / "pages.fcgi", "--check"], env=site.tool_env(), text=True,
                              capture_output=True)
        assert slip.returncode == 1 and f"{site.var}/mine/home.html:8: " in slip.stderr


SQLITE = """CREATE TABLE user (id INTEGER PRIMARY KEY, username VARCHAR(20) NOT NULL, email VARCHAR(120) NOT NULL,
 image_file VARCHAR(20) NOT NULL DEFAULT 'default.jpg', password VARCHAR(60) NOT NULL);
INSERT INTO user (username, email, image_file, password) VALUES
 ('corey', 'corey@example.org', 'e5ad87622249ed75download (2).jpeg', '{hash}'),
 ('late', 'late@example.org', 'default.jpg', '{hash}');
"""


def test_members_brought_along(tmp_path):
    """The lines of "Bring your members along", beside the database and the pictures of a tutorial's site."""
    (tmp_path / "static" / "profile_pics").mkdir(parents=True)
    (tmp_path / "static" / "profile_pics" / "e5ad87622249ed75download (2).jpeg").write_bytes(jpeg())
    subprocess.run(["sqlite3", tmp_path / "site.db"], input=SQLITE.format(hash=scrypt(PASSWORD)), text=True, check=True)
    with running() as site:
        root(site, "CREATE DATABASE old; USE old; CREATE TABLE user (username TEXT, email TEXT, password TEXT);"
                   f" INSERT INTO user VALUES ('elder \\\\', 'x', ''), ('elder', 'e@example.org', '{scrypt(PASSWORD)}')")
        commands = block("Bring your members along", "sh", DOCS["FLASK.md"])
        commands = "mariadb() { command mariadb --no-defaults --socket=$SOCKET \"$@\"; }\n" + "".join(
            f"{line} || [ $? = 1 ]\n" if "old.json" in line and "import" in line else f"{line}\n"
            for line in commands.replace("build/", f"{BUILD}/").splitlines())
        done = subprocess.run(["bash", "-eu"], input=commands, text=True, capture_output=True, cwd=tmp_path,
                              env={**site.tool_env(), "SOCKET": f"{site.var}/run/db.sock"})
        assert done.returncode == 0, done.stderr
        assert [line.split(";")[0] for line in done.stdout.splitlines()] == [
            "dry run: 2 imported, 0 there already, 0 refused", "2 imported, 0 there already, 0 refused",
            "1 imported, 0 there already, 1 refused"]
        assert done.stderr.startswith("line 1: username may hold letters")
        for name in "corey", "late", "elder":
            answer = site.api("POST", "/login", {"username": name, "password": PASSWORD})
            assert answer.status_code == 200, name
        picture = site.sql("SELECT image FROM users WHERE username = 'corey'")[0][0]
        assert requests.get(site.url + picture, timeout=10).headers["Content-Type"] == "image/webp"
        assert [f"/pictures/{p.name}" for p in (tmp_path / "pictures").iterdir()] == [picture]
        assert "\n\"corey\"," in (tmp_path / "all.csv").read_text()


@pytest.fixture
def example(tmp_path):
    """The program of "Adding an endpoint", compiled."""
    (tmp_path / "logins.c").write_text(block("Adding an endpoint", "c", DOCS["CONTRIBUTING.md"]))
    libraries = [f"-l{name}" for name in ("fcgi", "mariadb", "jansson", "crypt", "crypto", "inih")]
    subprocess.run([*COMPILE, "-o", tmp_path / "logins.fcgi", tmp_path / "logins.c", BUILD / "libpostern.a", *libraries],
                   cwd=ROOT, check=True, timeout=60)
    return tmp_path / "logins.fcgi"


def test_worked_example_works(site, member, example):
    assert subprocess.run([example, "--routes"], text=True, capture_output=True).stdout == \
        "logins\tGET\t/logins/:id\t-\tmember\n"
    ((mine,),) = site.sql("SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id"
                          f" WHERE u.username = '{member['username']}'")

    def get(id_, token=None, method="GET"):
        env = {"REQUEST_METHOD": method, "PATH_INFO": f"/api/logins/{id_}", "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
               **({"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {})}
        said = subprocess.run([example], env=site.tool_env(**env), capture_output=True, timeout=30, input=b"").stdout
        head, _, body = said.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    status, answer = get(mine, member["token"])
    assert status == 200 and list(answer["login"]) == ["id", "createdAt", "lastSeenAt"] and answer["login"]["id"] == int(mine)
    assert get(int(mine) + 1000, member["token"]) == (404, {"errors": {"login": ["not found"]}})
    assert get("x", member["token"])[0] == 422
    assert get(mine)[0] == 401
    assert get(mine, member["token"], "POST")[0] == 405


def test_rights_in_security_are_those_of_the_grants():
    grants = {}
    for part in (ROOT / "sql/grants.sql").read_text().split("-- class ")[1:]:
        name = part.split()[0]
        grants[name] = set(re.findall(r"\bON (\w+) TO", part))
    text = DOCS["SECURITY.md"]
    head = re.search(r"^\| Table \| (.*) \|$", text, re.M)[1].split(" | ")
    assert set(head) == set(grants)
    listed = {name: set() for name in head}
    for table, *cells in rows("Which class may read what", text):
        for name, cell in zip(head, cells):
            if cell != "nothing":
                listed[name].add(spans(table)[0])
    assert listed == grants


def test_changelog_begins_with_this_version():
    assert re.search(r"^## \[(.*?)\]", DOCS["CHANGELOG.md"], re.M)[1] == (ROOT / "VERSION").read_text().strip()


def test_readme_stays_short():
    """Without the table of routes, which `make routes` writes."""
    text = re.sub(r"<!-- routes -->.*<!-- /routes -->", "", README, flags=re.S)
    assert len(text.splitlines()) < 400
