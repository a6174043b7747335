# SPDX-License-Identifier: ISC
"""Tokens signed by hand with a site's own key, so that a bad one differs from a good one in one thing."""
import base64
import hashlib
import hmac
import json

import jwt

from conftest import errors_of

ABSENT = object()       # as a new value: leave the member out
CHALLENGE = 'Bearer error="invalid_token"'


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(token):
    return json.loads(unb64(token.split(".")[1]))


def changed(members, **more):
    """A copy of a dict with other values; ABSENT removes."""
    return {k: v for k, v in {**members, **more}.items() if v is not ABSENT}


def part(what):
    """A part of a token: text stands as it is, bytes are encoded, all else is JSON first."""
    if isinstance(what, str):
        return what
    return b64(what if isinstance(what, bytes) else json.dumps(what, separators=(",", ":")).encode())


class Mint:
    """Signs what it is given with one private JWK."""

    def __init__(self, jwk):
        self.jwk, self.kid, self.alg = jwk, jwk["kid"], jwk["alg"]
        self.algorithm = jwt.algorithms.get_default_algorithms()[self.alg]
        self.key = self.algorithm.from_jwk(json.dumps(jwk))
        self.header = {"alg": self.alg, "kid": self.kid, "typ": "at+jwt"}

    @classmethod
    def of(cls, site):
        return cls(json.loads((site.var / "keys" / "private.json").read_text())["keys"][0])

    def sign(self, text):
        return self.algorithm.sign(text.encode(), self.key)

    def token(self, claims, header=None, sign=None):
        """`header` and `claims`: a dict, raw bytes of JSON, or encoded text. `sign`: instead of ours."""
        text = f"{part(header if header is not None else self.header)}.{part(claims)}"
        return f"{text}.{b64((sign or self.sign)(text))}"


def hmac_signer(secret):
    """Signs as HS256 with any bytes (PyJWT refuses to take a public key for a secret)."""
    return lambda text: hmac.new(secret, text.encode(), hashlib.sha256).digest()


def refused(site, token, text="is invalid", what=None, scheme="Token"):
    """Neither a safe nor an unsafe request goes through."""
    for method, body in ("GET", None), ("PUT", {"user": {"bio": "forged"}}):
        answer = site.api(method, "/user", body, headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 401, (what, method, answer.text)
        assert errors_of(answer, 401) == {"token": [text]}, (what, method)
        assert answer.headers["WWW-Authenticate"] == CHALLENGE


def accepted(site, token):
    answer = site.api("GET", "/user", token=token)
    assert answer.status_code == 200, answer.text
