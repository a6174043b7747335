# SPDX-License-Identifier: ISC
"""The command line tool `postern`: tokens, keys and settings, and that it keeps its secrets."""
import json
import os
import pathlib
import re
import shutil
import stat
import time

import pytest

from conftest import PASSWORD, ROOT, running
from database import account_of
from forge import Mint, accepted, claims_of, refused, unb64
from test_tool import Refusal, login, tool      # noqa: F401 (a fixture)
from ways import LASTING
from workers import children, pid_of

ALGS = "ES256", "HS256", "RS256", "PS256", "EdDSA"
NEW_KEY = "postern: a new key; the programs know it within a second\n"
SETTING = re.compile(r'^\t\{ SAYS\("([a-z_]+\.[a-z_]+)",', re.M)


def session_of(site, token):
    """[seconds until it expires, agent] of the token's session."""
    claims = claims_of(token)
    ((left, agent),) = site.sql("SELECT TIMESTAMPDIFF(SECOND, NOW(), expires_at), agent FROM sessions WHERE"
                                f" id = {claims['sid']} AND user_id = {claims['sub']} AND ended_at IS NULL")
    return int(left), agent


@pytest.mark.parametrize("ttl, seconds", [(None, 900), ("90", 90), ("1m", 60), ("1h", 3600), ("2d", 172800)])
def test_token(site, tool, member, ttl, seconds):
    token = tool("token", member["username"], *(["--ttl", ttl] if ttl else [])).rstrip("\n")
    claims = claims_of(token)
    assert (claims["username"], claims["exp"] - claims["iat"]) == (member["username"], seconds)
    left, agent = session_of(site, token)
    assert seconds - 5 <= left <= seconds and agent == "postern"
    accepted(site, token)
    assert site.api("PUT", "/user", {"user": {"bio": "by tool"}}, token).status_code == 200
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE id = {claims['sid']}")
    assert site.api("PUT", "/user", {"user": {"bio": "x"}}, token).status_code == 401
    accepted(site, member["token"])     # its own session is another one


def test_token_by_address_and_of_nobody(site, tool, member):
    token = tool("token", member["email"].upper()).rstrip("\n")
    assert claims_of(token)["sub"] == claims_of(member["token"])["sub"]
    before = site.checksum()
    for who in "nobody", "nobody@example.org", "", "\udcff", "x" * 5000, "' OR 1=1 --":
        assert "no member is called that" in tool("token", who)
    site.sql(f"UPDATE users SET locked = TRUE WHERE username = '{member['username']}'")
    assert isinstance(tool("token", member["username"]), Refusal)
    site.sql(f"UPDATE users SET locked = FALSE WHERE username = '{member['username']}'")
    assert site.checksum() == before


def objects(text):
    """The JSON values that stand one behind the other."""
    decoder, found = json.JSONDecoder(), []
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def test_token_show_trusts_nothing(site, tool, member):
    head, claims, signature = member["token"].split(".")
    both = [json.loads(unb64(head)), json.loads(unb64(claims))]
    for token in (member["token"], member["token"] + "\n", f"{head}.{claims}.", f"{head}.{claims}.x y",
                  f"{head}.{claims}.{signature[::-1]}", f"{head}.{claims}.{signature}\r\n{head}"):
        assert objects(tool("token", "--show", input=token)) == both
    odd = Mint.of(site).token({"x": "\x1b[2J\u009b2J\n"}, {"alg": "none", "kid": [1]})
    shown = tool("token", "--show", input=odd)
    assert objects(shown) == [{"alg": "none", "kid": [1]}, {"x": "\x1b[2J\u009b2J\n"}]
    assert shown.isascii() and "\x1b" not in shown      # nothing of it reaches the terminal as it is
    for junk in ("", "\n", "x", "x.y", "a.b.c", "..", head, f"{head}.", f"{head}.!.x", f"{head}={claims}.x",
                 f"{claims[:-3]}.{claims}.x", "\udcff.\udcff.", "." * 100000, "A" * 1000000):
        assert "this is no token" in tool("token", "--show", input=junk), junk[:50]


