#!/bin/bash
# SPDX-License-Identifier: ISC
#
# unpack.sh FOLDER: the files of the package in FOLDER/package as FOLDER/unpacked, and FOLDER/programs as the tests want
# them (INSTALLED): the tool, and beside it cgi-bin/ and doc/. For `make test-deb`.

set -eu
cd "$1"
rm -rf unpacked programs
dpkg-deb -x package/postern_*.deb unpacked
mkdir programs
ln -s ../unpacked/usr/bin/postern programs/postern
ln -s ../unpacked/usr/lib/postern programs/cgi-bin
ln -s ../unpacked/usr/share/postern/doc programs/doc
