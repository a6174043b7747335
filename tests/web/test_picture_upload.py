# SPDX-License-Identifier: ISC
"""PUT and DELETE /api/user/image: what is taken, stored, replaced and refused."""
import base64
import os
import re
import signal
import threading

import pytest
import requests

from accounts import at_once, put, user_of
from conftest import INSTALLED, ROOT, errors_of, running
from database import root
from members import id_of
from pictures import (BROKEN, KIND, PIXELS, exif, far, image_of, jpeg, opened, painted, png, squared, stored, upload,
                      webp)
from test_picture_bad import BOMBS, OTHERS, heavy_png
from ways import LASTING, STATED, WAY
from workers import until

LIMIT = 5 * 1024 * 1024
NONE = {"token": ["is missing"]}


def fetch(site, image, **headers):
    return requests.get(site.url + image, headers=headers, timeout=30)


def test_a_picture_is_taken_and_shown(site, member):
    image = image_of(site, member, jpeg(painted(), exif=exif(6)))
    assert re.fullmatch("/pictures/[0-9a-f]{16}[.]webp", image)
    user = user_of(site.api("GET", "/user", token=member["token"]))
    assert user["image"] == image
    made = opened(fetch(site, image).content)
    assert far(made, squared(painted().rotate(-90, expand=True))) < 3
    assert stored(site, member) == [[image[10:26], "holiday.jpg", str(len(fetch(site, image).content))]]


@pytest.mark.parametrize("maker", [jpeg, png, webp])
def test_each_kind_is_taken(site, member, maker):
    assert far(opened(fetch(site, image_of(site, member, maker())).content), squared(painted())) < 3


def test_a_second_picture_takes_the_place_of_the_first(site, member):
    first, second = image_of(site, member), image_of(site, member, png())
    assert first != second
    assert [row[0] for row in stored(site, member)] == [second[10:26]]
    assert user_of(site.api("GET", "/user", token=member["token"]))["image"] == second
    assert fetch(site, first).status_code == 404 and fetch(site, second).status_code == 200


def test_it_is_removed(site, member):
    image = image_of(site, member)
    answer = site.api("DELETE", "/user/image", token=member["token"])
    assert answer.status_code == 204 and answer.content == b""
    assert stored(site, member) == [] and fetch(site, image).status_code == 404
    assert user_of(site.api("GET", "/user", token=member["token"]))["image"] is None
    assert site.api("DELETE", "/user/image", token=member["token"]).status_code == 204     # again


def test_removing_takes_an_address_elsewhere_away_too(site, member):
    put(site, member, image="https://pictures.example.org/x.png")
    assert site.api("DELETE", "/user/image", token=member["token"]).status_code == 204
    assert user_of(site.api("GET", "/user", token=member["token"]))["image"] is None


@pytest.mark.parametrize("other", ["https://pictures.example.org/x.png", None])
def test_another_address_lets_the_stored_picture_go(site, member, other):
    image = image_of(site, member)
    user_of(put(site, member, bio="still there", image=image))
    assert len(stored(site, member)) == 1
    user_of(put(site, member, image=other))
    assert stored(site, member) == [] and fetch(site, image).status_code == 404


def test_the_picture_goes_with_the_account(site, member):
    image = image_of(site, member)
    assert site.api("DELETE", "/user", token=member["token"]).status_code == 204
    assert site.sql(f"SELECT COUNT(*) FROM pictures WHERE name = '{image[10:26]}'") == [["0"]]
    assert fetch(site, image).status_code == 404


def test_somebody_elses_picture_is_not_touched(site, member):
    other = site.register()
    image = image_of(site, other)
    put(site, member, image=image)      # an address is a text
    mine = image_of(site, member)
    assert fetch(site, image).status_code == 200
    site.api("DELETE", "/user/image", token=member["token"])
    assert fetch(site, image).status_code == 200 and fetch(site, mine).status_code == 404
    assert user_of(site.api("GET", "/user", token=other["token"]))["image"] == image


def test_the_copy_of_ones_data_has_it(site, member):
    assert site.api("GET", "/user/export", token=member["token"]).json()["picture"] is None
    image = image_of(site, member)
    copy = site.api("GET", "/user/export", token=member["token"]).json()["picture"]
    assert copy["image"] == image and copy["file"] == "holiday.jpg" and copy["createdAt"].endswith("Z")
    assert base64.b64decode(copy["webp"], validate=True) == fetch(site, image).content


