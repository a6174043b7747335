# SPDX-License-Identifier: ISC
"""A small FastCGI client that may say what a web server never would (FastCGI 1.0, section 3 and 8)."""
import json
import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES = range(1, 10)
KEEP_CONN = 1


def record(type, content=b"", id=1, version=1, length=None):
    """One record; `length`: what its header says instead of the truth."""
    return struct.pack("!BBHHBx", version, type, id, len(content) if length is None else length, 0) + content


def begin(role=1, flags=0, id=1):
    return record(BEGIN, struct.pack("!HB5x", role, flags), id)


def size(n):
    return struct.pack("!B", n) if n < 128 else struct.pack("!I", n | 1 << 31)


def pair(name, value):
    name, value = (x.encode() if isinstance(x, str) else x for x in (name, value))
    return size(len(name)) + size(len(value)) + name + value


def stream(type, content, id=1):
    """Records of at most 65,535 bytes, then the empty one that ends the stream."""
    parts = [content[i:i + 65535] for i in range(0, len(content), 65535)]
    return b"".join(record(type, part, id) for part in parts) + record(type, b"", id)


def variables(method, path, body=b"", **more):
    return {"REQUEST_METHOD": method, "DOCUMENT_URI": path, "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)), **more}


def request(params, body=b"", flags=0, id=1):
    """The bytes of a whole request; `params` is a dict, or a list of pairs that may repeat a name."""
    pairs = params.items() if isinstance(params, dict) else params
    packed = b"".join(pair(name, value) for name, value in pairs)
    return begin(flags=flags, id=id) + stream(PARAMS, packed, id) + stream(STDIN, body, id)


class Answer:
    """What came back until the peer closed: records, and the first answer taken apart."""

    def __init__(self, data):
        self.records, at = [], 0
        while at + 8 <= len(data):
            _, type, id, length, padding = struct.unpack("!BBHHBx", data[at:at + 8])
            self.records.append((type, id, data[at + 8:at + 8 + length]))
            at += 8 + length + padding
        self.ended = sum(type == END for type, _, _ in self.records)
        out = b"".join(content for type, _, content in self.records if type == STDOUT)
        self.answers = out.count(b"Status: ")
        head, _, self.body = out.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0].startswith("Status: ") else None
        self.headers = dict(line.split(": ", 1) for line in lines[1:])

    def json(self):
        return json.loads(self.body)


def connect(path, timeout=10):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(timeout)
    peer.connect(str(path))
    return peer


def talk(path, data, timeout=10, end=False):
    """Send bytes, with `end` also that there are no more, and read until the other side closes; a reset
    ends it too."""
    received = b""
    with connect(path, timeout) as peer:
        try:
            peer.sendall(data)
            if end:
                peer.shutdown(socket.SHUT_WR)
            while chunk := peer.recv(65536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    return Answer(received)


def throw(path, data):
    return talk(path, data, end=True)


def leave(path, data):
    """Send bytes and go, whether they were taken or not."""
    with connect(path) as peer:
        try:
            peer.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            pass


def get(socket_path, path, **more):
    return talk(socket_path, request(variables("GET", path, **more)))
