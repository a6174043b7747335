#!/bin/bash
# SPDX-License-Identifier: ISC
#
# install.sh FOLDER PREFIX PROGRAM...: puts the units into FOLDER, with the paths of PREFIX; for each program
# drop-ins with the user of its class (PROGRAM --class), workers and places; and makes them all parts of
# postern.target. For `make install`.

set -eu
folder=$1 prefix=$2
shift 2
here=$(dirname "${BASH_SOURCE[0]}")

# shellcheck source=nginx/processes.sh
source "$here/../nginx/processes.sh"

install -d "$folder/postern.target.wants"
for unit in "$here"/postern*.{service,socket,target,timer}; do
	sed "s,/usr/lib/postern,$prefix/lib/postern,; s,/usr/bin/postern,$prefix/bin/postern," "$unit" \
		>"$folder/$(basename "$unit")"
done
for program; do
	name=$(basename "$program" .fcgi)
	install -d "$folder/postern@$name.service.d" "$folder/postern@$name.socket.d"
	printf '[Service]\nUser=postern-%s\nEnvironment=WORKERS=%s\n' "$("$program" --class)" "$(workers_of "$name")" \
		>"$folder/postern@$name.service.d/class.conf"
	printf '[Socket]\nBacklog=%s\n' "$(places_of "$name")" >"$folder/postern@$name.socket.d/places.conf"
	ln -sf ../postern@.socket "$folder/postern.target.wants/postern@$name.socket"
done
