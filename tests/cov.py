# SPDX-License-Identifier: ISC
"""cov.py [quick]: which branches of src/ the tests took, by the counters that `make cov` left in build-cov/.

A branch is one side of one condition: true or false. Of the modules in WHOLE each branch is to be taken, or stands in
tests/cov.txt with its reason, a line "FILE | CONDITION | SIDE | REASON": FILE is a pattern, CONDITION how the
condition's source begins. The run fails for a branch that is neither, and for a line there that fits none. `quick` is a
run without the web tests: it only tells.
"""
import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build-cov"
WHOLE = re.compile(r"src/(jws|jwks?|guard|http|input\w*|pass\w*|tmpl\w*)\.c")


def measured():
    """What llvm-cov says of each file of src/, from the objects: they know it, whoever linked them."""
    merged, objects = BUILD / "counters.profdata", sorted((BUILD / "src").glob("*.o"))
    counters = sorted((BUILD / "counters").glob("*.profraw"))
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *counters], check=True)
    said = subprocess.run(["llvm-cov", "export", "-instr-profile", merged, objects[0],
                           *(word for path in objects for word in ("-object", path))],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    files = {Path(file["filename"]): file for file in json.loads(said.stdout)["data"][0]["files"]}
    return {str(path.relative_to(ROOT)): file for path, file in sorted(files.items()) if path.is_relative_to(ROOT)}


def source(name, first, left, last, right):
    """A piece of a file, in one line."""
    lines = (ROOT / name).read_text().split("\n")[first - 1:last]
    lines[-1] = lines[-1][:right - 1]
    lines[0] = lines[0][left - 1:]
    return " ".join(line.strip() for line in lines)


def missing(name, file):
    """(line, condition, side) of each branch of a file that was never taken."""
    branches = file["branches"] + [[*e["source_region"][:4], *branch[4:]]
                                   for e in file["expansions"] for branch in e["branches"]]
    for *where, taken, not_taken, _, _, _ in branches:
        for side, count in (("true", taken), ("false", not_taken)):
            if count == 0:
                yield where[0], source(name, *where), side


def reasons():
    """The lines of tests/cov.txt as (file, condition, side, reason); a condition may hold the separator, too."""
    for line in (ROOT / "tests" / "cov.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            file, *condition, side, reason = line.split(" | ")
            yield file, " | ".join(condition), side, reason


def main(quick):
    files, known = measured(), list(reasons())
    fitting, open_ = set(), 0
    print(f"{'':28}{'lines':>8}{'branches':>14}")
    for name, file in files.items():
        lines, branches = file["summary"]["lines"], file["summary"]["branches"]
        if branches["count"]:
            print(f"{name:28}{lines['percent']:>6.1f} %{branches['covered']:>8}/{branches['count']:<5}"
                  f"{branches['percent']:>6.1f} %")
    for name in filter(WHOLE.fullmatch, files):
        for line, condition, side in missing(name, files[name]):
            fits = [row for row in known if fnmatch.fnmatch(name, row[0]) and condition.startswith(row[1])
                    and side == row[2]]
            fitting.update(fits)
            open_ += not fits
            print(f"{name}:{line}: {condition}: {side}: {fits[0][3] if fits else 'NEVER TAKEN'}")
    stale = [row for row in known if row not in fitting]
    for row in stale:
        print(f"tests/cov.txt: no branch that was never taken fits: {' | '.join(row)}")
    if quick:
        print("make cov: without the web tests; nothing is judged")
    elif open_ or stale:
        sys.exit(f"make cov: {open_} branches without a reason, {len(stale)} reasons without a branch")


main(sys.argv[1:] == ["quick"])
