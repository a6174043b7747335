# SPDX-License-Identifier: ISC
"""HTTP around the pages: paths that are none, forms with files as a media type, and what is too large."""
from accounts import log_line, newcomer, user_of
from conftest import errors_of, page_of
from test_http import FORM_TYPES, LIMIT, Answer, call, reachable

BROKEN = {"body": ["is not a valid multipart form"]}
MULTIPART = "multipart/form-data; boundary=x"
WRONG_PAGES = """/nothing /user /users /login/ /register/ /settings/ /logout/ /profile /profile/ /profile/a/b
    /profile// /Login /LOGIN /login.fcgi /login.html /login%2f /login%20 /%20login /login;x /login%0a /lo%2567in
    /index.html /.env /.git/config /apis /apis/user /API/user /xapi/user /static /static/ /static/nothing.css
    /static/../postern.conf /static/%2e%2e/templates/layout.html /templates/layout.html /postern.conf
    /errors/503.html /503.html /policy /postern-error/503 /postern-error/ /cgi-bin/user.fcgi /health/live
    /.well-known /.well-known/security.txt /.well-known/change-password/ /api/../user
    /api/user.fcgi/%2e%2e/%2e%2e/user""".split()


def test_N9_pages_that_are_none(site, member, unchanged):
    """Outside of /api it is a page that says so, whether nginx found out or a program."""
    for path in reachable([*WRONG_PAGES, "/" + "x" * 4000, "/" + "login/" * 100]):
        text = page_of(call(site, "GET", path, api="", token=member["token"]), 404)
        assert "<h1>Nothing here</h1>" in text and 'href="/"' in text, path
    answer = call(site, "GET", "/nothing", api="")
    assert log_line(site, "pages", answer)["status"] == "404"
    assert call(site, "HEAD", "/nothing", api="").content == b""
    for path in "/nothing", "/static/nothing.css":
        assert call(site, "OPTIONS", path, api="").status_code in (404, 405)
        assert call(site, "POST", path, b"a=b", api="", type=FORM_TYPES[0]).status_code in (404, 405)


def test_N9_a_long_query_on_the_way_to_the_login(site):
    """What is too long to go on to is left out: nginx would not pass such a header on."""
    for query in "&" * 7000, "x" * 7000, "%20" * 2300:
        answer = call(site, "GET", f"/settings?{query}", api="")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login"), query[:9]
    answer = call(site, "GET", "/settings?a=b&c", api="")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fsettings%3Fa%3Db%26c")


def test_media_type_of_forms_with_files(site, member):
    body = '--x\r\nContent-Disposition: form-data; name="bio"\r\n\r\nby parts\r\n--x--\r\n'
    for type in (MULTIPART, 'Multipart/Form-Data;charset=utf-8;BOUNDARY="x"',
                 "multipart/form-data; xboundary=y; boundary=x"):
        answer = call(site, "PUT", "/user", body, type=type, token=member["token"])
        assert user_of(answer)["bio"] == "by parts"
        parts = [body.replace("bio", name).replace("by parts", value).removesuffix("--x--\r\n")
                 for name, value in newcomer().items()]
        user_of(call(site, "POST", "/users", "".join(parts) + "--x--\r\n", type=type), 201)


def test_broken_multipart_forms(site, member, unchanged):
    for type in "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; xboundary=x":
        for path, method in ("/users", "POST"), ("/login", "POST"), ("/user", "PUT"):
            for body in "--x--\r\n", "x":
                answer = call(site, method, path, body, type=type, token=member["token"])
                assert errors_of(answer, 422) == BROKEN, (type, path)
    for body in "--x", "--y--\r\n", '--x\r\nContent-Disposition: form-data; name="bio"\r\n\r\nx':
        answer = call(site, "PUT", "/user", body, type=MULTIPART, token=member["token"])
        assert errors_of(answer, 422) == BROKEN, body


def test_too_large_for_a_page(site, member, unchanged):
    """nginx refuses it, and so does the program itself where there is none: in the same words."""
    body = b"username=" + b"x" * LIMIT
    for program, path in {"users": "/register", "login": "/login", "user": "/settings", "pages": "/"}.items():
        answer = call(site, "POST", path, body, api="", type=FORM_TYPES[0])
        assert "<h1>Too large</h1>" in page_of(answer, 413)
        answer = Answer(*site.cgi(program, "POST", body=body, type=FORM_TYPES[0], DOCUMENT_URI=path))
        assert "<h1>Too large</h1>" in page_of(answer, 413)