def test_config_prints_every_setting_and_no_secret(site, tool):
    text = tool("config")
    values = dict(line.split(" = ", 1) for line in text.splitlines() if not line.startswith("#"))
    names = SETTING.findall((ROOT / "src" / "conf_table.c").read_text())
    assert len(names) > 15 and list(values) == names
    assert text.count("# ") >= len(names)      # a line of help each
    assert values["database.password"] == "****"
    _, password = account_of(site.var, "owner")
    assert password not in text
    assert values["site.urls"] == site.url and values["password.cost"] == "5"
    assert values["token.user_days"] == "7" and values["session.days"] == "7"
    assert values["session.remember_days"] == "30" and values["session.idle"] == "43200"
    assert values["site.accent"] == "#2f6f5e" and values["site.templates"] == ""
    other = tool("config", POSTERN_TOKEN_USER_DAYS="3", POSTERN_DATABASE_PASSWORD="Geheim",
                 POSTERN_SITE_NAME="\u00c4 b")
    assert "\ntoken.user_days = 3\n" in other and "\nsite.name = \u00c4 b\n" in other
    assert "Geheim" not in other and "\ndatabase.password = ****\n" in other
    assert "\ndatabase.password = \n" in tool("config", POSTERN_DATABASE_PASSWORD="")
    assert isinstance(tool("config", POSTERN_TOKEN_USER_DAYS="12x"), Refusal)
    assert isinstance(tool("config", POSTERN_SITE_ACCENT="red"), Refusal)
    mine = tool("config", POSTERN_SITE_TEMPLATES="mine", POSTERN_SESSION_IDLE="1h", POSTERN_SITE_ACCENT="#ABCDEF")
    assert f"\nsite.templates = {site.var}/mine\n" in mine and "\nsession.idle = 3600\n" in mine
    assert "\nsite.accent = #ABCDEF\n" in mine


@pytest.fixture
def keys(site, tmp_path):
    """The environment for a copy of the site's keys, which may be replaced."""
    folder = tmp_path / "keys"
    shutil.copytree(site.var / "keys", folder)
    return {"POSTERN_TOKEN_KEYS": str(folder / "private.json"),
            "POSTERN_TOKEN_PUBLIC_KEYS": str(folder / "public.json"),
            "POSTERN_TOKEN_REFRESH_KEY": str(folder / "refresh.key")}


def read_keys(env):
    return [json.loads(pathlib.Path(path).read_text())["keys"] for path in env.values() if path.endswith("json")]


def modes(env):
    return [stat.S_IMODE(os.stat(path).st_mode) for path in env.values() if path.endswith("json")]


def with_keys(site, env, token):
    """What the program `user`, newly started with these keys, says of a token."""
    return site.cgi("user", HTTP_AUTHORIZATION=f"Token {token}", **env)[0]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0])
def test_J15_new_key_signs_and_the_old_one_verifies(site, tool, keys, member, mask):
    (old,), _ = read_keys(keys)
    before = os.umask(mask)
    try:
        assert tool("key", "new", said=NEW_KEY, **keys) == ""
    finally:
        os.umask(before)
    private, public = read_keys(keys)
    assert [k["kid"] for k in private] == [k["kid"] for k in public] and private[1] == old
    assert abs(private[0]["iat"] - time.time()) < 60 and not any("iat" in k for k in public)
    assert all("d" in k for k in private) and not any("d" in k for k in public)
    assert modes(keys) == [0o400, 0o444]
    assert sorted(os.listdir(os.path.dirname(keys["POSTERN_TOKEN_KEYS"]))) == [
        "private.json", "public.json", "refresh.key", "share.json"]
    # Programs that start now know both; tokens of before go on, new ones are signed by the new key.
    assert with_keys(site, keys, member["token"]) == 200
    user = {"email": member["email"], "password": member["password"]}
    status, _, body = site.cgi("login", "POST", "/users/login", {"user": user}, **keys)
    new = json.loads(body)["user"]["token"]
    assert (status, json.loads(unb64(new.split(".")[0]))["kid"]) == (200, private[0]["kid"])
    assert with_keys(site, keys, new) == 200
    refused(site, new)      # the running ones do not know it until they start again
    token = tool("token", member["username"], **keys).rstrip("\n")
    assert json.loads(unb64(token.split(".")[0]))["kid"] == private[0]["kid"]


