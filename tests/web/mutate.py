# SPDX-License-Identifier: ISC
"""Good FastCGI requests, spoilt at random but repeatably: from one seed always come the same bytes.

A request is spoilt at one of four levels, sometimes at a second: its variables, the bytes that carry them,
the records, and the bytes of all. Each sender has the good requests to begin with.
"""
import json
import random
import re
import struct

import fcgi_client as fcgi
from workers import SANITIZED

SIZES = [0, 1, 7, 8, 63, 64, 127, 128, 255, 256, 4095, 8184, 8192, 65535]
LENGTHS = [*SIZES, 1 << 16, 1 << 20, 1 << 24, 1 << 26]     # of names and values, on a wire that has 31 bits
NUMBERS = ["", "0", "1", "-1", "+3", " 3", "3 ", "0x3", "1e3", "3.0", "x", "9" * 20, "18446744073709551616",
           "9223372036854775808", "2147483648", "4294967297", "1048577", "\u0663", "3\0", "03"]
VALUES = [b"FCGI_MAX_CONNS", b"FCGI_MAX_REQS", b"FCGI_MPXS_CONNS"]
TYPES = [*range(12), 77, 99, 128, 255]
LARGEST = 1 << 28       # bytes that libfcgi may be made to ask for
HUGE = re.compile(b"[\x88-\xff]")     # what a size beyond half of that begins with


def good_requests(token):
    """Variables and body of requests to the program `user`, each of which is answered as it should be."""
    body = json.dumps({"user": {"bio": "frames"}}).encode()
    form = b"bio=frames&image="
    who = {"HTTP_AUTHORIZATION": f"Token {token}", "REQUEST_ID": "0123456789abcdef0123456789abcdef",
           "HTTP_USER_AGENT": "frames", "SERVER_PORT": "80"}
    return [(list(variables.items()), content) for variables, content in (
        (fcgi.variables("GET", "/api/user", **who), b""),
        (fcgi.variables("PUT", "/api/user", body, CONTENT_TYPE="application/json", **who), body),
        (fcgi.variables("PUT", "/api/user", form, CONTENT_TYPE="application/x-www-form-urlencoded", **who), form),
        (fcgi.variables("GET", "/settings", HTTP_COOKIE="session-80=x; pre-80=y", QUERY_STRING="a=b"), b""),
        (fcgi.variables("POST", "/settings", form, HTTP_ORIGIN="http://localhost",
                        CONTENT_TYPE="multipart/form-data; boundary=x"), form))]


def walk(content):
    """(name, value) as libfcgi would read them, its sizes alone where they are not all there; its end or a
    wrong one ends it."""
    at = 0
    while at < len(content):
        sizes = []
        for _ in range(2):
            n, at = content[at:at + 1], at + 1
            if n and n[0] & 128:
                n, at = bytes([n[0] & 127]) + content[at:at + 3], at + 3
            if not n or len(n) not in (1, 4):
                return
            sizes.append(int.from_bytes(n, "big"))
        yield sum(sizes), content[at:at + sizes[0]]
        at += sum(sizes)


def records(data):
    """(type, id, content) of all records, as far as libfcgi can tell them apart: it forgets the padding of the
    first."""
    at = 0
    while len(header := data[at:at + 8]) == 8 and header[0] == 1:
        _, type, id, length, padding = struct.unpack("!BBHHBx", header)
        yield type, id, data[at + 8:at + 8 + length]
        at += 8 + length + (0 if type == fcgi.BEGIN else padding)


def too_long(content):
    return HUGE.search(content) is not None and any(size > LARGEST for size, _ in walk(content))


def deadly(data):
    """Whether libfcgi 2.4.2 would end the process by itself: by an assertion when it cannot get as much memory
    as a pair says it is long, and because it answers in 64 bytes however often it is asked for a value. Only
    the peer on the socket can do that, and no web server does. Its leaks must not fail a run with ASan."""
    params, open_id = b"", None
    for type, id, content in records(data):
        if type == fcgi.BEGIN and id != 0 and open_id is None:
            open_id = id
        elif id == 0 or type == fcgi.PARAMS and id == open_id:      # what is unknown in between is taken, too
            params += content
        if id == 0 and (SANITIZED or too_long(content)):
            return True
    return too_long(params) or sum(data.count(name) for name in VALUES) > 3


