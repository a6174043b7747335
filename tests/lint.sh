#!/bin/bash
# SPDX-License-Identifier: ISC
#
# lint.sh: what `make lint` checks. Every check prints what is wrong and goes on; any finding fails the
# run. Sizes and layers are the rules of CONTRIBUTING.md.

# shellcheck disable=SC2317 # check calls the functions by name
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

FILE_LINES=380 FUNCTION_LINES=55 LINE_CHARS=110
C=(src/*.[ch] cgi-bin/*.c tests/unit/*.c tests/bench/*.c tests/faults/*.c tests/fuzz/*.[ch])
failed=0

fail() {
	printf '%s\n' "$@" | sed 's/^/  /'
	failed=1
}

# check TITLE COMMAND...: whatever the command prints is a finding.
check() {
	local title=$1 found
	shift
	found=$("$@" 2>&1)
	if [[ $found ]]; then
		echo "FAIL $title"
		fail "$found"
	else
		echo "ok   $title"
	fi
}

# Warnings and errors alone: they come by standard error.
build() { make -s -j2 CC="$1" BUILD="build-$1" WERROR=1 all unit-build fuzz-objects >/dev/null; }

headers_alone() {
	local h
	for h in src/*.h; do
		gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Isrc -x c - <<<"#include \"$(basename "$h")\"
#include \"$(basename "$h")\"" || echo "$h does not compile alone"
	done
}

# The layers, lowest first. A file may include its own layer and those below.
layer_of() {
	case $1 in
	mem|mem_*|err|log|metrics|metrics_*|conf|conf_*|text|text_*|agent|fd|filter) echo 0 ;;
	json|http|http_*|multipart|multipart_*|cookie|fcgi|fcgi_*|db|db_*|maria|maria_*|sql|xml|tmpl|tmpl_*|theme|pass|pass_*|jws|jwk|jwks|markdown|kind) echo 1 ;;
	mime|mime_*|post|post_*|picture|picture_*|sheet|ask) echo 1 ;;
	event|user|avatar|article|article_*|tag|comment|comment_*|profile|group|admin|session|throttle|token|token_*|one_time|personal|bulk|file|file_*|share) echo 2 ;;
	letter|mailing|outbox|outbox_*) echo 2 ;;
	route|guard|cors|input|input_*|browser|view|view_*|pager|listing|queue|account|device|once|gate|gate_*|stream|filing|repeat) echo 3 ;;
	serve|serve_*|cli|cli_*|spec|spec_*) echo 4 ;;
	*) echo "" ;;
	esac
}

layers() {
	local file name mine other theirs
	for file in src/*.[ch]; do
		name=$(basename "${file%.*}")
		mine=$(layer_of "$name")
		[[ $mine ]] || { echo "$file: in no layer (tests/lint.sh)"; continue; }
		while read -r other; do
			theirs=$(layer_of "$other")
			[[ $theirs && $theirs -le $mine ]] || echo "$file (layer $mine) includes $other.h (layer ${theirs:-?})"
		done < <(sed -n 's/^#include "\(.*\)\.h"$/\1/p' "$file")
	done
}

# header file: the only one that may include it (libcurl speaks two protocols, a file each)
libraries() {
	local header owner
	while read -r header owner; do
		grep -lE "#include <(.*/)?$header>" src/* cgi-bin/* | grep -v "^src/$owner$" |
			sed "s|$| includes $header, which is $owner's|"
	done <<-LIST
		mysql.h maria_parts.h
		fcgiapp.h fcgi.c
		crypt.h pass.c
		ini.h conf.c
		jpeglib.h picture_jpeg.c
		png.h picture_png.c
		decode.h picture_webp.c
		encode.h picture_webp.c
		exif-data.h picture_exif.c
		cmark.h markdown.c
		csv.h sheet.c
		curl.h \(post_smtp\|ask\)\.c
		magic.h kind.c
	LIST
}

banned() {
	grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|atoll|atof|gets|scanf|sscanf|fscanf|alloca|system|popen|tmpnam|mktemp|rand|srand)[[:space:]]*\(' \
		src/*.[ch] cgi-bin/*.c | grep -vE ':\s*(\*|/\*)'
	grep -nE 'FCGX_FPrintF|FCGX_VFPrintF|mysql_real_query|mysql_real_escape_string' src/*.[ch] cgi-bin/*.c |
		grep -vE ':\s*(\*|/\*)'
}

# SQL is a literal (the db_ macros refuse anything else); nobody goes round them, or prints a query.
built_sql() {
	grep -nE '\bdb_(row|rows|run|apart|bytes)_of[[:space:]]*\(' src/*.c cgi-bin/*.c | grep -v '^src/db\.c:'
	grep -nE '\bmaria_(run|query|script)[[:space:]]*\(' src/*.c cgi-bin/*.c | grep -vE '^src/(db|maria)\.c:'
	grep -nE '(mem_print|snprintf|json_sprintf)\(.*"(SELECT|INSERT|UPDATE|DELETE|REPLACE) ' src/*.c cgi-bin/*.c
}

sizes() {
	wc -l "${C[@]}" nginx/*.sh apache/*.sh systemd/*.sh packaging/*.sh tests/*/*.py | awk -v most="$FILE_LINES" '$2 != "total" && $1 > most {print $2 ": " $1 " lines"}'
	awk -v most="$FUNCTION_LINES" '
		FNR == 1 { start = 0 }
		/^\{/ { start = FNR }
		/^\}/ && start { if (FNR - start - 1 > most) print FILENAME ":" start ": a function of " FNR - start - 1 " lines"; start = 0 }
	' src/*.c cgi-bin/*.c
	expand -t8 src/*.[ch] cgi-bin/*.c | awk -v most="$LINE_CHARS" 'length > most {print "a line of " length " columns: " $0}'
}

spdx() {
	local file
	git ls-files -co --exclude-standard '*.c' '*.h' '*.sh' '*.py' '*.lua' '*.sql' '*.conf' '*.in' Makefile '.ci/run' |
		while read -r file; do
			[[ -e $file ]] || continue
			head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ISC' || echo "$file: no SPDX line"
		done
}

unasserted() {   # a C file without a comment that says what it owns
	local file
	for file in src/*.c cgi-bin/*.c; do
		sed -n 2p "$file" | grep -q '^/\*' || echo "$file: the second line should begin its comment"
	done
}

check "gcc, warnings are errors" build gcc
check "clang, warnings are errors" build clang
check "each header compiles alone" headers_alone
check "includes point down the layers" layers
check "a library's header has one user" libraries
check "banned calls" banned
check "SQL stands in literals" built_sql
check "sizes of files and functions" sizes
check "SPDX lines" spdx
check "each file says what it owns" unasserted
check "clang-format" clang-format --dry-run -Werror "${C[@]}"
check "cppcheck" cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	--suppress=missingIncludeSystem --error-exitcode=0 -Isrc -DPOSTERN_VERSION='""' src cgi-bin
check "shellcheck" shellcheck -x nginx/*.sh apache/*.sh systemd/*.sh packaging/*.sh tests/*.sh .ci/run packaging/debian/{config,postinst,prerm,postrm}
check "generated routes are up to date" nginx/routes.sh check build-gcc/cgi-bin/*.fcgi
exit $failed