def test_changes_of_keys_are_events(site, tool, keys):
    def noted():
        return int(site.sql("SELECT COUNT(*) FROM events WHERE kind = 'key' AND user_id IS NULL")[0][0])

    before = noted()
    tool("key", "new", said=NEW_KEY, **keys)
    tool("key", "list", **keys)
    assert isinstance(tool("key", "new", "RS1", **keys), Refusal)
    secret = pathlib.Path(keys["POSTERN_TOKEN_REFRESH_KEY"])
    first = secret.read_text()
    assert tool("key", "refresh", **keys) == "" and secret.read_text() != first
    assert stat.S_IMODE(secret.stat().st_mode) == 0o400
    assert noted() == before + 2
    away = {**keys, "POSTERN_DATABASE_SOCKET": "/nowhere"}
    done = site.tool("key", "refresh", check=False, **away)
    assert done.returncode == 0 and "not in the security history" in done.stderr


def test_J15_an_old_key_taken_out_ends_its_tokens(site, tool, keys, member):
    assert tool("key", "new", said=NEW_KEY, **keys) == ""
    private, _ = read_keys(keys)
    path = pathlib.Path(keys["POSTERN_TOKEN_KEYS"])
    path.chmod(0o600)
    path.write_text(json.dumps({"keys": private[:1]}))
    assert with_keys(site, keys, member["token"]) == 401
    claims = claims_of(member["token"])
    assert with_keys(site, keys, Mint(private[0]).token(claims)) == 200


def test_key_new_where_there_is_none(site, tool, tmp_path):
    for alg in ALGS:
        env = {"POSTERN_TOKEN_KEYS": f"{tmp_path}/{alg}/private.json",
               "POSTERN_TOKEN_PUBLIC_KEYS": f"{tmp_path}/{alg}/public.json"}
        assert tool("key", "new", alg, said=NEW_KEY, **env) == ""
        (private,), public = read_keys(env)
        assert private["alg"] == alg and len(public) == (0 if alg == "HS256" else 1)
        assert modes(env) == [0o400, 0o444]


def test_key_new_changes_nothing_when_it_cannot(site, tool, keys):
    before = read_keys(keys)
    assert "HMAC and public keys" in tool("key", "new", "HS256", **keys)
    assert isinstance(tool("key", "new", "RS1", **keys), Refusal)
    nowhere = {**keys, "POSTERN_TOKEN_PUBLIC_KEYS": "/nowhere/at/all.json"}
    assert "No such file" in tool("key", "new", **nowhere)
    assert read_keys(keys) == before
    path = pathlib.Path(keys["POSTERN_TOKEN_KEYS"])
    path.chmod(0o600)
    for text in "", "{", "[]", "{}", '{"keys": 1}', '{"keys": [{}]}', '{"keys": []} x':
        path.write_text(text)
        line = tool("key", "new", **keys)
        assert isinstance(line, Refusal) and str(path) in line, text
        assert path.read_text() == text


