#!/bin/bash
# SPDX-License-Identifier: ISC
#
# setup.sh POSTERN [OPTION...]: what `postern setup` does, as root, after the files were installed: users and
# folders, settings, passwords, the database, keys, error pages, a site of nginx, the units, and a link for
# the first admin. What is there stays, so it may be run again after whatever stopped it. No password is in
# an argument or on the screen, and none is one that people could know.

set -u
umask 022
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

ETC=/etc/postern
ERRORS=/var/lib/postern/errors
CLASSES=(owner credentials content gate pictures mail)
tool=$1
share=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
unset POSTERN_CONFIG
shift

say() { printf '%s\n' "$*"; }
die() { printf 'postern: %s\n' "$*" >&2; exit 1; }

options() {
	name='' url='' join='' admin='' mail='' ask=1
	while (($#)); do
		case $1 in
		--name|--url|--join|--admin|--mail)
			(($# > 1)) || die "$1 wants a word behind it"
			printf -v "${1#--}" %s "$2"
			shift ;;
		--non-interactive) ask='' ;;
		*) die "usage: postern setup [--name NAME] [--url ADDRESS] [--join open|confirm|approve|invite|closed]" \
			"[--admin NAME] [--mail MAIL] [--non-interactive]" ;;
		esac
		shift
	done
	[[ -t 0 ]] || ask=''
}

# question VARIABLE TEXT [DEFAULT]: asks for what no option said.
question() {
	local -n word=$1
	[[ ! $word ]] || return
	[[ ! $ask ]] || read -rep "$2${3:+ [$3]}: " word
	word=${word:-${3:-}}
}

plain() { [[ $1 != *[[:cntrl:]]* ]]; }

setting() { "$tool" config | sed -n "s/^$1 = //p"; }

users() {
	local lib
	lib=$(realpath -m "$share/../../lib")
	[[ -e $lib/sysusers.d/postern.conf ]] || die "nothing is installed around $share: make install does that"
	systemd-sysusers "$lib/sysusers.d/postern.conf" || die "the system users could not be made"
	systemd-tmpfiles --create "$lib/tmpfiles.d/postern.conf" || die "the folders could not be made"
}

settings() {
	[[ ! -e $ETC/postern.conf ]] || return 0
	question name "What is the site called?" Postern
	question url "Its address, such as https://www.example.org"
	question join "Who may join: open, confirm, approve, invite, closed" invite
	[[ $url ]] || die "--url says under which address the site will be"
	plain "$name$url$join" || die "name, address and who may join are a line each"
	sed -e "/^name = Postern/c\\name = ${name//\\/\\\\}" -e "/^urls = /c\\urls = ${url//\\/\\\\}" \
		-e "/^registration = /c\\registration = ${join//\\/\\\\}" "$share/postern.conf.sample" >$ETC/postern.conf.new
	# What is wrong with it is said before it stays.
	POSTERN_CONFIG=$ETC/postern.conf.new "$tool" config >/dev/null || { rm $ETC/postern.conf.new; exit 1; }
	mv $ETC/postern.conf.new $ETC/postern.conf
	say "$ETC/postern.conf is written; the mail server stands in it, below [mail]"
}

# 32 bytes that nobody sees.
random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; echo; }

secrets() {
	local class file
	for class in "${CLASSES[@]}"; do
		file=$ETC/$class.conf
		[[ ! -e $file ]] || continue
		install -m 0400 -o "postern-$class" /dev/null "$file.new"
		{
			printf '[database]\nuser = postern_%s\npassword = %s\n' "$class" "$(random)"
			[[ $class != mail ]] || printf '[mail]\nkey = %s\n' "$(random)"
		} >"$file.new"
		mv "$file.new" "$file"
	done
}

