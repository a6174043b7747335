# SPDX-License-Identifier: ISC
"""States of stored files."""
from states import LONG_WORD, long_person, sign_in, state


def store(site, person, description, name="notes.txt", data=b"notes\n"):
    answer = site.api("POST", "/files", token=person["token"], data={"description": description},
                      files={"inputFile": (name, data)})
    assert answer.status_code == 201, answer.text
    return answer.json()["file"]["id"]


@state("files-none")
def _(c, site):
    sign_in(c, site.register()).open("/files")
    return 200


@state("files")
def _(c, site):
    person = site.register()
    for i in range(22):
        store(site, person, f"Minutes of meeting {i}", data=b"x" * 1500 * i)
    sign_in(c, person).open("/files")
    return 200


@state("files-long")
def _(c, site):
    person = long_person(site)
    if not site.sql("SELECT id FROM files WHERE description LIKE 'Donau%'"):
        store(site, person, LONG_WORD[:249], LONG_WORD[:200] + ".txt")
    sign_in(c, person).open("/files")
    return 200


@state("files-taken")
def _(c, site):
    person = site.register()
    id = store(site, person, "Statutes")
    sign_in(c, person).open("/files").fill(description="Statutes")
    c.field("inputFile").send_keys(__file__)
    with c.leaving():
        c.driver.execute_script("document.querySelector('form.upload').submit()")      # as without script
    assert id and c.path == "/files"
    return 422


@state("file")
def _(c, site):
    person = site.register()
    id = store(site, person, "Statutes of the club", "statutes.pdf", b"%PDF-1.5\n" + b"x" * 2000000)
    sign_in(c, person).open(f"/files/{id}")
    return 200


@state("file-link")
def _(c, site):
    person = site.register()
    id = store(site, person, "Statutes of the club", "statutes.pdf", b"%PDF-1.5\n")
    sign_in(c, person).open(f"/files/{id}").press("Make a link")
    return 200
