#!/bin/bash
# SPDX-License-Identifier: ISC
#
# analyze.sh FLAGS: what `make analyze` checks. Three analyzers read every C file of the programs, the tool
# and the fuzz targets, two at a time. Every check prints what is wrong and goes on; any finding fails the
# run. FLAGS are those of the build.
#
# What each is good for:
#   clang-tidy      a statement at a time: calls that are misused, results that nobody looks at (.clang-tidy).
#   scan-build      paths through a function and those of its file that it calls. The best of the three.
#   gcc -fanalyzer  the same by other rules, after the optimizer, which takes faults away: so without it. Of
#                   gcc 12 only memory, streams and null pointers count for much, and what it says may be
#                   wrong: a few lines here are written so that it can follow them.

# shellcheck disable=SC2317 # check calls the functions by name
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

PATIENCE=300                    # seconds, for one file and one analyzer
OUT=${BUILD:-build}/analyze     # scan-build's reports, to be read in a browser
FLAGS=("$@")
C=(src/*.c cgi-bin/*.c tests/fuzz/*.c)

# Beyond scan-build's own choice. The alpha checks on bounds are left out: each of their findings was
# wrong, for they do not know what strncmp, strcspn and snprintf say of a text.
CHECKERS=(security valist nullability optin.portability
	alpha.security.{MallocOverflow,MmapWriteExec,taint.TaintPropagation}
	alpha.security.cert.{env.InvalidPtr,pos.34c}
	alpha.unix.{SimpleStream,StdCLibraryFunctionArgs,cstring.BufferOverlap,cstring.NotNullTerminated}
	alpha.core.{BoolAssignment,Conversion,IdenticalExpr,PointerSub,SizeofPtr,StackAddressAsyncEscape}
	alpha.core.TestAfterDivZero)
# It wants memcpy_s and the like of C11's Annex K, which glibc does not have.
UNCHECKED=security.insecureAPI.DeprecatedOrUnsafeBufferHandling
failed=0

tidy() { timeout "$PATIENCE" clang-tidy --quiet "$1" -- "${FLAGS[@]}"; }

scan() {
	# shellcheck disable=SC2046 # a word each
	timeout "$PATIENCE" scan-build -o "$OUT" --status-bugs $(printf -- '-enable-checker %s ' "${CHECKERS[@]}") \
		-disable-checker "$UNCHECKED" gcc "${FLAGS[@]}" -c -o /dev/null "$1"
}

analyzer() { timeout "$PATIENCE" gcc "${FLAGS[@]}" -O0 -fanalyzer -Werror -c -o /dev/null "$1"; }

# one TOOL FILE: what the tool says of it, if it is not content.
one() {
	local said
	said=$("$@" 2>&1) || printf '%s\n' "$said" "$2: $1 is not content"
}

each() {
	local file
	for file in "${C[@]}"; do
		while (($(jobs -rp | wc -l) >= 2)); do wait -n; done
		one "$1" "$file" &
	done
	wait
}

# An analyzer that finds nothing, because of a flag or a file of settings, must not pass for a good one.
planted() {
	local tool found
	mkdir -p "$OUT"
	cat >"$OUT/planted.c" <<-'C'
		#include <stdlib.h>
		int main(int argc, char **argv)
		{
			char *p = malloc(1);
			free(p);
			if (argc > 1)
				free(p);
			return atoi(argv[0]);
		}
	C
	while read -r tool found; do
		one "$tool" "$OUT/planted.c" | grep -q -e "$found" || echo "$tool does not find $found"
	done <<-LIST
		tidy cert-err34-c
		scan unix.Malloc
		analyzer analyzer-double-free
	LIST
}

# check TITLE COMMAND...: whatever the command prints is a finding.
check() {
	local title=$1 found start=$SECONDS
	shift
	echo "     $title"
	found=$("$@" 2>&1)
	if [[ $found ]]; then
		echo "FAIL $title"
		printf '%s\n' "$found" | sed 's/^/  /'
		failed=1
	else
		echo "ok   $title, $((SECONDS - start)) s"
	fi
}

rm -rf "$OUT"
check "what is planted is found" planted
check "clang-tidy, ${#C[@]} files" each tidy
check "scan-build, ${#C[@]} files" each scan
check "gcc -fanalyzer, ${#C[@]} files" each analyzer
exit $failed
