# SPDX-License-Identifier: ISC
"""The tools of these tests find what they are there to find."""
from urllib.parse import quote

GOOD = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title></head>
<body><main><h1>A page</h1><p id="text">as sent</p></main></body>
</html>
"""


def shown(chrome, html):
    chrome.driver.get("data:text/html;charset=utf-8," + quote(html))
    return chrome


def test_script_is_off_and_on(browser):
    page = GOOD + "<script>document.getElementById('text').textContent = 'changed'</script>"
    assert shown(browser(js=False), page).text("#text") == "as sent"
    assert shown(browser(js=True), page).text("#text") == "changed"


def test_width_and_scheme_are_the_ones_asked_for(browser):
    page = GOOD + """<style>#text { color: rgb(1, 2, 3) }
        @media (prefers-color-scheme: dark) { #text { color: rgb(4, 5, 6) } }
        @media (max-width: 360px) { #text { width: 500px } }</style>"""
    chrome = shown(browser(js=False), page)
    assert chrome.overflow() == 0
    assert chrome.find("#text").value_of_css_property("color") == "rgba(1, 2, 3, 1)"
    chrome.scheme("dark")
    assert chrome.find("#text").value_of_css_property("color") == "rgba(4, 5, 6, 1)"
    chrome.size(360)
    assert chrome.overflow() > 100


def test_axe_finds(browser, axe):
    chrome = browser(js=True)
    assert shown(chrome, GOOD).axe(axe) == []
    assert "image-alt" in shown(chrome, GOOD.replace("</main>", "<img src=x></main>")).axe(axe)[0]
    assert "color-contrast" in shown(chrome, GOOD.replace("<p", "<p style='color:#ccc'")).axe(axe)[0]


def test_html_validate_finds(validate):
    assert validate("good", GOOD) == []
    found = validate("bad", GOOD.replace("</main>", "<p id=\"text\">twice</p></main>"))
    assert len(found) == 1 and "no-dup-id" in found[0]


def test_the_console_is_heard(browser):
    chrome = shown(browser(js=True), GOOD + "<script>nobody()</script>")
    assert "nobody is not defined" in chrome.complaints()[0]


def test_strangers_are_seen_and_not_reached(browser):
    chrome = shown(browser(js=True), GOOD + "<img src='http://example.org/x.png' alt='x'>")
    chrome.read_log()
    assert chrome.strangers() == ["http://example.org/x.png"]
    assert "ERR_NAME_NOT_RESOLVED" in chrome.complaints()[0]
