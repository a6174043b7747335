# SPDX-License-Identifier: ISC
"""Profile pictures: what comes out of what was sent. The filter of the program is what decodes for a request,
too (test_picture_upload.py)."""
import struct
import zlib

import pytest
from PIL import Image, ImageOps

from pictures import (SIDE, convert, encoded, exif, far, jpeg, made_of, opened, painted, png, png_of, header, shown,
                      squared, webp, with_chunk, with_segment)

NEAR = 3        # the mean difference that a lossy codec may make
WRITERS = {"jpeg": jpeg, "png": png, "webp": webp}


def same(out, picture, most=NEAR):
    assert far(out, squared(picture)) < most


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", WRITERS)
def test_every_orientation_comes_out_upright(kind, orientation):
    """Compared with Pillow's own turning of the whole picture; the eight differ from each other by far more."""
    data = WRITERS[kind](painted(), exif=exif(orientation))
    turned = ImageOps.exif_transpose(shown(data))
    assert turned.size == ((400, 300) if orientation < 5 else (300, 400))
    same(made_of(data), turned)


def test_the_orientations_differ():
    made = [made_of(png(painted(), exif=exif(n))) for n in range(1, 9)]
    assert all(far(one, other) > 10 for i, one in enumerate(made) for other in made[:i])


@pytest.mark.parametrize("kind", WRITERS)
def test_an_orientation_that_is_none_turns_nothing(kind):
    for orientation in (0, 9, 65535):
        same(made_of(WRITERS[kind](painted(), exif=exif(orientation))), painted())


@pytest.mark.parametrize("spoilt", [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff",
                                    b"x" * 60000, b"Exif\0\0"])
def test_spoilt_exif_turns_nothing(spoilt):
    same(made_of(with_segment(jpeg(), 0xe1, b"Exif\0\0" + spoilt)), painted())
    same(made_of(with_chunk(png(), b"eXIf", spoilt)), painted())


SIZES = [(250, 250), (251, 250), (400, 300), (300, 400), (1999, 1001), (4000, 3000), (100, 70), (8, 8), (1, 1),
         (1, 900), (900, 1), (501, 500), (1000, 1000)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", WRITERS)
def test_every_size_becomes_a_square_of_250(kind, size):
    picture = painted(*size)
    same(made_of(WRITERS[kind](picture)), shown(WRITERS[kind](picture)).convert("RGB"))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 2},
                                 {"optimize": True, "quality": 30}], ids=str)