def aged(env, *days):
    """Let the keys, newest first, be made so many days ago; None: they do not say. Returns their kids."""
    path = pathlib.Path(env["POSTERN_TOKEN_KEYS"])
    keys = json.loads(path.read_text())["keys"]
    for key, age in zip(keys, days, strict=True):
        key.pop("iat", None)
        if age is not None:
            key["iat"] = int(time.time() - age * 86400)
    path.chmod(0o600)
    path.write_text(json.dumps({"keys": keys}))
    return [key["kid"] for key in keys]


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def test_key_list(tool, keys, tmp_path):
    for alg in "RS256", "EdDSA":
        assert tool("key", "new", alg, said=NEW_KEY, **keys) == ""
    kids = aged(keys, 1, 30, None)
    made = [k.get("iat") for k in read_keys(keys)[0]]
    assert [line.split("\t") for line in tool("key", "list", **keys).splitlines()] == [
        [kids[0], "EdDSA", "signs", utc(made[0])], [kids[1], "RS256", "verifies", utc(made[1])],
        [kids[2], "ES256", "verifies", "unknown"]]
    assert modes(keys)[1] == 0o444      # and nothing is written
    nowhere = {"POSTERN_TOKEN_KEYS": f"{tmp_path}/none.json",
               "POSTERN_TOKEN_PUBLIC_KEYS": f"{tmp_path}/no.json"}
    assert tool("key", "list", **nowhere) == "" and not (tmp_path / "none.json").exists()
    (tmp_path / "none.json").write_text("{")
    assert "not JSON" in tool("key", "list", **nowhere)
    (tmp_path / "none.json").write_text(json.dumps({"keys": [{"kty": "oct"}]}))
    assert "alg is missing" in tool("key", "list", **nowhere)


def test_J15_retired_when_its_tokens_have_ended(site, tool, keys, member):
    assert tool("key", "new", said=NEW_KEY, **keys) == ""
    new, old = aged(keys, 7.01, 90)     # token.user_days is 7
    made = read_keys(keys)[0][0]["iat"]
    assert with_keys(site, keys, member["token"]) == 200
    said = (f"postern: the key is gone; the last token under it has ended at {utc(made + 7 * 86400)}\n")
    assert tool("key", "retire", old, said=said, **keys) == ""
    assert [[k["kid"] for k in file] for file in read_keys(keys)] == [[new], [new]]
    assert modes(keys) == [0o400, 0o444]
    assert with_keys(site, keys, member["token"]) == 401
    assert tool("key", "list", **keys).startswith(f"{new}\tES256\tsigns\t")


@pytest.mark.parametrize("days, ends", [((6.9, 90), 6.9), ((0, 90), 0), ((None, 90), None),
                                        ((None, None), None)])
def test_J15_retired_before_only_by_force(site, tool, keys, member, days, ends):
    assert tool("key", "new", said=NEW_KEY, **keys) == ""
    new, old = aged(keys, *days)
    made = read_keys(keys)[0][0].get("iat")
    moment = "unknown" if ends is None else utc(made + 7 * 86400)
    before = [pathlib.Path(path).read_bytes() for path in keys.values()]
    line = tool("key", "retire", old, **keys)
    assert line == f"the last token under this key ends at {moment}; --force ends it now\n"
    assert [pathlib.Path(path).read_bytes() for path in keys.values()] == before
    if ends is not None:    # shorter lives end sooner
        shorter = tool("key", "retire", old, POSTERN_TOKEN_USER_DAYS="366", **keys)
        assert utc(made + 366 * 86400) in shorter and isinstance(shorter, Refusal)
    said = (f"postern: the key is gone; the last token under it ends now instead of at {moment}\n")
    assert tool("key", "retire", old, "--force", said=said, **keys) == ""
    assert [[k["kid"] for k in file] for file in read_keys(keys)] == [[new], [new]]
    assert with_keys(site, keys, member["token"]) == 401


def test_key_retire_changes_nothing_when_it_may_not(tool, keys):
    (only,) = aged(keys, 1000)
    before = read_keys(keys)
    for force in [], ["--force"]:
        assert "key that signs" in tool("key", "retire", only, *force, **keys)
        for kid in "", "nothing", only[:-1], only + "x", "../private.json", "\udcff":
            assert "no key is called that" in tool("key", "retire", kid, *force, **keys)
    assert tool("key", "new", said=NEW_KEY, **keys) == ""
    new, old = aged(keys, 500, 1000)
    before = read_keys(keys)
    assert "key that signs" in tool("key", "retire", new, "--force", **keys)
    nowhere = {**keys, "POSTERN_TOKEN_PUBLIC_KEYS": "/nowhere/at/all.json"}
    assert "No such file" in tool("key", "retire", old, **nowhere)
    assert read_keys(keys) == before
    none = {**keys, "POSTERN_TOKEN_KEYS": keys["POSTERN_TOKEN_KEYS"] + ".none"}
    assert isinstance(tool("key", "retire", old, **none), Refusal)


