# SPDX-License-Identifier: ISC
"""postern doctor: of a healthy site it says nothing bad; each of these faults, planted for real, it names."""
import contextlib
import os
import time

import pytest

from conftest import BUILD, running
from database import root
from doctor import Faults, changed, doctor, hurt, named, problems, sql
from test_claims import FAKETIME
from ways import EACH

pytestmark = EACH

STRANGER = 33 if os.geteuid() == 0 else os.geteuid()
FAULTS = Faults()
fault = FAULTS.fault

@pytest.mark.parametrize("way", ["nginx", "proxy", "fcgid", "cgi"])
def test_nothing_is_wrong_with_a_healthy_site(way):
    with running({"WEB": way}) as site:
        site.register()
        began = time.monotonic()
        rows = doctor(site)
        assert problems(rows) == {}, way
        assert len({row["check"] for row in rows}) >= 20 and all(row["ok"] for row in rows)
        assert time.monotonic() - began < 30
        text = site.tool("doctor")
        assert text.count("\n") == len(rows) and all(line.startswith("OK ") for line in text.splitlines())


def test_usage(site):
    done = site.tool("doctor", "twice", check=False)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("postern: usage: postern doctor")


# Files: settings, secrets, keys.

@fault("settings", r"postern\.conf: site\.colour is not a setting")
def unknown_setting(site):
    conf = site.var / "postern.conf"
    with changed(conf, conf.read_text() + "[site]\ncolour = red\n"):
        yield (), {}


@fault("settings", "POSTERN_LIMITS_BODY: must be a whole number")
def bad_value(site):
    yield (), {"POSTERN_LIMITS_BODY": "much"}


@fault("settings", "/nowhere/postern.conf: cannot be read")
def no_settings(_):
    yield (), {"POSTERN_CONFIG": "/nowhere/postern.conf"}


@fault("settings", "site.time_zone must be a name such as Europe/Berlin")
def wrong_time_zone(_):
    yield (), {"POSTERN_SITE_TIME_ZONE": "Europe/Atlantis"}


@fault("settings", "session.cookie_domain is not the host of site.urls")
def cookies_of_another_domain(_):
    yield (), {"POSTERN_SESSION_COOKIE_DOMAIN": "example.org"}


@fault("secrets", "content.conf: holds secrets, so nobody else may read it: chmod 0400")
def secrets_that_others_may_read(site):
    with changed(site.var / "content.conf", mode=0o644):
        yield (), {}


@fault("secrets", "gate.conf: No such file", "account", "programs")
def missing_secret(site):
    with changed(site.var / "gate.conf"):
        yield (), {}


@fault("settings", "token.audience .* is a secret|database.password is a secret")
def password_in_the_settings(site):
    conf = site.var / "postern.conf"
    with changed(conf, conf.read_text().replace("[database]", "[database]\npassword = hunter2")):
        yield (), {}


@fault("mail", "mail.key")
def no_key_for_links_in_mails(site):
    conf = site.var / "mail.conf"
    with changed(conf, conf.read_text().split("[mail]")[0]):
        yield (), {}


@fault("keys", "private.json may be read by others: chmod 0400")
def key_that_others_may_read(site):
    with changed(site.var / "keys/private.json", mode=0o644):
        yield (), {}


@fault("keys", "private.json: .* \\(postern key new makes keys\\)")
def empty_key_file(site):
    site.expect(r"keys/private\.json: .*; the keys read before stay")
    with changed(site.var / "keys/private.json", ""):
        yield (), {}


@contextlib.contextmanager
def of_users(site, *kept):
    """The files of the classes belong to another user, as where units run the programs; but for `kept`."""
    files = [f"{name}.conf" for name in ("credentials", "content", "gate", "pictures", "mail")]
    files += ["keys/private.json", "keys/refresh.key", "keys/share.json", "mail", "locks"]
    for name in "mail", "locks":
        (site.var / name).mkdir(exist_ok=True)
    for name in ".", "run", "keys":
        (site.var / name).chmod(0o711)
    try:
        for name in set(files) - set(kept):
            os.chown(site.var / name, STRANGER, -1)
        yield (), {"POSTERN_PASSWORD_LOCKS": str(site.var / "locks")}
    finally:
        for name in files:
            os.chown(site.var / name, os.geteuid(), -1)


def test_rights_are_those_of_the_classes(hurt):
    """Nothing is wrong though root is asked, and files are others'."""
    with of_users(hurt) as (_, env):
        assert problems(doctor(hurt, **env)) == {}


if os.geteuid() == 0:
    @fault("keys", "refresh.key cannot be read by the programs of credentials: chown it to the owner of credentials.conf",
           "programs")
    def key_that_its_programs_cannot_read(site):
        with of_users(site, "keys/refresh.key") as planted:
            yield planted


@fault("keys", "refresh.key: is not a line of 43 letters")
def garbage_in_the_refresh_key(site):
    site.expect(r"keys/refresh\.key: is not a line of 43")
    with changed(site.var / "keys/refresh.key", "garbage\n"):
        yield (), {}


@fault("keys", "refresh.key: No such file or directory .postern key refresh makes one")
def missing_refresh_key(site):
    site.expect(r"keys/refresh\.key: No such file")
    with changed(site.var / "keys/refresh.key"):
        yield (), {}


@fault("keys", "share.json: .*: postern key share makes one")
def garbage_in_the_share_key(site):
    with changed(site.var / "keys/share.json", "{}"):
        yield (), {}


@fault("keys", "public.json lacks a key of")
def public_keys_of_another_site(site):
    with running() as other:
        public = (other.var / "keys/public.json").read_text()
    with changed(site.var / "keys/public.json", public):
        yield (), {}


