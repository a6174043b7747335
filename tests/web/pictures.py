# SPDX-License-Identifier: ISC
"""Pictures as members send them, good ones and bad ones, and what becomes of them."""
import io
import os
import struct
import subprocess
import zlib

from PIL import Image, ImageChops, ImageDraw

from conftest import BUILD

SIDE = 250
PROGRAM = BUILD / "cgi-bin" / "pictures.fcgi"
KIND = "must be a JPEG, PNG or WebP picture"
MOVES = "must not be animated"
PIXELS = "has too many pixels (maximum is 40 million)"
BROKEN = "is damaged, or no picture that can be read"


def painted(width=400, height=300, mode="RGB"):
    """A picture whose corners differ, soft enough for any codec."""
    small = Image.new("RGB", (8, 8))
    draw = ImageDraw.Draw(small)
    draw.rectangle([0, 0, 3, 3], fill=(200, 60, 60))
    draw.rectangle([4, 0, 7, 3], fill=(70, 180, 70))
    draw.rectangle([0, 4, 3, 7], fill=(60, 80, 200))
    draw.rectangle([4, 4, 7, 7], fill=(210, 200, 120))
    return small.resize((width, height), Image.BICUBIC).convert(mode)


def encoded(picture, format, **how):
    out = io.BytesIO()
    picture.save(out, format, **how)
    return out.getvalue()


def jpeg(picture=None, **how):
    return encoded(picture or painted(), "JPEG", **{"quality": 92, **how})


def png(picture=None, **how):
    return encoded(picture or painted(), "PNG", **how)


def webp(picture=None, **how):
    return encoded(picture or painted(), "WEBP", **{"quality": 92, **how})


def exif(orientation):
    """EXIF of a camera that tells the place, too."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010f] = "SECRET-CAMERA"
    data.get_ifd(0x8825)[1] = "N"
    data.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return data.tobytes()


def chunk(type, data):
    return struct.pack(">I", len(data)) + type + data + struct.pack(">I", zlib.crc32(type + data))


def png_of(*chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(type, data) for type, data in chunks)


def header(width, height, depth=8, color=2, interlaced=0):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)


def with_chunk(data, type, content):
    """A PNG with one chunk more, behind its header."""
    return data[:33] + chunk(type, content) + data[33:]


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segment(data, marker, content):
    """A JPEG with one segment more, the first."""
    return data[:2] + segment(marker, content) + data[2:]


def many_scans(count, side=64):
    """A grey JPEG of so many good scans, each of one of its three colours: every block says no more than the one
    before it."""
    data = jpeg(painted(side, side), subsampling=0)
    blocks = b"\x28\xa2\x8a" * ((side // 8) ** 2 // 4)      # 00 and 1010: no difference, and the end of the block
    scans = (b"\xff\xda\0\x08\x01%c\0\0\x3f\0" % (1 + n % 3) + blocks for n in range(count))
    return data[:data.index(b"\xff\xda")] + b"".join(scans) + b"\xff\xd9"


def convert(data):
    """The filter of the program: (exit status, picture, line of error, milliseconds of CPU)."""
    with open(os.memfd_create("picture"), "w+b") as source:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen([PROGRAM, "--convert"], stdin=source, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        out, errors = process.stdout.read(), process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, out, errors, 1000 * (used.ru_utime + used.ru_stime)


def made_of(data):
    """The picture that the program makes of this one."""
    status, out, errors, _ = convert(data)
    assert (status, errors) == (0, ""), errors
    return opened(out)


def shown(data):
    """A picture as Pillow reads it."""
    return Image.open(io.BytesIO(data))


def opened(data):
    picture = shown(data)
    assert (picture.format, picture.size) == ("WEBP", (SIDE, SIDE))
    assert not getattr(picture, "is_animated", False)
    return picture


def squared(picture):
    """What is to come out, by Pillow: the square middle, SIDE pixels each way."""
    side = min(picture.size)
    left, top = ((n - side) // 2 for n in picture.size)
    return picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.BILINEAR)


def far(one, other):
    """How far two pictures are from each other: the mean over pixels and colours, 0 to 255."""
    histogram = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).histogram()
    return sum(n * (i % 256) for i, n in enumerate(histogram)) / (3 * SIDE * SIDE)


def upload(site, member, data, name="holiday.jpg", type="image/jpeg", **more):
    return site.api("PUT", "/user/image", token=member["token"], files={"image": (name, data, type)}, **more)


def image_of(site, member, data=None):
    """The address of a picture that was taken."""
    answer = upload(site, member, data or jpeg())
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"image"}
    return answer.json()["image"]


def stored(site, member):
    """[name, file, bytes] of each picture kept for a member."""
    return site.sql("SELECT p.name, p.file, LENGTH(data) FROM pictures p JOIN users ON id = user_id"
                    f" WHERE username = '{member['username']}'")
