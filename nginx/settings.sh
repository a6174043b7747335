# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154 # VAR, NGINX, PORT and the like are those of site.sh
#
# settings.sh, a part of site.sh: writes postern.conf and the files of secrets, once, and fills in
# what is made anew at each start.

# write FILE MODE: standard input, in one stroke.
write() { cat >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1"; }

# Standard input with the words between at signs replaced.
fill() {
	local text word
	text=$(cat)
	for word in VAR NGINX BUILD URLS PORT BODY TLS TLS_PORT OWN CSP; do
		text=${text//"@$word@"/"${!word-}"}
	done
	printf '%s\n' "$text"
}

# The settings are the owner's once they are written; only folder and port are kept up to date.
settings() {
	local text old class
	text=$(cat "$POSTERN_CONFIG" 2>/dev/null || cat "$NGINX/postern.conf.in")
	old=$(sed -n 's|^socket *= *\(/.*\)/run/db\.sock$|\1|p' <<<"$text" | head -n 1)
	[[ $old ]] && text=${text//"$old/"/"$VAR/"}
	fill <<<"$text" |
		sed -E "s,^(urls *= *)http://127\.0\.0\.1:[0-9]+( http://localhost:[0-9]+)?\$,\1$URLS," |
		write "$POSTERN_CONFIG" 0644
	for class in owner credentials content gate pictures mail; do
		[[ -e $VAR/$class.conf ]] || account "$class" | write "$VAR/$class.conf" 0400
	done
}

# 32 random bytes that nobody sees: they are in no argument and in no log.
secret() {
	printf '%s = ' "$1"
	od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
	echo
}

account() {
	printf '[database]\nuser = postern_%s\n' "$1"
	secret password
	[[ $1 != content ]] || { printf '[metrics]\n' && secret key; }
	[[ $1 != mail ]] || { printf '[mail]\n' && secret key; }
}
