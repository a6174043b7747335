# SPDX-License-Identifier: ISC
"""postern mail send: who is meant, what is written, and that no value makes a header or a recipient."""
import itertools

import pytest

from conftest import ROOT
from mail_server import serving
from mails import html_of, queue, text_of, waiting

SUBJECTS = ["plain", "Grüße an alle 🚣", "ж" * 200, "a" * 100, "two  blanks ", "=?utf-8?Q?looks_encoded?=",
            "a long subject of plain words that has to go on in a second line of the header, and a third one, too",
            "\"quoted\", <with>; (marks): and a = sign"]
NAMES = ["plan.pdf", "Fährplan 2026 (neu).pdf", "list.csv", "наш очень длинный список участников на лето.txt",
         "quo\"te.png", "no ending", "semi;colon.txt", "100%.txt"]
LINES = "from here\n.\n..dots\nFrom there\n\ntrailing blank \n" + "long " * 300 + "\nümläut = ü\n\tend"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "text.txt").write_text(LINES)
    (tmp_path / "page.html").write_text("<!DOCTYPE html><p>Grüße &amp; Küsse</p>")
    return tmp_path


def send(site, folder, *words, to=("somebody@example.net",), subject="Hello", check=True):
    target = itertools.chain(*(("--to", t) for t in to))
    return site.tool("mail", "send", *target, "--subject", subject, "--text", str(folder / "text.txt"), *words,
                     check=check)


