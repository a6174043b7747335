# SPDX-License-Identifier: ISC
"""The command `postern tmpl`: a page for data on standard input, and the list of the templates."""
import json
import pathlib
import re
import subprocess

import pytest

from conftest import BUILD, ROOT
from ways import BUILT

TEMPLATES = ROOT / "templates"


@pytest.fixture
def tmpl(tmp_path):
    """Run the tool in a folder of its own, without settings and database."""
    def run(*args, data={}, input=None, **files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.html"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return subprocess.run([BUILD / "postern", "tmpl", *args], cwd=tmp_path, env={}, timeout=60, text=True,
                              input=json.dumps(data) if input is None else input, capture_output=True)
    return run


def page(done):
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout


def refused(done):
    """The one line that says why not."""
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1, done
    assert done.stderr.startswith("postern: ") and done.stderr.endswith("\n")
    return done.stderr[9:-1]


def test_a_page_with_its_parent_and_partials(tmpl):
    done = tmpl("home.html", data={"site": {"name": "T&R"}, "list": [{"n": 1}, {"n": 2}]},
                home="{{<layout}}{{$main}}\n{{#list}}\n{{> widgets/row}}\n{{/list}}\n{{/main}}{{/layout}}",
                layout="<title>{{site.name}}</title>\n{{$main}}{{/main}}", widgets__row="<i>{{n}}</i>\n")
    assert page(done) == "<title>T&amp;R</title>\n<i>1</i>\n<i>2</i>\n"


def test_partials_are_found_from_the_page_s_folder(tmpl, tmp_path):
    (tmp_path / "a").mkdir()
    tmpl("none", a__page="{{> part}}|{{> widgets/w}}", a__part="part", part="wrong")
    (tmp_path / "a" / "widgets").mkdir()
    (tmp_path / "a" / "widgets" / "w.html").write_text("w {{> part}} {{> widgets/v}}")
    (tmp_path / "a" / "widgets" / "v.html").write_text("v")
    assert page(tmpl("a/page.html")) == "part|w part v"
    assert page(tmpl(str(tmp_path / "a" / "page.html"))) == "part|w part v"
    assert page(tmpl("a/widgets/w.html")) == "w part v", "a widget's folder is no folder of pages"
    assert page(tmpl("part.html")) == "wrong"


def test_what_is_missing_is_empty(tmpl):
    assert page(tmpl("p.html", p="[{{> none}}{{<none}}{{/none}}{{none}}]")) == "[]"


def test_data_is_never_a_template(tmpl):
    data = {"x": "{{user}} {{{userHtml}}} {{> p}} {{#a}} {{=<% %>=}} <%x%>", "user": "SECRET"}
    assert page(tmpl("p.html", data=data, p="{{x}}")) == \
        "{{user}} {{{userHtml}}} {{&gt; p}} {{#a}} {{=&lt;% %&gt;=}} &lt;%x%&gt;"
    data = {"l": ["{{user}}", {"user": "{{x}}"}], "user": "'\"</title>{{l}}"}
    assert page(tmpl("p.html", data=data, p="{{#l}}<p title='{{user}}'>{{.}}</p>{{/l}}")) == \
        "<p title='&#39;&quot;&lt;/title&gt;{{l}}'>{{user}}</p><p title='{{x}}'></p>"


def test_values_are_printed_as_json_has_them(tmpl):
    numbers = "[0,-1,9007199254740993,1.5,0.1,1e300,true,false,null,{},[],\"é😀\"]"
    done = tmpl("p.html", input='{"l":%s}' % numbers, p="{{#l}}{{.}};{{/l}}")
    assert page(done) == "0;-1;9007199254740993;1.5;0.1;1e300;true;false;;;;é😀;"


@pytest.mark.parametrize("text, why", [
    ("\n{{#x}}", "p.html:2: x is not closed"),
    ("{{{x}}}", "p.html:1: {{x}}: only a name that ends in Html may be raw"),
    ("\n\n<a href='{{x}}'>",
     "p.html:3: {{x}}: in an attribute that holds an address a name must end in Url"),
    ("<script>{{x}}</script>", "p.html:1: {{x}}: a variable in <script>"),
    ("{{> ../p}}", "p.html:1: this is no name for a template"),
    ("{{> bad}}", "bad.html:2: this closes nothing"),
])
def test_errors_have_file_and_line(tmpl, text, why):
    assert refused(tmpl("p.html", p=text, bad="\n{{/x}}")) == why


