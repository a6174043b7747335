# SPDX-License-Identifier: ISC
"""make import-load N=10000: so many members of another site, with hashes of Werkzeug and pictures, come in by
postern user import; afterwards one of each kind logs in with the old password. Says how long it takes, and how much
memory."""
import csv
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import requests
from PIL import Image

from load import BUILD, Site

PASSWORDS = [f"password of old {i}" for i in range(4)]
SALT = "aZ09aZ09aZ09aZ09"


def scrypt(password):
    key = hashlib.scrypt(password.encode(), salt=SALT.encode(), n=32768, r=8, p=1, dklen=64, maxmem=1 << 27)
    return f"scrypt:32768:8:1${SALT}${key.hex()}"


def pbkdf2(password):
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), SALT.encode(), 600000)
    return f"pbkdf2:sha256:600000${SALT}${key.hex()}"


def photographs():
    """JPEGs as sites keep them, small and large; noise makes them cost what photographs do."""
    for side in (125, 250, 400, 800, 1600):
        noise = Image.effect_noise((side // 4, side // 4), 80).resize((side, side * 3 // 4), Image.Resampling.BICUBIC)
        out = io.BytesIO()
        Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(out, "JPEG", quality=88)
        yield out.getvalue()


def members(folder, count):
    """The files of the other site: members.csv, and a folder of pictures."""
    hashes = [*map(scrypt, PASSWORDS[:2]), *map(pbkdf2, PASSWORDS[2:])]
    pictures = list(photographs())
    (folder / "pics").mkdir()
    with (folder / "members.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["username", "email", "hash", "picture", "groups", "bio"])
        for i in range(count):
            name = f"{i:016x}download ({i % 9}).jpeg"
            (folder / "pics" / name).write_bytes(pictures[i % len(pictures)])
            rows.writerow([f"old.{i}", f"old.{i}@example.org", hashes[i % len(hashes)], name, f"year{i % 30}",
                           f"Member number {i}, \"as before\"."])


def watched(command, env):
    """Its output, seconds, and the most memory of that process alone, in MB."""
    start, most = time.monotonic(), 0
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.05)
    return process.stdout.read(), time.monotonic() - start, most / 1024


def logs_in(site, i):
    body = {"user": {"email": f"old.{i}@example.org", "password": PASSWORDS[i % len(PASSWORDS)]}}
    answer = site.api("POST", "/users/login", body)
    if answer.status_code != 200:
        return False
    picture = requests.get(site.url + answer.json()["user"]["image"], timeout=10)
    return picture.status_code == 200 and picture.content[8:12] == b"WEBP"


def main(count):
    site = Site()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        members(folder, count)
        try:
            site.start()
            command = [str(BUILD / "postern"), "user", "import", str(folder / "members.csv")]
            said, seconds, megabytes = watched([*command, "--pictures", str(folder / "pics")], site.tool_env())
            print(f"{said}{count} members with pictures in {seconds:.1f} s, the tool took {megabytes:.1f} MB at most")
            good = said.startswith(f"{count} imported, 0 there already, 0 refused")
            again, seconds, megabytes = watched([*command, "--pictures", str(folder / "pics")], site.tool_env())
            print(f"{again}the same file again in {seconds:.1f} s, {megabytes:.1f} MB")
            good = good and again.startswith(f"0 imported, {count} there already, 0 refused")
            entered = [logs_in(site, i) for i in range(len(PASSWORDS))]
            print(f"{sum(entered)} of {len(entered)} log in with the old password, and have their picture")
            return not (good and all(entered))
        finally:
            site.run("stop")
            site.remove()


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main(int(sys.argv[1])))
