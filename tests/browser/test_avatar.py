# SPDX-License-Identifier: ISC
"""A profile picture, as a member sends it and sees it, in Chromium without JavaScript."""
import pytest
from PIL import ImageChops

from pictures import exif, jpeg, painted, shown, squared
from states import sign_in
from states_picture import file_of, upload


@pytest.fixture
def c(browser):
    return browser(js=False)


def loaded(c, selector):
    """Whether the browser shows this picture, and how large it is by itself."""
    return c.find(selector).get_property("naturalWidth"), c.find(selector).get_property("naturalHeight")


def seen(c, selector):
    """The picture as it stands on the screen, square."""
    return shown(c.find(selector).screenshot_as_png).convert("RGB")


def test_a_picture_that_a_camera_turned_is_seen_upright(c, site):
    person = site.register()
    upload(sign_in(c, person).open("/settings"), file_of(jpeg(painted(), exif=exif(6)), "holiday.jpg"))
    assert (c.path, c.status, c.texts(".flash")) == ("/settings", 200, ["Your picture is saved."])
    assert c.text(".picture span") == "holiday.jpg" and c.texts("main .btn").count("Remove picture") == 1
    c.open(f"/profile/{person['username']}")
    assert loaded(c, "img.user-img") == loaded(c, "img.user-pic") == (250, 250)
    upright = squared(painted().rotate(-90, expand=True))
    # On the screen, within the circle: the four corners of the middle.
    screen = seen(c, "img.user-img").resize((250, 250))
    middle = (75, 75, 175, 175)
    assert difference(screen, upright, middle) < 12 < 25 < difference(screen, squared(painted()), middle)
    assert c.strangers() == [] and c.complaints() == []


def difference(one, other, box):
    one, other = (p.convert("RGB").crop(box) for p in (one, other))
    histogram = ImageChops.difference(one, other).histogram()
    return sum(n * (i % 256) for i, n in enumerate(histogram)) / (3 * one.width * one.height)


def test_what_is_refused_can_be_mended(c, site):
    sign_in(c, site.register()).open("/settings")
    upload(c, file_of(b"GIF89a", "moves.gif"))
    assert (c.path, c.status) == ("/settings/image", 422)
    assert c.texts("ul.error-messages li") == ["Picture must be a JPEG, PNG or WebP picture"]
    upload(c, file_of(jpeg(), "still.jpg"))
    assert (c.path, c.texts(".flash")) == ("/settings", ["Your picture is saved."])
    c.press("Remove picture")
    assert (c.path, c.texts(".flash")) == ("/settings", ["Your picture is removed."])
    assert c.has("img.user-pic[src*='default-avatar.svg']")
