# SPDX-License-Identifier: ISC
"""The editor, without a script: tags one by one, a preview, publishing, changing."""
import pytest

from articles import counted, draft, read, write
from conftest import running
from pages import Browser, signed_in

TYPED = {"title": "A title", "description": "What it is about", "body": "Some *text*."}


@pytest.fixture
def writer(site):
    return signed_in(site)


def send(page, button=None, tags=(), **values):
    """Press a button of the editor as (name, value); None: the one that publishes."""
    form = page.form()
    pairs = [(n, v) for n, v in form.filled(**values) if n != "tagList"] + [("tagList", t) for t in pills(page)]
    pairs += [("tagList", t) for t in tags] + ([button] if button else [])
    return page.browser.open(form.node["action"], "POST", data=pairs, follow=False)


def pills(page):
    return [n["value"] for n in page.all(".tag-pill input[type=hidden][name=tagList]")]


def typed(page):
    values = page.form().values
    return {n: values[n] for n in TYPED}


ADD, PREVIEW = ("add", "true"), ("preview", "true")


def test_names_and_texts(writer):
    page = writer.open("/editor")
    buttons = page.all("main button")
    assert [b.text for b in buttons] == ["Add tag", "Publish Article", "Preview"]
    assert buttons[0].parent.classes == ["trap"] and buttons[0]["tabindex"] == "-1"     # Enter presses the first one
    assert page.one("input[name=title]") and page.one("input[name=description]") and page.one("textarea[name=body]")
    assert page.one("input[placeholder=Enter tags]")["name"] == "tagList" and page.one("title").text == "New article - Postern"
    assert len(page.all("main form")) == 1


def test_tags_one_by_one(writer):
    page = send(writer.open("/editor"), ADD, ["river"], **TYPED)
    assert page.status == 200 and pills(page) == ["river"] and typed(page) == TYPED and not page.errors
    page = send(page, ADD, ["oak, winter, river"])
    assert sorted(pills(page)) == ["oak", "river", "winter"] and typed(page) == TYPED
    remove = next(b for b in page.all(".tag-pill button") if b["value"] == "oak")
    assert remove["type"] == "submit" and remove.one("i") and remove["name"] == "remove"
    page = send(page, ("remove", "oak"))
    assert pills(page) == ["river", "winter"] and typed(page) == TYPED
    page = send(page, ADD, [""])
    assert pills(page) == ["river", "winter"]
    done = send(page, None, ["typed and not entered"])
    assert (done.status, done.location) == (303, done.location) and done.location.startswith("/article/")
    article = read(writer.site, done.location.split("/")[-1])
    assert article["tagList"] == ["river", "typed and not entered", "winter"] and article["title"] == "A title"
    assert writer.open(done.location).flash == [("success", "Your article is published.")]
    assert counted(writer.site) == []


def test_nothing_typed_and_a_tag(writer):
    page = send(writer.open("/editor"), ADD, ["river"])
    assert page.status == 200 and pills(page) == ["river"] and typed(page) == {"title": "", "description": "", "body": ""}


def test_preview(writer, site):
    before = site.sql("SELECT COUNT(*) FROM articles")
    page = send(writer.open("/editor"), PREVIEW, ["river"], **{**TYPED, "body": "A *new* day.<script>x</script>"})
    assert page.status == 200 and page.one(".article-content em").text == "new" and pills(page) == ["river"]
    assert len(page.all("script")) == 1 and site.sql("SELECT COUNT(*) FROM articles") == before
    empty = send(writer.open("/editor"), PREVIEW)
    assert empty.status == 200 and not empty.errors


def test_all_that_is_missing_is_said(writer):
    page = send(writer.open("/editor"), None, ["river"])
    assert page.status == 422 and page.errors == ["Title can't be blank", "Description can't be blank",
                                                  "Text can't be blank"]
    assert pills(page) == ["river"] and page.one("#title")["aria-invalid"] == "true"
    done = send(page, None, **TYPED)
    assert done.status == 303


