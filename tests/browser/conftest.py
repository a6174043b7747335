# SPDX-License-Identifier: ISC
"""The site of the web tests, seen through browsers: Chromium with and without JavaScript, and w3m.

A test that fails leaves what the browser showed in BUILD/browser/failed.
"""
import importlib.util
import json
import pathlib
import re
import subprocess
import sys

import pytest

from chrome import Chrome
from terminal import W3m

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "build" / "npm"
sys.path.append(str(ROOT / "tests" / "web"))    # for the makers of pictures


def web_conftest():
    """tests/web/conftest.py, whose name would be ours; the other modules there have names of their own."""
    sys.path.append(str(ROOT / "tests" / "web"))
    spec = importlib.util.spec_from_file_location("web_site", ROOT / "tests" / "web" / "conftest.py")
    module = sys.modules["web_site"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


web = web_conftest()
BUILD, PASSWORD, running = web.BUILD, web.PASSWORD, web.running
pytest_sessionfinish = web.pytest_sessionfinish
site, member = web.site, web.member


@pytest.fixture(scope="session")
def browsers():
    """One browser of each kind, started when first asked for."""
    kinds = {}
    yield lambda js: kinds.get(js) or kinds.setdefault(js, Chrome(js))
    for chrome in kinds.values():
        chrome.quit()


@pytest.fixture
def browser(browsers, site, request):
    """browser(js=True): a Chromium without pages or cookies, at the site."""
    def as_new(js=False):
        request.node.screens = [chrome := browsers(js).reset(site.url)]
        return chrome
    return as_new


@pytest.fixture
def w3m(site, request):
    with W3m(site.url) as screen:
        request.node.screens = [screen]
        yield screen


@pytest.fixture(scope="session")
def validate():
    """A function: what html-validate finds wrong with a document."""
    node = subprocess.Popen(["node", str(pathlib.Path(__file__).with_name("validate.js")), str(NODE_MODULES)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def check(name, html):
        node.stdin.write(json.dumps({"name": name, "html": html}) + "\n")
        node.stdin.flush()
        return json.loads(node.stdout.readline())
    yield check
    node.stdin.close()
    assert node.wait(timeout=20) == 0


@pytest.fixture(scope="session")
def axe():
    """The script that Chrome.axe() wants."""
    return (NODE_MODULES / "node_modules" / "axe-core" / "axe.min.js").read_text()


def pytest_configure(config):
    config.option.tbstyle = "short"     # the inside of Selenium tells nothing


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when != "call" or not report.failed:
        return
    folder = BUILD / "browser" / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w-]+", "-", item.name)
    for screen in getattr(item, "screens", []):
        try:
            files = screen.evidence()
        except Exception as e:      # the browser itself may be what failed
            files = {"txt": repr(e).encode()}
        for suffix, data in files.items():
            (folder / f"{name}.{suffix}").write_bytes(data)
    if getattr(item, "screens", []):
        report.sections.append(("what was shown", f"{folder.relative_to(ROOT)}/{name}.*"))
