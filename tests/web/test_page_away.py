# SPDX-License-Identifier: ISC
"""Forms sent while the database hangs: one wait, the form back as filled in, and no worker lost (F5)."""
import concurrent.futures
import contextlib
import time

import pytest

from accounts import newcomer
from breaker import Server
from conftest import PASSWORD, running
from database import Second, root
from pages import PROGRAMS, Browser, session_row, signed_in
from ways import SOCKETS
from workers import until, workers

pytestmark = SOCKETS

WAIT = 6        # seconds: a read that is given up and one more connection are 5
BUSY = "The site was too busy, so nothing was changed. Please send the form again in a moment."
NOBODY = "A" * 43


@pytest.fixture(scope="module")
def hurt():
    with running({"WORKERS": "3"}) as s:
        s.expect(r"error database error (2002|2013) in: ")
        yield s


@pytest.fixture(autouse=True)
def no_worker_dies(hurt):
    before = {program: workers(hurt, program) for program in PROGRAMS}
    yield
    assert until(lambda: Browser(hurt).open("/").status == 200)
    assert {program: workers(hurt, program) for program in PROGRAMS} == before


def filled(browser, path, secret=None, **typed):
    """A form opened now, to be sent later: (path, form, what is typed, the password)."""
    return path, browser.open(path).form(path), typed, secret


def with_nobodys(hurt, job):
    """As if this browser had a session's cookie that says nothing to us."""
    browser = job[1].page.browser
    browser.session.cookies.set(f"session-{hurt.port}", NOBODY, domain="127.0.0.1", path="/")
    return job


def timed(form, typed):
    start = time.monotonic()
    return form.send(**typed), time.monotonic() - start


def sent(hurt, jobs, stuck=None):
    """Send all at the same moment while the database hangs, from before or once they are stuck."""
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool, contextlib.ExitStack() as undo:
        if stuck is None:
            undo.enter_context(Server(hurt).stopped())
        started = [pool.submit(timed, form, {**typed, **({"password": secret} if secret else {})})
                   for _, form, typed, secret in jobs]
        if stuck is not None:
            assert until(stuck, step=0.2)     # asked more often, the server does not look anew
            undo.enter_context(Server(hurt).stopped())
        return [job.result() for job in started]


def came_back(job, answer, seconds):
    """The page of the form: what was typed is in it, and what is wrong. The form, to be sent again."""
    path, _, typed, secret = job
    assert answer.status == 503 and answer.headers["Retry-After"] == "5", path
    assert answer.errors == [BUSY] and seconds < WAIT, (path, seconds)
    assert answer.set_cookies == [] and answer.location is None
    form = answer.form(path)
    assert {n: form.values.get(n) for n in typed} == typed
    assert secret is None or secret not in answer.answer.text and form.values["password"] == ""
    return form


def test_F5_form_comes_back_from_a_database_that_hangs(hurt):
    """Whoever sends it: a member, or somebody with a cookie that may be one's."""
    member, new = signed_in(hurt), newcomer()
    bio = "Two\r\n lines & <more>"
    jobs = [filled(member, "/settings", "a quite new password", bio=bio, username=new["username"]),
            filled(signed_in(hurt), "/logout"),
            filled(Browser(hurt), "/login", PASSWORD, email=member.member["email"], remember="true"),
            filled(Browser(hurt), "/register", PASSWORD, username="away1", email="away1@example.org"),
            filled(Browser(hurt), "/logout"), filled(signed_in(hurt), "/settings", bio="never kept")]
    for job in jobs[2:]:
        with_nobodys(hurt, job)
    settings, logout, *others = [came_back(job, *answer) for job, answer in zip(jobs, sent(hurt, jobs))]
    assert until(lambda: member.open("/").user == member.member["username"])
    assert hurt.sql("SELECT id FROM users WHERE username = 'away1' OR bio = 'never kept'") == []
    # Sent once more it works, and is the member's as before.
    assert settings.send(password="a quite new password").location == f"/profile/{new['username']}"
    page = member.open("/settings")
    assert (page.user, page.form().values["bio"]) == (new["username"], bio)
    assert logout.send().status == 303 and logout.page.browser.open("/").user is None
    # The settings of nobody are for members.
    assert others[-1].send().location == "/login?next=%2Fsettings"


def test_F5_form_of_somebody_without_a_cookie_comes_back_too(hurt):
    """The wait is in the work itself here, not in the question who it is."""
    member = hurt.register()
    jobs = [filled(Browser(hurt), "/login", PASSWORD, email=member["email"], remember="true"),
            filled(Browser(hurt), "/register", PASSWORD, username="away2", email="away2@example.org")]
    login, register = [came_back(job, *answer) for job, answer in zip(jobs, sent(hurt, jobs))]
    browser = login.page.browser
    assert until(lambda: Browser(hurt).open("/profile/nobody").status == 404)
    assert login.send(password=PASSWORD).location == "/" and browser.open("/").user == member["username"]
    assert session_row(hurt, browser.cookie(), "remembered") == ["1"]
    assert register.send(password=PASSWORD).location == "/"


def test_F5_hangs_in_the_middle_of_the_work(hurt):
    """It waits for a row that another holds when the database stops: it is given up once for all."""
    member = signed_in(hurt)
    id = session_row(hurt, member.cookie())[0]
    jobs = [filled(member, "/settings", bio="in the middle"),
            filled(Browser(hurt), "/register", PASSWORD, username="middle", email="middle@example.org")]
    with Second(hurt) as other:
        other.do("START TRANSACTION")
        other.do(f"SELECT id FROM sessions WHERE id = {id} FOR UPDATE")
        other.do("SELECT id FROM users FOR UPDATE")

        waiting = "SELECT COUNT(*) FROM information_schema.innodb_lock_waits"
        answers = sent(hurt, jobs, lambda: int(root(hurt, waiting)[0][0]) >= 2)
        other.do("ROLLBACK")
    settings, register = [came_back(job, *answer) for job, answer in zip(jobs, answers)]
    assert until(lambda: member.open("/").user == member.member["username"])
    assert member.open("/settings").form().values["bio"] == ""
    assert settings.send().status == 303 and register.send(password=PASSWORD).status == 303
    assert member.open("/settings").form().values["bio"] == "in the middle"
