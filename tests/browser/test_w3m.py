# SPDX-License-Identifier: ISC
"""The same way through the pages in w3m: text, on a terminal."""
from conftest import PASSWORD
from letters import mailed
from states_articles import say, write


def test_walk(w3m, site):
    w3m.open("/").shows("Sign up").top().press("Sign up").at("/register")
    w3m.fill("Username", "texter").fill("Email", "texter@example.org").fill("Password", PASSWORD)
    w3m.press("Sign up").at("/").shows("texter", "Settings")

    w3m.top().press("Settings").at("/settings").shows("texter@example.org")
    w3m.fill("Email", "reader@example.org").press("Update Settings").at("/profile/texter").shows("texter")
    assert site.sql("SELECT email FROM users JOIN addresses ON user_id = id WHERE username = 'texter'") == [["reader@example.org"]]

    w3m.top().press("Edit Profile Settings").at("/settings").shows("reader@example.org")
    w3m.press("Or click here to logout").at("/").shows("Sign in")
    assert "texter" not in w3m.page

    w3m.top().press("Sign in").at("/login")
    w3m.fill("Email", "texter").fill("Password", "not the password").press("Sign in")
    w3m.shows("do not belong together").at("/login")
    w3m.fill("Password", PASSWORD).press("[ ]").shows("[*]").press("Sign in").at("/").shows("texter")
    assert site.sql("SELECT remembered FROM sessions ORDER BY id DESC LIMIT 1") == [["1"]]


def test_an_expired_form_comes_back_filled(w3m, member):
    """It expires because its reader logs in meanwhile, on another page."""
    w3m.open("/register").shows("Username")
    w3m.fill("Username", "late").fill("Email", "late@example.org").fill("Password", PASSWORD)
    w3m.go("/login").fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at("/")
    w3m.back("/register").seek("Password").press("Sign up")
    w3m.shows("expired", "late@example.org").at("/register")
    w3m.fill("Password", PASSWORD).press("Sign up").at("/").shows("late", "Settings")


def test_a_closed_page_comes_after_the_login(w3m, member):
    w3m.open("/settings").shows("Please sign in").at("/login?next=%2Fsettings")
    w3m.fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at("/settings")
    w3m.shows("Email [" + member["email"][:19])        # as wide as w3m draws the field


def test_a_lost_password(w3m, site, member):
    w3m.open("/login").press("Forgot your password?").at("/password/forgot")
    w3m.fill("Email", member["email"]).press("Send me a link").at("/login").shows("is on its way")
    w3m.go(f"/password/reset?token={mailed(site, member['email'], 'reset')}").shows(member["username"])
    w3m.fill("New password", "a quite new password").press("Set the new password").at("/login")
    w3m.shows("Your new password is set")
    w3m.fill("Email", member["email"]).fill("Password", "a quite new password").press("Sign in").at("/")
    w3m.shows(member["username"])


def sign_in(w3m, member):
    w3m.open("/login").fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at("/")
    return w3m.shows(member["username"])


def test_the_home_page_and_one_of_a_tag(w3m, site):
    writer = site.register()
    for n in range(11):
        write(site, writer, title=f"Number {n} on the list", tagList=["w3m list"])
    w3m.open("/tag/w3m%20list").shows("Number 10 on the list", writer["username"], "w3m list")
    assert "Number 0 on the list" not in w3m.page
    w3m.go("/").shows("Global Feed", "Number 10 on the list", "A short winter")
    w3m.top().press("Number 10 on the list").at("/article/number-10-on-the-list").shows("It was built in 1911", "weir = oak")


def test_an_article_with_a_comment(w3m, site, member):
    writer = site.register()
    slug = write(site, writer, title="Read in w3m", body="Some *short* text.", tagList=["text"])
    say(site, writer, slug, "Who reads this?")
    w3m.open(f"/article/{slug}").shows("Read in w3m", "Some short text.", "Who reads this?", "Sign in or sign up")
    w3m.press("Favorite Article (0)").shows("Need an account?").at(f"/login?next=%2Farticle%2F{slug}")
    w3m.fill("Email", member["email"]).fill("Password", PASSWORD).press("Sign in").at(f"/article/{slug}")
    w3m.shows("Favorite Article (0)").top().press("Favorite Article (0)").shows("Unfavorite Article (1)").at(f"/article/{slug}")
    assert site.sql(f"SELECT favorites_count FROM articles WHERE slug = '{slug}'") == [["1"]]
    w3m.write("Your comment", "I do.\n\n> And who *else*?\n").press("Post Comment").shows("I do.", "And who else?").at(f"/article/{slug}")
    assert site.sql("SELECT COUNT(*) FROM comments c JOIN articles a ON a.id = c.article_id"
                    f" WHERE a.slug = '{slug}' AND c.body LIKE 'I do.%'") == [["1"]]


def test_the_editor(w3m, site, member):
    """$EDITOR writes the long text, as it does for everybody in w3m."""
    sign_in(w3m, member).top().press("New Article").at("/editor").shows("New article", "Markdown:")
    w3m.fill("Title", "Of w3m").fill("Description", "What a terminal shows").write("Text", "It is *plain*.")
    w3m.fill("Tags", "terminal").press("Preview").shows("It is plain.").at("/editor")
    assert site.sql("SELECT COUNT(*) FROM articles WHERE slug = 'of-w3m'") == [["0"]]
    w3m.seek("Tags").press("Publish Article").at("/article/of-w3m").shows("Your article is published.", "It is plain.", "terminal")
    w3m.press("Edit Article").at("/editor/of-w3m").shows("Edit article", "terminal")
    w3m.fill("Title", "Of w3m, and more").press("Publish Article").at("/article/of-w3m-and-more")
    w3m.shows("Your changes are saved.", "Of w3m, and more", "It is plain.", "terminal")


def test_a_profile_and_who_follows(w3m, site, member):
    writer = site.register(bio="Writes on paper.")
    slug = write(site, writer, title="Found on a profile")
    sign_in(w3m, member).go(f"/profile/{writer['username']}").shows("Writes on paper.", "Found on a profile")
    w3m.press(f"Follow {writer['username']}").shows(f"Unfollow {writer['username']}").at(f"/profile/{writer['username']}")
    w3m.go("/?feed=following").shows("Found on a profile").top().press("Found on a profile").at(f"/article/{slug}")
    w3m.go(f"/profile/{writer['username']}/favorites").shows("No articles are here yet.")
