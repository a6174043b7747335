# SPDX-License-Identifier: ISC
"""`postern jws`: tokens of PyJWT and of the command jose are taken, and ours are taken by them; what is no
token, or no key, ends with one line and nothing on standard output."""
import hashlib
import json
import os
import subprocess

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384

from conftest import BUILD
from forge import ABSENT, b64, changed, hmac_signer, part, unb64

CURVES = {"ES256": ("P-256", ec.SECP256R1), "ES384": ("P-384", ec.SECP384R1),
          "ES512": ("P-521", ec.SECP521R1)}
DIGESTS = "256", "384", "512"
ALGS = [family + digest for family in ("HS", "RS", "PS", "ES") for digest in DIGESTS] + ["EdDSA"]
PRODUCTION = "HS256", "RS256", "PS256", "ES256", "EdDSA"
CLAIMS = {"iss": "here", "text": "\u00e4\u20ac", "number": 12345678901}


def uint(number):
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def rsa_jwk(key):
    n = key.private_numbers()
    return {"kty": "RSA", "n": uint(n.public_numbers.n), "e": uint(n.public_numbers.e), "d": uint(n.d),
            "p": uint(n.p),
            "q": uint(n.q), "dp": uint(n.dmp1), "dq": uint(n.dmq1), "qi": uint(n.iqmp)}


