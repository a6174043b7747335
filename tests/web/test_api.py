# SPDX-License-Identifier: ISC
"""The OpenAPI document and the page /api/docs: valid, of all rows and of nothing else, and what they say is so."""
import html
import json
import re
import subprocess

import pytest
import requests
from jsonschema import Draft202012Validator

from articles import say, write
from conftest import API, BUILD, PASSWORD, ROOT, Site, page_of, running
from files import take
from letters import reset_token
from members import id_of, new_admin
from openapi import METHODS, resolved
from pictures import jpeg

DEMO = "postern-demo"       # the password of the demo members
ROWS = re.compile(r'<h3 id="[a-z-]+">([A-Z]+) ([^<]+)</h3>(.*?)(?=<h3|</section>)', re.S)


def said_by_programs():
    """(method, path as OpenAPI writes it, guard) of all rows under /api."""
    rows = set()
    for program in (BUILD / "cgi-bin").glob("*.fcgi"):
        for line in subprocess.run([program, "--routes"], text=True, capture_output=True, check=True).stdout.splitlines():
            _, method, api, _, guard = line.split("\t")
            if api != "-":
                rows.add((method.lower(), "/api" + re.sub(r":(\w+)", r"{\1}", api), guard))
    return rows


def test_each_row_is_there_and_nothing_else():
    assert {(method, path, row["x-guard"]) for path, method, row in API.operations()} == said_by_programs()
    assert set(API.document) == {"openapi", "info", "servers", "paths", "components"}
    assert API.document["openapi"] == "3.1.0" and API.document["info"]["version"] == (ROOT / "VERSION").read_text().strip()


def schemas(node):
    """Every schema of the document."""
    if isinstance(node, dict):
        yield from [node["schema"]] if "schema" in node else []
        for name, value in node.items():
            yield from value.values() if name == "schemas" else schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def test_each_schema_is_one():
    found = list(schemas(API.document))
    assert len(found) > 150
    for schema in found:
        Draft202012Validator.check_schema(resolved(schema, API.document))


def test_answers_have_all_their_members_and_no_others():
    for name, schema in API.document["components"]["schemas"].items():
        if "properties" in schema:
            assert schema["additionalProperties"] is False, name
            assert set(schema["properties"]) - set(schema["required"]) <= {"aud"}, name


