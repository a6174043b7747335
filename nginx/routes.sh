#!/bin/sh
# SPDX-License-Identifier: ISC
#
# routes.sh write|check PROGRAM...: turns what the programs say of themselves (PROGRAM --routes) into
# nginx/routes.conf, nginx/upstreams.conf.in, apache/routes.conf, apache/htaccess and the README's table, which
# are checked in. check writes nothing; it says which of them is out of date, and then fails.
#
# routes.sh locations|upstreams|apache|table: the same from standard input, to standard output.
#
# A row is a line `PROGRAM METHOD API_PATH PAGE_PATH GUARD`, tab separated, "-" for none; api paths
# stand under /api. A literal path becomes an exact location, :name one segment, :name+ the rest of
# the path. A row without any path, of the gate, has an upstream alone. Methods and guards are the
# programs' business. Output depends on the set of rows only.

set -eu
LC_ALL=C
export LC_ALL

usage() {
	echo "usage: routes.sh write|check PROGRAM... or routes.sh locations|upstreams|apache|table < rows" >&2
	exit 2
}

what=${1:-}
case $what in
write|check) [ $# -gt 1 ] || usage ;;
locations|upstreams|apache|table) [ $# -eq 1 ] || usage ;;
*) usage ;;
esac
shift

# Kind (1 exact, 2 pattern), sort key in which a literal segment stands before a parameter and that
# before the rest of a path, path, program.
paths() {
	awk -F '\t' '
	NF < 5 || $1 !~ /^[a-z][a-z0-9_]*$/ {
		print "routes.sh: not PROGRAM METHOD API_PATH PAGE_PATH GUARD: " $0 > "/dev/stderr"
		exit 1
	}
	$3 != "-" { put("/api" ($3 == "/" ? "" : $3), $1) }
	$4 != "-" { put($4, $1) }
	function put(path, program,    part, n, i, key, pattern, end) {
		if (path !~ /:/) {
			print "1\t" path "\t" path "\t" program
			return
		}
		n = split(path, part, "/")
		for (i = 2; i <= n; i++) {
			if (part[i] !~ /^:/) {
				key = key "/" part[i]
				gsub(/[.+]/, "\\\\&", part[i])
				pattern = pattern "/" part[i]
			} else if (part[i] ~ /\+$/) {
				key = key "/~~"
				pattern = pattern "/.+"
			} else {
				key = key "/~"
				end = part[i]
				sub(/^:[^.]*/, "", end)
				gsub(/[.]/, "\\\\&", end)
				pattern = pattern "/[^/]+" end
			}
		}
		print "2\t" key "\t" pattern "\t" program
	}' "$1"
}

one_owner() {
	awk -F '\t' '
	seen[$1, $3] { print "routes.sh: " $3 " belongs to " seen[$1, $3] " and to " $4 > "/dev/stderr"; bad = 1 }
	{ seen[$1, $3] = $4 }
	END { exit bad }' "$1"
}

said_by_programs() {
	for program; do
		"$program" --routes || { echo "routes.sh: $program --routes has failed" >&2; exit 1; }
	done
}

head_of_conf() {
	echo "# SPDX-License-Identifier: ISC"
	echo "#"
	echo "# Made by \`make routes\` from what each program says of itself (PROGRAM --routes). Not to be edited."
}

# The programs whose bodies may be larger than those of the others: limits.picture and limits.file, and
# 64 KB for the form around them. Where those settings are others, the numbers are to be, too; `make run`
# sees to it. What the second gives may be as long, and waits in a file of nginx for a slow client.
picture_bytes=5308416 file_bytes=1073807360
pictures="client_max_body_size $picture_bytes; "
files="client_max_body_size $file_bytes; fastcgi_max_temp_file_size $file_bytes; "

locations() {
	head_of_conf
	awk -F '\t' -v pictures="$pictures" -v files="$files" '
	function to(program) {
		return (program == "pictures" ? pictures : program == "files" ? files : "") "fastcgi_pass postern_" program ";"
	}
	$1 == 1 { exact = exact sprintf("location = %-32s { %s }\n", $3, to($4)) }
	$1 == 2 { match_ = match_ sprintf("location ~ %-32s { %s }\n", "^" $3 "$", to($4)) }
	END { printf "\n%s\n%s%s", exact, match_, match_ == "" ? "" : "\n" }' "$work/paths"
	echo "# Each program under its own name: /api/user.fcgi, /api/articles.fcgi/some-slug."
	names=$(cut -f 4 "$work/paths" | sort -u)
	for program in $(echo "$names" | grep -xE "files|pictures"); do
		more=$pictures
		[ "$program" = pictures ] || more=$files
		echo "location ~ ^/api/$program\\.fcgi(?:/|\$) { ${more}fastcgi_pass postern_$program; }"
	done
	names=$(echo "$names" | grep -vxE "files|pictures" | paste -sd '|' -)
	echo "location ~ ^/api/($names)\\.fcgi(?:/|\$) { fastcgi_pass postern_\$1; }"
}

upstreams() {
	head_of_conf
	echo "# The socket of a program stands twice, so that a dying worker costs nobody a GET."
	cat <<-'LOG'

		# What the client asked for, as it stood before an error sent the request elsewhere, and without the
		# query: a token may stand there.
		map $request $postern_asked {
		    default                      "-";
		    "~^(?<asked>[A-Z]+ [^?\s]*)" $asked;
		}
		log_format postern '$time_iso8601 $request_id $remote_addr $postern_asked $status '
		                   '$body_bytes_sent $request_time';
	LOG
	echo
	cut -f 1 "$work/rows" | sort -u | while read -r program; do
		printf 'upstream postern_%s {\n' "$program"
		printf '\tserver "unix:@VAR@/run/%s.sock" max_fails=0;\n' "$program" "$program"
		printf '}\n'
	done
}

