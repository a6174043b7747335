#!/bin/bash
# SPDX-License-Identifier: ISC
#
# deb.sh FOLDER: builds the Debian package of this checkout in FOLDER, from a copy of its own, and lets
# lintian look at it. For `make deb`.

set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
source=$folder/source

rm -rf "$source" "$folder"/*.deb
mkdir "$source"
tar -C "$here" --exclude=./.git --exclude='./build*' --exclude=./var -c . | tar -C "$source" -x
cp -r "$here/packaging/debian" "$source/debian"
(cd "$source" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -b -uc -us -j2) >"$folder/log" 2>&1 ||
	{ tail -n 20 "$folder/log" >&2; exit 1; }
lintian --fail-on error "$folder"/postern_*.changes
printf '%s\n' "$folder"/postern_*.deb
