# SPDX-License-Identifier: ISC
"""What the tests of files share."""
import itertools

PIECE = 1 << 20
NAMES = itertools.count(1)


def upload(site, member, data, description=None, name="notes.txt", type="text/plain", **more):
    """Store a file. A description that nobody has, if none is given."""
    description = f"file {next(NAMES)}" if description is None else description
    return site.api("POST", "/files", token=member["token"], files={"inputFile": (name, data, type)},
                    data=[("description", description)], **more)


def take(site, member, data=b"some bytes", **more):
    """The file object of a stored file."""
    answer = upload(site, member, data, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["file"]


def content(site, member, file, method="GET", **headers):
    """What is answered for the bytes of a file."""
    return site.api(method, f"/files/{file['id']}/content", token=member["token"], headers=headers)


def stored(site, member):
    """The files of a member, as the API lists them."""
    answer = site.api("GET", "/files", token=member["token"])
    assert answer.status_code == 200, answer.text
    return answer.json()["files"]


def rows(site):
    """What is in the tables: files, those that are uploading, chunks."""
    return [int(n) for n in site.sql("SELECT (SELECT COUNT(*) FROM files), (SELECT COUNT(*) FROM files WHERE uploading),"
                                     " (SELECT COUNT(*) FROM file_chunks)")[0]]
