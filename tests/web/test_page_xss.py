# SPDX-License-Identifier: ISC
"""Whatever an article, a comment or a tag says, a page shows it and does nothing of it (X3, X5, X8)."""
import html.parser
import re

import pytest

from articles import draft, favor, follow, say, write
from pages import Browser, signed_in
from test_page_inject import TEXTS
from ways import SLASHES

# What a link, a picture or raw HTML in Markdown might do.
MARKDOWN = [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))",
    "[x](\tjavascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](vbscript:x)", "[x](data:text/html,<script>1</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](javascript:alert(1))", "![x](data:image/svg+xml,<svg/onload=x>)",
    "![x\" onerror=\"alert(1)](x)", "[x](x \"a\" onclick=\"alert(1)\")", "[x](x 'a\" onclick=\"alert(1)')",
    "<javascript:alert(1)>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href=\"javascript:x\">x</a>",
    "text <b onclick=x>b</b> text", "<div>\n\n**x**\n\n</div>", "<!-- x --><script>x</script>", "`<script>x</script>`",
    "    <script>x</script>", "```\"><script>x</script>\nx\n```", "```x onload=y\nz\n```", "[x]: javascript:alert(1)\n\n[x]",
    "[x]: <javascript:alert(1)> \"t\"\n\n![x]", "<http://example.org/\"onclick=x>", "[x](http://example.org/\"><script>)",
    "# <svg onload=x>", "&lt;script&gt;x&lt;/script&gt;", "&#60;script&#62;", "\\<script>", "<style>*{display:none}</style>",
    "<iframe src=//example.org></iframe>", "<form action=//example.org><button>x</button></form>", "<base href=//example.org>",
    "<meta http-equiv=refresh content=0;url=//example.org>", "</div></main><h1>x", "<input name=csrf_token>",
]
SAFE_TAGS = {"p", "a", "img", "em", "strong", "code", "pre", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote",
             "br", "hr"}
SAFE_ATTRS = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "code": {"class"}, "ol": {"start"}}


class Loose(html.parser.HTMLParser):
    """Elements of a page, whether they nest or not."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def harmless(page, frame):
    """Beyond the elements of `frame` there are only those that Markdown makes, with addresses that run nothing."""
    count = {}
    for tag, attrs in Loose(page.answer.text).found:
        assert not [a for a in attrs if a.startswith("on") or a in ("style", "srcdoc", "formaction")], (tag, attrs)
        for a in ("href", "src", "action"):
            scheme = re.match(r"[\s\x00-\x20]*([a-z][a-z0-9+.-]*):", attrs.get(a) or "", re.I)
            assert not scheme or scheme[1].lower() in ("http", "https", "mailto"), attrs
        count[tag] = count.get(tag, 0) + 1
    for tag in count:
        assert tag in SAFE_TAGS or count[tag] == frame.get(tag, 0), (tag, count[tag], frame.get(tag))


def frame_of(page):
    count = {}
    for tag, _ in Loose(page.answer.text).found:
        count[tag] = count.get(tag, 0) + 1
    return count


@pytest.fixture(scope="module")
def author(site):
    return site.register()


@pytest.fixture(scope="module")
def reader(site, author):
    browser = signed_in(site)
    follow(site, browser.member, author["username"])
    return browser


@pytest.fixture(scope="module")
def frames(site, author, reader):
    """The elements of an article's page, alone and with one comment."""
    slug = write(site, author, tagList=["x"])["slug"]
    alone = frame_of(reader.open(f"/article/{slug}"))
    say(site, author, slug, "x")
    return alone, frame_of(reader.open(f"/article/{slug}"))


def line(text):
    return re.sub(r"[\x00-\x1f\u2028\u2029\u0085]", " ", text)