# The owner's account, which makes the others; for root of the server.
owner_sql() {
	local account host=% proof=unix_socket password
	[[ ! $(setting database.socket) ]] || host=localhost
	account=$(setting database.user)@\'$host\'
	password=$(sed -n 's/^password *= *//p' $ETC/owner.conf)
	[[ $password =~ ^[[:alnum:]]*$ ]] || die "the password in $ETC/owner.conf must be of letters and digits"
	[[ ! $password ]] || proof="mysql_native_password USING PASSWORD('$password')"
	cat <<-SQL
		CREATE DATABASE IF NOT EXISTS \`$(setting database.name)\` CHARACTER SET utf8mb4;
		GRANT CREATE USER ON *.* TO $account IDENTIFIED VIA $proof;
		GRANT ALL ON \`$(setting database.name)\`.* TO $account WITH GRANT OPTION;
	SQL
}

by_socket() { owner_sql | mariadb --no-defaults --binary-mode --socket="$(setting database.socket)" --user=root 2>/dev/null; }

database() {
	local sql=$ETC/database.sql
	if ! "$tool" migrate status >/dev/null 2>&1 && ! by_socket; then
		install -m 0600 /dev/null $sql
		owner_sql >$sql
		die "the database cannot be reached as its root: let the server run $sql (mariadb <$sql)," \
			"then run postern setup again"
	fi
	rm -f $sql
	"$tool" migrate up >/dev/null || exit
	say "the database is ready"
}

keys() {
	[[ -e $(setting token.keys) ]] || "$tool" key new 2>/dev/null || exit
	[[ -e $(setting token.share_key) ]] || "$tool" key share || exit
	"$tool" static $ERRORS || exit
}

# What stands in front: a site of nginx as Debian keeps them, if there is none yet.
site() {
	local first host port=80 file=/etc/nginx/sites-available/postern six=''
	[[ -d /etc/nginx/sites-available ]] || return 0
	[[ -e /etc/nginx/postern ]] || ln -s "$share/nginx" /etc/nginx/postern
	if [[ ! -e $file ]]; then
		first=$(setting site.urls)
		first=${first%% *}
		host=${first#*://}
		[[ $first != http://*:* ]] || port=${host##*:}
		[[ ! -s /proc/net/if_inet6 ]] || six=$'\n\tlisten [::]:'"$port;"
		cat >$file <<-NGINX
			# Made by postern setup, and yours from now on. TLS: certbot --nginx -d ${host%:*}
			include postern/upstreams.conf;
			include $ERRORS/cors.conf;
			fastcgi_cache_path /var/cache/postern keys_zone=postern_pictures:1m max_size=64m use_temp_path=off;

			server {
				listen $port;$six
				server_name ${host%:*};
				access_log /var/log/nginx/access.log postern;   # without queries: tokens may stand there
				error_log /var/log/nginx/error.log alert;       # lower levels repeat them
				include $ERRORS/nginx.conf;
			}
		NGINX
		ln -sf ../sites-available/postern /etc/nginx/sites-enabled/postern
		say "$file is written"
	fi
	nginx -t -q || die "nginx does not take its settings: see above"
	[[ -d /run/systemd/system ]] && reload_nginx
}

# Only with settings that it has not read: nginx closes kept connections as it reloads, and a request that is
# on its way in one of them is lost.
reload_nginx() {
	local now
	now=$(nginx -T -q 2>/dev/null | sha256sum)
	[[ $now != "$(cat /run/postern/nginx.sum 2>/dev/null)" ]] || return 0
	systemctl try-reload-or-restart nginx.service && printf '%s\n' "$now" >/run/postern/nginx.sum
}

units() {
	[[ -d /run/systemd/system ]] || return 0
	systemctl daemon-reload
	systemctl enable --quiet --now postern.target
	systemctl try-restart 'postern@*.service' postern-mail.service
}

# Nobody knows the password; the link leads to a page that sets one.
first_admin() {
	"$tool" user list | cut -f 4 | grep -q '^admin' && return
	question admin "The first admin's name"
	question mail "and mail address"
	[[ $admin && $mail ]] || die "nobody is an admin yet: postern setup --admin NAME --mail ADDRESS"
	random | "$tool" user add "$admin" "$mail" --admin || exit
	say "$admin is an admin. This link sets the password, once, for an hour" \
		"(postern user link $admin --password makes another):"
	"$tool" user link "$admin" --password
}

main() {
	options "$@"
	((EUID == 0)) || die "setup changes the machine: run it as root"
	users
	settings
	secrets
	database
	keys
	units
	site
	first_admin
}

main "$@"
