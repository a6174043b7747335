# SPDX-License-Identifier: ISC
"""The page /files and that of each file."""
import pytest
import requests

from conftest import page_of, running
from files import PIECE, rows, take
from pages import EXPIRED, FOREIGN, signed_in


@pytest.fixture
def browser(site):
    return signed_in(site)


def send(browser, data=b"hello", name="notes.txt", description="Notes", follow=True, **more):
    form = browser.open("/files").form("/files")
    token = more.pop("csrf_token", form.values["csrf_token"])
    fields = {"csrf_token": token, "description": description}
    return browser.open("/files", "POST", follow=follow, data={k: v for k, v in fields.items() if v is not None},
                        files={"inputFile": (name, data)}, **more)


def test_upload_list_download_remove(site, browser):
    page = send(browser, b"x" * (PIECE + 5))
    assert (page.path, page.flash, page.texts(".devices h2")) == ("/files", [("success", "Your file is stored.")], ["Notes"])
    assert "1.0 MB" in page.one(".devices .hint").text
    got = browser.open(page.one(".devices a.btn")["href"]).answer
    assert got.content == b"x" * (PIECE + 5) and got.headers["Content-Disposition"].startswith("attachment; ")
    one = browser.open(page.one(".devices h2 a")["href"])
    gone = one.form(one.path + "/delete").send(follow=True)
    assert (gone.path, gone.flash, gone.all(".devices")) == ("/files", [("success", "The file is removed.")], [])


def test_errors_come_back_with_what_was_typed(site, browser):
    send(browser)
    before = rows(site)
    page = send(browser)
    assert page.answer.status_code == 422 and page.path == "/files"
    assert page.errors == ["Description has already been taken"]
    assert page.form("/files").values["description"] == "Notes"
    page = browser.open("/files", "POST", data={"csrf_token": page.form("/files").values["csrf_token"], "description": "y"},
                        files={"inputFile": ("", b"")})
    assert page.errors == ["File can't be blank"]
    assert rows(site) == before


def test_a_forged_form_stores_nothing(site, browser):
    before = rows(site)
    page = send(browser, b"x" * PIECE, csrf_token="x")
    assert page.answer.status_code == 403 and page.errors == [EXPIRED]
    assert page.form("/files").values["description"] == "Notes"
    assert send(browser, b"x" * PIECE, csrf_token=None).answer.status_code == 403
    page = send(browser, b"x" * PIECE, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.answer.status_code == 403 and page.errors == [FOREIGN]
    assert rows(site) == before


def test_a_link_is_made_and_all_are_ended(site, browser):
    page = send(browser)
    one = browser.open(page.one(".devices h2 a")["href"])
    made = one.form(one.path).send(days="3")
    url = made.one(".flash code").text
    assert made.answer.status_code == 200 and requests.get(url, timeout=30).content == b"hello"
    ended = made.form(one.path + "/end-links").send(follow=True)
    assert (ended.path, ended.flash) == (one.path, [("success", "All links to this file are ended.")])
    gone = requests.get(url, timeout=30)
    assert page_of(gone, 401)
    wrong = one.form(one.path).send(days="0")
    assert wrong.answer.status_code == 422 and wrong.errors


def test_who_is_not_signed_in_goes_to_the_login(site, browser):
    page = send(browser)
    path = page.one(".devices a.btn")["href"]
    for address in ("/files", "/files/1", path):
        answer = requests.get(site.url + address, allow_redirects=False, timeout=30)
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/login?next=")
    answer = requests.post(site.url + "/files", files={"inputFile": ("x", b"y" * 3 * PIECE)}, timeout=30,
                           allow_redirects=False)
    assert answer.status_code in (303, 403)
    assert signed_in(site).open(path).answer.status_code == 404


def test_U3_names_are_shown_as_text(site, browser):
    page = send(browser, name="<script>alert(1)</script>.txt", description="<b>bold</b>")
    assert "<script>alert" not in page.answer.text and "<b>bold" not in page.answer.text
    assert page.texts(".devices h2") == ["<b>bold</b>"]


def test_an_admin_sees_those_of_a_member(site, member):
    file = take(site, member)
    boss = site.register()
    site.tool("user", "role", boss["username"], "admin")
    browser = signed_in(site, boss)
    page = browser.open(f"/files?owner={member['username']}")
    assert page.one("h1").text == f"Files of {member['username']}" and page.texts(".devices h2") == [file["description"]]
    one = browser.open(f"/files/{file['id']}")
    assert one.all(".error-page") == [] and "Share it" not in one.text
    assert one.form(f"/files/{file['id']}/delete").send(follow=True).flash == [("success", "The file is removed.")]


def test_a_page_behind_the_last_one(site):
    member = site.register()
    browser = signed_in(site, member)
    assert "There are no files yet." in browser.open("/files?page=9").text
    take(site, member, b"one")
    page = browser.open("/files?page=9")
    assert page.all(".devices") == [] and "There are no more files." in page.text and "no files yet" not in page.text
    assert browser.open(page.all("main p a")[0]["href"]).texts(".devices h2") != []


def test_a_token_in_the_address_becomes_a_cookie():
    with running({"POSTERN_TOKEN_LOCATIONS": "header query"}) as site:
        member = site.register()
        file = take(site, member, b"hello")
        visitor = requests.Session()
        page = visitor.get(f"{site.url}/files?token={member['token']}", timeout=30)
        assert page.url == site.url + "/files" and file["description"] in page.text
        assert "token" not in page.history[-1].headers["Location"]
        answer = site.api("POST", f"/files/{file['id']}/links", {}, member["token"])
        assert answer.status_code == 201, answer.text
        made = answer.json()["link"]["url"]
        for _ in range(10):     # each worker remembers what it has read in the address, and no more
            assert site.api("GET", "/files", token=member["token"]).status_code == 200
            assert site.api("POST", "/files/1/links", {}, site.register()["token"]).status_code == 404
            assert site.api("POST", f"/files/{file['id']}/links", {}, member["token"]).status_code == 201
        got = requests.get(made, timeout=30, allow_redirects=False)      # and a link stays one
        assert got.status_code == 200 and got.content == b"hello"