def test_jpegs_of_every_kind(mode, how):
    data = jpeg(painted(1200, 900, mode), **how)
    same(made_of(data), shown(data).convert("RGB"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("interlaced", [False, True])
def test_pngs_of_every_kind(mode, interlaced):
    picture = painted(601, 407)
    if mode == "I;16":
        picture = Image.frombytes("I;16", picture.size, b"".join(bytes([n, n]) for n in picture.convert("L").tobytes()))
        expected = painted(601, 407).convert("L").convert("RGB")
    else:
        picture = picture.convert(mode)
        expected = picture.convert("RGB")
    data = png(picture)
    same(made_of(woven(data, mode, picture) if interlaced else data), expected)


def woven(data, mode, picture):
    """The same picture in seven passes (Adam7), which Pillow does not write."""
    bits, color = data[24], data[25]
    per = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color] * bits
    raw, width, height = zlib.decompress(idat(data)), *picture.size
    rows, at, size = [], 0, (width * per + 7) // 8
    above = bytes(size)
    for _ in range(height):
        above = unfiltered(raw[at], raw[at + 1:at + 1 + size], above, max(per // 8, 1))
        rows.append(above)
        at += 1 + size
    out = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for y in range(y0, height, dy):
            line = rows[y]
            if per >= 8:
                n = per // 8
                some = b"".join(line[x * n:x * n + n] for x in range(x0, width, dx))
            else:
                text = "".join(f"{byte:08b}" for byte in line)
                chosen = "".join(text[x * per:x * per + per] for x in range(x0, width, dx))
                chosen += "0" * (-len(chosen) % 8)
                some = bytes(int(chosen[i:i + 8], 2) for i in range(0, len(chosen), 8))
            out += b"\0" + some
    chunks = [header(width, height, bits, color, 1)]
    palette = data.find(b"PLTE")
    if palette > 0:
        length = struct.unpack(">I", data[palette - 4:palette])[0]
        chunks.append((b"PLTE", data[palette + 4:palette + 4 + length]))
    return png_of(*chunks, (b"IDAT", zlib.compress(out)), (b"IEND", b""))


def idat(data):
    at, out = 8, b""
    while at < len(data):
        length, type = struct.unpack(">I4s", data[at:at + 8])
        out += data[at + 8:at + 8 + length] if type == b"IDAT" else b""
        at += 12 + length
    return out


def unfiltered(kind, line, above, n):
    """RFC 2083 section 6."""
    out = bytearray()
    for i, byte in enumerate(line):
        a, b, c = (out[i - n] if i >= n else 0), above[i], (above[i - n] if i >= n else 0)
        paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        out.append((byte + [0, a, b, (a + b) // 2, paeth][kind]) % 256)
    return bytes(out)


@pytest.mark.parametrize("kind", ["png", "webp", "palette"])
def test_what_is_transparent_stays_so(kind):
    """And its colour does not shine through where it meets what can be seen."""
    picture = Image.new("RGBA", (600, 600), (255, 0, 255, 0))
    picture.paste((40, 160, 40, 255), (0, 0, 300, 600))
    if kind == "palette":
        picture = picture.convert("RGB").convert("P", palette=Image.ADAPTIVE, colors=4)
        picture.info["transparency"] = picture.getpixel((500, 10))
    data = encoded(picture, "WEBP", lossless=True, exact=True) if kind == "webp" else png(picture)
    made = made_of(data).convert("RGBA")
    assert made.getpixel((200, 100))[3] == 0 and made.getpixel((20, 100))[3] == 255
    for x in range(0, 126):
        red, green, blue, alpha = made.getpixel((x, 100))
        assert alpha < 200 or (red < 80 and blue < 80 and green > 120), (x, red, green, blue, alpha)


def test_a_picture_without_alpha_has_none_afterwards():
    assert made_of(png()).mode == "RGB"


CHUNKS = [(b"tEXt", b"Comment\0SECRET"), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>SECRET</x>"), (b"eXIf", exif(1)[6:]),
          (b"iCCP", b"SECRET\0\0x"), (b"prVt", b"SECRET"), (b"tIME", b"\x07\xe6\1\1\1\1\1")]


def test_U1_nothing_of_the_file_but_its_colours_comes_out():
    """No EXIF, no profile, no text, no thumbnail, no script, nothing behind the end: one chunk of WebP."""
    script = b"<script>alert('SECRET')</script><?php SECRET ?>"
    files = [jpeg(painted(), exif=exif(6), comment=script, icc_profile=b"SECRET" * 40), jpeg() + script,
             with_segment(jpeg(), 0xe1, b"http://ns.adobe.com/xap/1.0/\0SECRET"), with_segment(jpeg(), 0xfe, script),
             jpeg() + b"PK\3\4SECRET", png() + script, webp(painted(), exif=exif(3), xmp=script, icc_profile=script),
             *(with_chunk(png(), *c) for c in CHUNKS)]
    for data in files:
        status, out, _, _ = convert(data)
        assert status == 0, data[:200]
        opened(out)
        assert out[:4] == b"RIFF" and out[12:16] == b"VP8 ", "more than the picture"
        assert int.from_bytes(out[4:8], "little") + 8 == len(out)
        assert b"SECRET" not in out and b"script" not in out


def test_the_same_file_gives_the_same_picture():
    assert convert(jpeg())[1] == convert(jpeg())[1]


def test_the_size_of_what_comes_out_is_that_of_a_picture():
    assert 200 < len(convert(jpeg(painted(4000, 3000)))[1]) < 40000
    assert SIDE == 250
