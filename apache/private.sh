# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154,SC2034 # VAR, BUILD and the like are those of site.sh; fill takes words by name
#
# private.sh, a part of site.sh: Apache in the place of nginx, WEB=proxy, fcgid or cgi. What is included is what
# a real server includes; under cgi, what apache/home.sh makes of a folder on shared hosting.

# Apache refuses to be root, and lets its user for strangers read nothing of ours: a root of another name, who
# has the rights of root to its own files and no others.
not_root() { ((EUID)) || echo unshare --user --map-user=33 --map-group=33; }

# The settings of the environment, as a line of Apache each.
told_apache() {
	local name value
	for name in $(compgen -v POSTERN_); do
		[[ $(declare -p "$name") == "declare -x "* ]] || continue
		value=${!name//\\/\\\\}
		[[ $1 == fcgid ]] && printf 'FcgidInitialEnv %s "%s"\n' "$name" "${value//\"/\\\"}"
		[[ $1 == cgi ]] && printf 'PassEnv %s\n' "$name"
	done
}

apache_modules() {
	local module
	for module in mpm_event authz_core rewrite headers alias mime setenvif env unique_id ssl proxy proxy_fcgi fcgid cgid; do
		echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
	done
}

start_apache() {
	local root=$NGINX/..
	apache_modules >"$VAR/run/modules.conf"
	told_apache "$WEB" >"$VAR/run/told.conf"
	sed -E -e "s/(LimitRequestBody|-gt) 5308416/\1 $((PICTURE + 65536))/" \
		-e "s/(LimitRequestBody|-gt) 1073807360/\1 $((FILE + 65536))/" "$root/apache/routes.conf" >"$VAR/run/routes.conf"
	if [[ $WEB == cgi ]]; then
		rm -rf "$VAR/www"
		"$root/apache/home.sh" "$VAR/www" "$BUILD" || die "the folder of the site could not be made"
		[[ ! -d $OWN/static || $OWN == "$NGINX"* ]] || cp -r "$OWN/static/." "$VAR/www/static"   # as the owner would
		cp "$VAR"/errors/*.html "$VAR/www/errors/"
		for name in security.txt openapi.json; do
			[[ ! -e $VAR/errors/$name ]] || cp "$VAR/errors/$name" "$VAR/www/errors/"
		done
	fi
	fill <"$root/apache/$WEB.conf.in" >"$VAR/run/web.conf"
	fill <"$root/apache/private.conf.in" >"$VAR/run/apache.conf"
	if [[ ${TLS_PORT:-} ]]; then
		tls >/dev/null
		fill <"$root/apache/tls.conf.in" >>"$VAR/run/apache.conf"
	fi
	# shellcheck disable=SC2046 # some words or none
	launch apache $(not_root) apache2 -f "$VAR/run/apache.conf" -D FOREGROUND
}
