# SPDX-License-Identifier: ISC
"""The happy path of each program, as requests that can be made again and again: each has a tag of its own,
by which its traces in the database are found."""
import dataclasses
import hashlib
import hmac
import itertools
import json
import re
import urllib.parse

from load import PASSWORD
from forge import b64, unb64
from pictures import convert, painted, png

PNG = png(painted(64, 64))



def traces(**counts):
    """(SQL for a row of numbers, that row when all is done). Each is a count of what a request leaves; before
    it, and when it is refused, all are 0."""
    queries = {"sessions": "sessions WHERE agent = '{tag}'", "ended": "sessions WHERE hash = UNHEX('{hash}')"
               " AND ended_at IS NOT NULL", "users": "users WHERE username = '{tag}'",
               "addresses": "users JOIN addresses ON user_id = id WHERE username = '{tag}'",
               "hashes": "users JOIN credentials ON user_id = id WHERE username = '{tag}'",
               "refreshed": "sessions WHERE hash = UNHEX('{hash}') AND refresh = 2",
               "bios": "users WHERE bio = '{tag}'", "events": "events WHERE agent = '{tag}'",
               "articles": "articles WHERE slug = '{tag}'",
               "texts": "articles JOIN article_bodies ON article_id = id WHERE slug = '{tag}'",
               "tagged": "articles JOIN article_tags ON article_id = id WHERE slug = '{tag}'",
               "changed": "articles JOIN article_bodies ON article_id = id WHERE description = '{tag}' AND body = '{tag}'",
               "comments": "comments WHERE body = '{tag}'",
               "pictures": "pictures JOIN users ON id = user_id WHERE file = '{tag}'"
               " AND image = CONCAT('/pictures/', name, '.webp')",
               "asked": "outbox WHERE letter = 'reset' AND address = '{tag}@example.org'",
               "refusals": "events WHERE agent = '{tag}' AND kind = 'login failed'"}
    selects = [f"(SELECT COUNT(*) FROM {query})" for query in queries.values()]
    return "SELECT " + ", ".join(selects), [counts.get(name, 0) for name in queries]


READ = traces()
LOGIN = traces(sessions=1, events=1)
REGISTER = traces(users=1, addresses=1, hashes=1, sessions=1, events=1)
CHANGE = traces(bios=1)
REFRESH = traces(refreshed=1)
WRITE = traces(articles=1, texts=1, tagged=2)
EDIT = traces(changed=1)
COMMENT = traces(comments=1)
UPLOAD = traces(pictures=1)
FORGOT = traces(asked=1)
LOGOUT = traces(ended=1, events=1)


@dataclasses.dataclass
class Case:
    program: str
    method: str
    path: str
    status: int = 200
    form: dict = None
    json: dict = None
    file: bool = False      # a form with a picture
    trace: tuple = READ
    who: str = ""           # "" nobody, or by "token", by "cookie", a "new" cookie each time, a new "refresh" token

    def __str__(self):
        return f"{self.method} {self.path}{' by ' + self.who if self.who else ''}"


