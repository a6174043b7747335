# SPDX-License-Identifier: ISC
"""/api/files: files stored, listed, read back and removed."""
import hashlib
import os

import pytest

from conftest import errors_of
from files import PIECE, content, stored, take, upload


@pytest.mark.parametrize("size", [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 17 * PIECE + 5])
def test_what_goes_in_comes_out(site, member, size):
    data = os.urandom(size)
    answer = upload(site, member, data, name="holiday.bin")
    assert answer.status_code == 201, answer.text
    file = answer.json()["file"]
    assert file["size"] == size and file["sha256"] == hashlib.sha256(data).hexdigest()
    assert file["name"] == "holiday.bin" and file["owner"] == member["username"]
    assert file["url"] == f"/api/files/{file['id']}/content"
    got = content(site, member, file)
    assert got.status_code == 200 and got.content == data
    rows = -(-size // PIECE)
    assert site.sql(f"SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file_chunks WHERE file_id = {file['id']}") == \
        [[str(rows), str(size)]]
