# SPDX-License-Identifier: ISC
"""The editor, without a script: tags one by one, a preview, publishing, changing."""
import pytest

from articles import counted, draft, read, remove, together, write
from conftest import running
from pages import Browser, Page, signed_in

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


CHANGED = "This was changed after you had opened it, so nothing was saved."


def test_C3_the_slower_of_two_windows_is_told_and_loses_nothing(site, writer):
    slug = write(site, writer.member, title="Two windows", tagList=["river"])["slug"]
    slow = writer.open(f"/editor/{slug}")
    slow = send(slow, PREVIEW, body="Slow & *typed*.")      # the buttons in between forget nothing of it
    assert send(writer.open(f"/editor/{slug}"), body="Fast </textarea>", tags=["oak"]).status == 303
    slow = send(slow, PREVIEW)
    page = send(slow, None, ["mine"], description="Slowly")
    assert page.status == 412 and len(page.errors) == 1 and page.errors[0].startswith(CHANGED)
    assert typed(page) == {"title": "Two windows", "description": "Slowly", "body": "Slow & *typed*."}
    assert sorted(pills(page)) == ["mine", "river"] and page.one("h1").text == "Edit article"
    now = page.one("section[aria-label=What it says now]")
    assert now.one("textarea").raw().lstrip("\n") == "Fast </textarea>" and "oak; river;" in now.text
    assert now.one("a")["href"] == f"/article/{slug}" and now.one("textarea")["name"] is None
    assert read(site, slug)["body"] == "Fast </textarea>"
    bad = send(page, body=" ")      # what is wrong with it is no consent
    assert bad.status == 422 and not bad.all("section")
    assert send(writer.open(f"/editor/{slug}"), title="Two windows", description="Faster").status == 303
    assert send(bad, body="Slow").status == 412
    again = send(page)
    assert again.status == 412 and again.one("dl").text.count("Faster") == 1
    assert send(again).status == 303
    new = read(site, slug)
    assert (new["body"], new["description"], new["tagList"]) == ("Slow & *typed*.", "Slowly", ["mine", "river"])


def test_C3_twenty_windows_at_once(site, writer):
    """Each publishes what it opened: one is taken, and all others see theirs again."""
    slug = write(site, writer.member)["slug"]
    pages = [writer.open(f"/editor/{slug}") for _ in range(20)]
    done = together(20, lambda i: send(pages[i], body=f"Number {i}."))
    assert sorted(p.status for p in done) == [303] + [412] * 19
    first = next(i for i, p in enumerate(done) if p.status == 303)
    assert read(site, slug)["body"] == f"Number {first}."
    assert all(typed(p)["body"] == f"Number {i}." for i, p in enumerate(done) if i != first)


@pytest.mark.parametrize("how", ["renamed", "removed"])
def test_C3_what_is_gone_can_become_another(site, writer, how):
    old = write(site, writer.member, tagList=["river"])
    page = writer.open(f"/editor/{old['slug']}")
    if how == "renamed":
        assert send(writer.open(f"/editor/{old['slug']}"), title=f"Renamed {old['slug']}").status == 303
    else:
        remove(site, writer.member, old["slug"])
    page = send(page, None, ["oak"], body="A long night's work.")
    assert page.status == 404 and len(page.errors) == 1 and "not here any more" in page.errors[0]
    assert sorted(pills(page)) == ["oak", "river"] and page.one("h1").text == "New article"
    assert typed(page)["body"] == "A long night's work." and page.form().node["action"] == "/editor"
    assert page.one(".error-messages a")["href"] == f"/profile/{writer.member['username']}"
    done = send(page)
    assert done.status == 303 and read(site, done.location.split("/")[-1])["body"] == "A long night's work."
    assert counted(site) == []


@pytest.mark.parametrize("at,status", [(None, 303), ("", 303), ("*", 412), ("x", 412), ('"', 412), ("%", 412), ("2026-", 412)])
def test_C3_state_of_no_sense(site, writer, at, status):
    """A form without it is as the API without If-Match."""
    slug = write(site, writer.member)["slug"]
    form = writer.open(f"/editor/{slug}").form()
    assert form.send(updatedAt=at).status == status


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
