# SPDX-License-Identifier: ISC
"""fuzz.py: runs the fuzz targets, replays and keeps their inputs.

tests/fuzz/corpus/NAME/ holds what people wrote, tests/fuzz/corpus/NAME.found what the fuzzer found, an input
a line in base64, and tests/fuzz/crashes/NAME/ every input that ever broke the target. What is new lies in
build-fuzz/new/NAME/ until it is kept.
"""
import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parent.parent / os.environ.get("FUZZED", "build-fuzz")
FILES, BYTES = 200, 150_000  # of what is kept of a target, at most
LONGEST = {"multipart": 16384, "jws": 12000, "tmpl": 1000}  # bytes of an input; else:
LONG = 4096


def unpacked(name):
    """The folder of what was found earlier, a file each."""
    folder = BUILD / "found" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packed = HERE / "corpus" / f"{name}.found"
    for i, line in enumerate(packed.read_text().split() if packed.exists() else []):
        (folder / f"{i:03}").write_bytes(base64.b64decode(line))
    return folder


def folders(name):
    """Where the inputs of a target are; the first is for new ones."""
    new = BUILD / "new" / name
    new.mkdir(parents=True, exist_ok=True)
    return [new, HERE / "corpus" / name, unpacked(name)]


def ends(why):
    sys.exit(f"make fuzz: {why}")


def cpu(pid):
    """Seconds of a processor that a process has had (proc(5): user and system time)."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def fuzzed(command, seconds):
    """Run the engine for so long of a processor, however busy the machine is: its end, words and time."""
    with tempfile.TemporaryFile() as errors, subprocess.Popen(command, stderr=errors) as engine:
        used = 0
        while engine.poll() is None:
            used = cpu(engine.pid)
            if used >= seconds:
                engine.send_signal(signal.SIGUSR1)      # libFuzzer says its figures, and ends
            time.sleep(0.2)
        errors.seek(0)
        return engine.returncode, errors.read().decode(errors="replace"), used


def run(seconds, names):
    for name in names:
        kept = HERE / "crashes" / name
        kept.mkdir(parents=True, exist_ok=True)
        before = set(kept.iterdir())
        words = HERE / "corpus" / f"{name}.dict"
        status, said, used = fuzzed(
            [BUILD / "engine" / name, f"-max_len={LONGEST.get(name, LONG)}", "-timeout=10",
             "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={kept}/",
             *([f"-dict={words}"] if words.exists() else []), *folders(name)], seconds)
        edges = re.findall(r"cov: (\d+)", said)
        runs = re.search(r"number_of_executed_units: (\d+)", said)
        print(f"  fuzz {name:10} {int(runs[1]) if runs else 0:>10,} executions"
              f" {edges[-1] if edges else 0:>6} edges {used:>6.0f} s", flush=True)
        if status != 0:
            print(said[-6000:])
            new = " ".join(str(path.relative_to(HERE.parent.parent)) for path in set(kept.iterdir()) - before)
            ends(f"{name} is broken by {new or 'more than one input: see above'}; mend it, and keep the file")
        if not any(kept.iterdir()):
            kept.rmdir()


def replay(names):
    start, total = time.monotonic(), 0
    for name in names:
        crashes = HERE / "crashes" / name
        inputs = sorted(path for folder in [HERE / "corpus" / name, unpacked(name), crashes]
                        if folder.exists() for path in folder.iterdir())
        if not inputs:
            ends(f"{name} has no inputs")
        done = subprocess.run([BUILD / "replay" / name, *inputs], capture_output=True, timeout=120,
                              encoding="utf-8", errors="replace")
        if done.returncode != 0:
            ends(f"{name} is broken by {done.stdout.splitlines()[-1]}\n{done.stderr}")
        total += len(inputs)
    print(f"fuzz targets: {len(names)}, {total} inputs in {time.monotonic() - start:.1f} s")


def keep(names):
    for name in names:
        least = BUILD / "least" / name
        shutil.rmtree(least, ignore_errors=True)
        least.mkdir(parents=True)
        new, written, found = folders(name)
        subprocess.run([BUILD / "engine" / name, "-merge=1", f"-max_len={LONGEST.get(name, LONG)}", least,
                        written, found, new], check=True, stderr=subprocess.DEVNULL)
        own = {path.read_bytes() for path in written.iterdir()}
        ways = {path.read_bytes() for path in least.iterdir()} - own
        ways = sorted(ways, key=lambda data: (len(data), data))
        step = max(1, len(ways) / FILES)  # small and large ones alike
        lines = [base64.b64encode(ways[int(i * step)]).decode() for i in range(int(len(ways) / step))]
        while sum(map(len, lines)) > BYTES:
            lines.pop()
        (HERE / "corpus" / f"{name}.found").write_text("".join(f"{line}\n" for line in sorted(lines)))
        print(f"  keep {name:10} {len(lines)} of {len(ways)} inputs, {sum(map(len, lines)):,} bytes")


if sys.argv[1] == "run":
    run(int(sys.argv[2]), sys.argv[3:])
else:
    {"replay": replay, "keep": keep}[sys.argv[1]](sys.argv[2:])