# What is refused.

@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_without_a_token(site, unchanged, method):
    assert errors_of(site.api(method, "/user/image", files={"image": ("x", jpeg())}), 401) == NONE


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_ended_session_changes_no_picture(site, method):
    member = site.register()
    site.sql(f"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = {id_of(site, member)}")
    answer = site.api(method, "/user/image", token=member["token"], files={"image": ("x", jpeg())})
    assert errors_of(answer, 401) == {"token": ["has been revoked"]}
    assert stored(site, member) == []


def refused(site, member, data, why, status=422, **more):
    assert errors_of(upload(site, member, data, **more), status) == {"image": [why]}


@pytest.mark.parametrize("type", ["image/jpeg", "image/webp", "text/html", "", "x" * 200, "image/svg+xml; charset=x"])
@pytest.mark.parametrize("name", ["x.jpg", "x.php", "x.jpg.php", "x.php%00.jpg", "x", "X.JPEG", "x.jpg.", "x.png ", ".htaccess"])
def test_U2_type_and_name_decide_nothing(site, member, type, name):
    image = image_of_named(site, member, png(painted(64, 64)), name, type)
    assert re.fullmatch("/pictures/[0-9a-f]{16}[.]webp", image)
    answer = fetch(site, image)
    assert answer.headers["Content-Type"] == "image/webp"
    refused(site, member, OTHERS["gif"], KIND, name=name, type=type)


def image_of_named(site, member, data, name, type="image/png"):
    answer = upload(site, member, data, name, type)
    assert answer.status_code == 200, answer.text
    return answer.json()["image"]


@pytest.mark.parametrize("kind", ["nothing", "text", "svg", "gif with script", "zip"])
def test_U1_what_is_no_picture(site, member, unchanged, kind):
    refused(site, member, OTHERS[kind] or b"x", KIND)


@pytest.mark.parametrize("kind", BOMBS)
def test_U5_bombs(site, member, unchanged, kind):
    refused(site, member, BOMBS[kind], PIXELS)


def test_U5_broken(site, member, unchanged):
    refused(site, member, jpeg()[:-500], BROKEN)
    refused(site, member, heavy_png(0, 9), BROKEN)


FILES = {
    "../../etc/passwd": "passwd", "/etc/passwd": "passwd", "C:\\pictures\\me.jpg": "me.jpg",
    "\u202egpj.exe": "gpj.exe", "-rf": "-rf", ".hidden": ".hidden", "..": "file", "x" * 1000 + ".jpg": "x" * 255,
    "<script>alert(1)</script>.jpg": "script>.jpg", "Grüße aus Köln \U0001f600.jpeg": "Grüße aus Köln \U0001f600.jpeg",
    "e5ad87622249ed75download (2).jpeg": "e5ad87622249ed75download (2).jpeg", "'; DROP TABLE pictures; --": None,
}


def form(name, data, boundary=b"b"):
    """A form with one file, its name as these bytes."""
    return (b"--%b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"%b\"\r\n\r\n" % (boundary, name) + data
            + b"\r\n--%b--\r\n" % boundary)


def send(site, member, body, boundary="b", **headers):
    return site.api("PUT", "/user/image", body, member["token"],
                    headers={"Content-Type": f"multipart/form-data; boundary={boundary}", **headers})


@pytest.mark.parametrize("name", FILES)
def test_U3_names_are_kept_as_texts_alone(site, member, name):
    answer = send(site, member, form(name.replace("\\", "\\\\").encode(), png(painted(64, 64))))
    assert answer.status_code == 200, answer.text
    (row,) = stored(site, member)
    assert re.fullmatch("[0-9a-f]{16}", row[0]) and answer.json()["image"] == f"/pictures/{row[0]}.webp"
    assert FILES[name] is None or row[1] == FILES[name]
    assert "/" not in row[1] and len(row[1].encode()) <= 255
    assert site.sql("SELECT COUNT(*) FROM pictures WHERE name NOT RLIKE '^[0-9a-f]{16}$'") == [["0"]]