REGISTRATION = {"username": "{tag}", "email": "{tag}@example.org", "password": PASSWORD}
WHO = {"email": "{email}", "password": PASSWORD}
ARTICLE = {"title": "{tag}", "description": "x", "body": "# {tag}", "tagList": ["one", "two"]}
TYPED = {"title": "{tag}", "description": "x", "body": "# {tag}", "tagList": "one, two"}
CASES = [
    Case("pages", "GET", "/", who="cookie"),
    Case("pages", "GET", "/"),
    Case("pages", "GET", "/nothing", 404),
    Case("pages", "GET", "/?feed=following", who="cookie"),
    Case("pages", "GET", "/tag/kept"),
    Case("pages", "GET", "/article/{article}", who="cookie"),
    Case("pages", "POST", "/article/{discussed}", 303, form={"body": "{tag}"}, trace=COMMENT, who="cookie"),
    Case("pages", "POST", "/article/{article}", 422, form={"body": " "}, who="cookie"),
    Case("pages", "POST", "/article/{discussed}/favorite", 303, form={}, who="cookie"),
    Case("profiles", "GET", "/admin/content", 403, who="cookie"),
    Case("editor", "GET", "/editor", who="cookie"),
    Case("editor", "POST", "/editor", 303, form=TYPED, trace=WRITE, who="cookie"),
    Case("editor", "POST", "/editor", form={**TYPED, "preview": "true"}, who="cookie"),
    Case("editor", "GET", "/editor/{article}", who="cookie"),
    Case("editor", "POST", "/editor/{changing}", 303, trace=EDIT, who="cookie",
         form={"title": "{changing}", "description": "{tag}", "body": "{tag}", "tagList": "kept"}),
    Case("editor", "POST", "/editor/{article}", 412, form={**TYPED, "updatedAt": "long ago"}, who="cookie"),
    Case("feeds", "GET", "/feed.xml"),
    Case("feeds", "GET", "/feed.xml?author={username}"),
    Case("feeds", "GET", "/robots.txt"),
    Case("feeds", "GET", "/sitemap.xml"),
    Case("feeds", "GET", "/sitemap/1.xml"),
    Case("articles", "GET", "/api/articles", who="token"),
    Case("articles", "GET", "/api/articles/feed", who="token"),
    Case("articles", "GET", "/api/articles/nothing/comments", 404),
    Case("articles", "POST", "/api/articles", 201, json={"article": ARTICLE}, trace=WRITE, who="token"),
    Case("tags", "GET", "/api/tags"),
    Case("profiles", "GET", "/api/profiles/{username}", who="token"),
    Case("profiles", "POST", "/api/profiles/{username}/follow", json={}, who="token"),
    Case("health", "GET", "/api/health/live"),
    Case("health", "GET", "/api/health/ready"),
    Case("login", "POST", "/api/users/login", json={"user": WHO}, trace=LOGIN),
    Case("login", "POST", "/api/login", json=WHO, trace=LOGIN),
    Case("login", "POST", "/login", 303, form=WHO, trace=LOGIN),
    Case("login", "GET", "/login"),
    Case("pictures", "PUT", "/api/user/image", file=True, trace=UPLOAD, who="token"),
    Case("pictures", "POST", "/settings/image", 303, file=True, trace=UPLOAD, who="cookie"),
    Case("password", "POST", "/api/password/forgot", 202, json={"email": "{tag}@example.org"}, trace=FORGOT),
    Case("password", "POST", "/password/forgot", 303, form={"email": "{tag}@example.org"}, trace=FORGOT),
    Case("password", "GET", "/password/forgot"),
    Case("password", "GET", "/password/reset", 422),
    Case("profiles", "GET", "/profile/{username}", who="cookie"),
    Case("profiles", "GET", "/pictures/{picture}.webp"),
    Case("admin", "GET", "/admin/users", 403, who="cookie"),
    Case("token", "POST", "/api/token", json={"refresh_token": "{refresh}"}, trace=REFRESH, who="refresh"),
    Case("token", "GET", "/api/token", who="token"),
    Case("token", "POST", "/logout", 303, form={}, trace=LOGOUT, who="new"),
    Case("token", "GET", "/logout", who="cookie"),
    Case("user", "PUT", "/api/user", json={"user": {"bio": "{tag}"}}, trace=CHANGE, who="token"),
    Case("user", "GET", "/api/user", who="token"),
    Case("user", "POST", "/settings", 303, form={"username": "{username}", "email": "{email}", "bio": "{tag}"},
         trace=CHANGE, who="cookie"),
    Case("user", "GET", "/settings", who="cookie"),
    Case("user", "GET", "/.well-known/change-password", 303),
    Case("users", "POST", "/api/users", 201, json={"user": REGISTRATION}, trace=REGISTER),
    Case("users", "POST", "/register", 303, form=REGISTRATION, trace=REGISTER),
    Case("users", "GET", "/register"),
]

SESSION = ("INSERT INTO sessions (user_id, hash, created_at, authenticated_at, last_seen_at, expires_at)"
           " SELECT id, UNHEX('{hash}'), NOW(3), NOW(3), NOW(3), NOW(3) + INTERVAL 9 DAY"
           " FROM users WHERE username = '{username}'")


PICTURE = ("INSERT INTO pictures (user_id, name, file, data, created_at)"
           " SELECT id, '{picture}', 'x', UNHEX('{webp}'), NOW(3) FROM users WHERE username = '{username}'")
SHOWN = "UPDATE users SET image = '/pictures/{picture}.webp' WHERE username = '{username}'"


