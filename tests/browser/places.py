# SPDX-License-Identifier: ISC
"""The sites that states.py needs, each started when it is first asked for.

"site" is the one of the tests; "own" has a name, a colour and links of its own; "closed" takes no members and has few features, "invite" takes them by invitation, "asks" and
"confirms" want their addresses confirmed; "away" has lost its programs;
"still" serves what `postern tmpl` makes of data, and the error pages that `postern static` made for the web server:
pages that no request can bring about at will.
"""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
OWN = {"POSTERN_SITE_NAME": "Rowing Club Lower Weir",
       "POSTERN_SITE_TAGLINE": "Boats, people and the river since 1911",
       "POSTERN_SITE_ACCENT": "#f2c14e", "POSTERN_SITE_CONTACT": "boathouse@example.org",
       "POSTERN_SITE_FOOTER": "About us https://example.org/about, House rules https://example.org/rules"}

CLOSED = {"POSTERN_SITE_REGISTRATION": "closed", "POSTERN_FEATURES_ARTICLES": "off",
          "POSTERN_FEATURES_FILES": "off"}

# Data as view gives it to templates.
SITE = {"name": "Postern", "logoUrl": "/static/logo.svg", "themeCss": "",
        "features": {"articles": True, "follow": True, "files": True, "signup": True}}
FLASHES = {"success": "Your settings are saved.", "info": "Please sign in to see that page.",
           "warning": "This address is not confirmed yet.", "danger": "The picture could not be stored."}
OPTIONS = [{"value": v, "label": v, "id": f"colour-{v}"} for v in ("red", "green")]
WIDGETS = {
    "text": {"value": "a & b", "required": True, "maxlength": 30, "hint": "As others shall see it."},
    "password": {"autocomplete": "new-password", "minlength": 8},
    "email": {"value": "ada@example.org", "autocomplete": "email"},
    "textarea": {"value": "One line,\nanother.", "rows": 6},
    "checkbox": {"checked": True, "hint": "For thirty days."},
    "radio": {"options": [{**OPTIONS[0], "id": "radio-red", "selected": True},
                          {**OPTIONS[1], "id": "radio-green"}]},
    "select": {"options": [OPTIONS[0], {**OPTIONS[1], "selected": True}]},
    "date": {"value": "2026-01-31"}, "number": {"value": 7, "min": 1, "max": 9},
    "color": {"value": "#2f6f5e"}, "file": {"accept": "image/*", "hint": "At most 2 MB."},
    "hidden": {"value": "/settings"}, "tags": {"tags": ["c", "unix"], "hint": "Any words."},
}


def widget(name, data, wrong):
    field = {"id": f"{name}{'-wrong' if wrong else ''}", "name": name, "label": name.capitalize(), **data}
    described = [f"{field['id']}-hint"] if "hint" in data else []
    if wrong and name != "hidden":
        field |= {"errors": ["has already been taken"], "invalid": True}
        described.append(f"{field['id']}-error")
    return field | ({"describedby": " ".join(described)} if described else {})


# Page: (template, status, data)
STILL = {f"flash-{category}": ("home.html", 200,
                               {"flash": [{"category": category, "text": text}], "global": True})
         for category, text in FLASHES.items()}
STILL |= {"home-tag": ("home.html", 200, {"tag": "river", "tagUrl": "/tag/river"})}
ERRORS = {f"error-{status}": status for status in (403, 429, 500)}
STILL |= {f"widgets-{state}": ("widgets.html", 200,
                               {n: widget(n, d, state == "wrong") for n, d in WIDGETS.items()})
          for state in ("plain", "wrong")}
WIDGETS_PAGE = ("{{<layout}}{{$title}}Widgets{{/title}}{{$main}}"
                "<div class=\"settings-page\"><h1>Widgets</h1><form>\n"
                + "".join(f"{{{{#{n}}}}}\n{{{{> widgets/{n}}}}}\n{{{{/{n}}}}}\n" for n in WIDGETS)
                + "<button class=\"btn btn-primary\" type=\"submit\">Send</button></form></div>\n"
                "{{/main}}{{/layout}}\n")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
         ".ico": "image/x-icon"}


class Still:
    """A web server of rendered pages, and of those in the folder `errors`. It has nobody to register."""

    def __init__(self, errors):
        self.errors = errors
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-still-"))
        shutil.copytree(ROOT / "templates", self.folder, dirs_exist_ok=True)
        (self.folder / "widgets.html").write_text(WIDGETS_PAGE)
        still = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, kind, body = still.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status >= 400:
                    self.send_header("Content-Security-Policy", (errors / "policy").read_text().strip())
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path.startswith("/static/"):
            file = ROOT / path[1:]
            if file.is_file():
                return 200, TYPES[file.suffix], file.read_bytes()
            return 404, "text/plain", b""
        if path[1:] in ERRORS:
            status = ERRORS[path[1:]]
            return status, "text/html; charset=utf-8", (self.errors / f"{status}.html").read_bytes()
        if path[1:] not in STILL:
            return 404, "text/plain", b""
        template, status, data = STILL[path[1:]]
        done = subprocess.run([BUILD / "postern", "tmpl", self.folder / template], timeout=20, check=True,
                              input=json.dumps({"site": SITE, "guest": True, **data}).encode(), capture_output=True)
        return status, "text/html; charset=utf-8", done.stdout

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)


class Places:
    """places[name]: a site, or something with its `url`. `running` is that of tests/web/conftest.py."""

    def __init__(self, running, **there):
        self.running = running
        self.there = there
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *how):
        return self.stack.__exit__(*how)

    def __getitem__(self, name):
        if name not in self.there:
            self.there[name] = getattr(self, name)()
        return self.there[name]

    def site(self):
        return self.stack.enter_context(self.running())

    def own(self):
        return self.stack.enter_context(self.running(OWN))

    def closed(self):
        """Of the features, not much; nobody signs up."""
        return self.stack.enter_context(self.running(CLOSED))

    def invite(self):
        return self.stack.enter_context(self.running({"POSTERN_SITE_REGISTRATION": "invite"}))

    def asks(self):
        """Addresses are to be confirmed; who has not may log in."""
        return self.stack.enter_context(self.running({"POSTERN_SITE_CONFIRM": "ask"}))

    def confirms(self):
        """Who has not may not."""
        return self.stack.enter_context(self.running({"POSTERN_SITE_REGISTRATION": "confirm"}))

    def away(self):
        site = self.stack.enter_context(self.running())
        for socket in (site.var / "run").glob("*.sock"):
            if socket.stem != "db":
                socket.rename(socket.with_suffix(".gone"))
        return site

    def still(self):
        still = Still(self["site"].var / "errors")
        self.stack.callback(still.close)
        return still