table() {
	awk -F '\t' '
	function row(a, b, c, d, e) { printf "| %-12s | %-6s | %-28s | %-20s | %-6s |\n", a, b, c, d, e }
	function code(path) { return path == "-" ? "" : "`" path "`" }
	BEGIN { row("Program", "Method", "API path", "Page path", "Guard"); row("---", "---", "---", "---", "---") }
	{ row("`" $1 "`", $2, code($3 == "-" ? "-" : "/api" ($3 == "/" ? "" : $3)), code($4), $5) }' "$work/rows"
}

# Rules of mod_rewrite: rules BEFORE PREFIX BEHIND FLAGS: a path is "^BEFORE…", where it leads to is
# PREFIX, the program and BEHIND. The first that fits counts, as in nginx.
rules() {
	awk -F '\t' -v before="$1" -v prefix="$2" -v behind="$3" -v flags="$4" '
	function rule(pattern, program) {
		sub(/^\//, before, pattern)
		printf "RewriteRule \"^%s$\" \"%s%s%s\" [%s]\n", pattern, prefix, program, behind, flags
	}
	$1 == 1 { gsub(/[.+]/, "\\\\&", $3) }
	{ rule($3, $4) }' "$work/paths"
	cut -f 4 "$work/paths" | sort -u | while read -r program; do
		printf 'RewriteRule "^%sapi/%s\.fcgi(?:/|$)" "%s%s%s" [%s]\n' "$1" "$program" "$2" "$program" "$3" "$4"
	done
}

# paths_of PROGRAM: what leads to it, as one pattern.
paths_of() {
	of=$(awk -F '\t' -v program="$1" '
	$4 == program { if ($1 == 1) gsub(/[.+]/, "\\\\&", $3); print $3 "$" }' "$work/paths" | paste -sd '|' -)
	echo "(?:$of|/(?:api|postern-run)/$1\\.fcgi(?:/|\$))"
}

# limit PATTERN BYTES: of mod_rewrite, not of LimitRequestBody alone: mod_fcgid takes a body that is refused for an empty one.
limit() {
	cat <<-CONF
	RewriteCond "expr" "%{HTTP:Content-Length} -gt $2" [NV]
	RewriteRule "$1" "-" [R=413,L]
	CONF
}

apache() {
	head_of_conf
	pictures_at=$(paths_of pictures) files_at=$(paths_of files)
	cat <<-CONF
	#
	# Include this below proxy.conf or fcgid.conf, which say how a program is reached, and postern.conf.

	CONF
	limit "^$pictures_at" "$picture_bytes"
	limit "^$files_at" "$file_bytes"
	# shellcheck disable=SC2016 # Apache knows the word
	limit "!^(?:$pictures_at|$files_at)" '${POSTERN_BODY}'
	cat <<-CONF
	<LocationMatch "^$pictures_at">
		LimitRequestBody $picture_bytes
	</LocationMatch>
	<LocationMatch "^$files_at">
		LimitRequestBody $file_bytes
	</LocationMatch>

	CONF
	# shellcheck disable=SC2016 # Apache knows these words
	rules / '${POSTERN_TO}' '${POSTERN_END}' '${POSTERN_HOW},L'
	echo
	echo '# Whatever has no row: the program of the home page says so.'
	# shellcheck disable=SC2016
	echo 'RewriteRule "^/" "${POSTERN_TO}pages${POSTERN_END}" [${POSTERN_HOW},L]'
}

# The file between its marks alone: the rest is written by hand.
htaccess() {
	rules '' 'cgi-bin/' '.fcgi' END >"$work/rules"
	awk -v rules="$work/rules" '
	$0 == "# /routes" { skip = 0; marks++ }
	!skip { print }
	$0 == "# routes" {
		marks++
		while ((getline line < rules) > 0)
			print line
		skip = 1
	}
	END {
		if (skip || marks != 2) {
			print "routes.sh: apache/htaccess: one # routes and one # /routes are expected" > "/dev/stderr"
			exit 1
		}
	}' "$root/apache/htaccess"
}

# The README with a new table between its marks.
readme() {
	table >"$work/table"
	awk -v table="$work/table" '
	$0 == "<!-- /routes -->" { skip = 0; marks++ }
	!skip { print }
	$0 == "<!-- routes -->" {
		print ""
		while ((getline line < table) > 0)
			print line
		print ""
		skip = 1
		marks++
	}
	END {
		if (skip || marks != 2) {
			print "routes.sh: README.md: one <!-- routes --> and one <!-- /routes --> are expected" > "/dev/stderr"
			exit 1
		}
	}' "$root/README.md"
}

# put MAKER FILE: what it makes into the file, if it is not there yet; or say so.
put() {
	"$1" >"$work/new"
	if cmp -s "$work/new" "$root/$2"; then
		return
	elif [ "$what" = write ]; then
		cp "$work/new" "$root/$2"
	else
		echo "$2 is out of date: make routes"
		stale=1
	fi
}

root=$(cd "$(dirname "$0")/.." && pwd)
stale=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

if [ $# -gt 0 ]; then
	said_by_programs "$@" >"$work/said"
else
	cat >"$work/said"
fi
sort -u "$work/said" >"$work/rows"
paths "$work/rows" >"$work/unsorted"
sort -u "$work/unsorted" >"$work/paths"
[ -s "$work/paths" ] || { echo "routes.sh: there are no rows" >&2; exit 1; }
one_owner "$work/paths"

case $what in
write|check)
	put locations nginx/routes.conf
	put upstreams nginx/upstreams.conf.in
	put apache apache/routes.conf
	put htaccess apache/htaccess
	put readme README.md
	exit $stale
	;;
*) "$what" ;;
esac