# The database.

@fault("account", "postern_content may not SELECT ON users: postern migrate up")
def missing_grant(site):
    with sql(site, "REVOKE SELECT ON users FROM postern_content@localhost",
             "GRANT SELECT ON users TO postern_content@localhost") as planted:
        yield planted


@fault("account", r"postern_mail may not SELECT \(locked\) ON users")
def missing_grant_of_a_column(site):
    with sql(site, "REVOKE SELECT (locked) ON users FROM postern_mail@localhost",
             "GRANT SELECT (locked) ON users TO postern_mail@localhost") as planted:
        yield planted


@fault("account", "postern_gate may DELETE ON users, which its programs do not need")
def extra_grant(site):
    with sql(site, "GRANT DELETE ON users TO postern_gate@localhost",
             "REVOKE DELETE ON users FROM postern_gate@localhost") as planted:
        yield planted


@fault("account", r"postern_pictures may SELECT \(email\) ON addresses")
def extra_grant_of_a_column(site):
    with sql(site, "GRANT SELECT (email) ON addresses TO postern_pictures@localhost",
             "REVOKE SELECT (email) ON addresses FROM postern_pictures@localhost") as planted:
        yield planted


@fault("account", r"postern_content may (FILE ON \*\.\*|SELECT ON postern\.\*), (FILE|SELECT)")
def rights_to_everything(site):
    with sql(site, "GRANT FILE ON *.* TO postern_content@localhost; GRANT SELECT ON postern.* TO postern_content@localhost",
             "REVOKE FILE ON *.* FROM postern_content@localhost; REVOKE SELECT ON postern.* FROM postern_content@localhost"
             ) as planted:
        yield planted


@fault("account", "the database refuses postern_pictures with the password of pictures.conf", "programs")
def another_password(site):
    conf = site.var / "pictures.conf"
    with changed(conf, conf.read_text().replace("password = ", "password = x")):
        yield (), {}


@fault("migrations", "1 steps are pending or were edited: postern migrate status")
def pending_migration(site):
    last = int(root(site, "SELECT MAX(number) FROM schema_migrations", "postern")[0][0])
    with sql(site, f"UPDATE schema_migrations SET finished_at = NULL WHERE number = {last}",
             f"UPDATE schema_migrations SET finished_at = NOW(3) WHERE number = {last}") as planted:
        yield planted


@fault("migrations", "the database knows step 999 .* an older Postern")
def unknown_migration(site):
    with sql(site, "INSERT INTO schema_migrations (number, name, checksum, started_at) VALUES (999, 'x', '', NOW())",
             "DELETE FROM schema_migrations WHERE number = 999") as planted:
        yield planted


@fault("database", "sql_mode of the server is not strict")
def sql_mode_without_strict(site):
    mode = root(site, "SELECT @@GLOBAL.sql_mode")[0][0]
    with sql(site, "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'", f"SET GLOBAL sql_mode = '{mode}'") as planted:
        yield planted


@fault("database", "new tables would be of latin1: ALTER DATABASE postern")
def database_of_another_charset(site):
    with sql(site, "ALTER DATABASE postern CHARACTER SET latin1", "ALTER DATABASE postern CHARACTER SET utf8mb4") as planted:
        yield planted


@fault("database", "the table strays is not of InnoDB and utf8mb4")
def table_of_another_charset(site):
    with sql(site, "CREATE TABLE strays (t TEXT) CHARACTER SET latin1", "DROP TABLE strays") as planted:
        yield planted


@fault("database", "no database answers at /nowhere.sock", "programs")
def database_elsewhere(_):
    yield (), {"POSTERN_DATABASE_SOCKET": "/nowhere.sock"}


@fault("database", "there is no database elsewhere", "account", "programs")
def database_of_another_name(_):
    yield (), {"POSTERN_DATABASE_NAME": "elsewhere"}


@fault("clock", "the database's is 3[56]\\d\\d seconds behind ours")
def clocks_apart(_):
    assert FAKETIME, "libfaketime is missing"
    yield (), {"LD_PRELOAD": FAKETIME, "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1"}


@fault("keys", "the key that signs was made in the future", "clock")
def clock_before_the_keys(_):
    yield (), {"LD_PRELOAD": FAKETIME, "FAKETIME": "-2h", "DONT_FAKE_MONOTONIC": "1"}


@fault("tidy", "what has ended 5 hours ago is still there: postern tidy does not run")
def nobody_tidies(site):
    with sql(site, "INSERT INTO throttles VALUES (UNHEX(REPEAT('d', 64)), NOW(3) - INTERVAL 301 MINUTE)",
             "DELETE FROM throttles WHERE subject = UNHEX(REPEAT('d', 64))") as planted:
        yield planted


@pytest.mark.parametrize("check,said,plant,others", FAULTS)
def test_fault_is_named(hurt, check, said, plant, others):
    named(hurt, check, said, plant, others)


def test_all_faults_are_mended(hurt):
    assert problems(doctor(hurt)) == {}


def test_without_settings_it_goes_on_with_what_it_can(hurt):
    """What needs no settings is looked at; the rest says why not."""
    rows = doctor(hurt, "--sockets", str(hurt.var / "run"), POSTERN_CONFIG="/nowhere")
    assert len([row for row in rows if row["ok"] is None]) > 10
    assert {row["check"] for row in rows if row["ok"] is False} == {"settings"}
    assert [row["text"] for row in rows if row["check"] == "sockets"] == [
        f"each of {len(list((BUILD / 'cgi-bin').glob('*.fcgi')))} in {hurt.var}/run answers"]
