# SPDX-License-Identifier: ISC
"""States of one's picture: on the settings, and where a refused one comes back to."""
import pathlib
import tempfile

from pictures import exif, jpeg, painted
from states import sign_in, state


def file_of(data, name):
    """A file that a browser can send."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-picture-"))
    (folder / name).write_bytes(data)
    return folder / name


def upload(c, file):
    """Choose a file, and send it."""
    c.find("input[type=file]").send_keys(str(file))
    return c.press("Upload picture")


@state("picture-saved")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(jpeg(painted(), exif=exif(6)), "holiday.jpg"))
    return 200


@state("picture-long-name")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(jpeg(painted()), "W" * 200 + ".jpg"))
    return 200


@state("picture-form")
def _(c, site):
    sign_in(c, site.register()).open("/settings/image")
    return 200


@state("picture-refused")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(b"GIF89a", "moves.gif"))
    return 422


@state("picture-too-large")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(bytes(5 * 1024 * 1024 + 1), "large.jpg"))
    return 413


@state("picture-removed")
def _(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(jpeg(painted()), "holiday.jpg")).press("Remove picture")
    return 200