class Mutator:
    """An endless row of spoilt requests."""

    def __init__(self, seed, good):
        self.random, self.good, self.left_out = random.Random(seed), good, 0

    def __iter__(self):
        return self

    def __next__(self):
        while deadly(data := self.spoilt()):
            self.left_out += 1
        return data

    def spoilt(self):
        pairs, body = self.random.choices(self.good, (4, 1, 1, 3, 3))[0]     # a change costs a commit
        levels = self.random.sample(range(4), self.random.choice((1, 1, 1, 2)))
        if 0 in levels:
            pairs, body = self.variables(list(pairs), body)
        packed = [fcgi.pair(*p) for p in pairs]
        params = self.params(packed) if 1 in levels else b"".join(packed)
        parts = [[1, 1, struct.pack("!HB5x", 1, 0)], *self.stream(fcgi.PARAMS, params), *self.stream(fcgi.STDIN, body)]
        data = self.records(parts) if 2 in levels else b"".join(record(*part) for part in parts)
        return self.bytes(data) if 3 in levels else data

    def stream(self, type, content):
        """As records of some size, then the empty one."""
        size = 65535 if len(content) > 9000 else self.random.choices((1, 100, 8192, 65535), (1, 5, 9, 85))[0]
        return [[type, 1, content[i:i + size]] for i in range(0, len(content), size)] + [[type, 1, b""]]

    def noise(self, most=300):
        return self.random.randbytes(self.random.randrange(most))

    def variables(self, pairs, body):
        i = self.random.randrange(len(pairs))
        name, value = pairs[i]
        what = self.random.randrange(8)
        if what == 0:
            del pairs[i]
        elif what == 1:
            pairs.insert(self.random.randrange(len(pairs)), (name, self.random.choice((value, "", "x", "0"))))
        elif what == 2:
            pairs[i] = name, self.noise()
        elif what == 3:
            pairs[i] = name, value * self.random.choice((2, 2, 9, 9, 50, 3000))
        elif what == 4:
            pairs[i] = self.noise(20), value
        elif what == 5:
            pairs[i] = name, self.random.choice((b"\0", b"\r\n", b"\xff", b"%", b"/", b"..", b"")) + value.encode()
        elif what == 6:
            pairs = [(n, self.random.choice(NUMBERS) if n == "CONTENT_LENGTH" else v) for n, v in pairs]
        else:
            body = self.random.choice((b"", body[:-1], body + b"x", body * 500, self.noise(), b"\0" * len(body)))
        return pairs, body

    def params(self, packed):
        i = self.random.randrange(len(packed))
        what = self.random.randrange(5)
        if what == 0:       # sizes that are lies
            sizes = [fcgi.size(self.random.choice(LENGTHS)) for _ in range(2)]
            packed[i] = b"".join(sizes) + packed[i][2:]
        elif what == 1:     # small ones in the long spelling, or cut within
            packed[i] = self.random.choice((struct.pack("!I", packed[i][0] | 1 << 31) + packed[i][1:],
                                            packed[i][:self.random.randrange(len(packed[i]))]))
        elif what == 2:
            packed[i] = self.bytes(packed[i])
        elif what == 3:
            packed.insert(i, b"\0\0" * self.random.choice((1, 8, 64, 512)))
        else:
            self.random.shuffle(packed)
            return b"".join(packed)[:self.random.randrange(400)]
        return b"".join(packed)

    def records(self, parts):
        i = self.random.randrange(len(parts))
        type, id, content = parts[i]
        what = self.random.randrange(10)
        more = {}
        if what == 0:
            parts[i][0] = self.random.choice(TYPES)
        elif what == 1:
            parts[i][1] = self.random.choice((0, 2, 255, 65535))
        elif what == 2:
            more = {"version": self.random.choice((0, 2, 255))}
        elif what == 3:
            more = {"length": self.random.choice((*SIZES, len(content) + 1, max(0, len(content) - 1)))}
        elif what == 4:
            more = {"padding": self.random.choice((1, 7, 8, 255)), "padded": self.random.choice((0, 1, 7, 255))}
        elif what == 5:
            del parts[i]
        elif what == 6:
            parts.insert(self.random.randrange(len(parts)), self.random.choice(parts))
        elif what == 7:
            self.random.shuffle(parts)
        elif what == 8:
            parts.insert(self.random.randrange(len(parts)), self.stray())
        else:               # role, flags and size of the beginning
            flags, size = self.random.choice((0, 1, 255)), self.random.choice((0, 1, 7, 8, 8, 8, 9, 300))
            parts[0][2] = struct.pack("!HB5x", self.random.choice((0, 1, 2, 3, 9, 65535)), flags).ljust(size)[:size]
        return b"".join(record(*part, **(more if j == i else {})) for j, part in enumerate(parts))

    def stray(self):
        if self.random.randrange(4) == 0:
            return [fcgi.GET_VALUES, 0, b"".join(fcgi.pair(name, b"") for name in self.random.sample(VALUES, 2))]
        return [self.random.choice(TYPES), self.random.choice((0, 1, 1, 2)), self.noise()]

    def bytes(self, data):
        data = bytearray(data)
        what = self.random.randrange(5)
        at = self.random.randrange(len(data)) if data else 0
        if what == 0:
            for _ in range(self.random.randrange(1, 9)):
                data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        elif what == 1:
            del data[at:]
        elif what == 2:
            data[at:at] = self.noise()
        elif what == 3:
            del data[at:at + self.random.randrange(1, 40)]
        else:
            data[at:] = self.noise()
        return bytes(data)


def record(type, id, content, version=1, length=None, padding=0, padded=None):
    """A record; `length` and `padding` are what its header says, `padded` how much of that comes."""
    head = struct.pack("!BBHHBx", version, type, id, len(content) if length is None else length, padding)
    return head + content + bytes(padding if padded is None else padded)
