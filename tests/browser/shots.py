# SPDX-License-Identifier: ISC
"""`make shots`: a picture of every page in every state, wide and narrow, light and dark, in build/shots/, and
index.html with all of them. Arguments pick states by words that their names begin with."""
import html
import shutil
import sys

import conftest     # noqa: F401  the site of the web tests
from chrome import NARROW, WIDE, Chrome
from places import BUILD, Places
from states import STATES

FOLDER = BUILD / "shots"
LOOKS = [(width, scheme) for width in (WIDE, NARROW) for scheme in ("light", "dark")]


def shoot(chrome, places, name):
    """The pictures of one state: their files."""
    place, go = STATES[name]
    site = places[place]
    go(chrome.reset(site.url), site)
    files = []
    for width, scheme in LOOKS:
        chrome.size(width)
        chrome.scheme(scheme)
        files.append(f"{name}-{width}-{scheme}.png")
        (FOLDER / files[-1]).write_bytes(chrome.shot())
    return files


def sheet(pictures):
    """One page with all pictures."""
    rows = "".join(
        f"<h2>{html.escape(name)}</h2><p>" + "".join(
            f'<a href="{file}"><img src="{file}" alt="{file}" loading="lazy"></a>' for file in files) + "</p>"
        for name, files in pictures.items())
    return ('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Shots</title>'
            "<style>body{font:1rem sans-serif}p{display:flex;gap:1rem;align-items:start}"
            "img{border:1px solid #888;max-width:40vw;height:auto}</style>"
            f"<h1>Every page in every state</h1>{rows}</html>")


def together(chrome, wide, narrow):
    """Two pictures beside each other, for a README."""
    (FOLDER / "together.html").write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pages</title><style>'
        "body{margin:0;display:flex;gap:24px;align-items:start;width:1220px;background:#fff}"
        "img{border:1px solid #bbb;border-radius:8px;object-fit:cover;object-position:top;height:600px}"
        "img:first-child{width:900px}img:last-child{width:292px}</style>"
        f'<img src="{wide}" alt=""><img src="{narrow}" alt=""></html>')
    chrome.reset().size(1220, 602)
    chrome.driver.get(f"file://{FOLDER}/together.html")
    (FOLDER / "together.png").write_bytes(chrome.shot())


def main(words):
    names = [n for n in STATES if not words or n.startswith(tuple(words))]
    if not words:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    chrome = Chrome(js=True)
    try:
        with Places(conftest.running) as places:
            pictures = {name: shoot(chrome, places, name) for name in names}
        if not words:
            together(chrome, "settings-plain-1200-light.png", "login-empty-360-dark.png")
    finally:
        chrome.quit()
    (FOLDER / "index.html").write_text(sheet(pictures))
    print(f"  {sum(map(len, pictures.values()))} pictures: {FOLDER}/index.html")


main(sys.argv[1:])