def test_each_next_key_may_be_of_another_algorithm(site, tool, keys, member):
    """What was signed before goes on to verify, whatever the newer keys are."""
    tokens = [member["token"]]
    for alg in "RS256", "PS256", "EdDSA", "ES256":
        assert tool("key", "new", alg, said=NEW_KEY, **keys) == ""
        tokens.append(tool("token", member["username"], **keys).rstrip("\n"))
        assert json.loads(unb64(tokens[-1].split(".")[0]))["alg"] == alg
        assert [with_keys(site, keys, token) for token in tokens] == [200] * len(tokens)
    assert [k["alg"] for k in read_keys(keys)[1]] == ["ES256", "EdDSA", "PS256", "RS256", "ES256"]
    assert "not for use by a site" in tool("key", "new", "ES384", **keys)


def test_demo_again_changes_nothing(site, tool):
    before = site.checksum()
    assert tool("demo") == ""
    assert site.checksum() == before
    answer = login(site, "govardhan@example.org", "postern-demo")
    token = answer.json()["user"]["token"]
    count = int(site.sql("SELECT COUNT(*) FROM users")[0][0])
    users = site.api("GET", f"/users?limit=100&offset={max(0, count - 20)}", token=token).json()["users"]
    roles = {u["username"]: u["role"] for u in users if u["username"] in ("Govardhan", "Dathu", "BhanBot", "Varma")}
    assert roles == {"Govardhan": "admin", "Dathu": "member", "BhanBot": "member", "Varma": "member"}


@pytest.mark.parametrize("args", [["user", "add", "x", "x@example.org"], ["user", "passwd", "x"], ["demo"],
                                  ["user", "list"], ["token", "x"], ["migrate", "status"]])
def test_dead_database(tool, tmp_path, args):
    line = tool(*args, input=PASSWORD, POSTERN_DATABASE_SOCKET=str(tmp_path / "no.sock"))
    assert isinstance(line, Refusal) and "database" in line


def secrets(site):
    return [account_of(site.var, file.stem)[1] for file in site.var.glob("*.conf") if file.stem != "postern"]


def below(pid):
    return [pid] + [p for child in children(pid) for p in below(child)]


@LASTING
def test_secrets_are_in_no_argument_environment_or_log(site, member):
    hidden = secrets(site)
    assert len(hidden) >= 3
    running = below(pid_of(site, "site"))
    assert len(running) > 10
    for pid in running:
        for file in "cmdline", "environ":
            text = pathlib.Path(f"/proc/{pid}/{file}").read_bytes()
            assert not any(secret.encode() in text for secret in hidden), (pid, file)
    login(site, member["email"], "not " + PASSWORD)
    site.api("GET", f"/user?token={member['token']}")
    logs = {log.name: log.read_text(errors="replace") for log in (site.var / "log").iterdir()}
    assert "/api/user" in logs["access.log"]
    for name, text in logs.items():
        for secret in [*hidden, PASSWORD, member["token"], member["token"].rsplit(".", 1)[1]]:
            assert secret not in text, name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_keys_belong_to_whoever_reads_them():
    """Made by root, they are for the user of the class, whose file of secrets tells who that is."""
    with running() as own:
        for class_, uid in ("credentials", 12345), ("content", 12346):
            os.chown(own.var / f"{class_}.conf", uid, 0)
        for words in ["new"], ["refresh"], ["share"]:
            own.tool("key", *words)
        found = {p.name: (p.stat().st_uid, stat.S_IMODE(p.stat().st_mode)) for p in (own.var / "keys").iterdir()}
        assert found == {"private.json": (12345, 0o400), "refresh.key": (12345, 0o400), "share.json": (12346, 0o400),
                         "public.json": (0, 0o444)}
        for class_ in "credentials", "content":
            os.chown(own.var / f"{class_}.conf", 0, 0)