class Member:
    """Somebody whose requests they are."""
    numbers = itertools.count(1)
    pre = "p" * 43      # the cookie of a browser that nobody has logged in with

    def __init__(self, site, database):
        self.site, self.database = site, database
        self.user = site.register()
        self.cookie = f"{next(self.numbers):x>43}"
        self.picture = hashlib.sha256(self.cookie.encode()).hexdigest()[:16]
        self.articles = {name: self.write(f"{name}{next(self.numbers)}") for name in ("article", "discussed", "changing")}
        self.log_in(self.cookie)
        other = site.register()
        for statement in PICTURE, SHOWN:
            database.do(statement.format(picture=self.picture, webp=convert(PNG)[1].hex(), **other))

    def write(self, title):
        """The slug of a new article, which is its title."""
        article = {"title": title, "description": "x", "body": "*x*", "tagList": ["kept"]}
        answer = self.site.api("POST", "/articles", {"article": article}, self.user["token"])
        return answer.json()["article"]["slug"]

    def words(self, tag, cookie):
        return {"tag": tag, "picture": self.picture, "hash": hashlib.sha256(cookie.encode()).hexdigest(),
                **self.articles, **self.user}

    def log_in(self, cookie):
        self.database.do(SESSION.format(**self.words("", cookie)))

    def refresh_token(self, hash):
        """The first refresh token of a login."""
        row = f"WHERE hash = UNHEX('{hash}')"
        self.database.do(f"UPDATE sessions SET refresh = 1, refreshed_at = NOW(3) {row}")
        (row,) = self.database.do(f"SELECT id, user_id FROM sessions {row}")
        head = ".".join(row.split("\t"))
        secret = (self.site.var / "keys" / "refresh.key").read_text().strip()
        return f"{head}.1." + b64(hmac.digest(secret.encode(), f"refresh.{head}.1".encode(), "sha256"))

    def request(self, case):
        """(variables, body, a function: what the database knows of it)."""
        tag = f"t{next(self.numbers):07}"
        once = case.who in ("new", "refresh")
        cookie = tag.ljust(43, "x") if once else self.cookie
        words = self.words(tag, cookie)
        if once:
            self.log_in(cookie)
        if case.who == "refresh":
            words["refresh"] = self.refresh_token(words["hash"])
        body, type = b"", ""
        if case.json is not None:
            body, type = json.dumps(filled(case.json, words)).encode(), "application/json"
        elif case.file:
            body, type = uploaded(tag, self.csrf(case, cookie)), "multipart/form-data; boundary=b"
        elif case.form is not None:
            form = {**filled(case.form, words), "csrf_token": self.csrf(case, cookie)}
            body, type = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        path, _, query = filled(case.path, words).partition("?")
        variables = {"REQUEST_METHOD": case.method, "DOCUMENT_URI": path, "QUERY_STRING": query,
                     "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": str(self.site.port), "HTTP_USER_AGENT": tag,
                     "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": type, "HTTP_SEC_FETCH_SITE": "same-origin"}
        if case.who == "token":
            variables["HTTP_AUTHORIZATION"] = f"Token {self.user['token']}"
        elif case.who or case.form is not None:
            name, value = ("session", cookie) if case.who else ("pre", self.pre)
            variables["HTTP_COOKIE"] = f"{name}-{self.site.port}={value}"
        return variables, body, lambda: self.known(case, words)

    def csrf(self, case, cookie):
        return b64(hmac.digest((cookie if case.who else self.pre).encode(), b"csrf", "sha256"))

    def known(self, case, words):
        (row,) = self.database.do(case.trace[0].format(**words))
        return [int(n) for n in row.split("\t")]


def filled(what, words):
    """A text, or all texts of nested dicts and lists, with its {words}."""
    if isinstance(what, dict):
        return {k: filled(v, words) for k, v in what.items()}
    if isinstance(what, list):
        return [filled(v, words) for v in what]
    return what.format(**words)


def uploaded(name, token):
    """A form with a picture whose file has this name."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    return (part.format("csrf_token", "") + token + "\r\n" + part.format("image", f'; filename="{name}"')).encode() \
        + PNG + b"\r\n--b--\r\n"


TOKEN = rb"eyJ[\w-]+\.[\w-]+\.[\w-]+"
VOLATILE = [
    (rb"X-Request-ID: none|(?<=<code>)none(?=</code>)", b"ID"),
    (rb"Content-Length: \d+", b"Content-Length: N"),      # ids and tokens grow
    (TOKEN, b"TOKEN"),
    (rb'"expires_in":\d+', b'"expires_in":N'),
    (rb'"\d+\.\d+\.\d+\.[\w-]{43}"', b'"REFRESH"'),
    (rb'"/pictures/[0-9a-f]{16}\.webp"', b'"PICTURE"'),
    (rb'"\d{4}-\d\d-\d\dT[\d:.]{12}Z"', b'"MOMENT"'),
    (rb"t\d{7}", b"TAG"),
    (rb'(name="csrf_token" value=)"[\w-]{43}"', rb'\1"CSRF"'),
    (rb"(Set-Cookie: (?:session|pre)-\d+)=[\w-]{43};", rb"\1=VALUE;"),
]


def whole(answer):
    """Whether an answer is as long as it says."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(length) and int(length[1]) == len(body)


def plain(answer):
    """An answer without what differs each time."""
    for id in re.findall(rb"X-Request-ID: ([0-9a-f]{32})", answer):
        answer = answer.replace(id, b"none")    # an error page shows it, too
    for pattern, word in VOLATILE:
        answer = re.sub(pattern, word, answer)
    return answer


def secrets(answer, known):
    """What an answer holds that must have come from good randomness: cookies, ids of tokens but the known one,
    and the first half of their signatures."""
    found = re.findall(rb"Set-Cookie: (?:session|pre)-\d+=([\w-]{43});", answer)
    found += re.findall(rb'\r\n\r\n{"image":"/pictures/([0-9a-f]{16})[.]webp"}', answer)     # a new one
    for token in set(re.findall(TOKEN, answer)) - {known.encode()}:
        _, payload, signature = token.split(b".")
        found += [re.search(rb'"jti":"([^"]+)"', unb64(payload.decode())).group(1), signature[:42]]
    return found