@pytest.mark.parametrize("button", [None, ADD, PREVIEW])
def test_too_much_is_said_and_kept(writer, button):
    page = send(writer.open("/editor"), button, [f"tag{n}" for n in range(21)], **TYPED)
    assert page.status == 422 and len(pills(page)) == 21 and typed(page) == TYPED
    page = send(writer.open("/editor"), button, ["t" * 61], **{**TYPED, "title": "x" * 121})
    assert page.status == 422 and len(page.errors) == 2 and pills(page) == ["t" * 61]
    assert typed(page)["title"] == "x" * 121


def test_page_stays_small_whatever_was_sent(writer):
    page = send(writer.open("/editor"), ADD, [f"tag{n}" for n in range(900)] + ["x" * 300])
    assert page.status == 422 and len(pills(page)) == 50 and len(page.answer.content) < 30000


def test_change(site, writer):
    old = write(site, writer.member, tagList=["river", "oak"])
    page = writer.open(f"/editor/{old['slug']}")
    assert page.one("h1").text == "Edit article" and pills(page) == ["oak", "river"]
    assert typed(page) == {n: old[n] for n in TYPED}
    page = send(page, ("remove", "oak"), title="Another")
    assert pills(page) == ["river"] and typed(page)["title"] == "Another" and page.one("h1").text == "Edit article"
    done = send(page)
    assert done.status == 303 and done.location != f"/article/{old['slug']}"
    new = read(site, done.location.split("/")[-1])
    assert (new["title"], new["tagList"], new["body"]) == ("Another", ["river"], old["body"])
    page = send(writer.open(f"/editor/{new['slug']}"), ("remove", "river"))
    assert pills(page) == [] and send(page).status == 303
    assert read(site, new["slug"])["tagList"] == [] and counted(site) == []
    bad = send(writer.open(f"/editor/{new['slug']}"), body=" ")
    assert bad.status == 422 and bad.errors == ["Text can't be blank"] and bad.one("h1").text == "Edit article"


def test_S8_editor_of_anothers(site, writer):
    slug = write(site, site.register())["slug"]
    before = site.checksum()
    token = writer.open("/editor").token
    assert writer.open(f"/editor/{slug}").status == 403
    for more in ({}, {"add": "true"}, {"preview": "true"}):
        page = writer.open(f"/editor/{slug}", "POST", data={"csrf_token": token, **TYPED, **more})
        assert page.status == 403 and not page.all("textarea"), more
    assert writer.open("/editor/no-such-slug").status == 404
    assert site.checksum() == before


@pytest.mark.parametrize("path", ["/editor", "/editor/x"])
def test_S1_S3_token_and_login(site, writer, path):
    assert Browser(site).open(path, follow=False).location == f"/login?next={path.replace('/', '%2F')}"
    assert Browser(site).open(path, "POST", data=TYPED, follow=False).location == f"/login?next={path.replace('/', '%2F')}"
    before = site.sql("SELECT COUNT(*) FROM articles")
    page = writer.open("/editor", "POST", data={**TYPED, "csrf_token": "x", "tagList": "river"})
    assert page.status == 403 and typed(page) == TYPED and pills(page) == ["river"]
    assert site.sql("SELECT COUNT(*) FROM articles") == before
    foreign = writer.open("/editor", "POST", data={**TYPED, "csrf_token": page.token, "tagList": "river"},
                          headers={"Origin": "https://example.org"})
    assert foreign.status == 403 and typed(foreign)["title"] == "" and pills(foreign) == []


def test_who_may_not_publish():
    with running({"POSTERN_SITE_PUBLISH": "admin"}) as strict:
        browser = signed_in(strict)
        assert browser.open("/editor").status == 403 and "/editor" not in {n["href"] for n in browser.open("/").all("a")}
        token = browser.open("/settings").token
        assert browser.open("/editor", "POST", data={**TYPED, "csrf_token": token}).status == 403
        assert strict.sql("SELECT COUNT(*) FROM articles") == [["0"]]


def test_draft_is_of_the_api_too(site, writer):
    """What the editor wrote is what the API says."""
    done = send(writer.open("/editor"), None, **{**draft(), "tagList": ""})
    assert set(read(site, done.location.split("/")[-1])) >= {"title", "body"}
