# SPDX-License-Identifier: ISC
"""A small browser for the tests of pages: opens a page, reads it by html.parser, fills in its forms and sends
them with the cookies, the Origin and the token that a real one would send."""
import html.parser
import re

import requests

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
PROGRAMS = ["admin", "editor", "export", "files", "login", "pages", "password", "profiles", "token", "tokens", "user", "users"]      # those that have pages
NO_ORIGIN = {"Origin": None}
EXPIRED = "This form had expired, so nothing was changed. Here it is again: please send it once more."
FOREIGN = "That form did not come from a page of this site, so nothing was changed."


class Node:
    """An element."""

    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children = []

    def raw(self):
        """All text within, as it stands."""
        return "".join(c if isinstance(c, str) else c.raw() for c in self.children)

    @property
    def text(self):
        """What people read."""
        return " ".join(self.raw().split())

    @property
    def classes(self):
        return (self.attrs.get("class") or "").split()

    def __getitem__(self, attr):
        return self.attrs.get(attr)

    def walk(self):
        """All elements within, in the order of the page."""
        for child in self.children:
            if not isinstance(child, str):
                yield child
                yield from child.walk()

    def fits(self, part):
        tag, rest = re.fullmatch(r"([\w-]*)(.*)", part).groups()
        if tag and tag != self.tag:
            return False
        for kind, name, attr, value in re.findall(r"([.#])([\w-]+)|\[([\w-]+)(?:=([^\]]*))?\]", rest):
            if kind == "." and name not in self.classes or kind == "#" and self["id"] != name:
                return False
            if attr and (attr not in self.attrs or value and self[attr] != value):
                return False
        return True

    def all(self, selector):
        """CSS as far as tests need it: tag.class#id[attr=value], and blanks between descendants."""
        *outer, last = re.findall(r"(?:\[[^\]]*\]|[^\s\[])+", selector)
        return [n for n in self.walk() if n.fits(last) and n.stands_in(outer)]

    def stands_in(self, parts):
        node = self.parent
        for part in reversed(parts):
            while node is not None and not node.fits(part):
                node = node.parent
            if node is None:
                return False
            node = node.parent
        return True

    def one(self, selector):
        found = self.all(selector)
        assert len(found) == 1, (selector, [(n.tag, n.attrs) for n in found])
        return found[0]

    def texts(self, selector):
        return [n.text for n in self.all(selector)]


