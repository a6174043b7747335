# SPDX-License-Identifier: ISC
"""w3m on a terminal of its own: keys go in, and the screen is what a person would read.

Owns the process, its pseudo-terminal and its home. Refuses to know Postern.
"""
import os
import pathlib
import re
import shutil
import tempfile
import time

import pexpect
import pyte

ROWS, COLUMNS = 50, 100
WAIT = 20
LINKS = 50      # more than any page has, or anybody went back
TAB, ENTER, CLEAR = "\t", "\r", "\x15"     # CLEAR: w3m's line editor forgets the line


class W3m:
    """A running w3m. Words are looked for on the screen, so pages are as small as a person's."""

    def __init__(self, base):
        self.base = base
        self.home = tempfile.mkdtemp(prefix="postern-w3m-")
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.close(force=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def open(self, path):
        """Start w3m at a path of the site."""
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "TERM": "linux", "LC_ALL": "C.UTF-8",
               "EDITOR": f"cp {self.home}/text"}
        options = ["accept_cookie=1", "confirm_qq=0", "ignorecase_search=0", "use_mouse=0", "auto_image=0"]
        options = [word for o in options for word in ("-o", o)]
        self.process = pexpect.spawn("w3m", ["-cookie", *options, self.base + path],
                                     env=env, dimensions=(ROWS, COLUMNS), timeout=WAIT)
        return self

    # The last two rows belong to w3m: a line of status or of input.

    @property
    def page(self):
        return "\n".join(line.rstrip() for line in self.screen.display[:-1])

    @property
    def line(self):
        return self.screen.display[-1].rstrip()

    def until(self, condition, what):
        """Read what w3m writes until `condition()` is true."""
        end = time.monotonic() + WAIT
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"w3m never showed {what}:\n" + "\n".join(self.screen.display))
            try:
                self.stream.feed(self.process.read_nonblocking(65536, timeout=0.05))
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                raise AssertionError(f"w3m ended before it showed {what}:\n{self.page.strip()}") from None
        return self

    def shows(self, *words):
        """Wait until the page holds all these words."""
        return self.until(lambda: all(w in self.page for w in words), words)

    def at(self, path):
        """Wait until the page is that of `path`: w3m is asked for its address, once it has loaded."""
        self.send("c")
        return self.until(lambda: self.line == self.base + path, f"the address {path}")

    def send(self, keys):
        self.process.send(keys)
        return self

    def seek(self, words):
        """Move the cursor to the next place that says `words`, from the top of the page."""
        self.top().send("/").until(lambda: self.line.startswith("Forward:"), "the prompt of a search")
        self.send(re.escape(words) + ENTER)
        return self.until(lambda: self.on(words), f"the cursor at {words!r}")

    def fill(self, label, text):
        """Type into the field whose label says `label`."""
        self.seek(label).send(TAB).send(ENTER)
        self.until(lambda: re.match(r"(TEXT|Password):", self.line), f"the prompt of {label}")
        self.send(CLEAR + text + ENTER)
        return self.until(lambda: not re.match(r"(TEXT|Password):", self.line), f"the end of {label}")

    def write(self, label, text):
        """Fill in several lines at once: w3m has them written by $EDITOR, which here puts `text` there."""
        pathlib.Path(self.home, "text").write_text(text)
        self.seek(label).send(TAB).send(ENTER)
        return self.shows(text.splitlines()[0])

    def press(self, words):
        """Go on by TAB, from where the cursor is, to the link or button that says `words`; press it."""
        for _ in range(LINKS):
            if self.on(words):
                return self.send(ENTER)
            old = self.place
            self.send(TAB).until(lambda: self.place != old, f"a link or button {words!r}")
        return self.until(lambda: False, f"a link or button {words!r}")

    def go(self, path):
        """Go to another path of the site, as by typing its address."""
        self.send("U").until(lambda: self.line.startswith("Goto URL:"), "the prompt of an address")
        return self.send(CLEAR + self.base + path + ENTER).at(path)

    def back(self, path):
        """Go back until the page is that of `path`, as it was left."""
        for _ in range(LINKS):
            self.send("B").until(lambda: self.line.startswith("Viewing"), "the page before")
            self.send("c").until(lambda: self.line.startswith(self.base), "its address")
            if self.line == self.base + path:
                return self
        return self.until(lambda: False, f"the address {path} by going back")

    def top(self):
        """Move the cursor to the first line."""
        return self.send("g").until(lambda: self.screen.cursor.y == 0, "the top of the page")

    @property
    def place(self):
        return self.screen.cursor.y, self.screen.cursor.x, self.page

    def on(self, words):
        """Whether the cursor is on `words`: at their beginning, or inside of a box."""
        line, x = self.screen.display[self.screen.cursor.y], self.screen.cursor.x
        return line.startswith(words, x) or words[0] == "[" and line.startswith(words, x - 1)

    def evidence(self):
        return {"txt": "\n".join(self.screen.display).encode()}
