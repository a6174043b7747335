# SPDX-License-Identifier: ISC
"""The same core of requests over each way to run Postern: nginx, Apache with mod_proxy_fcgi, Apache with
mod_fcgid, and plain CGI below an .htaccess."""
import contextlib
import html
import itertools
import socket

import pytest
import requests

from articles import article_of, draft
from conftest import PASSWORD, ROOT, errors_of, page_of, running
from files import content, take
from pages import Browser, signed_in
from pictures import jpeg
from test_nginx import raw
from ways import EACH

pytestmark = EACH

WAYS = ("nginx", "proxy", "fcgid", "cgi")
numbers = itertools.count(1)


@pytest.fixture(scope="module", params=WAYS)
def way(request):
    with running({"WEB": request.param}) as site:
        site.way = request.param
        site.ada = site.register(username="ada.way")
        yield site


def test_who_answers(way):
    """nginx where nginx is meant, Apache elsewhere."""
    server = requests.get(f"{way.url}/static/style.css", timeout=10).headers["Server"]
    assert server == ("nginx" if way.way == "nginx" else "Apache")
    pids = {p.name for p in (way.var / "run/pids").iterdir()}
    assert ("nginx" in pids, "apache" in pids, "login" in pids) == (
        way.way == "nginx", way.way != "nginx", way.way in ("nginx", "proxy"))


def test_api(way):
    """Sign-up, logins with JSON, a form and Basic; the header Authorization arrives."""
    name = f"way{next(numbers)}"
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    for body in {"user": user}, {"user": {**user, "email": f"x{user['email']}"}}:
        answer = way.api("POST", "/users", body)
        assert answer.status_code == (201 if body["user"] == user else 409), answer.text
    answers = [way.api("POST", "/login", {"email": user["email"], "password": PASSWORD}),
               requests.post(f"{way.url}/api/login.fcgi", data={"username": name, "password": PASSWORD}, timeout=30),
               requests.get(f"{way.url}/api/login", auth=(name, PASSWORD), timeout=30)]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        token = answer.json()["token"]
        for path in "/user", "/user.fcgi":
            assert way.api("GET", path, token=token).json()["user"]["username"] == name
    assert errors_of(way.api("POST", "/login", {"email": user["email"], "password": "wrong"}), 401)
    assert errors_of(way.api("GET", "/user"), 401) == {"token": ["is missing"]}
    assert errors_of(way.api("GET", "/user", token="x"), 401) == {"token": ["is invalid"]}
    assert way.api("PUT", "/user", {"user": {"bio": "Ünter\nuns"}}, token).json()["user"]["bio"] == "Ünter\nuns"
    assert errors_of(way.api("PUT", "/user", {"user": {"email": "x"}}, token), 422).keys() == {"email"}
    refreshed = requests.post(f"{way.url}/api/token", data={"refresh_token": answers[0].json()["refresh_token"]}, timeout=30)
    assert refreshed.status_code == 200 and refreshed.json()["token_type"] == "Bearer"
    assert way.api("DELETE", "/sessions", token=token).status_code == 204
    assert way.api("GET", "/tags").status_code == way.api("GET", "/health/live").status_code == 200


