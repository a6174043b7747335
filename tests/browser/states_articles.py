# SPDX-License-Identifier: ISC
"""States of articles: lists, an article with its comments, the editor, and what admins look through."""
from states import LONG_WORD, long_person, send_anyway, sign_in, state
from states_admin import admin_in

TEXT = """Everybody who has rowed here knows the *weir*. It was built in **1911**, and it has been
[mended](https://example.org/weir) twice since then.

# What it is made of

Oak, mostly, and `iron`:

    weir = oak + iron
    if weir.age > 100: print("mend it, and do not wait for the next spring, when the water is high again")

- the sill, which is old
- the gates, which are not

> Who opens the gates must close them.

1. Look.
2. Wait.

![The weir](/static/logo.svg)
"""
TITLE = "How we mended the weir, and what we found below it last year"      # 60 characters


def write(site, person, **more):
    article = {"title": TITLE, "description": "A short winter, a long beam, and a bell that nobody had missed.",
               "body": TEXT, "tagList": ["river", "oak", "winter"], **more}
    answer = site.api("POST", "/articles", {"article": article}, person["token"])
    assert answer.status_code == 201, answer.text
    return answer.json()["article"]["slug"]


def say(site, person, slug, body):
    assert site.api("POST", f"/articles/{slug}/comments", {"comment": {"body": body}}, person["token"]).ok


def long_article(site):
    return write(site, long_person(site), title=LONG_WORD[:120], description=LONG_WORD[:250],
                 body=f"# {LONG_WORD}\n\n" + f"{LONG_WORD} `{LONG_WORD}`\n\n" + "Word after word after word. " * 900,
                 tagList=[f"{'tag' * (1 + n % 19)}{n}" for n in range(20)])


@state("list-home")
def _(c, site):
    one, other = site.register(bio="I row, mostly upstream."), site.register()
    slugs = [write(site, one) for _ in range(24)]
    long_article(site)
    site.api("POST", f"/articles/{slugs[-1]}/favorite", token=other["token"])
    sign_in(c, other).open("/")
    return 200


@state("list-home-out")
def _(c, _site):
    c.open("/?page=2")
    return 200


@state("list-tag")
def _(c, site):
    write(site, site.register(), tagList=["tag of blanks & <signs>"])
    c.open("/tag/tag%20of%20blanks%20%26%20%3Csigns%3E")
    return 200


@state("list-following")
def _(c, site):
    one, other = site.register(), site.register()
    write(site, one)
    site.api("POST", f"/profiles/{one['username']}/follow", token=other["token"])
    sign_in(c, other).open("/?feed=following")
    return 200


@state("list-profile")
def _(c, site):
    one = site.register(bio="I row, mostly upstream.")
    write(site, one)
    sign_in(c, site.register()).open(f"/profile/{one['username']}")
    return 200


@state("list-favorites")
def _(c, site):
    one = site.register()
    site.api("POST", f"/articles/{write(site, one)}/favorite", token=one["token"])
    c.open(f"/profile/{one['username']}/favorites")
    return 200


@state("article-out")
def _(c, site):
    one, other = site.register(), site.register()
    slug = write(site, one)
    say(site, other, slug, "I was there, and it was *colder* than you say.")
    c.open(f"/article/{slug}")
    return 200


@state("article-in")
def _(c, site):
    one, other = site.register(), site.register()
    slug = write(site, one)
    say(site, one, slug, "Who has the bell now?")
    say(site, other, slug, "I do. It hangs in the boat house.")
    sign_in(c, other).open(f"/article/{slug}")
    return 200


@state("article-own")
def _(c, site):
    one, other = site.register(), site.register()
    slug = write(site, one)
    say(site, one, slug, "Who has the bell now?")
    say(site, other, slug, f"I do. {LONG_WORD}\n\n- one\n- two\n\n```\n{LONG_WORD}\n```")
    sign_in(c, one).open(f"/article/{slug}")
    return 200


@state("article-admin")
def _(c, site):
    slug = write(site, site.register())
    say(site, site.register(), slug, "Buy boats at http://example.com!")
    admin_in(c, site).open(f"/article/{slug}")
    return 200


@state("article-long")
def _(c, site):
    slug = long_article(site)
    say(site, long_person(site), slug, LONG_WORD)
    c.open(f"/article/{slug}")
    return 200


@state("article-many")
def _(c, site):
    slug = write(site, site.register())
    site.sql("INSERT INTO comments (article_id, author_id, body, html, renderer, created_at, updated_at) SELECT a.id,"
             " a.author_id, 'x', '<p>One of many.</p>', 'x', NOW(3), NOW(3) FROM seq_1_to_65 JOIN articles a"
             f" WHERE slug = '{slug}'")
    c.open(f"/article/{slug}?page=3")
    return 200


@state("article-error")
def _(c, site):
    send_anyway(sign_in(c, site.register()).open(f"/article/{write(site, site.register())}"), "Post Comment", body=" ")
    return 422


@state("editor-new")
def _(c, site):
    sign_in(c, site.register()).open("/editor")
    return 200


@state("editor-errors")
def _(c, site):
    sign_in(c, site.register()).open("/editor").fill(tagList="river, oak").press("Publish Article")
    return 422


@state("editor-change")
def _(c, site):
    one = site.register()
    sign_in(c, one).open(f"/editor/{write(site, one, tagList=[f'tag number {n}' for n in range(20)])}")
    return 200


@state("editor-preview")
def _(c, site):
    one = site.register()
    sign_in(c, one).open(f"/editor/{write(site, one)}").press("Preview")
    return 200


@state("editor-slower")
def _(c, site):
    one = site.register()
    slug = write(site, one)
    sign_in(c, one).open(f"/editor/{slug}").fill(body="What the slower window says.")
    site.api("PUT", f"/articles/{slug}", {"article": {"description": f"Newer. {LONG_WORD}"[:250]}}, one["token"])
    c.press("Publish Article")
    return 412


@state("editor-gone")
def _(c, site):
    one = site.register()
    slug = write(site, one)
    sign_in(c, one).open(f"/editor/{slug}")
    site.api("DELETE", f"/articles/{slug}", token=one["token"])
    c.press("Publish Article")
    return 404


@state("admin-content")
def _(c, site):
    write(site, site.register())
    admin_in(c, site).open("/admin/content")
    return 200


@state("admin-content-comments")
def _(c, site):
    slug = long_article(site)
    for n in range(12):
        say(site, long_person(site), slug, f"Number {n}\n\n{LONG_WORD if n == 11 else 'A short one.'}")
    admin_in(c, site).open("/admin/content?show=comments")
    return 200
