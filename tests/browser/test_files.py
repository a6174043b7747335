# SPDX-License-Identifier: ISC
"""A file, as a member uploads it, in Chromium with and without JavaScript."""
import pytest

from states import sign_in


@pytest.mark.parametrize("js", [True, False])
def test_upload(browser, site, js, tmp_path):
    c = browser(js=js)
    (tmp_path / "notes.txt").write_bytes(b"x" * 300000)
    sign_in(c, site.register()).open("/files")
    for description, said in (("Notes", ".flash"), ("Notes", ".error-messages")):
        c.fill(description=description)
        c.field("inputFile").send_keys(str(tmp_path / "notes.txt"))
        c.button("Upload file").click()
        c.until(lambda: c.has(said))
        assert c.path == "/files" and c.texts(".devices h2") == ["Notes"]
    assert c.value("description") == "Notes" and not c.has("progress")
