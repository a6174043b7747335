#!/bin/bash
# SPDX-License-Identifier: ISC
#
# home.sh FOLDER BUILD: fills a folder of a shared host, which is the root of a site there: cgi-bin/ with the
# programs, .htaccess, static files, templates, error pages, the tool in bin/. What is there already and ours is
# replaced; settings, keys and whatever else is there stay. For `make home`.

set -eu
folder=$1 build=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

install -d "$folder"/{doc,cgi-bin,bin,errors,static,templates,sql}
install -s -m 0700 "$build"/cgi-bin/*.fcgi "$folder/cgi-bin"
install -s -m 0700 "$build/postern" "$folder/bin"
for part in static templates sql; do
	cp -r --no-preserve=mode,ownership "$root/$part/." "$folder/$part"
done
install -m 0644 "$build/doc/openapi.json" "$folder/doc"
install -m 0644 "$root"/apache/errors/*.json "$folder/errors"
install -m 0644 "$root/apache/htaccess" "$folder/.htaccess"
install -m 0600 "$root/systemd/postern.conf" "$folder/postern.conf.sample"
