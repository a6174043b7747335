# SPDX-License-Identifier: ISC
"""/admin/mail: what goes out, what has failed and why, and what an admin may do about it."""
import pytest

from mail_server import serving
from mails import queue, waiting
from members import new_admin
from pages import Browser, signed_in


@pytest.fixture(scope="module")
def boss(site):
    return signed_in(site, new_admin(site))


def state(site, id):
    rows = waiting(site, "state", f"id = {id}")
    return rows[0][0] if rows else None


def items(page):
    return [" ".join(text.split()) for text in page.texts("main li h2")]


def test_S8_for_admins_alone(site, boss, member):
    id = queue(site, "test", "a@example.net")
    for path in "/admin/mail", f"/admin/mail/{id}/retry", f"/admin/mail/{id}/drop":
        method = "GET" if path == "/admin/mail" else "POST"
        for browser, status in ((Browser(site), 303), (signed_in(site, member), 403)):
            page = browser.open(path, method, follow=False)
            assert page.status == status, path
    assert boss.open(f"/admin/mail/{id}/drop", "POST").status == 403      # without the form's token
    assert state(site, id) == "waiting"
    assert {n["href"] for n in boss.open("/admin/users").all("main a")} >= {"/admin/mail"}


def test_failures_and_what_to_do(site, boss):
    site.mails()
    with serving() as server:
        server.handler.fault = "rcpt 550"
        id = queue(site, "test", "refused@example.net")
        site.tool("mail", "--once", **server.settings)
        page = boss.open("/admin/mail?state=failed")
        assert items(page)[0] == "test failed"
        assert "550 5.1.1 no such user" in page.text and "refused@example.net" in page.text
        server.handler.fault = None
        page = page.form(f"/admin/mail/{id}/retry", "Send now").send(follow=True)
        assert page.flash == [("success", "The mail goes out again at once.")] and state(site, id) == "waiting"
        site.tool("mail", "--once", **server.settings)
        assert state(site, id) == "sent" and len(server.handler.arrived) == 1
    page = boss.open("/admin/mail?state=sent")
    assert "Send now" not in page.texts("button")
    page = page.form(f"/admin/mail/{id}/drop", "Forget").send(follow=True)
    assert page.flash == [("success", "The mail is forgotten.")] and state(site, id) is None


def test_a_mail_in_a_worker_s_hands_is_not_sent_twice(site, boss):
    """Until the lease is over; and what is not there is 404."""
    id = queue(site, "test", "held@example.net")
    page = boss.open("/admin/mail")
    site.sql(f"UPDATE outbox SET claim = 'x', due_at = NOW(3) + INTERVAL 1 MINUTE WHERE id = {id}")
    assert page.form(f"/admin/mail/{id}/retry").send(follow=True).status == 404
    site.sql(f"UPDATE outbox SET due_at = NOW(3) - INTERVAL 1 SECOND WHERE id = {id}")
    assert page.form(f"/admin/mail/{id}/retry").send(follow=True).status == 200
    assert page.form(f"/admin/mail/{id}/drop").send(follow=True).status == 200
    assert page.form(f"/admin/mail/{id}/drop").send(follow=True).status == 404


def test_late_mails_are_told_and_pages_turned(site, boss):
    site.mails()
    assert boss.open("/admin/mail").texts("p[role=alert]") == []
    ids = [queue(site, "test", f"late{i}@example.net") for i in range(25)]
    site.sql(f"UPDATE outbox SET due_at = NOW(3) - INTERVAL 4 MINUTE WHERE id = {ids[0]}")
    page = boss.open("/admin/mail?state=waiting")
    assert page.texts("p[role=alert]")[0].startswith("Mails wait though their time has come.")
    assert len(items(page)) == 20 and page.texts("p.hint")[0].startswith("Found: 25. In all 25 wait, ")
    assert items(boss.open("/admin/mail?state=waiting&page=2")) == ["test waiting"] * 5
    assert boss.open("/admin/mail?state=gone").status == 422
    site.mails()


def test_tidy(site):
    for days, state in ((8, "sent"), (8, "failed"), (6, "sent"), (6, "failed"), (8, "waiting")):
        id = queue(site, "test", f"{state}{days}@tidy.example")
        site.sql(f"UPDATE outbox SET state = '{state}', created_at = NOW(3) - INTERVAL {days} DAY, due_at = NOW(3) +"
                 f" INTERVAL 1 DAY, done_at = IF(state = 'waiting', NULL, NOW(3) - INTERVAL {days} DAY) WHERE id = {id}")
    old, young = (site.sql("INSERT INTO mailings (subject, text, copies, hidden, created_at) VALUES ('', '', '', '',"
                           " NOW(3) - INTERVAL 9 DAY); SELECT LAST_INSERT_ID()")[0][0] for _ in range(2))
    site.sql(f"UPDATE outbox SET mailing_id = {young} WHERE address = 'sent6@tidy.example'")
    site.tool("tidy")
    assert sorted(a for (a,) in waiting(site, "address", "address LIKE '%@tidy.example'")) == [
        f"{name}@tidy.example" for name in ("failed6", "sent6", "waiting8")]
    assert site.sql(f"SELECT id FROM mailings WHERE id IN ({old}, {young})") == [[young]]
    site.sql("DELETE FROM outbox WHERE address LIKE '%@tidy.example'")