def normal(text):
    return text.replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_and_texts(site, folder, subject):
    site.mails()
    send(site, folder, subject=subject)
    with serving() as server:
        site.tool("mail", "--once", **server.settings)
        ((_, to, content),) = server.handler.arrived
        (mail,) = server.handler.mails()
    assert to == ["somebody@example.net"] and mail["Subject"] == subject
    assert normal(mail.get_content()) == normal(LINES)
    assert content.isascii() and all(len(line) <= 76 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("text,how", [
    ("x" * 200 + "\n\tA link: http://example.org/?a=b\n.\nFrom here\n", "7bit"),
    ("x" * 201, "quoted-printable"), ("Grüße", "quoted-printable"), ("a\x01b", "quoted-printable"),
    ("x\n--=_texts\nX: y\n\nz\n--=_texts--\n", "quoted-printable")])
def test_plain_text_goes_as_it_is(site, folder, text, how):
    """Whoever reads the bytes can use the links; what looks like a boundary is none."""
    site.mails()
    (folder / "text.txt").write_text(text)
    send(site, folder, "--html", str(folder / "page.html"))
    with serving() as server:
        site.tool("mail", "--once", **server.settings)
        (mail,) = server.handler.mails()
    plain, html = mail.iter_parts()
    assert plain["Content-Transfer-Encoding"] == how and html.get_content_type() == "text/html"
    assert normal(plain.get_content()) == normal(text)


def test_all_of_a_mail(site, folder):
    site.mails()
    contents = {name: bytes(range(256)) * n for n, name in enumerate(NAMES, 1)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = itertools.chain(*(("--attach", str(folder / name)) for name in NAMES))
    send(site, folder, "--html", str(folder / "page.html"), "--cc", "Ärztin <cc@example.net>", "--cc", "cc2@example.net",
         "--bcc", "hidden@example.net", "--reply-to", "\"Office, 2nd\" <office@example.net>", *files)
    with serving() as server:
        site.tool("mail", "--once", **{**server.settings, "POSTERN_MAIL_FROM": "Ruderklub „Früh“ <club@example.org>"})
        ((sender, to, content),) = server.handler.arrived
        (mail,) = server.handler.mails()
    assert sender == "club@example.org"
    assert to == ["somebody@example.net", "cc@example.net", "cc2@example.net", "hidden@example.net"]
    assert b"hidden" not in content and mail["Bcc"] is None
    assert mail["From"] == "Ruderklub „Früh“ <club@example.org>" and mail["To"] == "somebody@example.net"
    assert mail["Cc"] == "Ärztin <cc@example.net>, cc2@example.net"
    assert mail["Reply-To"].addresses[0].display_name == "Office, 2nd"
    assert mail.get_content_type() == "multipart/mixed"
    assert normal(text_of(mail)) == normal(LINES) and html_of(mail).startswith("<!DOCTYPE html><p>Grüße &amp; Küsse</p>")
    attachments = list(mail.iter_attachments())
    assert [a.get_filename() for a in attachments] == NAMES
    assert [a.get_payload(decode=True) for a in attachments] == list(contents.values())
    assert [a.get_content_type() for a in attachments] == [
        "application/pdf", "application/pdf", "text/csv", "text/plain", "image/png", "application/octet-stream",
        "text/plain", "text/plain"]
    assert not mail.defects and all(len(line) <= 78 for line in content.split(b"\r\n"))


def test_each_member_of_a_group_gets_one_of_their_own(site, folder):
    members = [site.register() for _ in range(3)]
    site.tool("group", "new", "oarsmen")
    for m in members:
        site.tool("group", "add", "oarsmen", m["username"])
    site.tool("user", "lock", members[2]["username"])
    one, two = members[0], members[1]
    listed = send(site, folder, "--dry-run", to=["group:Oarsmen", one["username"], two["email"].upper(), "x@example.net"])
    assert listed.splitlines() == [f"{one['email']} {one['username']}", f"{two['email']} {two['username']}",
                                   "x@example.net ", "3 mails would be sent"]
    site.mails()
    assert send(site, folder, to=["group:oarsmen"]) == "2 mails: postern mail sends what waits\n"
    mails = site.mails()
    assert sorted(m["To"].addresses[0].addr_spec for m in mails) == sorted([one["email"], two["email"]])
    assert mails[0]["To"].addresses[0].display_name == one["username"]
    everybody = send(site, folder, "--dry-run", to=["group:members"])
    assert int(everybody.splitlines()[-1].split()[0]) == int(
        site.sql("SELECT COUNT(*) FROM users WHERE NOT locked AND NOT waits <=> 'address'")[0][0])


BREAKS = ["\r\nBcc: evil@example.net", "\nBcc: evil@example.net", "\rBcc: evil@example.net", "\r\n\r\nbody", "\x00x"[1:]]


@pytest.mark.parametrize("evil", BREAKS[:4])
def test_X6_what_could_make_a_header_is_refused(site, folder, evil):
    before = waiting(site, "COUNT(*)")
    attached = folder / ("a" + evil.replace("/", ""))
    attached.write_text("x")
    for words, more in (((), {"subject": "a" + evil}), ((), {"to": ["a@example.net" + evil]}),
                        (("--cc", "a@example.net" + evil), {}), (("--bcc", "A" + evil + " <a@example.net>"), {}),
                        (("--reply-to", "a@example.net" + evil), {}), (("--attach", str(attached)), {})):
        done = send(site, folder, *words, check=False, **more)
        assert done.returncode == 1 and done.stdout == "", (words, more)
        assert done.stderr.count("\n") == 1 and "evil" not in done.stderr
    assert waiting(site, "COUNT(*)") == before


@pytest.mark.parametrize("evil", BREAKS[:4])
def test_X6_rows_of_the_outbox_have_one_recipient(site, evil):
    """Whatever a program told a letter, and whatever address got in: one recipient, the headers of the letter."""
    site.mails()
    told = {"user": {"username": "a" + evil}, "site": {"name": "b" + evil}, "email": "c" + evil, "address": "d" + evil,
            "linkUrl": "e" + evil}
    good = queue(site, "email_old", "right@example.net", **told)
    escaped = evil.replace("\r", "\\r").replace("\n", "\\n")
    bad = queue(site, "test", "a@example.net" + escaped)
    with serving() as server:
        site.tool("mail", "--once", **server.settings)
        ((_, to, _),) = server.handler.arrived
        (mail,) = server.handler.mails()
    assert to == ["right@example.net"] and mail["Bcc"] is None and mail["To"] == "right@example.net"
    assert mail["Subject"] == "Your address at Postern was changed"
    assert mail.keys() == ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    assert waiting(site, "state, answer", f"id IN ({good}, {bad})") == [
        ["sent", "250 2.0.0 queued as 4711"], ["failed", "this is no mail address"]]


@pytest.mark.parametrize("words, said", [
    (["--to", "nobody-here"], "no member is called that"), (["--to", "group:none"], "there is no group none"),
    (["--to", "x@ä.org"], "--to: an address holds other characters than ASCII"),
    (["--to", "a@b.org", "--to", "c@d.org", "--cc", "e@f.org"], "--cc and --bcc go with one --to alone"),
    (["--to", "a@b.org", "--attach", "/nowhere"], "/nowhere: No such file"),
    (["--to", "a@b.org", "extra"], "usage: "), ([], "--to names nobody"),
    (["--to", "a@b.org", "--html", "BINARY"], "is not UTF-8"), (["--to", "a@b.org", "--attach", "BIG"], "at most 20 files"),
])
def test_refused(site, folder, words, said):
    (folder / "binary").write_bytes(b"\xff")
    with (folder / "big").open("wb") as f:
        f.truncate((10 << 20) + 1)
    names = {"BINARY": str(folder / "binary"), "BIG": str(folder / "big")}
    done = send(site, folder, *(names.get(w, w) for w in words), to=[], check=False)
    assert done.returncode == 1 and said in done.stderr, done.stderr


def test_the_largest_attachments_go(site, folder):
    site.mails()
    for i in range(2):
        (folder / f"{i}.bin").write_bytes(bytes(5 << 20))
    send(site, folder, "--attach", str(folder / "0.bin"), "--attach", str(folder / "1.bin"))
    (mail,) = site.mails()
    assert [len(a.get_payload(decode=True)) for a in mail.iter_attachments()] == [5 << 20, 5 << 20]


SENDMAIL = """#!/bin/sh
printf '%s\\n' "$@" >"$0.words"
cat >"$0.mail"
echo "what it says" >&2
exit $(cat "$0.code")
"""


@pytest.mark.parametrize("code, state", [(0, "sent"), (75, "waiting"), (67, "failed"), (1, "waiting"), (99, "waiting")])
def test_sendmail(site, folder, code, state):
    site.mails()
    program = folder / "sendmail"
    program.write_text(SENDMAIL)
    program.chmod(0o755)
    (folder / "sendmail.code").write_text(str(code))
    send(site, folder, "--bcc", "-oQ/tmp@example.net")
    site.tool("mail", "--once", POSTERN_MAIL_TRANSPORT="sendmail", POSTERN_MAIL_SENDMAIL=str(program))
    assert (folder / "sendmail.words").read_text().split("\n") == [
        "-i", "-f", "noreply@127.0.0.1", "--", "somebody@example.net", "-oQ/tmp@example.net", ""]
    written = (folder / "sendmail.mail").read_bytes()
    assert b"\r" not in written and b"\n.\n" in written and b"-oQ" not in written
    ((then, answer),) = waiting(site, "state, answer", "id = (SELECT MAX(id) FROM outbox)")
    assert then == state and ("what it says" in answer) == (state != "sent")
    site.sql("DELETE FROM outbox WHERE state = 'waiting'")


def test_files_are_for_the_owner_s_eyes(site):
    queue(site, "test", "somebody@example.net")
    site.mails()
    assert (site.var / "mail").stat().st_mode & 0o777 == 0o700
    files = sorted((site.var / "mail").iterdir())
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    assert files[-1].name.endswith("-test-somebody@example.net.eml")
    assert not list((ROOT / "mail").glob("*"))
