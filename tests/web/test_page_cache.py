# SPDX-License-Identifier: ISC
"""nginx/cache.conf: for a second visitors get what was answered to another visitor, and nobody ever what was answered to
a member."""
import time

import pytest
import requests

from articles import draft, favor, follow, write
from gate_site import gated
from pages import signed_in
from ways import NGINX
from workers import until

pytestmark = NGINX

PUBLIC = ["/", "/?page=1", "/tag/kept", "/profile/keptada", "/feed.xml", "/api/articles", "/api/articles?tag=kept&limit=5",
          "/api/articles/kept-one", "/api/articles/kept-one/comments", "/api/tags", "/api/profiles/keptada"]
LAST = {}       # path: when it was asked for


@pytest.fixture(scope="module")
def kept():
    with gated('include "postern/cache.conf";\n', {"POSTERN_TOKEN_LOCATIONS": "header query"}) as site:
        site.ada, site.bob = (site.register(username=name) for name in ("keptada", "keptbob"))
        write(site, site.ada, title="Kept one", tagList=["kept"])
        favor(site, site.bob, "kept-one")
        follow(site, site.bob, "keptada")
        yield site


def get(site, path, method="GET", **headers):
    LAST[path] = time.monotonic()
    return requests.request(method, site.url + path, headers=headers, timeout=30, allow_redirects=False)


def asked(site, *paths, **headers):
    """How many of these requests reach a program, whose lines come a moment after its answers."""
    ids = [get(site, path, **headers).headers["X-Request-ID"] for path in paths]
    lines = lambda: "".join(log.read_text() for log in (site.var / "log").glob("*.log") if log.stem != "access")
    until(lambda: all(id in lines() for id in ids), 0.3)
    return sum(id in lines() for id in ids)


def fresh():
    """All that is kept has ended."""
    time.sleep(2.1)     # nginx counts whole seconds


@pytest.mark.parametrize("path", PUBLIC)
def test_visitors_share_an_answer_for_a_second(kept, path):
    assert asked(kept, *[path] * 6) <= 2      # the second may have ended in between
    first = get(kept, path)
    rest = [get(kept, path) for _ in range(5)]
    assert first.status_code == 200 and {a.content for a in rest} == {first.content}
    for name in "Content-Type", "ETag", "Content-Security-Policy", "Cache-Control", "Vary", "X-Content-Type-Options":
        assert {a.headers.get(name) for a in rest} == {first.headers.get(name)}, name
    assert len({a.headers["X-Request-ID"] for a in rest}) == 5
    if "ETag" in first.headers:
        again = get(kept, path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    head = get(kept, path, "HEAD")
    assert (head.status_code, head.content) == (200, b"") and get(kept, path).content == first.content


@pytest.mark.parametrize("path", PUBLIC)
def test_what_a_member_reads_is_a_members(kept, path):
    """By a cookie, a header or the address, before and after a visitor: each has the answer as without a cache."""
    browser = signed_in(kept, kept.bob)
    cookie = "; ".join(f"{c.name}={c.value}" for c in browser.session.cookies)
    members = {"Cookie": cookie} if not path.startswith("/api/") else {"Authorization": f"Token {kept.bob['token']}"}
    until(lambda: time.monotonic() - LAST.get(path, 0) > 2.1, 3)      # for a member to be the first
    mine = get(kept, path, **members)
    plain = get(kept, path)
    assert mine.status_code == plain.status_code == 200
    assert get(kept, path, **members).content == mine.content and get(kept, path).content == plain.content
    assert "keptbob" not in plain.text and "Set-Cookie" not in plain.headers
    if path.startswith("/api/articles") and "comments" not in path:
        assert '"favorited":true' in mine.text and '"favorited":true' not in plain.text
        token = "&" if "?" in path else "?"
        for spelling in "token", "%74oken":
            assert '"favorited":true' in get(kept, f"{path}{token}{spelling}={kept.bob['token']}").text
        assert get(kept, path).content == plain.content
    if not path.startswith("/api/") and path != "/feed.xml":
        assert mine.text != plain.text and "/settings" in mine.text and "/settings" not in plain.text
    for odd in {"Cookie": "0"}, {"Authorization": "0"}, {"Cookie": "theme=dark"}, {"Origin": "https://other.example"}:
        assert asked(kept, path, **odd) == 1, odd


def test_what_is_new(kept):
    """A member sees it at once, visitors a second later; what is not there is never kept."""
    assert get(kept, "/article/kept-new").status_code == get(kept, "/api/articles/kept-new").status_code == 404
    assert "Kept new" not in get(kept, "/").text
    write(kept, kept.ada, title="Kept new")
    assert "Kept new" in kept.api("GET", "/articles", token=kept.bob["token"]).text
    assert get(kept, "/article/kept-new").status_code == get(kept, "/api/articles/kept-new").status_code == 200
    fresh()
    assert "Kept new" in get(kept, "/").text
    assert kept.api("DELETE", "/articles/kept-new", token=kept.ada["token"]).status_code == 204
    fresh()
    assert get(kept, "/article/kept-new").status_code == 404 and "Kept new" not in get(kept, "/").text


@pytest.mark.parametrize("path", ["/login", "/register", "/article/kept-one", "/settings", "/editor", "/files", "/user/keptada", "/api/user", "/api/articles/feed",
                                  "/api/files", "/api/sessions", "/?feed=following", "/?x=y", "/tag/kept?page=1&page=1&x", "/api/health/ready"])
def test_nothing_else_is_kept(kept, path):
    assert asked(kept, path, path, path) == 3
    answers = [get(kept, path) for _ in range(3)]
    if path in ("/login", "/register", "/article/kept-one"):
        assert len({a.headers["Set-Cookie"] for a in answers}) == 3


def test_what_is_written_is_never_kept(kept):
    for _ in range(2):
        assert kept.api("POST", "/articles", {"article": draft()}, kept.ada["token"]).status_code == 201
        assert get(kept, "/api/articles", "POST").status_code == 401


def test_members_go_on_by_etag_and_range(kept):
    """Where nothing is kept, programs see If-None-Match and Range themselves."""
    mine = {"Authorization": f"Token {kept.bob['token']}"}
    tag = get(kept, "/api/articles/kept-one", **mine).headers["ETag"]
    assert get(kept, "/api/articles/kept-one", **mine, **{"If-None-Match": tag}).status_code == 304