@pytest.mark.parametrize("path,method,row", API.operations(), ids=lambda v: v if isinstance(v, str) else "")
def test_operation(path, method, row):
    """The rules of OpenAPI 3.1 that no schema of it in Debian could check."""
    assert method in METHODS and row["summary"] and not row["summary"].endswith(".")
    assert not row["summary"].startswith(f"{method.upper()} /"), "api/rows.json has no line for it"
    parameters = row.get("parameters", [])
    assert {p["name"] for p in parameters if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
    assert all(p["required"] for p in parameters if p["in"] == "path")
    assert all(p["in"] in ("path", "query", "header") and p["schema"] for p in parameters)
    assert len({(p["in"], p["name"]) for p in parameters}) == len(parameters)
    assert (method != "get") >= ("requestBody" in row)
    for media, content in row.get("requestBody", {}).get("content", {}).items():
        assert media in ("application/json", "multipart/form-data")
        Draft202012Validator(resolved(content["schema"], API.document)).validate(content["example"])
    statuses = set(row["responses"])
    assert any(status.startswith("2") for status in statuses) and "503" in statuses
    assert all(resolved(answer, API.document)["description"] for answer in row["responses"].values())
    assert (row["x-guard"] in ("member", "owner", "admin")) == (row["security"] == [{"token": []}])
    for scheme in (name for one in row["security"] for name in one):
        assert scheme in API.document["components"]["securitySchemes"]
    assert "401" in statuses or row["x-guard"] == "open"


@pytest.mark.parametrize("method,url,status,type,body", [
    ("GET", "/api/tags", 200, "application/json", b'{"tags":[],"more":1}'),
    ("GET", "/api/tags", 200, "application/json", b'{}'),
    ("GET", "/api/tags", 200, "text/html", b'{"tags":[]}'),
    ("GET", "/api/tags", 201, "application/json", b'{"tags":[]}'),
    ("GET", "/api/tags", 401, "application/json", b'{"errors":{"token":["is missing"]}}'),
    ("GET", "/api/articles.fcgi/x", 422, "application/json", b'{"errors":{}}'),
    ("DELETE", "/api/user", 204, None, b"gone"),
    ("GET", "/api/nowhere", 200, "application/json", b"{}")])
def test_what_is_not_written_there_is_found(method, url, status, type, body):
    assert API.wrong(method, url, status, type, body)


def test_programs_fail_the_test_that_sees_a_wrong_answer(site, monkeypatch):
    monkeypatch.setitem(API.document["paths"]["/api/health/live"]["get"]["responses"], "200", {"description": "None."})
    API.wanted.cache_clear()
    with pytest.raises(AssertionError, match="with a body"):
        site.api("GET", "/health/live")
    API.wanted.cache_clear()


# The document and the page as a site serves them

@pytest.fixture(scope="module")
def demo():
    with running({"POSTERN_TOKEN_LOCATIONS": None}) as site:
        yield site


def served(site, name):
    return requests.get(f"{site.url}/api/{name}", timeout=10)


def test_document_is_served_with_the_address_of_the_site(site):
    answer = served(site, "openapi.json")
    assert answer.status_code == 200 and answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json() == {**API.document, "servers": [{"url": site.url}]}


def test_a_feature_that_is_off_is_not_in_it(site, tmp_path):
    site.tool("static", str(tmp_path), POSTERN_FEATURES_FILES="off", POSTERN_FEATURES_COMMENTS="off")
    paths = json.loads((tmp_path / "openapi.json").read_text())["paths"]
    assert set(API.document["paths"]) - set(paths) == {
        path for path in API.document["paths"] if path.startswith("/api/files") or "/comments" in path}
    assert "/api/files" not in (tmp_path / "docs.html").read_text()
    site.tool("static", str(tmp_path), POSTERN_FEATURES_API="off")
    assert not (tmp_path / "openapi.json").exists() and not (tmp_path / "docs.html").exists()


def rows_of_the_page(site):
    """{(method, path): (its text, statuses, line for a shell)}"""
    page = page_of(served(site, "docs"), 200) if site.env.get("WEB", "nginx") == "nginx" else served(site, "docs").text
    assert "<script" not in re.sub(r'<script src="/static/script.js" defer></script>', "", page)
    return {(method, html.unescape(path)): (
        html.unescape(text), re.findall(r"\b([2-5]\d\d)\b", re.search(r"Answers: (.*?)</p>", text)[1]),
        html.unescape(re.search(r"<pre>(.*?)</pre>", text, re.S)[1]))
        for method, path, text in ROWS.findall(page)}


def test_page_has_each_row_with_its_fields_guard_and_errors(site):
    rows = rows_of_the_page(site)
    assert set(rows) == {(method.upper(), path) for path, method, _ in API.operations()}
    for path, method, row in API.operations():
        text, statuses, _ = rows[method.upper(), path]
        assert f'<span class="label">{row["x-guard"]}</span>' in text
        common = {"400", "413", "429", "431", "500", "503"}
        assert set(statuses) == set(row["responses"]) - common
        for parameter in row.get("parameters", []):
            assert f"<code>{parameter['name']}</code>" in text
    text = rows["POST", "/api/users"][0]
    assert re.search(r"<code>password</code> <strong>needed</strong> .*body, in user.*\n.*8 to 72 characters", text)


def prepared(site, method, path, folder):
    """Somebody who may send a row's line, and what its variables stand for."""
    admin = API.document["paths"][path][method.lower()]["x-guard"] == "admin"
    me = (new_admin if admin else Site.register)(site, password=DEMO)
    pair = site.api("POST", "/login", {"username": me["username"], "password": DEMO}).json()
    me["token"] = pair["token"]
    env = {"NAME": me["username"], "PASSWORD": DEMO, "TOKEN": pair["token"], "REFRESH": pair["refresh_token"]}
    if "{slug}" in path:
        env["SLUG"] = write(site, me)["slug"]
    if "/comments/{id}" in path:
        env["ID"] = say(site, me, env["SLUG"])["id"]
    elif path.startswith("/api/files/"):
        env["ID"] = take(site, me)["id"]
    elif path == "/api/sessions/{id}":
        other = site.api("POST", "/login", {"username": me["username"], "password": DEMO}).json()["token"]
        env["ID"] = next(s["id"] for s in site.api("GET", "/sessions", token=other).json()["sessions"] if s["current"])
    elif path == "/api/tokens/{id}":
        made = site.api("POST", "/tokens", {"name": "x", "scopes": ["read"], "days": 1}, me["token"])
        env["ID"] = made.json()["id"]
    elif path == "/api/users/{id}":
        env["ID"] = id_of(site, site.register())
    if path == "/api/password/reset":
        env["MAILED"] = reset_token(site, me["email"])
    elif path == "/api/email/verify":
        env["MAILED"] = site.tool("user", "link", me["username"]).strip().rpartition("=")[2]
    (folder / "minutes.txt").write_text("Minutes\n")
    (folder / "me.jpg").write_bytes(jpeg())
    return {name: str(value) for name, value in env.items()}


def test_line_of_each_row_gets_the_status_that_the_page_says(demo, tmp_path):
    rows = rows_of_the_page(demo)
    for (method, path), (_, statuses, line) in rows.items():
        env = prepared(demo, method, path, tmp_path)
        script = f"curl() {{ command curl -sS -o body -w '%{{http_code}} %{{content_type}}' \"$@\"; }}\n{line}\n"
        done = subprocess.run(["bash", "-eu"], input=script, text=True, capture_output=True, cwd=tmp_path, timeout=60,
                              env={"PATH": "/usr/bin:/bin", **env})
        status, _, type_ = done.stdout.partition(" ")
        assert done.stderr == "" and status == statuses[0], (line, done.stdout, done.stderr)
        body = (tmp_path / "body").read_bytes() if status != "204" else b""
        assert API.wrong(method, f"{demo.url}{path.replace('{', '').replace('}', '')}", int(status), type_, body) is None, line


def test_token_of_the_first_lines_is_good(demo):
    page = html.unescape(served(demo, "docs").text)
    lines = re.search(r"<pre>(NAME=.*?)</pre>", page, re.S)[1].replace("ada", "Dathu").replace(PASSWORD, DEMO)
    done = subprocess.run(["bash", "-eu"], input=lines + '\necho "$TOKEN"', text=True, capture_output=True, timeout=60)
    assert demo.api("GET", "/user", token=done.stdout.strip()).json()["user"]["username"] == "Dathu"
