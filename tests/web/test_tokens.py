# SPDX-License-Identifier: ISC
"""Tokens that are not what they claim to be, through the web server at GET and PUT /api/user.

Each is signed with the site's own key and differs from a good one in exactly one thing.
"""
import base64
import datetime
import hashlib
import json
import re
import socket
import subprocess

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.x509.oid import NameOID

from conftest import BUILD, errors_of
from forge import (ABSENT, CHALLENGE, Mint, accepted, b64, changed, claims_of, hmac_signer, part, refused,
                   unb64)
from ways import LARGE_HEADERS, WAY

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551     # order of P-256


@pytest.fixture(scope="module")
def mint(site):
    return Mint.of(site)


@pytest.fixture
def good(member):
    """The claims of a good token."""
    return claims_of(member["token"])


@pytest.fixture(autouse=True)
def nothing_changes(site, member):
    before = site.checksum()
    yield
    assert site.checksum() == before


def test_a_token_made_by_hand_is_as_good_as_ours(site, mint, good, member):
    token = mint.token(good)
    accepted(site, token)
    assert site.api("PUT", "/user", {"user": {"bio": None}}, token).status_code == 200
    # What nothing_changes must see: a bio that was set is a change.
    before = site.checksum()
    site.api("PUT", "/user", {"user": {"bio": "x"}}, token)
    assert site.checksum() != before
    site.sql(f"UPDATE users SET bio = NULL, updated_at = created_at WHERE id = {good['sub']}")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, ["ES256"], {"ES256": 1}])
def test_J1_no_algorithm(site, mint, good, alg):
    token = mint.token(good, changed(mint.header, alg=alg))
    head, claims, signature = token.split(".")
    refused(site, token, what="with signature")
    refused(site, f"{head}.{claims}.", what="with an empty signature")
    refused(site, f"{head}.{claims}", what="without one")


def test_J1_the_algorithm_in_another_spelling(site, mint, good):
    for alg in "es256", "ES256 ", "ES384", "ES256K", "ES256\0", ABSENT:
        refused(site, mint.token(good, changed(mint.header, alg=alg)), what=alg)


def test_J2_the_public_key_is_no_secret(site, mint, good):
    public = mint.key.public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    file = (site.var / "keys" / "public.json").read_bytes()
    key = json.loads(file)["keys"][0]
    secrets = {"pem": pem, "pem without newline": pem.rstrip(), "der": der, "point": point,
               "x and y": point[1:], "x": point[1:33], "file": file,
               "file without newline": file.rstrip(), "empty": b"",
               "jwk": json.dumps(key).encode(), "text of jwk": unb64(part(key)),
               "kid": key["kid"].encode()}
    for name, secret in secrets.items():
        header = changed(mint.header, alg="HS256")
        refused(site, mint.token(good, header, hmac_signer(secret)), what=name)


def test_J3_only_the_algorithm_of_the_key(site, good, tmp_path):
    """Every algorithm that `postern key new` knows against every key: only the diagonal passes."""
    mints = {}
    for alg in "HS256", "ES256", "RS256", "PS256", "EdDSA":
        file = tmp_path / f"{alg}.json"
        env = {"POSTERN_TOKEN_KEYS": str(file), "POSTERN_TOKEN_PUBLIC_KEYS": f"{tmp_path}/{alg}.public.json"}
        site.tool("key", "new", alg, **env)
        mints[alg] = Mint(json.loads(file.read_text())["keys"][0]), env
    for alg, (signer, _) in mints.items():
        for other, (owner, env) in mints.items():
            token = signer.token(good, changed(signer.header, kid=owner.kid))
            status, headers, body = site.cgi("user", HTTP_AUTHORIZATION=f"Token {token}", **env)
            assert status == (200 if alg == other else 401), (alg, other)
            if alg != other:
                assert json.loads(body) == {"errors": {"token": ["is invalid"]}}
                assert headers["WWW-Authenticate"] == CHALLENGE


def test_J3_a_key_of_a_stranger(site, mint, good):
    secret = rsa.generate_private_key(65537, 2048)
    algorithms = jwt.algorithms.get_default_algorithms()
    for alg, key in ("RS256", secret), ("PS256", secret), ("ES256", ec.generate_private_key(ec.SECP256R1())):
        def sign(text):
            return algorithms[alg].sign(text.encode(), key)
        refused(site, mint.token(good, changed(mint.header, alg=alg), sign), what=alg)
    refused(site, mint.token(good, changed(mint.header, alg="HS256"), hmac_signer(b"secret")))


