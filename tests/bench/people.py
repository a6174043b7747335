# SPDX-License-Identifier: ISC
"""Who asks: a thousand members with a session and a password each, straight in the tables, and tokens from a script."""
import json
import time
import uuid

import jwt

from conftest import PASSWORD
from database import new_members

MEMBERS, TOKENS = 1000, 10000
SHORT, LONG = 900, 7 * 86400
OURS = "FROM users WHERE username LIKE 'bench%'"


def members(site):
    """[(id, session, name)]"""
    site.sql(new_members("CONCAT('bench', seq)", "CONCAT('bench', seq, '@example.org')", MEMBERS) + ";"
             "INSERT INTO sessions (user_id, created_at, authenticated_at, last_seen_at, expires_at)"
             f" SELECT id, NOW(3), NOW(3), NOW(3), NOW(3) + INTERVAL 1 DAY {OURS};"
             "INSERT INTO credentials (user_id, hash, changed_at)"
             f" SELECT id, '{site.tool('hash', input=PASSWORD).strip()}', NOW(3) {OURS}")
    return site.sql("SELECT u.id, s.id, u.username FROM users u JOIN sessions s ON s.user_id = u.id"
                    " WHERE u.username LIKE 'bench%'")


def signing_key(site, name="private"):
    key = json.loads((site.var / "keys" / f"{name}.json").read_text())["keys"][0]
    return jwt.algorithms.ECAlgorithm.from_jwk(json.dumps(key)), key["kid"]


def token(site, person, life, key=None, kid=None, algorithm="ES256"):
    """What a login of this (id, session, name) would have handed out."""
    user, session, name = person
    now = int(time.time())
    claims = {"iss": site.url, "sub": user, "iat": min(now, now + life), "nbf": min(now, now + life), "exp": now + life,
              "jti": str(uuid.uuid4()), "type": "access", "fresh": True, "sid": session, "username": name, "role": "member",
              "groups": []}
    return jwt.encode(claims, key, algorithm, {"kid": kid, "typ": "at+jwt"})


def tokens(site, people, count, life):
    key, kid = signing_key(site)
    return [token(site, people[i % len(people)], life, key, kid) for i in range(count)]
