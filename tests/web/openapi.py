# SPDX-License-Identifier: ISC
"""The OpenAPI document that the build has made, and what it says of an answer: `hold` is called for every answer
under /api that a test sees (conftest.py), and fails the test if it is none of those that are written there."""
import functools
import json
import re
import urllib.parse

from jsonschema import Draft202012Validator

METHODS = ("get", "post", "put", "patch", "delete")
# What the web servers answer by themselves, before a program has seen the row.
SERVERS_OWN = {400, 403, 404, 405, 408, 411, 413, 414, 429, 431, 500, 501, 503, 505}

FILES = {"/api/openapi.json", "/api/docs"}      # of the web server, about the rows and none of them


def resolved(node, document):
    """Without `$ref`: what is named stands there itself."""
    if isinstance(node, dict) and "$ref" in node:
        parts = node["$ref"].removeprefix("#/").split("/")
        return resolved(functools.reduce(dict.__getitem__, parts, document), document)
    if isinstance(node, dict):
        return {name: resolved(value, document) for name, value in node.items()}
    return [resolved(value, document) for value in node] if isinstance(node, list) else node


class Api:
    """The document, ready to be asked."""

    def __init__(self, file):
        self.document = json.loads(file.read_text())
        self.programs = {operation["tags"][0] for _, _, operation in self.operations()}     # others are a test's own
        self.paths = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path, len(re.findall("{", path)))
                      for path in self.document["paths"]]
        self.paths.sort(key=lambda row: row[2])     # literal rows before those with names

    def operations(self):
        return [(path, method, operation) for path, item in self.document["paths"].items()
                for method, operation in item.items()]

    def item(self, path):
        """The path item for an address, also behind the name of a program: /api/users.fcgi/1; None if there is none."""
        named = re.fullmatch(r"/api/([a-z]+)\.fcgi(/.*)?", path)
        tries = [path] if not named else [f"/api/{named[1]}{named[2] or ''}", f"/api{named[2] or ''}"]
        for one in tries:
            for pattern, key, _ in self.paths:
                if pattern.fullmatch(one):
                    return key
        return None

    @functools.cache
    def validator(self, schema):
        return Draft202012Validator(resolved(json.loads(schema), self.document))

    @functools.cache
    def wanted(self, path, method, status):
        """What may be answered: {media type: validator}, {} for no body; None if this may not be."""
        operation = self.document["paths"].get(path, {}).get(method)
        said = resolved(operation["responses"], self.document).get(str(status)) if operation else None
        if said is None and (operation is None or status in SERVERS_OWN - {403, 404}):
            said = self.document["components"]["responses"]["404"] if 400 <= status < 600 else None
            said = said and resolved(said, self.document)
        if said is None:
            return None
        return {media: self.validator(json.dumps(body.get("schema", {})))
                for media, body in said.get("content", {}).items()}

    def wrong(self, method, url, status, type_, body):
        """None, or what is wrong with an answer; body None: it was not read."""
        address = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
        path, method = self.item(address), method.lower()
        if method == "options" and status == 204 or not address.startswith("/api/") or address in FILES:
            return None
        wanted = self.wanted(path, "get" if method == "head" else method, status)
        if wanted is None:
            return f"{method} {address}: {status} is not in the document"
        type_ = (type_ or "").split(";")[0]
        if not wanted:
            return f"{method} {address}: {status} with a body" if body else None
        if type_ not in wanted and "*/*" not in wanted:
            return f"{method} {address}: {status} as {type_!r}"
        if body is None or method == "head" or "*/*" in wanted:
            return None
        error = next(wanted[type_].iter_errors(json.loads(body)), None)
        return error and f"{method} {address}: {status}: {'/'.join(map(str, error.path))}: {error.message}"
