# SPDX-License-Identifier: ISC
"""One headless Chromium, driven by Selenium: what a person sees of a page, and what the browser says of it.

Owns the browser and its folder. Refuses to know Postern: names of fields and pages belong to the tests.
"""
import base64
import contextlib
import json
import shutil
import tempfile
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import (NoSuchElementException, StaleElementReferenceException,
                                        WebDriverException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

WAIT = 20       # seconds until a condition has failed: much, for the machine may be busy
WIDE, NARROW = 1200, 360
# Without these the browser calls home, and it shall reach nobody but the site.
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--disable-default-apps", "--hide-scrollbars", "--force-color-profile=srgb",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", f"--window-size={WIDE},900"]


def gone(element):
    """Whether an element belongs to a page that is no more."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as e:     # asked in the very moment of the change
        return "does not belong to the document" in e.msg
    return False


class Chrome:
    """A browser. `answer` is the last document: its status, headers and address."""

    def __init__(self, js):
        self.folder = tempfile.mkdtemp(prefix="postern-chrome-")
        self.base = ""          # where paths begin
        self.answer = None
        self.width = WIDE
        self.asked = []         # every address that was asked for since reset()
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--user-data-dir={self.folder}"]:
            options.add_argument(flag)
        prefs = {"credentials_enable_service": False, "profile.password_manager_leak_detection": False}
        if not js:
            prefs["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", prefs)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(WAIT)
        self.driver.set_script_timeout(WAIT)

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def reset(self, base=""):
        """As new: no page, no cookies, wide and light."""
        self.driver.get("about:blank")
        self.cdp("Network.clearBrowserCookies")
        self.size(WIDE)
        self.scheme("light")
        self.base = base
        self.read_log()
        self.driver.get_log("browser")
        self.answer, self.asked = None, []
        return self

    def cdp(self, command, **values):
        return self.driver.execute_cdp_cmd(command, values)

    # Going somewhere.

    def open(self, path):
        self.driver.get(self.base + path)
        self.read_log()
        return self

    @contextlib.contextmanager
    def leaving(self):
        """Whatever the block does, it ends on another page, loaded."""
        old = self.driver.find_element(By.TAG_NAME, "html")
        yield
        self.until(lambda: gone(old))
        self.read_log()

    def read_log(self):
        """Take in what the network did: the status of the last document, and who was asked."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            values = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(values["request"]["url"])
            elif message["method"] == "Network.responseReceived" and values["type"] == "Document":
                self.answer = {"id": values["requestId"], "status": values["response"]["status"],
                               "url": values["response"]["url"],
                               "headers": {k.lower(): v for k, v in values["response"]["headers"].items()}}

    @property
    def status(self):
        return self.answer["status"]

    @property
    def path(self):
        """Path and query of the address bar."""
        address = urlsplit(self.driver.current_url)
        return address.path + (f"?{address.query}" if address.query else "")

    def source(self):
        """The document as the server sent it, not as the browser mended it."""
        body = self.cdp("Network.getResponseBody", requestId=self.answer["id"])
        return base64.b64decode(body["body"]).decode() if body["base64Encoded"] else body["body"]

    # Looking and doing.

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def has(self, selector):
        return bool(self.all(selector))

    def text(self, selector="body"):
        return self.find(selector).text

    def texts(self, selector):
        return [e.text for e in self.all(selector)]

    def field(self, name):
        return self.find(f"form [name='{name}']:not([type=hidden])")

    def value(self, name):
        return self.field(name).get_property("value")

    def values(self, *names):
        return [self.value(name) for name in names]

    def fill(self, **values):
        for name, text in values.items():
            element = self.field(name)
            element.clear()
            element.send_keys(text)
        return self

    def button(self, text):
        for element in self.all("button"):
            if element.text.strip() == text:
                return element
        raise NoSuchElementException(f"no button says {text!r}: {self.texts('button')}")

    def press(self, text):
        """Press the button that says `text`; it leads to another page."""
        with self.leaving():
            self.button(text).click()
        return self

    def follow(self, text):
        """Follow the link that says `text`."""
        with self.leaving():
            self.driver.find_element(By.LINK_TEXT, text).click()
        return self

    def until(self, condition):
        """Wait for it; a script may write the page anew while it is looked at."""
        waiting = WebDriverWait(self.driver, WAIT, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: condition())

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab(self):
        """One step by the TAB key: the element that has the focus now."""
        self.keys(Keys.TAB)
        return self.driver.switch_to.active_element

    def cookies(self):
        return {c["name"]: c for c in self.driver.get_cookies()}

    # How it looks.

    def size(self, width, height=None):
        """Up to 500 pixels it is a phone."""
        phone = width <= 500
        self.width = width
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height or (740 if phone else 900),
                 deviceScaleFactor=1, mobile=phone)
        return self

    def scheme(self, scheme):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def overflow(self):
        """How many pixels the page is wider than the window."""
        return self.cdp("Page.getLayoutMetrics")["cssContentSize"]["width"] - self.width

    def shot(self):
        """The whole page as PNG."""
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        return base64.b64decode(self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                         clip=clip)["data"])

    def evidence(self):
        """What to keep of a test that failed, by the suffix of the file."""
        page = f"<!-- {self.driver.current_url} -->\n{self.driver.page_source}"
        return {"png": self.shot(), "html": page.encode()}

    # What the browser and axe say.

    def complaints(self):
        """What stands in the console: errors of scripts, of the security policy, of loading. That the
        document itself has an error status is not one."""
        own = self.answer["url"] if self.answer else None
        return [e["message"] for e in self.driver.get_log("browser")
                if e["source"] != "network" or e["message"].split()[0] != own]

    def strangers(self):
        """Addresses outside of the site that the pages asked for."""
        return [a for a in self.asked if not a.startswith((self.base + "/", "about:", "data:", "chrome:"))]

    def axe(self, script):
        """Run axe-core (the text of its file) on the page: its violations, each with the elements."""
        self.driver.execute_script(script)
        found = self.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
                resultTypes: ["violations"]}).then(done, e => done({error: String(e)}));""")
        assert "error" not in found, found
        assert found["passes"], "axe has looked at nothing"
        return [f"{v['id']}: {n['html']} {n['failureSummary']}"
                for v in found["violations"] for n in v["nodes"]]