class Reader(html.parser.HTMLParser):
    """HTML to Nodes. What is opened must be closed, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {}, None)
        self.doctype = None
        self.feed(text)
        self.close()
        assert self.at is self.root, f"<{self.at.tag}> is never closed"

    def handle_decl(self, decl):
        self.doctype = decl

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of <{tag}> twice: {attrs}"
        node = Node(tag, dict(attrs), self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID, f"<{tag}/> is no end"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


class Form:
    """A form of a page, as it is filled in."""

    def __init__(self, page, node):
        self.page, self.node = page, node

    def pairs(self):
        """(name, value) of all that a browser would send, without buttons."""
        found = []
        for n in self.node.walk():
            if n.tag == "textarea":
                found.append((n["name"], re.sub("^\r?\n", "", n.raw())))
            elif n.tag == "input" and n["type"] in ("checkbox", "radio"):
                found += [(n["name"], n["value"] or "on")] if "checked" in n.attrs else []
            elif n.tag == "input":
                found.append((n["name"], n["value"] or ""))
        return found

    @property
    def values(self):
        return dict(self.pairs())

    def field(self, name):
        return next(n for n in self.node.walk() if n.tag in ("input", "textarea") and n["name"] == name)

    def label(self, name):
        return self.node.one(f"label[for={self.field(name)['id']}]").text

    def describes(self, name):
        """The texts that aria-describedby of a field names, each of which must be there."""
        return [self.node.one(f"#{id}").text for id in (self.field(name)["aria-describedby"] or "").split()]

    def filled(self, **values):
        """What would be sent; None leaves a field out."""
        pairs = [(n, values.pop(n) if n in values else v) for n, v in self.pairs()]
        return [(n, v) for n, v in [*pairs, *values.items()] if v is not None]

    def send(self, multipart=False, follow=False, headers=None, **values):
        pairs = self.filled(**values)
        body = {"files": [(n, (None, v)) for n, v in pairs]} if multipart else {"data": pairs}
        return self.page.browser.open(self.node["action"], "POST", follow=follow, headers=headers, **body)


class Page(Node):
    """An answer, read as HTML."""

    def __init__(self, browser, answer):
        self.browser, self.answer = browser, answer
        self.status, self.headers = answer.status_code, answer.headers
        reader = Reader(answer.content.decode("utf-8") if answer.content[:1] == b"<" else "")
        super().__init__("", {}, None)
        self.children, self.doctype = reader.root.children, reader.doctype

    @property
    def location(self):
        return self.headers.get("Location")

    @property
    def path(self):
        """Where the browser stands, with the query."""
        return self.answer.url.removeprefix(self.browser.url)

    @property
    def set_cookies(self):
        return self.answer.raw.headers.getlist("Set-Cookie")

    @property
    def errors(self):
        return self.texts("ul.error-messages li")

    @property
    def flash(self):
        return [(n.classes[1].removeprefix("flash-"), n.text) for n in self.all("p.flash")]

    @property
    def user(self):
        """Who is logged in, as the navbar says."""
        return next(iter(self.texts("nav.navbar a.nav-user")), None)

    def form(self, action=None, button=None):
        """The form that posts to `action` and has this button, else the first one."""
        return Form(self, next(n for n in self.all("form[method=post]") if action in (None, n["action"])
                               and (button is None or button in n.texts("button"))))

    @property
    def token(self):
        return self.form().values["csrf_token"]


class Browser:
    """Cookies, and where it comes from."""

    def __init__(self, site, url=None, certificate=None):
        self.site, self.url = site, url or site.url
        self.session = requests.Session()
        self.session.trust_env = False      # which names certificates of its own
        self.session.verify = str(certificate) if certificate else True

    def open(self, path="/", method="GET", follow=True, headers=None, **more):
        """Ask for a page; a form is sent from a page of the site. A header of None is left out."""
        if method not in ("GET", "HEAD", "OPTIONS"):
            headers = {"Origin": self.url, **(headers or {})}
        return Page(self, self.session.request(method, self.url + path, headers=headers, timeout=30,
                                               allow_redirects=follow, **more))

    def cookie(self, what="session"):
        """The value of a cookie, whatever its name is here."""
        found = [c.value for c in self.session.cookies if re.fullmatch(rf"__\w+-{what}|{what}-\d+", c.name)]
        return found[0] if found else None

    def log_in(self, member, follow=False, **values):
        """By the form, as people do. `member` is what Site.register() returned."""
        form = self.open("/login").form()
        return form.send(follow=follow, email=member["email"], password=member["password"], **values)

    def log_in_over(self, member):
        """Log in though somebody is already, which no page offers: with the token of another form."""
        pairs = {"csrf_token": self.open("/logout").token, **{n: member[n] for n in ("email", "password")}}
        return self.open("/login", "POST", data=pairs, follow=False)

    def log_out(self):
        return self.open("/logout").form("/logout").send()


def signed_in(site, member=None, browser=None, **values):
    """A browser in which a member, else a new one, is logged in; .member says who."""
    browser = browser or Browser(site)
    browser.member = member or site.register()
    assert browser.log_in(browser.member, **values).status == 303
    return browser


def with_cookie(site, header, path="/"):
    """A page for a Cookie header as it is."""
    answer = requests.get(site.url + path, headers={"Cookie": header}, timeout=30, allow_redirects=False)
    return Page(Browser(site), answer)


def whose(site, cookie):
    """Who is logged in by a session's cookie."""
    return with_cookie(site, f"session-{site.port}={cookie}").user


def session_row(site, cookie, columns="id"):
    """Columns of the session of a cookie, as text; None if there is none."""
    rows = site.sql(f"SELECT {columns} FROM sessions WHERE hash = UNHEX(SHA2('{cookie}', 256))")
    return rows[0] if rows else None


def age_session(site, cookie, **columns):
    """Move moments of a session back by so many seconds."""
    moved = ", ".join(f"{c} = {c} - INTERVAL {s} SECOND" for c, s in columns.items())
    site.sql(f"UPDATE sessions SET {moved} WHERE hash = UNHEX(SHA2('{cookie}', 256))")