@pytest.mark.parametrize("name", [b"\xff\xfe.jpg", b"a\0b.jpg", b"\xc3", b"a\r\nX-Injected: 1.jpg", b"\xed\xa0\x80.jpg"])
def test_U3_names_that_are_no_text(site, member, name):
    answer = send(site, member, form(name, png(painted(64, 64))))
    assert answer.status_code in (200, 422) and "X-Injected" not in answer.headers
    assert answer.status_code == 422 or len(stored(site, member)[0][1]) <= 255


# U4: sizes, and forms that are none.

def padded(size):
    """A good picture of exactly so many bytes."""
    data = jpeg(painted(64, 64))
    return data + bytes(size - len(data))


@pytest.mark.parametrize("more, status", [(-1, 200), (0, 200), (1, 413)])
def test_U4_the_limit_is_that_of_the_file(site, member, more, status):
    answer = upload(site, member, padded(LIMIT + more))
    assert answer.status_code == status, answer.text
    if status == 413:
        assert errors_of(answer, 413) == {"body": ["is too large"]}
        assert stored(site, member) == []


def over(site):
    """The largest body that nginx lets through here, by its own configuration."""
    said = (site.var / "run" / "routes.conf").read_text()
    limit = r"/api/user/image +\{ client_max_body_size (\d+);" if WAY == "nginx" else r"LimitRequestBody (\d+)"
    return int(re.search(limit, said)[1])


@STATED
def test_U4_nginx_and_the_program_agree(site, member):
    assert over(site) == LIMIT + 64 * 1024
    for more in (0, 1):     # the last one of the program, the first one of nginx
        body = form(b"x.jpg", b"")
        body = form(b"x.jpg", bytes(over(site) + more - len(body)))
        assert len(body) == over(site) + more
        assert errors_of(send(site, member, body), 413) == {"body": ["is too large"]}


def test_U4_the_checked_in_number_is_that_of_the_default(site):
    said = (ROOT / "nginx" / "routes.conf").read_text()
    numbers = set(re.findall(r"client_max_body_size (\d+);.* fastcgi_pass postern_(\w+);", said))
    assert numbers == {(str(LIMIT + 64 * 1024), "pictures"), (str(2**30 + 64 * 1024), "files")}
    assert re.search(r"limits.picture = 5242880\b", site.tool("config"))
    assert re.search(r"limits.file = 1073741824\b", site.tool("config"))


@STATED
def test_U4_another_limit_holds_for_both():
    with running({"POSTERN_LIMITS_PICTURE": "20000", "POSTERN_LIMITS_BODY": "4096"}) as own:
        member = own.register()
        assert over(own) == 20000 + 64 * 1024
        assert upload(own, member, padded(20000)).status_code == 200
        assert errors_of(upload(own, member, padded(20001)), 413) == {"body": ["is too large"]}
        # Other programs keep their own.
        answer = own.api("PUT", "/user", {"user": {"bio": "x" * 5000}}, member["token"])
        assert errors_of(answer, 413) == {"body": ["is too large"]}


FORMS = {
    "no form": (b"", "", 422), "no file": (b"--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n", "b", 422),
    "a text instead": (b"--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nx\r\n--b--\r\n", "b", 422),
    "an empty file": (form(b"x.jpg", b""), "b", 422), "no boundary": (form(b"x", b"y"), "", 422),
    "a boundary of 71": (form(b"x", jpeg(), b"b" * 71), "b" * 71, 422), "cut": (form(b"x", jpeg())[:-9], "b", 422),
    "another boundary": (form(b"x", jpeg()), "c", 422),
    "a huge part header": (form(b"x" * 1_000_000, jpeg()), "b", 422),
    "ten thousand parts": (b"".join(form(b"x", b"y")[:-5] for _ in range(10_000)) + form(b"x", b"y"), "b", 422),
    "nested": (b"--b\r\nContent-Disposition: form-data; name=\"image\"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
               + form(b"x", jpeg(), b"c") + b"\r\n--b--\r\n", "b", 422),
}


@pytest.mark.parametrize("kind", FORMS)
def test_U4_forms_that_hold_no_picture(site, member, unchanged, kind):
    body, boundary, status = FORMS[kind]
    errors_of(send(site, member, body, boundary), status)