def test_articles(way):
    article = article_of(way.api("POST", "/articles", {"article": draft(title="On ways", tagList=["c++"])}, way.ada["token"]), 201)
    path = f"/articles/{article['slug']}"
    first = way.api("GET", path)
    assert article_of(first)["tagList"] == ["c++"]
    again = way.api("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    stale = way.api("PUT", path, {"article": {"body": "x"}}, way.ada["token"], headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    assert way.api("GET", f"/articles.fcgi/{article['slug']}").json() == first.json()
    assert [a["slug"] for a in way.api("GET", "/articles?tag=c%2B%2B&author=ada.way").json()["articles"]] == [article["slug"]]
    assert way.api("GET", "/articles/feed", token=way.ada["token"]).json()["articlesCount"] == 0
    assert "On ways" in page_of(requests.get(f"{way.url}/article/{article['slug']}", timeout=30), 200)
    for tag in "c++", "c%2B%2B", "c%2b+":
        assert "On ways" in page_of(requests.get(f"{way.url}/tag/{tag}", timeout=30), 200)
    assert way.api("DELETE", path, token=way.ada["token"]).status_code == 204
    assert errors_of(way.api("GET", path), 404) == {"article": ["not found"]}
    assert "ada.way" in requests.get(f"{way.url}/profile/ada.way", timeout=30).text


def test_pages_with_forms(way):
    browser = signed_in(way, way.ada)
    assert browser.open("/").user == "ada.way"
    form = browser.open("/settings").form("/settings")
    assert form.send(bio="By a form", follow=False).status == 303
    assert form.send(multipart=True, bio="By a multipart form", follow=False).status == 303
    assert "By a multipart form" in browser.open("/profile/ada.way").raw()
    assert form.send(csrf_token="x", headers={"Origin": "https://evil.example"}).status == 403
    written = browser.open("/editor").form().send(title="Formed", description="d", body="*b*", follow=False)
    assert (written.status, written.location) == (303, "/article/formed")
    assert browser.open("/article/formed").user == "ada.way"
    browser.log_out()
    away = browser.open("/settings", follow=False)
    assert (away.status, away.location) == (303, "/login?next=%2Fsettings")
    register = Browser(way).open("/register").form().send(username="", email="x", password="short")
    assert register.status == 422 and len(register.errors) == 3


def test_a_body_in_chunks(way):
    """Its length is known to the program, but for plain CGI, which has no word for it."""
    chunks = iter([b'{"user":{"username":"chunk.way","email":"chunk@example.org",', f'"password":"{PASSWORD}"}}}}'.encode()])
    answer = requests.post(f"{way.url}/api/users", chunks, headers={"Content-Type": "application/json"}, timeout=30)
    if way.way == "cgi":
        assert answer.status_code == 411 and answer.json()["errors"]
        assert way.sql("SELECT 1 FROM users WHERE username = 'chunk.way'") == []
    else:
        assert (answer.status_code, answer.json()["user"]["username"]) == (201, "chunk.way")


def test_picture(way):
    token = way.ada["token"]
    answer = way.api("PUT", "/user/image", token=token, files={"image": ("a.jpg", jpeg())})
    assert answer.status_code == 200, answer.text
    picture = requests.get(way.url + answer.json()["image"], timeout=30)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp") and picture.content[8:12] == b"WEBP"
    large = b"x" * (2 << 20)    # less than a picture may have, more than any other body
    answer = way.api("PUT", "/user/image", token=token, files={"image": ("a.jpg", large)})
    assert errors_of(answer, 422) == {"image": ["must be a JPEG, PNG or WebP picture"]}
    assert way.api("PUT", "/user/image", token=token, files={"image": ("a.jpg", b"x" * (6 << 20))}).status_code == 413
    assert signed_in(way, way.ada).open("/settings").form("/settings/image").node["enctype"] == "multipart/form-data"


def test_heads(way):
    for path, token in ("/login", None), ("/api/user", way.ada["token"]), ("/api/nothing", None), ("/static/style.css", None):
        headers = {"Authorization": f"Token {token}"} if token else {}
        got = requests.get(way.url + path, headers=headers, timeout=30)
        head = requests.head(way.url + path, headers=headers, timeout=30)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_errors(way):
    assert errors_of(way.api("GET", "/nothing"), 404) == {"path": ["not found"]}
    page_of(requests.get(f"{way.url}/nothing", timeout=30), 404)
    refused = way.api("DELETE", "/login")
    assert errors_of(refused, 405) and "POST" in refused.headers["Allow"]
    assert errors_of(requests.post(f"{way.url}/api/users", "{", headers={"Content-Type": "application/json"}, timeout=30), 422)
    answer = requests.post(f"{way.url}/api/users", "x" * ((1 << 20) + 1), timeout=30)
    assert (answer.status_code, answer.json()) == (413, {"errors": {"body": ["is too large"]}})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    answer = requests.post(f"{way.url}/login", "x" * (6 << 20), timeout=30)
    assert answer.status_code == 413 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.endswith("</html>\n")


def test_static_files(way):
    for name, type in (("style.css", "text/css; charset=utf-8"), ("logo.svg", "image/svg+xml; charset=utf-8"),
                       ("script.js", "text/javascript; charset=utf-8")):
        answer = requests.get(f"{way.url}/static/{name}", timeout=10)
        assert (answer.status_code, answer.content) == (200, (ROOT / "static" / name).read_bytes())
        assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (type, "max-age=600")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        again = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
        assert (again.status_code, again.content) == (304, b"")
    assert requests.get(f"{way.url}/favicon.ico", timeout=10).headers["Content-Type"].startswith("image/")
    assert requests.get(f"{way.url}/static/nothing.css", timeout=10).status_code == 404


def test_what_the_api_is(way):
    """Files that `postern static` has made, at addresses under /api."""
    document = requests.get(f"{way.url}/api/openapi.json", timeout=10)
    assert document.status_code == 200 and document.headers["Content-Type"].startswith("application/json")
    assert document.json()["servers"] == [{"url": way.url}] and "/api/articles/{slug}" in document.json()["paths"]
    page = requests.get(f"{way.url}/api/docs", timeout=10)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'"{way.url}/api/user"' in html.unescape(page.text) and page.text.endswith("</html>\n")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    if way.way != "cgi":    # as of error pages there
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    for file in [*way.var.rglob("errors/openapi.json"), *way.var.rglob("errors/docs.html")]:    # as with features.api = off
        file.unlink()
    for path in "/openapi.json", "/docs":
        answer = way.api("GET", path)
        assert (answer.status_code, answer.json()) == (404, {"errors": {"path": ["not found"]}})


@pytest.mark.parametrize("path", [
    "/postern.conf", "/credentials.conf", "/keys/private.json", "/sql/grants.sql", "/templates/home.html", "/.htaccess",
    "/cgi-bin/", "/bin/postern", "/static/../postern.conf", "/static/%2e%2e/sql/grants.sql", "/postern.conf.sample",
    "/static/..%2fsql%2fgrants.sql", "//sql/grants.sql", "/sql", "/run/db.sock", "/postern-run/login.fcgi",
    "/postern-own/../sql/grants.sql", "/postern-error/page/policy", "/errors/", "/cgi-bin/login.fcgi.bak", "/static/"])
def test_what_has_no_address(way, path):
    if way.way == "cgi":    # they are there
        folder = way.var / "www"
        (folder / "keys").mkdir(exist_ok=True)
        for name in "postern.conf", "credentials.conf", "keys/private.json":
            (folder / name).touch()
        assert (folder / "sql/grants.sql").exists() and (folder / ".htaccess").exists()
    status, _, body = raw(way, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert status in (400, 403, 404) and "GRANT" not in body, path


def test_no_client_says_where_it_is(way):
    """Variables of the web server come from the web server."""
    for header in "Document-Uri", "Redirect-Url", "Path-Info", "Remote-User", "Document_Uri", "Redirect_Url":
        answer = requests.get(f"{way.url}/api/tags", headers={header: "/api/user"}, timeout=10)
        assert (answer.status_code, list(answer.json())) == (200, ["tags"])
    assert requests.get(f"{way.url}/api/tags", headers={"Proxy": "http://evil.example"}, timeout=10).status_code == 200


def test_addresses_are_counted(way):
    """REMOTE_ADDR arrives: devices show it."""
    token = way.api("POST", "/login", {"email": way.ada["email"], "password": PASSWORD}).json()["token"]
    assert {s["address"] for s in way.api("GET", "/sessions", token=token).json()["sessions"]} == {"127.0.0.1"}


def test_files(way):
    """Up, down, in part, by a link, and away again."""
    data, token = bytes(range(256)) * 10000, way.ada["token"]
    file = take(way, way.ada, data, name="bytes.bin")
    for method, body in ("GET", data), ("HEAD", b""):
        answer = content(way, way.ada, file, method)
        assert (answer.status_code, answer.content) == (200, body)
        assert (answer.headers["Content-Length"], answer.headers["Accept-Ranges"]) == (str(len(data)), "bytes")
    part = content(way, way.ada, file, Range="bytes=1048570-1048585")       # over a border of two pieces
    assert (part.status_code, part.content) == (206, data[1048570:1048586])
    assert (part.headers["Content-Range"], part.headers["Content-Length"]) == (f"bytes 1048570-1048585/{len(data)}", "16")
    assert errors_of(content(way, way.ada, file, Range=f"bytes={len(data)}-"), 416)
    link = way.api("POST", f"/files/{file['id']}/links", {}, token).json()["link"]["url"]
    shared = requests.get(link, timeout=30)
    assert (shared.status_code, shared.content) == (200, data) and "Set-Cookie" not in shared.headers
    assert requests.get(link, headers={"Range": "bytes=-3"}, timeout=30).content == data[-3:]
    assert requests.get(link[:-1], timeout=30).status_code == 401
    form = signed_in(way, way.ada).open("/files").form("/files")
    assert form.node["enctype"] == "multipart/form-data"
    assert way.api("DELETE", f"/files/{file['id']}", token=token).status_code == 204
    assert requests.get(link, timeout=30).status_code == 401      # as for one that never was


def test_large_file(way):
    """More than a form's 64 MiB: limits.file counts. What is more than that is refused before it is read."""
    data = bytes(65 << 20)
    file = take(way, way.ada, data)
    assert file["size"] == len(data)
    assert content(way, way.ada, file).content == data
    for path, length in ("files", 2 << 30), ("users", 100 << 20):
        with socket.create_connection(("127.0.0.1", way.port), timeout=10) as s:
            s.sendall(f"POST /api/{path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode())
            assert s.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_refused_file_is_told_so(way):
    """The answer does not get lost while the file still comes."""
    for size in 1000, 5 << 20:
        for token, status in (None, 401), (way.ada["token"], 422):
            answer = way.api("POST", "/files", token=token, files={"wrong": ("x", bytes(size))})
            assert errors_of(answer, status), size


def test_a_file_that_breaks_off_ends_the_connection(way):
    """So that nobody takes the next answer for the rest of it."""
    if way.way == "nginx":
        pytest.skip("it has taken all of the file before anybody can remove it")
    way.expect("a file broke off")
    file = take(way, way.ada, bytes(60 << 20))
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        s.connect(("127.0.0.1", way.port))
        s.sendall(f"GET /api/files/{file['id']}/content HTTP/1.1\r\nHost: a\r\nAuthorization: Token {way.ada['token']}\r\n\r\n".encode())
        length = len(s.recv(1000))
        assert way.api("DELETE", f"/files/{file['id']}", token=way.ada["token"]).status_code == 204
        with contextlib.suppress(ConnectionResetError):
            while piece := s.recv(1 << 20):
                length += len(piece)
    assert length < 60 << 20
