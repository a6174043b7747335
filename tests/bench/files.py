# SPDX-License-Identifier: ISC
"""make bench-files N=1024: a file of so many MiB up and down, in seconds, with the peak memory of each worker;
beside PHP, which writes an upload to its folder and reads it back (php-cgi behind the same nginx), and beside
the bare nginx, for the way down."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "web"))
from conftest import Site  # noqa: E402
from workers import children, workers  # noqa: E402

MOST = 16_000_000       # bytes of memory that a worker of ours may take
PHP = """<?php
$to = '{var}/php.bin';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {{ move_uploaded_file($_FILES['inputFile']['tmp_name'], $to); echo 'ok'; }}
else {{ header('Content-Length: ' . filesize($to)); while (ob_get_level()) ob_end_clean(); readfile($to); }}
"""
LOCATIONS = """
location = /php {{
	fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;
	fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param CONTENT_TYPE $content_type;
	client_max_body_size 0; fastcgi_max_temp_file_size 0;
	fastcgi_param SCRIPT_FILENAME {var}/php.php; fastcgi_param REDIRECT_STATUS 200;
	fastcgi_pass unix:{var}/php.sock;
}}
location = /bare {{ alias {var}/big; }}
"""


def big(path, pieces):
    digest = hashlib.sha256()
    with path.open("wb") as to:
        for _ in range(pieces):
            piece = os.urandom(1 << 20)
            digest.update(piece)
            to.write(piece)
    return digest.hexdigest()


def timed(*curl):
    start = time.monotonic()
    done = subprocess.run(["curl", "-sS", "--fail", *curl], capture_output=True, text=True, check=True)
    return time.monotonic() - start, done.stdout


def down(site, path, digest, *more):
    """Seconds to read it; hashing goes along."""
    start = time.monotonic()
    curl = subprocess.Popen(["curl", "-sS", "--fail", *more, site.url + path], stdout=subprocess.PIPE)
    found = hashlib.file_digest(curl.stdout, "sha256").hexdigest()
    assert curl.wait() == 0 and found == digest, f"{path} came back as something else"
    return time.monotonic() - start


def peak(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def start_php(site):
    (site.var / "php.php").write_text(PHP.format(var=site.var))
    unlimited = [f"-dupload_tmp_dir={site.var}", "-dupload_max_filesize=64G", "-dpost_max_size=64G", "-dmax_execution_time=0",
                 "-dmemory_limit=128M"]
    return subprocess.Popen(["php-cgi", "-b", f"{site.var}/php.sock", *unlimited], stderr=subprocess.DEVNULL,
                            env={**os.environ, "PHP_FCGI_CHILDREN": "2"})


def main(pieces):
    site = Site({"POSTERN_LIMITS_FILE": str(max(pieces, 1024) << 20), "POSTERN_LIMITS_FILES": str(1 << 40)})
    (site.var / "locations").mkdir()
    (site.var / "locations" / "bench.conf").write_text(LOCATIONS.format(var=site.var))
    php = start_php(site)
    try:
        site.start()
        token = f"Authorization: Token {site.register()['token']}"
        digest = big(site.var / "big", pieces)
        file = f"inputFile=@{site.var}/big"
        took, said = timed("-H", token, "-F", "description=big", "-F", file, site.url + "/api/files")
        stored = json.loads(said)["file"]
        assert stored["sha256"] == digest and stored["size"] == pieces << 20
        back = down(site, stored["url"], digest, "-H", token)
        ours = [peak(pid) for pid in workers(site, "files")]
        php_up, _ = timed("-F", file, site.url + "/php")
        php_down = down(site, "/php", digest)
        theirs = [peak(pid) for pid in children(php.pid)]
        bare = down(site, "/bare", digest)
        print(f"{pieces} MiB, byte-identical      up      down   peak memory of each worker")
        print(f"  files, into the database {took:6.1f} s {back:6.1f} s  ", *(f"{p / 1e6:.1f} MB" for p in ours))
        print(f"  PHP, into a folder       {php_up:6.1f} s {php_down:6.1f} s  ", *(f"{p / 1e6:.1f} MB" for p in theirs))
        print(f"  nginx alone                     - {bare:6.1f} s")
        return max(ours) >= MOST
    finally:
        php.terminate()
        site.run("stop")
        site.remove()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
