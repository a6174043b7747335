# SPDX-License-Identifier: ISC
"""The picture on the page /settings, its own page for what was refused, and the button that removes it."""
import html
import re

import pytest

from conftest import errors_of
from pages import Browser, signed_in
from pictures import BROKEN, KIND, MOVES, PIXELS, encoded, image_of, jpeg, painted, png, stored
from test_picture_bad import BOMBS, OTHERS, frames
from test_picture_upload import LIMIT, padded

FORM = "/settings/image"
REMOVE = "/settings/image/remove"


def send(browser, data, name="holiday.jpg", page="/settings", follow=True, **more):
    form = browser.open(page).form(FORM)
    token = more.pop("csrf_token", form.values["csrf_token"])
    return browser.open(form.node["action"], "POST", follow=follow, data={"csrf_token": token},
                        files={"image": (name, data, "image/jpeg")}, **more)


@pytest.fixture
def browser(site):
    return signed_in(site)


def picture_of(browser):
    return browser.open("/").one("img.user-pic")["src"]


def test_the_form_stands_on_the_settings(browser):
    page = browser.open("/settings")
    form = page.form(FORM)
    field = form.field("image")
    assert (form.node["enctype"], field["type"], field["accept"]) == (
        "multipart/form-data", "file", "image/jpeg,image/png,image/webp")
    assert "required" in field.attrs and form.label("image") == "Upload a picture"
    assert "at most 5 MB and 40 megapixels" in form.describes("image")[0]
    # The first button of the page is that of its main form; there is nothing to remove yet.
    assert page.texts("main button[type=submit]")[0] == "Update Settings"
    assert page.texts("main button[type=submit]").count("Remove picture") == 0
    ids = [n["id"] for n in page.walk() if n["id"]]
    assert len(ids) == len(set(ids))


def test_upload_and_remove(site, browser):
    answer = send(browser, jpeg(), follow=False)
    assert (answer.status, answer.location) == (303, "/settings")
    page = browser.open("/settings")
    assert page.flash == [("success", "Your picture is saved.")]
    image = page.one(".picture img")["src"]
    assert re.fullmatch("/pictures/[0-9a-f]{16}[.]webp", image) and picture_of(browser) == image
    assert page.texts(".picture span") == ["holiday.jpg"] and page.form("/settings").values["image"] == image
    page = page.form(REMOVE, "Remove picture").send(follow=True)
    assert page.path == "/settings" and page.flash == [("success", "Your picture is removed.")]
    assert page.one(".picture img")["src"] == "/static/default-avatar.svg" and page.texts(".picture span") == []
    assert stored(site, browser.member) == []


def test_saving_the_settings_keeps_it(site, browser):
    send(browser, jpeg())
    image = picture_of(browser)
    assert browser.open("/settings").form("/settings").send(bio="Still me.", follow=False).status == 303
    assert picture_of(browser) == image and len(stored(site, browser.member)) == 1
    assert browser.open("/settings").form("/settings").send(image="", follow=False).status == 303
    assert picture_of(browser) == "/static/default-avatar.svg" and stored(site, browser.member) == []


def refused(page, status, sentence, field=None):
    """The page of the form alone, which says what is wrong in its list and beside the field, and can be sent again."""
    assert (page.status, page.path) == (status, FORM)
    assert page.texts("h1") == ["Your picture"] and page.errors == [sentence]
    form = page.form(FORM)
    assert form.node["enctype"] == "multipart/form-data"
    if field:
        assert form.field("image")["aria-invalid"] == "true" and form.describes("image") == [field]
    assert page.texts("main button[type=submit]") == ["Upload picture"]
    assert page.one("main a[href=/settings]")


@pytest.mark.parametrize("data, why", [
    (OTHERS["gif"], KIND), (BOMBS["16 bits"], PIXELS), (jpeg()[:-300], BROKEN), (OTHERS["text"], KIND),
    (encoded(frames(1)[0], "WEBP", save_all=True, append_images=frames(3)[1:]), MOVES)],
    ids=["gif", "bomb", "cut", "text", "moves"])
def test_what_is_refused(site, browser, data, why):
    before = site.checksum()
    page = send(browser, data)
    refused(page, 422, f"Picture {why}", f"Picture {why}")
    assert site.checksum() == before
    assert send(browser, jpeg(), page=FORM, follow=False).status == 303