def new_key(alg):
    """A private JWK without kid."""
    if alg[:2] == "HS":
        return {"kty": "oct", "k": b64(os.urandom(int(alg[2:]) // 8)), "alg": alg}
    if alg[:2] in ("RS", "PS"):
        return {**rsa_jwk(rsa.generate_private_key(65537, 2048)), "alg": alg}
    if alg == "EdDSA":
        raw, none = serialization.Encoding.Raw, serialization.NoEncryption()
        key = ed25519.Ed25519PrivateKey.generate()
        return {"kty": "OKP", "crv": "Ed25519", "alg": alg,
                "x": b64(key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)),
                "d": b64(key.private_bytes(raw, serialization.PrivateFormat.Raw, none))}
    name, curve = CURVES[alg]
    n = ec.generate_private_key(curve()).private_numbers()
    size = (curve.key_size + 7) // 8
    numbers = {"x": n.public_numbers.x, "y": n.public_numbers.y, "d": n.private_value}
    return {"kty": "EC", "crv": name, "alg": alg, **{k: b64(v.to_bytes(size, "big")) for k,
                                                     v in numbers.items()}}


def public(jwk):
    return {k: v for k, v in jwk.items() if k not in ("d", "p", "q", "dp", "dq", "qi")}


@pytest.fixture(scope="module")
def keys():
    return {alg: new_key(alg) for alg in ALGS}


@pytest.fixture
def run(tmp_path):
    """postern jws WAY with this key and input: the bytes it prints, or None when it refuses with one line."""
    def call(way, key, *words, stdin=b""):
        file = tmp_path / "key.json"
        file.write_text(key if isinstance(key, str) else json.dumps(key))
        done = subprocess.run([BUILD / "postern", "jws", way, "--key", file, *words], env={}, input=stdin,
                              capture_output=True, timeout=60)
        if done.returncode == 0:
            assert done.stderr == b""
            return done.stdout
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1), done
        assert done.stderr.startswith(b"postern: ") and done.stderr.endswith(b"\n")
        call.why = done.stderr.decode()[9:-1]
        return None
    return call


def sign(jwk, header, payload):
    """A token by PyJWT's algorithms, with a header of one's own."""
    algorithm = jwt.algorithms.get_default_algorithms()[jwk["alg"]]
    text = f"{part(header)}.{b64(payload)}"
    return f"{text}.{b64(algorithm.sign(text.encode(), algorithm.from_jwk(json.dumps(jwk))))}"


@pytest.mark.parametrize("alg", ALGS)
def test_J16_pyjwt_takes_ours(keys, run, alg):
    algorithm = jwt.algorithms.get_default_algorithms()[alg]
    key = algorithm.from_jwk(json.dumps(public(keys[alg])))
    for jwk in keys[alg], {**keys[alg], "kid": "k\u00e4y"}, {"keys": [{**keys[alg], "use": "sig"}]}:
        token, end, rest = run("sign", jwk, json.dumps(CLAIMS)).decode().partition("\n")
        assert (end, rest) == ("\n", "") and jwt.decode(token, key, algorithms=[alg]) == CLAIMS
        assert jwt.get_unverified_header(token).get("kid") == jwk.get("kid")


@pytest.mark.parametrize("alg", ALGS)
def test_J16_ours_takes_pyjwt(keys, run, alg):
    key = jwt.algorithms.get_default_algorithms()[alg].from_jwk(json.dumps(keys[alg]))
    for number in range(5):
        token = jwt.encode({**CLAIMS, "number": number}, key, alg, headers={"kid": "x"} if number else None)
        for jwk in keys[alg], public(keys[alg]):
            assert json.loads(run("verify", jwk, token)) == {**CLAIMS, "number": number}
        other = jwt.encode(CLAIMS, key, alg).rsplit(".", 1)[0] + "." + token.rsplit(".", 1)[1]
        assert run("verify", keys[alg], other) is None


def jose(*args, stdin=b""):
    return subprocess.run(["jose", *args], input=stdin, capture_output=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("alg", ALGS[:-1])      # jose 11 has no EdDSA
def test_J16_the_command_jose(run, tmp_path, alg):
    file, half = tmp_path / "jose.jwk", tmp_path / "public.jwk"
    key = json.loads(jose("jwk", "gen", "-i", json.dumps({"alg": alg})))
    file.write_text(json.dumps(key))
    half.write_bytes(jose("jwk", "pub", "-i", file) if alg[0] != "H" else file.read_bytes())
    for payload in json.dumps(CLAIMS).encode(), b"", b"\0\xff bytes\n":
        token = jose("jws", "sig", "-I", "-", "-k", file, "-c", stdin=payload)
        for text in file.read_text(), half.read_text():
            assert run("verify", text, token.decode().strip()) == payload
            assert run("verify", text, stdin=token + b"\n") == payload
        ours = run("sign", key, stdin=payload)
        assert jose("jws", "ver", "-i", "-", "-k", half, "-O", "-", stdin=ours.strip()) == payload


@pytest.mark.parametrize("alg", ALGS)
def test_payload_bytes_come_back(keys, run, alg):
    for payload in b"", b"\n", b"a\0b", b"\xff" * 300, b" {} ", b"\r\n":
        token = run("sign", keys[alg], stdin=payload)
        assert run("verify", keys[alg], stdin=token) == payload
        assert run("verify", keys[alg], token.decode().strip()) == payload
    assert run("verify", keys[alg], stdin=run("sign", keys[alg], "", stdin=b"not read")) == b""


def test_what_is_read_around_a_token(keys, run):
    token = run("sign", keys["HS256"], "{}").strip()
    for end in b"", b"\n", b"\r\n":
        assert run("verify", keys["HS256"], stdin=token + end) == b"{}"
    for bad in (b" " + token, token + b" ", token + b"\n\n", token + b"\0", b"\n" + token, b"", b"\n",
                token + b"\r"):
        assert run("verify", keys["HS256"], stdin=bad) is None, bad
    assert run("verify", keys["HS256"], token.decode() + "\n") is None
    assert run("sign", keys["HS256"], stdin=b"x" * 6050) is not None
    assert run("sign", keys["HS256"], stdin=b"x" * 7000) is None and "8192" in run.why
    assert run("sign", public(keys["ES256"]), "{}") is None and "private" in run.why


def test_J1_J3_the_header_names_another_algorithm(keys, run):
    for alg, jwk in keys.items():
        assert run("verify", public(jwk), sign(jwk, {"alg": alg}, b"{}")) == b"{}"
        for other in [*ALGS, "none", "None", "", alg.lower(), alg + " ", None, 1, [alg], ABSENT]:
            if other != alg:
                token = sign(jwk, changed({"alg": other}), b"{}")
                assert run("verify", public(jwk), token) is None, (alg, other)
        unsigned = sign(jwk, {"alg": "none"}, b"{}").rsplit(".", 1)[0]
        for bad in unsigned, f"{unsigned}.":
            assert run("verify", public(jwk), bad) is None


@pytest.mark.parametrize("alg", ALGS[3:])
def test_J2_a_public_key_is_no_secret(keys, run, alg):
    jwk = keys[alg]
    key = jwt.algorithms.get_default_algorithms()[alg].from_jwk(json.dumps(public(jwk)))
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    pem, der = (key.public_bytes(how, kind) for how in (serialization.Encoding.PEM,
                                                        serialization.Encoding.DER))
    for secret in pem, pem.rstrip(), der, json.dumps(public(jwk)).encode(), unb64(jwk.get("x", jwk.get("n"))):
        for name in "HS256", alg:
            text = f"{part({'alg': name})}.{b64(b'{}')}"
            for mine in public(jwk), {k: v for k, v in public(jwk).items() if k != "alg"}:
                assert run("verify", mine, f"{text}.{b64(hmac_signer(secret)(text))}") is None


# What a key may say of itself, and whether `jws verify` then takes its token.
SAYS = [({}, True), ({"use": "sig"}, True), ({"use": "enc"}, False), ({"use": ""}, False),
        ({"use": None}, False),
        ({"key_ops": ["verify"]}, True), ({"key_ops": ["sign", "verify"]}, True),
        ({"key_ops": ["sign"]}, False),
        ({"key_ops": []}, False), ({"key_ops": ["encrypt"]}, False),
        ({"key_ops": ["verify", "encrypt"]}, False),
        ({"key_ops": ["verify", "verify"]}, False), ({"key_ops": "verify"}, False),
        ({"use": "sig", "key_ops": ["verify"]}, True), ({"use": "enc", "key_ops": ["verify"]}, False),
        ({"alg": "none"}, False), ({"alg": ""}, False), ({"alg": None}, False), ({"alg": "HS257"}, False),
        ({"alg": "A128KW"}, False), ({"alg": "ECDH-ES"}, False), ({"alg": "RSA-OAEP"}, False),
        ({"kty": ABSENT}, False),
        ({"kty": "XYZ"}, False), ({"kty": None}, False), ({"kid": "a"}, True), ({"kid": ""}, False),
        ({"kid": 1}, False),
        ({"x5t": "AA", "unknown": {"x": 1}}, True)]


@pytest.mark.parametrize("alg", PRODUCTION)
def test_what_a_key_says_of_itself(keys, run, alg):
    token = sign(keys[alg], {"alg": alg}, b"{}")
    for members, good in SAYS:
        assert (run("verify", changed(public(keys[alg]), **members), token) == b"{}") == good, members
    for other in ALGS:
        if other != alg:
            assert run("verify", {**public(keys[alg]), "alg": other}, token) is None, other
    # Without alg: where type and curve leave one algorithm, it is that one.
    alone = run("verify", changed(public(keys[alg]), alg=ABSENT), token)
    assert alone == (b"{}" if keys[alg]["kty"] in ("EC", "OKP") else None)
    assert alone is not None or run.why.endswith("alg is missing or unknown")


@pytest.mark.parametrize("key, why", [
    ({"kty": "oct", "alg": "HS256", "k": b64(bytes(31))}, "shorter"),
    ({"kty": "oct", "alg": "HS384", "k": b64(bytes(47))}, "shorter"),
    ({"kty": "oct", "alg": "HS512", "k": b64(bytes(63))}, "shorter"),
    ({"kty": "oct", "alg": "HS256", "k": b64(bytes(32)) + "="}, "base64url"),
    ({"kty": "oct", "alg": "HS256", "k": b64(bytes(32))[:-1] + "B"}, "base64url"),
    ({"kty": "oct", "alg": "HS256", "k": b64(b"secret")}, "shorter"), ("", "JSON"), ("[]", "alg"),
    ("null", "JSON"),
    ({"keys": []}, "without keys"), ({"keys": {}}, "without keys"), ({"keys": [None]}, "alg")])
def test_keys_that_are_none(run, key, why):
    assert run("verify", key, "a.b.c") is None and why in run.why
    assert run("sign", key, "{}") is None and why in run.why


def test_weak_rsa_keys(run):
    for bits in 1024, 2040:
        jwk = {**rsa_jwk(rsa.generate_private_key(65537, bits)), "alg": "RS256"}
        token = sign(jwk, {"alg": "RS256"}, b"{}")
        assert run("verify", public(jwk), token) is None and "2048" in run.why
        assert run("sign", jwk, "{}") is None and "2048" in run.why
    jwk = {**rsa_jwk(rsa.generate_private_key(65537, 2048)), "alg": "RS256"}
    # e = 1: the padded digest is its own signature
    text = f"{part({'alg': 'RS256'})}.{b64(b'{}')}"
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(text.encode()).digest()
    block = b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info
    assert run("verify", {**public(jwk), "e": "AQ"}, f"{text}.{b64(block)}") is None
    assert "no RSA key" in run.why


def test_J7_over_long_and_other_ecdsa(keys, run):
    for alg, half in ("ES256", 32), ("ES384", 48), ("ES512", 66):
        token = sign(keys[alg], {"alg": alg}, b"{}")
        text, raw = token.rsplit(".", 1)[0], unb64(token.rsplit(".", 1)[1])
        r, s = raw[:half], raw[half:]
        der = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        for bad in (der, raw + b"\0", b"\0" + raw, b"\0" + r + b"\0" + s, r + b"\0" + s + b"\0", raw[1:],
                    raw[:-1],
                    raw + raw, s + r, bytes(2 * half), r + bytes(half), bytes(half) + s):
            assert run("verify", keys[alg], f"{text}.{b64(bad)}") is None, (alg, bad.hex())
        assert run("verify", keys[alg], token) == b"{}"


def test_rsa_with_another_padding(run):
    """By another library: each scheme under the name of the other, other salts, masks and digests."""
    secret = rsa.generate_private_key(65537, 2048)
    pss, v15 = padding.PSS, padding.PKCS1v15()
    right = {"RS256": (v15, SHA256()), "PS256": (pss(padding.MGF1(SHA256()), 32), SHA256()),
             "PS384": (pss(padding.MGF1(SHA384()), 48), SHA384())}
    wrong = [(pss(padding.MGF1(SHA256()), salt), SHA256()) for salt in (0, 20, 31, 33, pss.MAX_LENGTH)]
    wrong += [(pss(padding.MGF1(SHA1()), 32), SHA256()), (pss(padding.MGF1(SHA256()), 48), SHA384()),
              (v15, SHA1()), (v15, SHA384())]
    for alg, good in right.items():
        jwk = {**public(rsa_jwk(secret)), "alg": alg}
        text = f"{part({'alg': alg})}.{b64(b'{}')}"
        for way in [*right.values(), *wrong]:
            taken = run("verify", jwk, f"{text}.{b64(secret.sign(text.encode(), *way))}")
            assert (taken == b"{}") == (way is good), (alg, way)


def test_J6_another_spelling(keys, run):
    for alg, jwk in keys.items():
        token = sign(jwk, {"alg": alg, "x": "\u00ff\u00fe>?"}, b"\xfb\xff\xfe{}")
        head, payload, signature = token.split(".")
        assert run("verify", public(jwk), token) is not None
        for bad in (token + "=", token + "==", f"{head}=.{payload}.{signature}",
                    f"{head}.{payload}=.{signature}",
                    f"{head}.{payload.replace('-', '+').replace('_', '/')}.{signature}", token[:-1],
                    token + "A",
                    f"{head}.{payload}.{signature}.", f".{token}", f"{head}..{signature}",
                    f"{head}.{payload}",
                    f"{head}.{payload}.", f"{head}\n.{payload}.{signature}", f"{head}.{payload}. {signature}",
                    json.dumps({"payload": payload, "protected": head, "signature": signature})):
            assert run("verify", public(jwk), bad) is None, (alg, bad)


def test_J10_headers_that_are_no_strict_json(keys, run):
    jwk = keys["HS256"]
    for header in (b'{"alg":"HS256","alg":"HS256"}', b'{"alg":"none","alg":"HS256"}',
                   b'\xef\xbb\xbf{"alg":"HS256"}',
                   b'{"alg":"HS256","x":"\xff"}', b'{"alg":"HS256"', b'["HS256"]', b"",
                   b'{"alg":"HS256","x":1e400}',
                   b'{"alg":"HS256","x":' + b"[" * 100000 + b"]" * 100000 + b"}", b'{"alg":"HS256"}{}'):
        if len(header) < 50000:
            assert run("verify", jwk, sign(jwk, header, b"{}")) is None, header
        assert run("verify", jwk, stdin=sign(jwk, header, b"{}").encode()) is None, header[:50]


def test_J5_what_a_header_may_not_bring(keys, run):
    jwk = keys["ES256"]
    for name, value in {"jwk": public(jwk), "jku": "http://127.0.0.1:9/", "x5u": "http://127.0.0.1:9/",
                        "x5c": ["MIIB"],
                        "crit": ["exp"], "b64": False, "zip": "DEF"}.items():
        assert run("verify", public(jwk), sign(jwk, {"alg": "ES256", name: value}, b"{}")) is None, name
    for more in {"typ": "JWT"}, {"cty": "text/plain"}, {"x": 1}, {"typ": "anything"}:
        assert run("verify", public(jwk), sign(jwk, {"alg": "ES256", **more}, b"{}")) == b"{}", more


def test_J4_sets(keys, run):
    several = "RS256", "ES256", "ES384", "EdDSA"
    public_ones = [{**public(keys[alg]), "kid": alg} for alg in several]
    for alg in several:
        header = {"alg": alg, "kid": alg}
        assert run("verify", {"keys": public_ones}, sign(keys[alg], header, b"{}")) == b"{}"
        for kid in ABSENT, "unknown", "ES256" if alg != "ES256" else "RS256", 1, None, [alg], "":
            token = sign(keys[alg], changed(header, kid=kid), b"{}")
            assert run("verify", {"keys": public_ones}, token) is None
        one = {"keys": [{**public(keys[alg]), "kid": alg}]}
        assert run("verify", one, sign(keys[alg], {"alg": alg}, b"{}")) == b"{}"
        assert run("verify", one, sign(keys[alg], {"alg": alg, "kid": "other"}, b"{}")) is None
    secrets = [{**keys[alg], "kid": alg} for alg in ALGS[:3]]
    token = sign(keys["HS384"], {"alg": "HS384", "kid": "HS384"}, b"{}")
    assert run("verify", {"keys": secrets}, token) == b"{}"
    for mixed in (secrets + public_ones, public_ones + secrets[:1]):
        assert run("verify", {"keys": mixed}, token) is None
        assert "HMAC and public keys" in run.why
    twice = {"keys": [{**public(keys["ES256"]), "kid": "x"}, {**public(keys["EdDSA"]), "kid": "x"}]}
    assert run("verify", twice, sign(keys["ES256"], {"alg": "ES256", "kid": "x"}, b"{}")) is None
    assert "same kid" in run.why


@pytest.mark.parametrize("args", [[], ["sign"], ["verify"], ["sign", "x"], ["sign", "--key"],
                                  ["check", "--key", "/x"],
                                  ["verify", "--key", "/nowhere/key.json"], ["sign", "--key", "/x", "a", "b"],
                                  ["verify", "--key", "/"]])
def test_other_words(args):
    done = subprocess.run([BUILD / "postern", "jws", *args], env={}, input="", text=True,
                          capture_output=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("postern: ")


def test_output_that_cannot_be_written(keys, tmp_path):
    file = tmp_path / "key.json"
    file.write_text(json.dumps(keys["HS256"]))
    token = sign(keys["HS256"], {"alg": "HS256"}, b"{}")
    for args in ["sign", "--key", file, "{}"], ["verify", "--key", file, token]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([BUILD / "postern", "jws", *args], env={}, stdout=full,
                                  stderr=subprocess.PIPE,
                                  timeout=20)
        assert (done.returncode, done.stderr) == (1, b"postern: standard output cannot be written\n")


def test_help_says_which_keys_must_name_their_algorithm():
    text = subprocess.run([BUILD / "postern", "help"], env={}, text=True, capture_output=True,
                          check=True).stdout
    (line,) = [line for line in text.splitlines() if line.startswith("  postern jws ")]
    assert "RSA or oct" in line