KIDS = {"missing": ABSENT, "unknown": "unknown", "path": "../../../../../../dev/null",
        "file": "keys/private.json", "sql": "' OR 1=1--", "empty": "", "number": 0, "one": 1, "null": None,
        "true": True, "array": [], "object": {}, "nul": "\0", "line": "\r\n", "long": "k" * 700,
        "quote": "\"\\"}


@pytest.mark.parametrize("name", KIDS)
def test_J4_kid(site, mint, good, name):
    refused(site, mint.token(good, changed(mint.header, kid=KIDS[name])))


def test_J4_kid_almost_right(site, mint, good):
    kid = mint.kid
    for almost in kid[:-1], kid + "x", kid + "\0", kid + "\0x", " " + kid, [kid], kid.swapcase():
        refused(site, mint.token(good, changed(mint.header, kid=almost)), what=almost)


def test_J4_kid_of_64_kB(site, mint, good):
    token = mint.token(good, changed(mint.header, kid="k" * 65536))
    status, _, body = site.cgi("user", HTTP_AUTHORIZATION=f"Token {token}")
    assert (status, json.loads(body)) == (401, {"errors": {"token": ["is invalid"]}})
    answer = site.api("GET", "/user", token=token)      # by the web server, before it comes to us or to an .htaccess
    assert answer.status_code == LARGE_HEADERS and (WAY == "cgi" or errors_of(answer, LARGE_HEADERS))


def files_opened(site, tmp_path, token):
    """Status, and the paths that a program asks the system for while it answers a request."""
    trace = tmp_path / "trace"
    env = site.tool_env(REQUEST_METHOD="GET", SCRIPT_NAME="/user.fcgi", HTTP_AUTHORIZATION=f"Token {token}",
                        ASAN_OPTIONS="detect_leaks=0")
    program = BUILD / "cgi-bin" / "user.fcgi"
    done = subprocess.run(["strace", "-f", "-e", "trace=open,openat,openat2,connect", "-o", trace, program],
                          env=env, capture_output=True, timeout=60)
    return int(done.stdout.split()[1]), set(re.findall(r'"([^"]*)"', trace.read_text()))


