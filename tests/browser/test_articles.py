# SPDX-License-Identifier: ISC
"""Two people and their articles, in Chromium without JavaScript; and with it, where hostile texts do nothing."""
import pytest

from conftest import PASSWORD
from selenium.webdriver.common.keys import Keys
from states import sign_in
from states_articles import say, write

HOSTILE = ["<script>document.title = 'run'</script>", "<img src=x onerror=\"document.title='run'\">",
           "\"><svg onload=\"document.title='run'\">", "[x](javascript:document.title='run')",
           "![x](x \"\\\" onerror=\\\"document.title='run'\")", "<iframe srcdoc=\"<script>parent.document.title='run'</script>\">",
           "</title></textarea><script>document.title='run'</script>", "<base href='//example.org/'>",
           "<style>body{display:none}</style>", "<form action=//example.org/><input name=x>",
           "<meta http-equiv=refresh content='0;url=//example.org/'>", "<a href=data:text/html,x>x</a>"]


@pytest.fixture
def c(browser):
    return browser(js=False)


def enter_tag(c, text):
    """Type a tag and press Enter, which asks the server for the same page with one tag more."""
    with c.leaving():
        c.find("input[placeholder='Enter tags']").send_keys(text + Keys.ENTER)
    return c


def register(c, name):
    c.open("/register").fill(username=name, email=f"{name}@example.org", password=PASSWORD).press("Sign up")
    assert c.path == "/"


def test_two_people(c, site):
    register(c, "writer")
    c.follow("New Article").fill(title="Of the weir", description="And its gates", body="It is *old*.")
    enter_tag(c, "river")
    enter_tag(c, "oak")
    assert c.path == "/editor" and c.value("title") == "Of the weir" and c.value("body") == "It is *old*."
    assert sorted(c.texts(".tag-pill")) == ["oak", "river"]
    with c.leaving():
        c.find(".tag-pill button[value=oak]").click()
    assert c.texts(".tag-pill") == ["river"] and c.find(".tag-pill i").size["width"] > 0
    c.press("Preview")
    assert c.path == "/editor" and c.text(".article-content em") == "old"
    c.press("Publish Article")
    assert (c.path, c.status, c.text("h1")) == ("/article/of-the-weir", 200, "Of the weir")
    assert c.text(".article-content em") == "old" and c.texts(".tag-list li") == ["river"]
    c.follow("Edit Article").fill(description="And its two gates").press("Publish Article")
    assert c.path == "/article/of-the-weir"
    c.open("/logout").press("Sign out")

    register(c, "walker2")
    c.open("/?feed=following")
    assert "Your feed is empty" in c.text(".empty-feed-message")
    c.open("/article/of-the-weir").press("Follow writer")
    assert c.path == "/article/of-the-weir" and c.text(".actions button") == "Unfollow writer"
    c.press("Favorite Article (0)")
    assert c.texts(".actions button")[1] == "Unfavorite Article (1)"
    with c.leaving():
        c.find("textarea").send_keys("I was **there**.")
        c.find(".comment-form button").click()
    assert c.path == "/article/of-the-weir" and c.text(".card:not(.comment-form) .card-block p") == "I was there."
    c.follow("Home").follow("Your Feed")
    assert c.path == "/?feed=following" and c.texts(".preview-link h1") == ["Of the weir"]
    assert c.text(".preview-link p") == "And its two gates" and c.text(".article-preview .btn-primary") == "1"
    with c.leaving():
        c.find(".article-preview .btn-primary").click()
    assert c.path == "/?feed=following" and c.text(".article-preview .btn-outline-primary") == "0"
    c.follow("river")
    assert c.path == "/tag/river" and c.texts(".feed-toggle .active") == ["river"]
    with c.leaving():
        c.find(".preview-link").click()
    with c.leaving():
        c.find(".mod-options button").click()
    assert c.path == "/article/of-the-weir" and not c.has(".card:not(.comment-form)")
    c.open("/profile/walker2/favorites")
    assert c.has(".empty-feed-message")
    c.open("/logout").press("Sign out")

    sign_in(c, {"email": "writer@example.org", "password": PASSWORD})
    c.open("/article/of-the-weir").press("Delete Article")
    assert c.path == "/" and c.has(".flash-success")
    assert c.open("/article/of-the-weir").status == 404
    assert c.strangers() == []


def test_buttons_of_a_guest_lead_to_the_login_and_back(c, site):
    slug = write(site, site.register())
    member = site.register()
    c.open(f"/article/{slug}").press("Favorite Article (0)")
    assert c.path == f"/login?next=%2Farticle%2F{slug}"
    c.fill(email=member["email"], password=PASSWORD).press("Sign in")
    assert c.path == f"/article/{slug}"


def test_hostile_texts_do_nothing(browser, site):
    """With JavaScript, and the policy never has to step in."""
    c, person = browser(js=True), site.register()
    slugs = [write(site, person, title=t[:120], description=t, body=t, tagList=[t[:60].replace(",", "")]) for t in HOSTILE]
    for slug, text in zip(slugs, HOSTILE):
        say(site, person, slug, text)
    sign_in(c, person)
    paths = [f"/article/{s}" for s in slugs] + [f"/editor/{s}" for s in slugs] + ["/", f"/profile/{person['username']}"]
    for path in paths:
        c.open(path)
        assert c.status == 200 and "run" != c.driver.title and c.path == path, path
        assert c.find("body").is_displayed()
        assert not [m for m in c.complaints() if "Content Security Policy" in str(m) or "refused" in str(m).lower()], path
    c.open(f"/editor/{slugs[0]}").press("Preview")
    assert c.status == 200 and c.driver.title != "run"


def test_prints_without_buttons(browser, site):
    c = browser(js=True)
    c.open(f"/article/{write(site, site.register())}")
    c.cdp("Emulation.setEmulatedMedia", media="print")
    assert not c.find("nav.navbar").is_displayed() and c.find(".article-content").is_displayed()
    assert not c.find(".actions").is_displayed()
    c.cdp("Emulation.setEmulatedMedia", media="")
