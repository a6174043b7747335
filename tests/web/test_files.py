# SPDX-License-Identifier: ISC
"""/api/files: files stored, listed, read back and removed; whose they are."""
import hashlib
import os
import re
import threading
import time

import pytest
import requests

from accounts import at_once
from breaker import failing
from conftest import errors_of, running
from files import PIECE, content, rows, stored, take, upload
from members import id_of
from ways import WAY
from workers import until

MISSING = {"token": ["is missing"]}
ABSENT = {"file": ["not found"]}


def admin(site):
    member = site.register()
    site.tool("user", "role", member["username"], "admin")
    return member


@pytest.mark.parametrize("size", [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 17 * PIECE + 5])
def test_what_goes_in_comes_out(site, member, size):
    data = os.urandom(size)
    file = take(site, member, data, name="holiday.bin", description="a holiday")
    assert file["size"] == size and file["sha256"] == hashlib.sha256(data).hexdigest()
    assert (file["name"], file["owner"], file["description"]) == ("holiday.bin", member["username"], "a holiday")
    assert file["url"] == f"/api/files/{file['id']}/content"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", file["createdAt"])
    got = content(site, member, file)
    assert got.status_code == 200 and got.content == data and got.headers["Content-Length"] == str(size)
    assert site.sql(f"SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file_chunks WHERE file_id = {file['id']}") == \
        [[str(-(-size // PIECE)), str(size)]]
    assert site.api("GET", f"/files/{file['id']}", token=member["token"]).json() == {"file": file}
    assert stored(site, member) == [file]


def test_list_is_newest_first_and_paged(site, member):
    made = [take(site, member) for _ in range(5)][::-1]
    assert stored(site, member) == made
    page = site.api("GET", "/files?limit=2&offset=1", token=member["token"]).json()
    assert page == {"files": made[1:3], "filesCount": 5}


def test_it_is_removed_with_its_rows_and_an_event(site, member):
    file = take(site, member, b"x" * (PIECE + 1))
    answer = site.api("DELETE", f"/files/{file['id']}", token=member["token"])
    assert answer.status_code == 204 and answer.content == b""
    assert stored(site, member) == []
    assert site.sql(f"SELECT COUNT(*) FROM file_chunks WHERE file_id = {file['id']}") == [["0"]]
    assert errors_of(site.api("DELETE", f"/files/{file['id']}", token=member["token"]), 404) == ABSENT
    events = site.api("GET", "/events", token=member["token"]).json()["events"]
    assert events[0]["kind"] == "file removed"


def test_files_go_with_the_account_and_are_in_the_copy(site, member):
    file = take(site, member)
    assert site.api("GET", "/user/export", token=member["token"]).json()["files"] == [file]
    assert site.api("DELETE", "/user", token=member["token"]).status_code == 204
    assert site.sql(f"SELECT COUNT(*) FROM files WHERE id = {file['id']}") == [["0"]]
    assert site.sql(f"SELECT COUNT(*) FROM file_chunks WHERE file_id = {file['id']}") == [["0"]]


ROWS = [("GET", ""), ("DELETE", ""), ("GET", "/content"), ("POST", "/links"), ("DELETE", "/links")]


@pytest.mark.parametrize("method, end", ROWS)
def test_U7_another_members_file_is_not_there(site, member, method, end):
    file, other = take(site, member), site.register()
    assert errors_of(site.api(method, f"/files/{file['id']}{end}", token=other["token"]), 404) == ABSENT
    assert errors_of(site.api(method, f"/files/{file['id']}{end}"), 401) == MISSING
    assert stored(site, other) == [] and stored(site, member) == [file]


def test_an_admin_may_read_and_remove_but_not_share(site, member):
    file, boss = take(site, member, b"hello"), admin(site)
    assert stored(site, boss) == []
    theirs = site.api("GET", f"/files?owner={member['username'].upper()}", token=boss["token"]).json()
    assert theirs == {"files": [file], "filesCount": 1}
    assert site.api("GET", f"/files?owner={boss['username']}", token=member["token"]).json()["filesCount"] == 0
    assert content(site, boss, file).content == b"hello"
    assert errors_of(site.api("POST", f"/files/{file['id']}/links", token=boss["token"]), 404) == ABSENT
    assert site.api("DELETE", f"/files/{file['id']}", token=boss["token"]).status_code == 204
    assert stored(site, member) == []


@pytest.mark.parametrize("path", ["/files/0", "/files/x", "/files/-1", "/files/99999999999999999999", "/files/1.5"])
def test_ids_that_are_none(site, member, path):
    assert errors_of(site.api("GET", path, token=member["token"]), 422).keys() == {"id"}


def test_U7_no_id_of_somebody_else_can_be_guessed(site, member):
    file = take(site, member)
    answers = [site.api("GET", f"/files/{id}/content", token=site.register()["token"])
               for id in (file["id"], file["id"] + 1000, 2**62)]
    assert {errors_of(a, 404)["file"][0] for a in answers} == {"not found"}


def test_without_a_token_nothing_is_stored(site, unchanged):
    answer = site.api("POST", "/files", files={"inputFile": ("x", b"y" * 3 * PIECE)}, data={"description": "x"})
    assert errors_of(answer, 401) == MISSING


def test_an_ended_session_stores_nothing(site, member):
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = {id_of(site, member)}")
    before = rows(site)
    assert errors_of(upload(site, member, b"x"), 401) == {"token": ["has been revoked"]}
    assert rows(site) == before


# Descriptions.

def test_a_description_is_unique_for_each_member(site, member):
    file, other = take(site, member, description="Report"), site.register()
    before = rows(site)
    taken = {"description": ["has already been taken"]}
    assert errors_of(upload(site, member, b"x" * PIECE, description="Report"), 409) == taken
    assert rows(site) == before
    assert take(site, other, description="Report")["id"] != file["id"]     # nobody learns what others have
    assert take(site, member, description="report")["id"] != file["id"]


@pytest.mark.parametrize("description, why", [("", "can't be blank"), ("  ", "can't be blank"),
                                              ("x" * 251, "is too long (maximum is 250 characters)"),
                                              ("a\nb", "must be one line without control characters")])
def test_descriptions_that_are_none(site, member, unchanged, description, why):
    assert errors_of(upload(site, member, b"x", description=description), 422) == {"description": [why]}


def test_what_is_missing_is_told_at_once(site, member, unchanged):
    answer = site.api("POST", "/files", token=member["token"], files={"other": ("", b"")})
    assert errors_of(answer, 422) == {"description": ["can't be blank"], "inputFile": ["can't be blank"]}
    answer = site.api("POST", "/files", token=member["token"],
                      files={"description": (None, "x"), "inputFile": (None, "text")})
    assert errors_of(answer, 422) == {"inputFile": ["must be a file"]}


def test_the_description_may_stand_behind_the_file(site, member):
    answer = site.api("POST", "/files", token=member["token"],
                      files=[("inputFile", ("a.txt", b"z" * (PIECE + 9))), ("description", (None, "behind"))])
    assert answer.status_code == 201 and answer.json()["file"]["description"] == "behind"
    before = rows(site)
    answer = site.api("POST", "/files", token=member["token"], files=[("inputFile", ("a.txt", b"z" * PIECE))])
    assert errors_of(answer, 422) == {"description": ["can't be blank"]}
    answer = site.api("POST", "/files", token=member["token"],
                      files=[("inputFile", ("a.txt", b"z")), ("description", (None, "behind"))])
    assert errors_of(answer, 409)
    assert rows(site) == before


def test_U8_the_same_description_twice_at_once(site, member):
    answers = at_once(*[lambda: upload(site, member, os.urandom(3 * PIECE), description="race")] * 4)
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert len(stored(site, member)) == 1 and rows(site)[1] == 0


def test_U8_delete_during_download(site, member):
    """All of it or a broken connection: never other bytes."""
    data = os.urandom(40 * PIECE)
    file = take(site, member, data)
    got, failed = [], []

    def download():
        try:
            answer = content(site, member, file)
            whole = len(answer.content) == int(answer.headers["Content-Length"])     # else `requests` keeps it to itself
            (got if whole else failed).append(answer.content)
        except Exception as e:
            failed.append(e)
    site.expect("a file broke off")
    readers = [threading.Thread(target=download) for _ in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(.05)
    assert site.api("DELETE", f"/files/{file['id']}", token=member["token"]).status_code == 204
    for reader in readers:
        reader.join()
    assert len(got) + len(failed) == 4
    assert all(g == data or b'"not found"' in g for g in got)
    assert errors_of(content(site, member, file), 404) == ABSENT


def test_logged_out_during_the_upload(site, member):
    """The session is asked once more before the file is there."""
    data, before = os.urandom(30 * PIECE), rows(site)
    answers = []
    sender = threading.Thread(target=lambda: answers.append(upload(site, member, data)))
    sender.start()
    assert until(lambda: rows(site)[1] > before[1], step=.001)
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = {id_of(site, member)}")
    sender.join()
    assert errors_of(answers[0], 401) == {"token": ["has been revoked"]}
    assert rows(site) == before


def test_nobody_sees_what_is_coming_in(site, member):
    site.sql(f"INSERT INTO files (user_id, name, type, size, uploading, created_at, touched_at)"
             f" VALUES ({id_of(site, member)}, 'x', 'x/y', 5, TRUE, NOW(3), NOW(3))")
    (id,), = site.sql("SELECT MAX(id) FROM files")
    assert stored(site, member) == []
    for method, end in ROWS:
        assert errors_of(site.api(method, f"/files/{id}{end}", token=member["token"]), 404) == ABSENT
    site.sql(f"DELETE FROM files WHERE id = {id}")


# Limits.

def test_U4_U8_limits():
    settings = {"POSTERN_LIMITS_FILE": str(2 * PIECE), "POSTERN_LIMITS_FILES": str(5 * PIECE)}
    with running(settings) as site:
        member = site.register()
        large, before = {"body": ["is too large"]}, site.checksum()
        assert errors_of(upload(site, member, b"x" * (2 * PIECE + 1)), 413) == large
        assert errors_of(upload(site, member, b"x" * (2 * PIECE + 70000)), 413) == large      # by nginx
        page = requests.post(site.url + "/files", files={"inputFile": ("x", b"x" * (2 * PIECE + 70000))}, timeout=30)
        assert page.status_code == 413 or WAY == "cgi"      # there the program asks first who it is
        assert page.headers["Content-Type"].startswith("text/html")
        assert site.checksum() == before
        for n in (2 * PIECE - 1, 2 * PIECE):
            take(site, member, b"x" * n)
        before = site.checksum()
        full = {"body": ["is more than the space that is left for you"]}
        assert errors_of(upload(site, member, b"x" * (PIECE + 2)), 413) == full
        assert site.checksum() == before
        take(site, member, b"x" * (PIECE + 1))      # to the last byte
        assert errors_of(upload(site, member, b"x"), 413) == full
        assert upload(site, member, b"").status_code == 201
        take(site, site.register())                # others have theirs
        crowd = site.register()
        answers = at_once(*[lambda: upload(site, crowd, b"x" * 2 * PIECE)] * 4)
        codes = sorted(a.status_code for a in answers)
        assert codes.count(201) <= 2 and set(codes) <= {201, 413}
        assert sum(f["size"] for f in stored(site, crowd)) <= 5 * PIECE
        assert rows(site)[1] == 0


@pytest.mark.parametrize("code, status", [(1021, 503), (1114, 503), (1213, 503), (1317, 503)])
@pytest.mark.parametrize("table", ["files", "file_chunks"])
def test_U8_no_room_at_any_statement(site, member, code, status, table):
    site.expect(f"database error {code} ")
    before = rows(site)
    with failing(site, code, 5, table=table):
        assert errors_of(upload(site, member, b"x" * PIECE), status).keys() == {"server"}
    assert rows(site) == before
    take(site, member)


def test_tidy_and_an_upload_do_not_wait_for_each_other(site, member):
    site.sql("INSERT INTO files (user_id, name, type, size, uploading, created_at, touched_at) SELECT id, 'x', 'x/y', 5,"
             " TRUE, NOW(3) - INTERVAL 2 HOUR, NOW(3) - INTERVAL 2 HOUR FROM users LIMIT 3")
    before = rows(site)
    data, answers = os.urandom(150 * PIECE), []
    sender = threading.Thread(target=lambda: answers.append(upload(site, member, data)))
    sender.start()
    assert until(lambda: rows(site)[1] > before[1], step=.001)
    told = []
    while sender.is_alive():
        told.append(int(re.search(r"uploads +(\d+)", site.tool("tidy"))[1]))
    sender.join()
    assert answers[0].status_code == 201, answers[0].text
    assert sum(told) == 3 and len(told) > 1
    assert content(site, member, answers[0].json()["file"]).content == data


def test_the_account_goes_during_the_upload(site):
    """Neither waits for the other for ever: the account goes, and with it all that came."""
    before = rows(site)
    for _ in range(3):
        member, answers = site.register(), []
        sender = threading.Thread(target=lambda: answers.append(upload(site, member, os.urandom(60 * PIECE))))
        sender.start()
        assert until(lambda: rows(site)[1] > before[1], step=.001)
        assert site.api("DELETE", "/user", token=member["token"]).status_code == 204
        sender.join()
        assert answers[0].status_code in (401, 503)
        assert rows(site) == before