def test_J4_no_file_by_the_name_of_a_key(site, mint, good, tmp_path):
    status, usual = files_opened(site, tmp_path, mint.token(good))
    assert status == 200 and {f"{site.var}/keys/private.json", f"{site.var}/run/db.sock"} <= usual
    for kid in "../../dev/null", "/etc/hostname", "keys/private.json", "' OR 1=1--":
        status, opened = files_opened(site, tmp_path, mint.token(good, changed(mint.header, kid=kid)))
        assert status == 401 and opened <= usual, opened - usual


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forger")])
    moment = datetime.datetime(2020, 1, 1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(moment).not_valid_after(moment.replace(year=2090))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_J5_keys_that_the_token_brings(site, mint, good):
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    own = {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": mint.kid, "use": "sig",
           "x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))}
    der = certificate(key)

    def by_forger(text):
        return mint.algorithm.sign(text.encode(), key)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
        more = {"jwk": own, "jku": there, "x5u": there, "x5c": [base64.b64encode(der).decode()],
                "x5t": b64(hashlib.sha1(der).digest()), "x5t#S256": b64(hashlib.sha256(der).digest()),
                "crit": ["exp"], "b64": False, "zip": "DEF"}
        for name, value in more.items():
            header = {**mint.header, name: value}
            refused(site, mint.token(good, header, by_forger), what=name)
            refused(site, mint.token(good, changed(header, kid="forger"), by_forger), what=name)
            refused(site, mint.token(good, header), what=f"{name}, our signature")
        for crit in [], ["unknown"], ["b64"], "exp", None:
            refused(site, mint.token(good, {**mint.header, "crit": crit}), what=crit)
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()


def mangled(token):
    """Many ways to spoil the last part of a token."""
    text, signature = token.rsplit(".", 1)
    raw = unb64(signature)
    for n in range(len(raw)):
        yield f"{n} bytes", f"{text}.{b64(raw[:n])}"
    for more in b"\0", b"x" * 2, b"\0" * 64, raw:
        yield f"{len(more)} bytes more", f"{text}.{b64(raw + more)}"
    yield "zeroed", f"{text}.{b64(bytes(64))}"
    yield "ones", f"{text}.{b64(bytes([255]) * 64)}"
    for bit in range(8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit}", f"{text}.{b64(bytes(flipped))}"
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for spare in range(1, 16):      # 64 bytes leave four bits of the last letter unused
        yield f"spare bits {spare}", token[:-1] + alphabet[alphabet.index(token[-1]) + spare]
    for extra in "A", "=", "==", "%0a", ".", "!", " ", "\t", ",", "\u00e9", ";":
        yield f"{extra!r} behind", token + extra + ("x" if extra.isspace() else "")
        yield f"{extra!r} within", f"{token[:-4]}{extra}{token[-4:]}"


def test_J6_signature_mangled(site, mint, good):
    token = mint.token(good)
    accepted(site, token)
    with requests.Session() as session:
        for what, bad in mangled(token):
            answer = session.get(f"{site.url}/api/user", headers={"Authorization": f"Token {bad}".encode()})
            assert answer.status_code == 401, what
            assert errors_of(answer, 401) == {"token": ["is invalid"]}
            assert answer.headers["WWW-Authenticate"] == CHALLENGE
    accepted(site, token)


def test_J6_alphabet_of_plain_base64(site, mint, good):
    for url, plain in ("-", "+"), ("_", "/"):
        token = next(t for t in iter(lambda: mint.token(good), None) if url in t.rsplit(".", 1)[1])
        accepted(site, token)
        refused(site, token.replace(url, plain), what=plain)


def spare_bit(encoded):
    """The same bytes in a second spelling."""
    return encoded[:-1] + chr(ord(encoded[-1]) + 1)


def test_J6_second_spelling_of_header_and_claims(site, mint, good):
    def padded(members):        # JSON of a length that leaves two or four bits unused
        text = json.dumps(members).encode()
        return text + b" " * (1 if len(text) % 3 == 0 else 0)

    header, claims = b64(padded(mint.header)), b64(padded(good))
    accepted(site, mint.token(claims, header))
    refused(site, mint.token(claims, spare_bit(header)), what="header")
    refused(site, mint.token(spare_bit(claims), header), what="claims")
    refused(site, mint.token(claims + "=", header), what="padding")
    refused(site, mint.token(claims, header + "="), what="padding of the header")


def test_J6_parts(site, mint, good):
    head, claims, signature = mint.token(good).split(".")
    whole = {"payload": claims, "protected": head, "signature": signature}
    bad = ["x", ".", "..", "...", "." * 100, head, f"{head}.{claims}", f"{head}..{signature}",
           f".{claims}.{signature}", f"{head}.{claims}.", f"{head}.{claims}.{signature}.",
           f".{head}.{claims}.{signature}",
           f"{head}.{claims}.{signature}.{signature}", f"{head}.{head}.{claims}.{signature}.{signature}",
           f"{head}.{claims}.{claims}.{signature}", f"{claims}.{head}.{signature}",
           part(whole), json.dumps(whole, separators=(";", ":")),
           json.dumps({"payload": claims, "signatures": [whole]}, separators=(",", ":"))]
    for token in bad:
        refused(site, token, what=token)


def test_J7_numbers_of_ecdsa(site, mint, good):
    token = mint.token(good)
    text, signature = token.rsplit(".", 1)
    raw = unb64(signature)
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    pairs = {"r = 0": (0, s), "s = 0": (r, 0), "both 0": (0, 0), "r = n": (N, s), "s = n": (r, N),
             "r = n - 1": (N - 1, s), "s = n - 1": (r, N - 1), "r = 1": (1, s), "swapped": (s, r),
             "r = 2^256 - 1": (2**256 - 1, s), "s = 2^256 - 1": (r, 2**256 - 1)}
    for what, (a, b) in pairs.items():
        refused(site, f"{text}.{b64(a.to_bytes(32, 'big') + b.to_bytes(32, 'big'))}", what=what)
    der = utils.encode_dss_signature(r, s)
    for what, other in {"der": der, "66 bytes": b"\0" + raw[:32] + b"\0" + raw[32:],
                        "zero before": b"\0" + raw,
                        "132 bytes": r.to_bytes(66, "big") + s.to_bytes(66, "big")}.items():
        refused(site, f"{text}.{b64(other)}", what=what)
    accepted(site, token)