def test_no_file(site, browser):
    answer = send(browser, b"", name="")
    refused(answer, 422, "Picture can't be blank", "Picture can't be blank")


@pytest.mark.parametrize("size, mine", [(LIMIT, None), (LIMIT + 1, True), (LIMIT + 65536, False)])
def test_U4_sizes(site, browser, size, mine):
    """Too large for the program: the form again. Too large for nginx: its page. 413, both."""
    page = send(browser, padded(size), follow=False)
    if mine is None:
        assert page.status == 303
    elif mine:
        refused(page, 413, "What you sent is too large, so nothing was changed. Choose something smaller.")
    else:
        assert page.status == 413 and page.texts("h1") == ["Too large"]
        assert page.headers["Content-Type"].startswith("text/html")
    assert len(stored(site, browser.member)) == (mine is None)


@pytest.mark.parametrize("path", [FORM, REMOVE])
def test_S_a_form_from_elsewhere_changes_nothing(site, browser, path):
    send(browser, jpeg())
    before = site.checksum()
    token = browser.open("/settings").form(FORM).values["csrf_token"]
    for headers, sent in (({"Origin": "https://evil.example"}, token), ({"Sec-Fetch-Site": "cross-site"}, token),
                          ({}, "x" * 43), ({}, "")):
        page = browser.open(path, "POST", headers=headers, data={"csrf_token": sent},
                            files={"image": ("x.png", png(painted(64, 64)))})
        assert page.status == 403 and site.checksum() == before


def test_an_expired_form_can_be_sent_again(site, browser):
    page = send(browser, jpeg(), csrf_token="x" * 43)
    refused(page, 403, "This form had expired, so nothing was changed. Here it is again: please send it once more.")
    assert send(browser, jpeg(), page=FORM, follow=False).status == 303


@pytest.mark.parametrize("path, method", [(FORM, "GET"), (FORM, "POST"), (REMOVE, "POST")])
def test_signed_out_leads_to_the_login(site, path, method):
    answer = Browser(site).open(path, method, follow=False, files={"image": ("x", jpeg())} if method == "POST" else None)
    assert answer.status == 303
    assert answer.location == ("/login" if path == REMOVE else "/login?next=%2Fsettings%2Fimage")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.jpg", "\"><img src=x onerror=alert(1)>.png", "{{user}}%n%s", "'&amp;.jpg",
                                  "\u202egpj.exe", "x" * 400 + ".jpg"])
def test_U3_the_name_is_shown_as_a_text(site, name):
    """On the settings and in the copy of one's data; nowhere else."""
    browser = signed_in(site)
    boundary = "b"
    token = browser.open("/settings").form(FORM).values["csrf_token"]
    body = (f"--b\r\nContent-Disposition: form-data; name=csrf_token\r\n\r\n{token}\r\n--b\r\nContent-Disposition: form-data;"
            f" name=image; filename=\"{name.replace(chr(92), chr(92) * 2).replace(chr(34), '%22')}\"\r\n\r\n").encode()
    answer = browser.open(FORM, "POST", follow=False, data=body + png(painted(64, 64)) + b"\r\n--b--\r\n",
                          headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    assert answer.status == 303
    page = browser.open("/settings")
    (row,) = stored(site, browser.member)
    kept = site.sql("SELECT HEX(file) FROM pictures JOIN users ON id = user_id"
                    f" WHERE username = '{browser.member['username']}'")[0][0]
    kept = bytes.fromhex(kept).decode()
    assert page.one(".picture span").raw() == kept and "/" not in kept
    assert page.all(".picture script") == [] and len(page.all(".picture img")) == 1
    profile = browser.open(f"/profile/{browser.member['username']}")
    assert kept not in profile.answer.text and html.escape(kept) not in profile.answer.text


def test_somebody_elses_name_of_a_file_is_not_told(site, browser):
    other = site.register()
    image_of(site, other)
    assert "holiday.jpg" not in browser.open(f"/profile/{other['username']}").answer.text


def test_the_rows_know_their_methods(site, browser):
    assert errors_of(site.api("GET", "/user/image", token=browser.member["token"]), 405) == {"method": ["is not allowed here"]}
    assert site.api("OPTIONS", "/user/image").headers["Allow"] == "PUT, DELETE, OPTIONS"
    assert browser.open(REMOVE).status == 405