@pytest.mark.parametrize("text", TEXTS)
def test_X3_X5_texts_of_an_article_are_literal(site, author, reader, frames, text):
    said = line(text).strip()[:60]
    tag = said.replace(",", " ").replace("//", "/").strip()    # web servers make one slash of two
    tag = tag if SLASHES else tag.replace("/", "|")
    new = site.api("POST", "/articles", {"article": draft(title=said, description=said, tagList=[tag])}, author["token"])
    assert new.status_code == 201, new.text
    slug = new.json()["article"]["slug"]
    page = reader.open(f"/article/{slug}")
    assert page.one("article h1").raw() == said and page.one(".tag-list li").text == " ".join(tag.split())
    assert page.one("title").raw() == f"{said} - Postern" and page.one("meta[name=description]")["content"] == said
    harmless(page, frames[0])
    for path in ("/", "/?feed=following", f"/profile/{author['username']}", page.one(".tag-list a")["href"]):
        found = reader.open(path)
        first = found.all(".article-preview")[0]
        assert first.one("h1").raw() == said and first.one("p").raw() == said, path
        assert len(found.all("script")) == 1 and len(found.all("base, iframe, svg, math")) == 0
    form = signed_in(site, author).open(f"/editor/{slug}").form()
    assert form.values["title"] == form.values["description"] == said
    site.api("DELETE", f"/articles/{slug}", token=author["token"])


@pytest.mark.parametrize("text", MARKDOWN + TEXTS)
def test_X3_markdown_runs_nothing(site, author, reader, frames, text):
    slug = write(site, author, body=text, tagList=["x"])["slug"]
    harmless(reader.open(f"/article/{slug}"), frames[0])
    say(site, author, slug, text)
    page = reader.open(f"/article/{slug}")
    harmless(page, frames[1])
    said = page.one(".comments").all(".card-block")[-1]
    for n in [*page.one(".article-content").walk(), *said.walk()]:
        assert n.tag in SAFE_TAGS and set(n.attrs) <= SAFE_ATTRS.get(n.tag, set()), (n.tag, n.attrs)
    site.api("DELETE", f"/articles/{slug}", token=author["token"])


@pytest.mark.parametrize("text", TEXTS)
def test_X5_what_comes_back_to_a_form_is_literal(site, author, text):
    browser = signed_in(site, author)
    said = line(text).strip()
    page = browser.open("/editor").form().send(title="", description=text, body=text, tagList=text)
    assert page.status == 422 and page.form().values["body"] == text and page.form().values["description"] == text
    pills = [n["value"] for n in page.all(".tag-pill input[name=tagList]")]
    assert pills == list(dict.fromkeys(t.strip(" \t") for t in text.split(",") if t.strip(" \t"))), said
    assert len(page.all("script")) == 1


def test_X8_second_order(site, author, reader):
    """A member whose name and picture come from the table, shown beside what others wrote."""
    person = site.register()
    slug = write(site, person)["slug"]
    say(site, person, slug)
    favor(site, person, slug)
    evil, image = "\"><b>{{x}}&amp;'/", "https://e.org/\"><script>x</script>"
    site.sql("UPDATE users SET username = CONVERT(UNHEX('{}') USING utf8mb4), image = CONVERT(UNHEX('{}') USING utf8mb4)"
             " WHERE username = '{}'".format(evil.encode().hex(), image.encode().hex(), person["username"]))
    for path, found in ((f"/article/{slug}", ".article-meta a.author"), (f"/article/{slug}", ".comment-author"),
                        ("/", ".article-preview a.author")):
        page = reader.open(path)
        assert page.all(found)[0].text == evil and not page.all("b")
        assert page.all(".article-meta img")[0]["src"] == "https://e.org/%22%3E%3Cscript%3Ex%3C/script%3E"
    feed = reader.session.get(f"{site.url}/feed.xml", timeout=10).text
    assert "<b>" not in feed and "&lt;b&gt;" in feed
    site.sql(f"DELETE FROM articles WHERE slug = '{slug}'")
    site.sql(f"DELETE u FROM users u JOIN addresses ON user_id = id WHERE email = '{person['email']}'")
    site.sql("UPDATE totals SET n = (SELECT COUNT(*) FROM articles)")


def test_X3_source_of_a_feed_is_not_a_page(site, author):
    """A browser that opens the feed runs nothing in it."""
    write(site, author, title="<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>")
    answer = Browser(site).session.get(f"{site.url}/feed.xml", timeout=10)
    assert "<script" not in answer.text and "sandbox" in answer.headers["Content-Security-Policy"]