def test_an_error_in_another_folder_has_its_path(tmpl):
    assert refused(tmpl("a/p.html", a__p="{{> q}}", a__q="\n{{/x}}")) == "a/q.html:2: this closes nothing"


@pytest.mark.parametrize("data, why", [
    ("", "line 1, column 0: "), ("{", "line 1, column 1: "), ('{"a":1,\n}', "line 2, column 1: "),
    ('"text"', "line 1, column 6: "), ('{"a":1,"a":2}', "line 1, column 10: "),
    ('{"a":"\x01"}', "line 1, column 6: "), ("{} {}", "line 1, column 4: "),
    ('{"a": secret\x1b[1m}', "line 1, column 12: "),
])
def test_bad_data(tmpl, data, why):
    said = refused(tmpl("p.html", input=data, p="x"))
    assert said.startswith("standard input is no JSON, an object or a list: line "), said
    assert "secret" not in said and "\x1b" not in said


def test_usage_and_missing_pages(tmpl):
    for args in [], ["a", "b"], ["-x"], [""], ["--list", "x"], ["p.html", "--lists"]:
        assert refused(tmpl(*args)).startswith("usage: postern tmpl PAGE.html")
    assert refused(tmpl("none.html")) == "none.html: No such file or directory"
    assert refused(tmpl("none/p.html")) == "none/p.html: No such file or directory"
    assert refused(tmpl("a/..", a__p="x")) == "..:1: is no name for a template"
    assert refused(tmpl("a")) == "a:1: cannot be read: this is no file"


def test_a_page_that_cannot_be_written(tmp_path):
    (tmp_path / "p.html").write_text("x" * 100000)
    with open("/dev/full", "w") as full:
        done = subprocess.run([BUILD / "postern", "tmpl", "p.html"], cwd=tmp_path, env={}, timeout=60,
                              input="{}", text=True, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stderr == "postern: standard output cannot be written\n"


@pytest.mark.parametrize("path", sorted(p.relative_to(TEMPLATES) for p in TEMPLATES.rglob("*.html")), ids=str)
def test_each_installed_template_is_fine(tmpl, path):
    page(tmpl(str(TEMPLATES / path)))
    assert re.match(r"\{\{! *\w", (TEMPLATES / path).read_text()), "its first line says which data it gets"


def listed(site, **env):
    """{name: (whose, path, comment)} of `postern tmpl --list`."""
    found = {}
    for entry in re.split(r"^(?=\S)", site.tool("tmpl", "--list", **env), flags=re.M)[1:]:
        head, *comment = entry.splitlines()
        name, whose, path = re.fullmatch(r"(\S+) \((yours|installed)\): (.*)", head).groups()
        assert all(line.startswith("    ") and line.strip() for line in comment)
        found[name] = whose, pathlib.Path(path), " ".join(line.strip() for line in comment)
    return found


@BUILT
def test_list(site, tmp_path):
    found = listed(site)
    assert list(found) == sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.*"))
    for name, (whose, path, comment) in found.items():
        assert whose == "installed" and path == TEMPLATES / name
        first = re.search(r"\{\{!(.*?)\}\}", (TEMPLATES / name).read_text(), re.S).group(1)
        assert comment == " ".join(first.split()), name
    assert all(comment for _, _, comment in found.values())


def test_list_with_an_owner_s_folder(site, tmp_path):
    (tmp_path / "widgets").mkdir()
    (tmp_path / "home.html").write_text("{{! mine }}")
    (tmp_path / "widgets" / "text.html").write_text("no comment")
    (tmp_path / "more.html").write_text("x {{!\n  own data:\n\n  a and b }} {{! no }}")
    (tmp_path / "none.html~").write_text("{{! no }}")
    (tmp_path / ".hidden.html").write_text("{{! no }}")
    (tmp_path / "no name.html").write_text("{{! no }}")
    plain = listed(site)
    found = listed(site, POSTERN_SITE_TEMPLATES=str(tmp_path))
    assert found.pop("more.html") == ("yours", tmp_path / "more.html", "own data: a and b")
    for name in "home.html", "widgets/text.html":
        assert found.pop(name) == ("yours", tmp_path / name, plain.pop(name)[2])
    assert found == plain