def test_U4_the_boundary_may_stand_in_the_picture(site, member):
    """Not on a line of its own, it is a part of it."""
    assert send(site, member, form(b"x.jpg", jpeg(painted(64, 64)) + b"--b--")).status_code == 200


@pytest.mark.parametrize("type, status", [("image/jpeg", 415), ("application/octet-stream", 415), ("text/plain", 415)])
def test_a_picture_without_a_form(site, member, unchanged, type, status):
    answer = site.api("PUT", "/user/image", jpeg(), member["token"], headers={"Content-Type": type})
    assert errors_of(answer, status) == {"body": ["must be JSON or a form"]}


def test_json_holds_no_file(site, member, unchanged):
    answer = site.api("PUT", "/user/image", {"image": "https://x.example.org/y.png"}, member["token"])
    assert errors_of(answer, 422) == {"image": ["must be a file"]}
    assert errors_of(site.api("PUT", "/user/image", {}, member["token"]), 422) == {"image": ["can't be blank"]}


def test_U8_two_at_once_leave_one(site, member):
    for _ in range(5):
        answers = at_once(*[lambda n=n: upload(site, member, jpeg(painted(300 + n, 300)), f"{n}.jpg") for n in range(4)])
        assert {a.status_code for a in answers} <= {200, 503}, [a.text for a in answers]
        (row,) = stored(site, member)
        assert user_of(site.api("GET", "/user", token=member["token"]))["image"] == f"/pictures/{row[0]}.webp"
        assert row[0] in {a.json()["image"][10:26] for a in answers if a.ok}


def test_U8_uploaded_while_it_is_removed(site, member):
    for _ in range(5):
        image_of(site, member)
        at_once(lambda: upload(site, member, jpeg()), lambda: site.api("DELETE", "/user/image", token=member["token"]),
                lambda: put(site, member, image="https://x.example.org/y.png"))
        image = user_of(site.api("GET", "/user", token=member["token"]))["image"]
        assert [f"/pictures/{row[0]}.webp" for row in stored(site, member)] == ([image] if image and "example" not in image
                                                                               else [])


# A decoder that dies, or none.

def children(site):
    """The filters that run for this site."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = open(f"/proc/{pid}/cmdline", "rb").read()
            where = os.readlink(f"/proc/{pid}/exe")
            parent = int(open(f"/proc/{pid}/stat").read().rpartition(") ")[2].split()[1])
            mine = f"POSTERN_CONFIG={site.var}/".encode() in open(f"/proc/{parent}/environ", "rb").read()
        except (OSError, ValueError):
            continue
        if mine and line.endswith(b"--convert\0") and where == str((INSTALLED / "cgi-bin" / "pictures.fcgi").resolve()):
            found.append(int(pid))
    return found


def connections(site):
    """Those of the program to the database."""
    return root(site, "SELECT id FROM information_schema.processlist WHERE user = 'postern_pictures' ORDER BY id")


@LASTING
def test_a_decoder_that_crashes_is_a_broken_picture(site, member):
    """The worker goes on with the connection to the database that it had."""
    for _ in range(4):      # each worker has one by now
        image_of(site, member)
    before, big, answers = connections(site), heavy_png(6000, 6000, 8, 2, 0, bytes((1 + 18000) * 6000)), []
    thread = threading.Thread(target=lambda: answers.append(upload(site, member, big)))
    thread.start()
    (pid,) = until(lambda: children(site))
    environment = open(f"/proc/{pid}/environ", "rb").read()
    descriptors = os.listdir(f"/proc/{pid}/fd")
    os.kill(pid, signal.SIGSEGV)
    thread.join(30)
    assert errors_of(answers[0], 422) == {"image": [BROKEN]}
    assert environment == b"" and set(descriptors) <= {"0", "1", "2"}
    assert len(stored(site, member)) == 1 and connections(site) == before
    image_of(site, member)


def test_others_are_served_while_a_picture_is_decoded(site, member):
    big, done = heavy_png(6300, 6300, 16, 6, 0, bytes((1 + 8 * 6300) * 6300)), []
    threads = [threading.Thread(target=lambda: done.append(upload(site, member, big))) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: children(site))
    took = max(site.api("GET", "/user", token=member["token"]).elapsed.total_seconds() for _ in range(10))
    for thread in threads:
        thread.join(30)
    assert [a.status_code for a in done] == [200, 200] and took < 1
