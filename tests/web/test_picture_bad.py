# SPDX-License-Identifier: ISC
"""Pictures that are none, are broken or are bombs: what the filter says of them, and what they cost."""
import random
import resource
import struct
import subprocess
import time
import zlib

import pytest
from PIL import Image

from conftest import BUILD
from pictures import (BROKEN, KIND, MOVES, PIXELS, PROGRAM, chunk, convert, encoded, header, jpeg, many_scans, painted,
                      png, png_of, segment, webp, with_chunk, with_segment)

CPU = 100       # milliseconds
REFUSALS = range(65, 69)
plain = BUILD.name == "build"


def refused(data, why):
    status, out, errors, cpu = convert(data)
    assert status in REFUSALS and out == b"" and errors == f"{why}\n", (status, errors, len(out))
    assert cpu < CPU or not plain, f"{cpu} ms"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OTHERS = {
    "nothing": b"", "one byte": b"\xff", "text": b"hello", "html": b"<!DOCTYPE html><script>alert(1)</script>", "svg": SVG,
    "php": b"<?php system($_GET['x']); ?>", "gif": encoded(painted(), "GIF"), "gif with script": b"GIF89a/*" + SVG,
    "bmp": encoded(painted(), "BMP"), "tiff": encoded(painted(), "TIFF"), "ico": encoded(painted(64, 64), "ICO"),
    "pdf": b"%PDF-1.7\n", "zip": b"PK\3\4", "zeros": bytes(100000), "an svg that says jpeg": b"\xff\xd8" + SVG,
    "wave": b"RIFF\x24\0\0\0WAVEfmt ", "png without its first byte": png()[1:], "utf-8 mark": b"\xef\xbb\xbf" + jpeg(),
    "jp2": b"\0\0\0\x0cjP  \r\n\x87\n", "avif": b"\0\0\0\x1cftypavif", "mp4": b"\0\0\0\x20ftypisom",
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_U2_what_is_none_of_the_three_is_refused(data):
    refused(data, KIND)


def heavy_png(width, height, depth=8, color=2, interlaced=0, data=bytes(2000)):
    return png_of(header(width, height, depth, color, interlaced), (b"IDAT", zlib.compress(data)), (b"IEND", b""))


def webp_size(width, height):
    """A lossless WebP whose head tells this size, and which ends there."""
    bits = (width - 1) | (height - 1) << 14
    body = b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", bits) + bytes(5)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_size(width, height, **how):
    data = bytearray(jpeg(painted(64, 64), **how))
    at = data.index(b"\xff\xc2" if how.get("progressive") else b"\xff\xc0")
    data[at + 5:at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


BOMBS = {
    "65535 each way, PNG": heavy_png(65535, 65535), "2^31, PNG": heavy_png(2**31 - 1, 2**31 - 1),
    "1 by a thousand million, PNG": heavy_png(1, 10**9), "interlaced": heavy_png(60000, 60000, interlaced=1),
    "16 bits": heavy_png(30000, 30000, 16, 6), "one bit": heavy_png(65535, 65535, 1, 0),
    "65500 each way, JPEG": jpeg_size(65500, 65500), "progressive": jpeg_size(65500, 65500, progressive=True),
    "WebP": webp_size(16384, 16384), "one pixel too many": heavy_png(40_000_001, 1),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_U5_more_than_40_megapixels_are_refused_by_the_head(data):
    refused(data, PIXELS)


@pytest.mark.parametrize("width, height", [(8000, 5000), (5000, 8000)])
def test_40_megapixels_are_taken(width, height):
    status, out, errors, _ = convert(png(Image.new("1", (width, height), 1)))
    assert (status, errors) == (0, ""), errors
    refused(png(Image.new("1", (width + 1, height), 1)), PIXELS)


def frames(count, size=16):
    return [Image.new("RGB", (size, size), (80 * n, 250 - 80 * n, 0)) for n in range(count)]


def many_frames(count):
    """An animated WebP of so many frames, each the same."""
    data = encoded(frames(1)[0], "WEBP", save_all=True, append_images=frames(2)[1:])
    at = data.index(b"ANMF")
    size = 8 + struct.unpack("<I", data[at + 4:at + 8])[0]
    data = data[:at] + data[at:at + size] * count
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def test_U5_what_moves_is_refused():
    refused(encoded(frames(1)[0], "WEBP", save_all=True, append_images=frames(3)[1:]), MOVES)
    refused(many_frames(50_000), MOVES)
    refused(encoded(frames(1)[0], "PNG", save_all=True, append_images=frames(3)[1:]), MOVES)


def test_a_png_with_one_frame_does_not_move():
    assert convert(with_chunk(png(), b"acTL", struct.pack(">II", 1, 0)))[0] == 0


def test_U5_ten_thousand_scans_are_refused():
    """The decoder would go over the whole picture for each. Fifty are more than any picture has."""
    for scans, side in ((10_000, 64), (1_500, 512), (51, 64)):
        data = many_scans(scans, side)
        assert len(data) < 5_000_000
        refused(data, BROKEN)
    assert convert(many_scans(50))[0] == 0


ZEROS = zlib.compress(bytes(100 << 20), 9)
PACKED = {"zTXt": b"x\0\0" + ZEROS, "iTXt": b"x\0\1\0\0\0" + ZEROS, "iCCP": b"x\0\0" + ZEROS}


@pytest.mark.parametrize("type", PACKED)
def test_U5_what_is_packed_beside_the_picture_stays_packed(type):
    """100 MB of zeros in 100 KB; and 20,000 small ones."""
    status, _, _, cpu = convert(with_chunk(png(painted(64, 64)), type.encode(), PACKED[type]))
    assert status == 0 and (cpu < CPU or not plain)
    small = type.encode(), PACKED[type][:60]
    data = png(painted(64, 64))
    status, _, _, cpu = convert(data[:33] + chunk(*small) * 20_000 + data[33:])
    assert status == 0 and (cpu < CPU or not plain)


GOOD = {"jpeg": jpeg(painted(1200, 900)), "progressive": jpeg(painted(1200, 900), progressive=True), "png": png(painted(1200, 900)),
        "webp": webp(painted(1200, 900)), "lossless": webp(painted(1200, 900), lossless=True)}


@pytest.mark.parametrize("kind", GOOD)
def test_U5_a_file_that_was_cut_is_refused(kind):
    """Wherever: at each of its first 60 bytes, at its last, and at many between."""
    data = GOOD[kind]
    for end in [*range(1, 60), *range(100, len(data), len(data) // 15), len(data) - 2]:
        status, out, errors, cpu = convert(data[:end])
        assert status in REFUSALS and out == b"" and errors in (f"{KIND}\n", f"{BROKEN}\n"), (end, status, errors)
        assert cpu < CPU or not plain, f"{cpu} ms"


def test_a_jpeg_that_was_cut_and_ended_is_refused():
    """Its decoder would paint the rest grey."""
    data = GOOD["jpeg"]
    refused(data[:len(data) // 2].rstrip(b"\xff") + b"\xff\xd9", BROKEN)


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_with_spoilt_bytes_never_breaks_the_filter(kind):
    """Whatever comes out: a picture, or one line."""
    maker = random.Random(kind)
    for _ in range(60):
        data = bytearray(GOOD[kind])
        for _ in range(maker.choice((1, 3, 30))):
            data[maker.randrange(len(data))] = maker.randrange(256)
        status, out, errors, _ = convert(bytes(data))
        assert (status == 0 and out[:4] == b"RIFF" and errors == "") or (status in REFUSALS and out == b"" and errors)


LIES = {
    "a palette that is not there": png_of(header(8, 8, 8, 3), (b"IDAT", zlib.compress(bytes(72))), (b"IEND", b"")),
    "no data": png_of(header(8, 8), (b"IEND", b"")), "no head": png_of((b"IDAT", b""), (b"IEND", b"")),
    "two heads": png_of(header(8, 8), header(9, 9), (b"IEND", b"")), "no size": heavy_png(0, 0),
    "an unknown depth": heavy_png(8, 8, 7), "a wrong sum": png()[:-20] + bytes([png()[-20] ^ 1]) + png()[-19:],
    "a length beyond the end": png()[:33] + b"\xff\xff\xff\xff" + png()[37:],
    "too little data": heavy_png(4000, 4000), "only the signature": png()[:8], "an unknown critical chunk":
    with_chunk(png(), b"CRIT", b"x"), "JPEG without scans": b"\xff\xd8" + segment(0xfe, b"x") + b"\xff\xd9",
    "JPEG with two frames": jpeg()[:-2] + jpeg()[2:], "JPEG of 12 bits": jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),
    "JPEG without tables": b"\xff\xd8" + jpeg()[jpeg().index(b"\xff\xc0"):],
    "JPEG of no height": jpeg_size(64, 0), "JPEG that is all filling": b"\xff\xd8" + b"\xff" * 100_000,
    "JPEG with a segment too long": b"\xff\xd8\xff\xfe\xff\xff", "JPEG with a segment too short": b"\xff\xd8\xff\xfe\0\1xx",
    "WebP longer than it is": webp()[:4] + b"\xff\xff\xff\x7f" + webp()[8:], "WebP of nothing": b"RIFF\4\0\0\0WEBP ",
    "WebP without a picture": b"RIFF\x12\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(10), "only a size": webp_size(100, 100),
}


@pytest.mark.parametrize("data", LIES.values(), ids=LIES)
def test_U5_a_file_that_lies_is_refused(data):
    refused(data, BROKEN)


def test_a_smaller_jpeg_than_it_says_is_refused():
    """Its data ends early: no waiting for megapixels that never come."""
    refused(jpeg_size(8000, 5000), BROKEN)


def limits_of(data, **limits):
    """The filter under further limits: what becomes of it."""
    def bind():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, name), (value, value))
    return subprocess.run([PROGRAM, "--convert"], input=data, capture_output=True, preexec_fn=bind)


def test_the_filter_bounds_itself():
    """Its limits, as the kernel knows them while it waits for its input."""
    process = subprocess.Popen([PROGRAM, "--convert"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdin.write(b"x" * 10)
        process.stdin.flush()
        for _ in range(500):
            limits = open(f"/proc/{process.pid}/limits").read()
            if "Max cpu time              4 " in limits and (not plain or "Max open files            0 " in limits):
                break
            time.sleep(0.01)
        assert "Max core file size        0 " in limits and "Max cpu time              4 " in limits
        if plain:
            assert "Max address space         536870912 " in limits and "Max open files            0 " in limits
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


@pytest.mark.skipif(not plain, reason="sanitizers map more than that")
def test_memory_stays_flat_where_rows_come_one_by_one():
    """A PNG of 40 megapixels, in seven passes or not, in the memory of a small one."""
    for interlaced in (0, 1):
        rows = b"".join(bytes(1 + (8000 + dx - 1 - x) // dx) * ((5000 + dy - 1 - y) // dy) for x, y, dx, dy in (
            ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
            if interlaced else ((0, 0, 1, 1),)))
        data = heavy_png(8000, 5000, 8, 0, interlaced, rows)
        done = limits_of(data, RLIMIT_AS=48 << 20)
        assert done.returncode == 0 and done.stdout[:4] == b"RIFF", (interlaced, done.returncode, done.stderr)
