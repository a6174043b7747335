# SPDX-License-Identifier: ISC
"""Every page in every state: valid HTML, nothing that axe finds, nothing in the console, nobody else asked,
and no wider than the window, from 320 pixels on."""
import re

import pytest

from places import Places
from conftest import running
from states import STATES

PAGE_BYTES = 30 * 1024
REFERENCE_BYTES = 60 * 1024     # of the page with all rows of the API


@pytest.fixture(scope="module")
def places(site):
    with Places(running, site=site) as p:
        yield p


@pytest.mark.parametrize("name", STATES)
def test_page(name, places, browser, validate, axe):
    place, go = STATES[name]
    chrome = browser(js=True)
    chrome.base = places[place].url
    status = go(chrome, places[place])
    html = chrome.source()
    assert chrome.status == status, chrome.path
    assert chrome.answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert validate(name, html) == []
    own = re.sub(r'(<div class="article-content">).*?(</div>\n\t\t<ul)', r"\1\2", html, flags=re.S)
    assert "Conduit" not in html and len(own.encode()) <= (REFERENCE_BYTES if name == "api-docs" else PAGE_BYTES)
    assert chrome.overflow() <= 0
    assert chrome.axe(axe) == []
    chrome.scheme("dark")
    for width in (360, 320):
        chrome.size(width)
        assert chrome.overflow() <= 0, width
    assert chrome.axe(axe) == []
    assert chrome.complaints() == []
    assert chrome.strangers() == []
