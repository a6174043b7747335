# SPDX-License-Identifier: ISC
"""postern mail and a mail server that has its moods: nothing is lost, and one duplicate is the most."""
import contextlib
import signal
import subprocess
import threading
import time

import pytest

from conftest import BUILD
from mail_server import PASSWORD, serving, speechless
from mails import queue, text_of, waiting
from workers import until

ADDRESS = "somebody@example.net"


@pytest.fixture
def server(site):
    site.mails()        # what other tests left
    with serving() as s:
        yield s


def once(site, server, **more):
    done = site.tool("mail", "--once", check=False, **server.settings, **more)
    assert done.returncode == 0 or done.stderr.startswith("postern: no server takes mails now"), done.stderr
    return done


def again(site, server, id):
    """The next try, as if its time had come."""
    site.sql(f"UPDATE outbox SET due_at = NOW(3) WHERE id = {id} AND state = 'waiting'")
    return once(site, server)


def state(site, id):
    return waiting(site, "state, tries, answer", f"id = {id}")[0]


# fault: what the outbox says after it, how many copies had arrived by then; and what it says when the
# server is well again, and how many have arrived at last.
FAULTS = {
    "no server":  ("waiting", 0, "sent", 1),
    "silent":     ("waiting", 0, "sent", 1),
    "sender 550": ("waiting", 0, "sent", 1),
    "rcpt 550":   ("failed", 0, "failed", 0),
    "rcpt 451":   ("waiting", 0, "sent", 1),
    "rcpt drop":  ("waiting", 0, "sent", 1),
    "rcpt hang":  ("waiting", 0, "sent", 1),
    "data 554":   ("failed", 0, "failed", 0),
    "data 452":   ("waiting", 0, "sent", 1),
    "data hang":  ("waiting", 1, "sent", 2),
    "data drop":  ("waiting", 1, "sent", 2),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(site, server, fault):
    then, copies, at_last, all_copies = FAULTS[fault]
    server.handler.fault = fault
    id = queue(site, "test", ADDRESS)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        settings = dict(server.settings)
        if fault == "no server":
            server.stop()
        if fault == "silent":
            settings["POSTERN_MAIL_SERVER"] = f"smtp://localhost:{stack.enter_context(speechless())}"
        site.tool("mail", "--once", check=False, **settings)
    assert time.monotonic() - began < 10
    first = state(site, id)
    assert (first[0], len(server.handler.arrived)) == (then, copies)
    server.handler.fault = None
    if fault == "no server":
        server.start()
    again(site, server, id)
    last = state(site, id)
    assert (last[0], len(server.handler.arrived)) == (at_last, all_copies)
    assert len({content for _, _, content in server.handler.arrived}) <= 1      # same bytes, same Message-ID
    print(f"\n{fault:12} {first[0]:8} {first[2][:60]:60} then {last[0]}, {all_copies} arrived")


@pytest.mark.parametrize("fault", ["data hang", "data drop"])
def test_what_may_have_arrived_is_sent_once_more_and_no_more(site, server, fault):
    server.handler.fault = fault
    id = queue(site, "test", ADDRESS)
    once(site, server)
    for _ in range(3):
        again(site, server, id)
    assert len(server.handler.arrived) == 2
    assert state(site, id)[0] == "failed" and state(site, id)[2].startswith("perhaps it arrived")


def test_refused_for_days_is_given_up(site, server):
    server.handler.fault = "rcpt 451"
    id = queue(site, "test", ADDRESS)
    site.sql(f"UPDATE outbox SET created_at = NOW(3) - INTERVAL 49 HOUR WHERE id = {id}")
    once(site, server)
    assert state(site, id) == ["failed", "1", "451 4.7.1 greylisted, come back later"]


def test_waits_grow(site, server):
    server.handler.fault = "rcpt 451"
    id = queue(site, "test", ADDRESS)
    waits = []
    for _ in range(7):
        again(site, server, id)
        waits += site.sql(f"SELECT ROUND(TIMESTAMPDIFF(SECOND, NOW(), due_at) / 60) FROM outbox WHERE id = {id}")
    assert [int(w) for (w,) in waits] == [1, 5, 15, 60, 120, 240, 240]
    site.sql(f"DELETE FROM outbox WHERE id = {id}")


def test_an_absence_puts_nothing_off(site, server):
    """F10: however long the server was away, all goes within a minute of its return."""
    server.stop()
    id = queue(site, "test", ADDRESS)
    for _ in range(7):
        again(site, server, id)
        assert int(site.sql(f"SELECT TIMESTAMPDIFF(SECOND, NOW(), due_at) FROM outbox WHERE id = {id}")[0][0]) <= 60
    assert state(site, id)[:2] == ["waiting", "7"]
    site.sql(f"DELETE FROM outbox WHERE id = {id}")


def test_one_connection_for_many(site, server):
    ids = [queue(site, "test", f"number{i}@example.net") for i in range(30)]
    once(site, server)
    assert sorted(to for _, (to,), _ in server.handler.arrived) == sorted(f"number{i}@example.net" for i in range(30))
    assert server.handler.connections == 1
    assert {state(site, id)[0] for id in ids} == {"sent"}
    assert len({m["Message-ID"] for m in server.handler.mails()}) == 30


def test_a_server_that_is_away_is_asked_once_for_all(site, server):
    server.stop()
    ids = [queue(site, "test", ADDRESS) for _ in range(5)]
    assert "no server takes mails now" in once(site, server).stderr
    assert sorted(state(site, id)[1] for id in ids) == ["0", "0", "0", "0", "1"]
    server.start()
    for id in ids:
        again(site, server, id)
    assert len(server.handler.arrived) == 5


def test_workers_share_the_work(site, server):
    ids = [queue(site, "test", f"shared{i}@example.net") for i in range(60)]
    workers = [subprocess.Popen([str(BUILD / "postern"), "mail", "--once"], stdout=subprocess.PIPE, text=True,
                                env=site.tool_env(**server.settings)) for _ in range(4)]
    shares = [len(w.communicate(timeout=60)[0].splitlines()) for w in workers]
    assert {state(site, id)[0] for id in ids} == {"sent"}
    assert len(server.handler.arrived) == 60 == sum(shares)


def test_killed_while_the_server_thinks(site, server):
    """The mail may have arrived: after the lease it goes once more."""
    server.handler.fault = "data hang"
    id = queue(site, "test", ADDRESS)
    worker = subprocess.Popen([str(BUILD / "postern"), "mail"], env=site.tool_env(**server.settings))
    assert until(lambda: server.handler.arrived)
    worker.kill()
    worker.wait()
    server.handler.fault = None
    once(site, server)
    assert state(site, id)[0] == "waiting" and len(server.handler.arrived) == 1     # the lease holds
    again(site, server, id)
    assert state(site, id)[0] == "sent" and len(server.handler.arrived) == 2


def test_a_lease_is_longer_than_all_tries(site, server):
    """A connection that ended is followed by another, at once: nobody else takes the mail meanwhile."""
    server.handler.fault = "rcpt hang"
    id = queue(site, "test", ADDRESS)
    worker = subprocess.Popen([str(BUILD / "postern"), "mail"], stdout=subprocess.DEVNULL, env=site.tool_env(
        **{**server.settings, "POSTERN_MAIL_CONNECT": "100", "POSTERN_MAIL_TIMEOUT": "900"}))
    assert until(lambda: state(site, id)[1] == "1")
    worker.kill()
    worker.wait()
    assert int(site.sql(f"SELECT TIMESTAMPDIFF(SECOND, NOW(), due_at) FROM outbox WHERE id = {id}")[0][0]) > 2 * 1000
    site.sql(f"DELETE FROM outbox WHERE id = {id}")


def test_what_was_sent_is_written_down_though_the_database_is_busy(site, server):
    """Somebody holds the row for longer than a statement waits."""
    id = queue(site, "test", ADDRESS)
    holder = threading.Thread(target=site.sql, args=(
        f"BEGIN; SELECT 1 FROM outbox WHERE id = {id} FOR UPDATE; SELECT SLEEP(4); COMMIT",))

    def hold():
        holder.start()
        time.sleep(0.5)

    server.handler.meanwhile = hold
    once(site, server)
    holder.join()
    assert state(site, id)[0] == "sent" and len(server.handler.arrived) == 1


def test_a_mail_that_could_not_be_made_was_not_begun(site, server, member):
    """Somebody holds the tokens for longer than a statement waits: no server has heard of the mail."""
    id = queue(site, "reset", member["email"])
    for _ in range(3):
        holder = threading.Thread(target=site.sql, args=("LOCK TABLES one_time_tokens WRITE; DO SLEEP(4)",))
        holder.start()
        time.sleep(0.5)
        done = site.tool("mail", "--once", check=False, **server.settings)
        holder.join()
        assert done.stderr.startswith("postern: the database does not answer, or is busy")
        site.sql(f"UPDATE outbox SET due_at = NOW(3) WHERE id = {id}")      # as if the lease were over
    once(site, server)
    assert state(site, id)[0] == "sent" and len(server.handler.arrived) == 1


def test_without_a_database(site, server):
    done = site.tool("mail", "--once", check=False, **server.settings, POSTERN_DATABASE_SOCKET="/nowhere")
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("postern: the database does not answer")
    worker = subprocess.Popen([str(BUILD / "postern"), "mail"],
                              env=site.tool_env(**server.settings, POSTERN_DATABASE_SOCKET="/nowhere"))
    time.sleep(1)
    assert worker.poll() is None        # it waits for one
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0


def test_told_to_end(site, server):
    """SIGTERM ends an idle worker at once, and one in a dialogue after giving its mail back."""
    for fault in None, "rcpt hang":
        server.handler.fault = fault
        id = queue(site, "test", ADDRESS)
        worker = subprocess.Popen([str(BUILD / "postern"), "mail"], stdout=subprocess.DEVNULL,
                                  env=site.tool_env(**{**server.settings, "POSTERN_MAIL_TIMEOUT": "60"}))
        until(lambda: state(site, id)[0] == "sent" if fault is None else state(site, id)[1] == "1")
        time.sleep(0.5)
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=10) == 0 and time.monotonic() - began < 4
    server.handler.fault = None
    once(site, server)
    assert state(site, id)[0] == "sent"


