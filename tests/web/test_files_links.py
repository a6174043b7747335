# SPDX-License-Identifier: ISC
"""Links to files, for people without an account; /files and its buttons."""
import json
import time

import jwt
import pytest
import requests

from conftest import errors_of, page_of, running
from files import content, stored, take, upload


def link(site, member, file, **body):
    answer = site.api("POST", f"/files/{file['id']}/links", body, member["token"])
    assert answer.status_code == 201, answer.text
    return answer.json()["link"]


def fetch(site, url, method="GET", **more):
    """What the address of a link answers to nobody in particular."""
    return requests.request(method, site.url + url[url.index("/files"):], timeout=30, allow_redirects=False, **more)


def token_of(made):
    return made["url"].split("?token=")[1]


@pytest.fixture
def shared(site, member):
    file = take(site, member, b"for everybody")
    return member, file, link(site, member, file, days=7)


def test_whoever_has_it_reads_the_file(site, shared):
    _, file, made = shared
    assert made["url"].startswith(f"{site.url}/files/{file['id']}/content?token=")
    got = fetch(site, made["url"])
    assert got.status_code == 200 and got.content == b"for everybody" and "Set-Cookie" not in got.headers
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    part = fetch(site, made["url"], headers={"Range": "bytes=4-"})
    assert part.status_code == 206 and part.content == b"everybody"
    claims = jwt.decode(token_of(made), options={"verify_signature": False})
    assert (claims["type"], claims["sub"]) == ("share", f"file:{file['id']}")
    assert abs(claims["exp"] - claims["iat"] - 7 * 86400) < 2
    assert site.log("files").count(token_of(made)) == 0
    assert token_of(made) not in (site.var / "log/access.log").read_text()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_is_for_reading_alone(site, shared, method):
    assert fetch(site, shared[2]["url"], method).status_code == 405


def test_it_is_good_for_nothing_else(site, shared):
    member, file, made = shared
    other = take(site, member, b"another")
    token = token_of(made)
    for path in ("/user", "/files", f"/files/{file['id']}", f"/files/{file['id']}/content", "/token", "/sessions"):
        assert errors_of(site.api("GET", path, token=token), 401) == {"token": ["is invalid"]}
    assert errors_of(site.api("DELETE", f"/files/{file['id']}", token=token), 401)
    assert fetch(site, f"/files/{other['id']}/content?token={token}").status_code == 401
    for path in (f"/files/{file['id']}", "/files"):
        assert fetch(site, f"{path}?token={token}").headers["Location"].startswith("/login?next=")
    wrong = fetch(site, f"/files/{file['id']}/content?token={member['token']}")
    assert page_of(wrong, 401) and "for everybody" not in wrong.text


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "A", lambda t: "x", lambda t: "", lambda t: t.replace(".", ""),
                                   lambda t: t.rsplit(".", 1)[0] + ".", lambda t: "A" * 1000])
def test_spoilt_ones(site, shared, spoil):
    _, file, made = shared
    assert fetch(site, f"/files/{file['id']}/content?token={spoil(token_of(made))}").status_code in (401, 303, 422)


def key_of(site):
    return jwt.PyJWK(json.loads((site.var / "keys/share.json").read_text()), algorithm="HS256").key


def test_forged_by_the_key(site, shared):
    """Under the right key, but not as we write them."""
    _, file, made = shared
    token = token_of(made)
    claims = jwt.decode(token, options={"verify_signature": False})
    head = {"kid": jwt.get_unverified_header(token)["kid"], "typ": "share+jwt"}
    def status(head=head, **changed):
        spoilt = {k: v for k, v in {**claims, **changed}.items() if v is not None}
        return fetch(site, f"/files/{file['id']}/content?token="
                     + jwt.encode(spoilt, key_of(site), "HS256", headers=head)).status_code
    assert status() == 200
    assert status(exp=int(time.time()) - 1) == 401 and status(exp=None) == 401
    assert status(type="access") == 401 and status(type=None) == 401
    assert status(sub=f"{file['id']}") == 401 and status(sub="file:x") == 401 and status(sub=None) == 401
    assert status(iss="http://elsewhere") == 401 and status(ver="0") == 401 and status(ver=1) == 401
    assert status(head={**head, "typ": "at+jwt"}) == 401


def test_all_links_end(site, shared):
    member, file, made = shared
    second = link(site, member, file)
    assert fetch(site, second["url"]).status_code == 200
    assert site.api("DELETE", f"/files/{file['id']}/links", token=member["token"]).status_code == 204
    assert [fetch(site, l["url"]).status_code for l in (made, second)] == [401, 401]
    assert "This link has ended" in fetch(site, made["url"]).text
    assert fetch(site, link(site, member, file)["url"]).status_code == 200
    assert content(site, member, file).status_code == 200


def test_it_ends_with_the_file_and_with_a_lock(site, shared):
    member, file, made = shared
    site.tool("user", "lock", member["username"])
    assert fetch(site, made["url"]).status_code == 401
    site.tool("user", "unlock", member["username"])
    assert fetch(site, made["url"]).status_code == 200
    site.sql(f"DELETE FROM files WHERE id = {file['id']}")
    assert fetch(site, made["url"]).status_code == 401


@pytest.mark.parametrize("days", [0, -1, 367, "x", 1.5])
def test_days_that_are_none(site, member, days):
    file = take(site, member)
    assert errors_of(site.api("POST", f"/files/{file['id']}/links", {"days": days}, member["token"]), 422).keys() == {"days"}


def test_another_key_ends_them_all():
    with running() as site:
        member = site.register()
        made = link(site, member, take(site, member))
        assert fetch(site, made["url"]).status_code == 200
        site.tool("key", "share")
        assert fetch(site, made["url"]).status_code == 401
        (site.var / "keys/share.json").unlink()
        site.expect("share.json: No such file or directory")
        assert fetch(site, made["url"]).status_code == 500


def test_where_files_are_off():
    with running({"POSTERN_FEATURES_FILES": "off"}) as site:
        member = site.register()
        assert errors_of(upload(site, member, b"x"), 404)
        assert requests.get(site.url + "/files", timeout=30).status_code == 404