@pytest.mark.parametrize("how", [{}, {"auth": True}, {"auth": True, "tls": "starttls"}, {"auth": True, "tls": "smtps"}],
                         ids=["plain", "auth", "starttls", "smtps"])
def test_ways_in(site, tmp_path, how):
    site.mails()
    with serving(folder=tmp_path, **how) as s:
        said = site.tool("mail", "test", ADDRESS, **s.settings)
        (mail,) = s.handler.mails()
    assert mail["To"] == ADDRESS and "arrive" in text_of(mail)
    assert said.splitlines()[-1].startswith(f"sent from noreply@127.0.0.1 to {ADDRESS}: 250 2.0.0 queued as 4711")
    assert "> MAIL FROM:<noreply@127.0.0.1>" in said and f"> RCPT TO:<{ADDRESS}>" in said
    assert ("> AUTH" in said) == ("auth" in how) and ("SSL connection using TLS" in said) == ("tls" in how)
    for secret in PASSWORD, "aHVzaCBodXNo", "cG9zdGVybkBleGFtcGxlLm9yZ", "AHBvc3Rlcm5AZXhhbXBsZS5vcmcAaHVzaCBodXNo":
        assert secret not in said


WRONG = {
    "password": ({"POSTERN_MAIL_PASSWORD": "not that"}, "See mail.user and mail.password"),
    "nobody": ({"POSTERN_MAIL_SERVER": "smtp://localhost:1"}, "Nobody listens there"),
    "no host": ({"POSTERN_MAIL_SERVER": "smtp://none.invalid:587"}, "There is no such host"),
    "strange certificate": ({"POSTERN_MAIL_CA": ""}, "signed by nobody we know"),
    "another name": ({"NAME": "127.0.0.1"}, "is for another name"),
    "no login": ({"POSTERN_MAIL_USER": ""}, "The server wants a login"),
    "no ca": ({"POSTERN_MAIL_CA": "/nowhere"}, "mail.ca is no file of certificates"),
    "from": ({"FAULT": "sender 550"}, "see mail.from"),
    "to": ({"FAULT": "rcpt 550"}, "The server refuses this address"),
    "later": ({"FAULT": "rcpt 451"}, "tries again by itself"),
    "tls twice": ({"SCHEME": "smtps"}, "smtps:// goes with port 465"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_to_do_next(site, tmp_path, what):
    settings, advice = WRONG[what]
    with serving(folder=tmp_path, auth=True, tls="starttls") as s:
        s.handler.fault = settings.pop("FAULT", None) if "FAULT" in settings else None
        url = f"{settings.get('SCHEME', 'smtp')}://{settings.get('NAME', 'localhost')}:{s.port}"
        env = {**s.settings, "POSTERN_MAIL_SERVER": url, **settings}
        done = site.tool("mail", "test", ADDRESS, check=False, **env)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1], done.stderr
    assert done.stderr.startswith("postern: not sent: ")
    assert PASSWORD not in done.stdout + done.stderr and "not that" not in done.stdout + done.stderr


def test_no_starttls(site):
    with serving() as s:
        env = {**s.settings, "POSTERN_MAIL_STARTTLS": "require"}
        done = site.tool("mail", "test", ADDRESS, check=False, **env)
        assert "offers no STARTTLS" in done.stderr and s.handler.arrived == []
        site.tool("mail", "test", ADDRESS, **{**env, "POSTERN_MAIL_STARTTLS": "try"})
        assert len(s.handler.arrived) == 1


@pytest.mark.parametrize("settings, said", [
    ({"SERVER": "http://x"}, "mail.server must be smtp://HOST:PORT or smtps://HOST:PORT"),
    ({"SERVER": "smtp://x:587/y"}, "mail.server must end in its host or port"),
    ({"SERVER": "smtp://a:b@x"}, "mail.server must end in its host or port"),
    ({"USER": "u"}, "mail.password is missing: it belongs in mail.conf, below [mail]"),
    ({"USER": "u", "PASSWORD": "p", "SERVER": "smtp://mail.example.org", "STARTTLS": "try"},
     "mail.starttls must be require, for mail.password would travel in the clear"),
    ({"FROM": "x"}, "mail.from: this is no mail address"),
    ({"FROM": "x\r\nBcc: a@example.org <b@example.org>"},
     "environment POSTERN_MAIL_FROM: must be free of control characters"),
    ({"REPLY_TO": "ä@example.org"}, "mail.reply_to: an address holds other characters than ASCII"),
    ({"KEY": "short"}, "mail.key is missing or too short"),
    ({"TRANSPORT": "sendmail", "SENDMAIL": "/nowhere"}, "mail.sendmail names no program that can be run"),
])
def test_settings_that_cannot_be(site, settings, said):
    env = {"POSTERN_MAIL_TRANSPORT": "smtp", **{f"POSTERN_MAIL_{k}": v for k, v in settings.items()}}
    for command in (["mail", "--once"], ["mail", "--check"], ["mail", "test", ADDRESS]):
        done = site.tool(*command, check=False, **env)
        assert done.returncode == 1 and done.stderr.startswith(f"postern: {said}"), done.stderr
