#!/bin/bash
# SPDX-License-Identifier: ISC
#
# site.sh run|start|stop|status|install: a whole Postern in one folder, for the make targets of
# these names. Owns VAR (data, settings, keys, sockets, logs) and every process it starts there: a
# private MariaDB that is reached by its unix socket only, the programs of BUILD under spawn-fcgi
# and multiwatch, and an own nginx on 127.0.0.1:PORT. Refuses to know what the programs do; asks
# them (--check) and the `postern` tool instead.
#
#   VAR=folder (./var)   PORT=number (8080)   BUILD=folder (./build)   WORKERS=n (2, login 4, rare ones 1)
#   TIDY=seconds (600): how often postern tidy runs
#   MAIL=no: without postern mail
#   TLS_PORT=number (none): also HTTPS there, with a certificate that nobody has signed

set -u
umask 077
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

NGINX=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(realpath -m -- "${BUILD:-build}")
VAR=$(realpath -m -- "${VAR:-var}")
PORT=${PORT:-8080}
URL=http://127.0.0.1:$PORT
URLS="$URL http://localhost:$PORT"
export POSTERN_CONFIG=$VAR/postern.conf

shown=${VAR#"$PWD/"}   # VAR as people see it
first=''               # is it the first start
in_step=''             # is the line of a step open
nap=''                 # the sleep between two looks at the processes
tell=2                 # where errors are told

say() { printf '%s\n' "$*"; }
die() { printf '%spostern: %s\n' "${in_step:+failed$'\n'}" "$*" >&"$tell"; exit 1; }

# step TEXT COMMAND...: on the first start, says what takes its time, and how long it took.
step() {
	local text=$1 since=$SECONDS
	shift
	[[ $first ]] || { "$@"; return; }
	in_step=1
	printf '  %-36s' "$text ..."
	"$@"
	in_step=
	say "done ($((SECONDS - since)) s)"
}

# shellcheck source=nginx/processes.sh
source "$NGINX/processes.sh"
# shellcheck source=nginx/settings.sh
source "$NGINX/settings.sh"

programs() {
	local file
	for file in "$BUILD"/cgi-bin/*.fcgi; do
		[[ -x $file ]] && basename "$file" .fcgi
	done
}

check_tools() {
	local tool
	[[ -x $BUILD/postern && $(programs) ]] || die "nothing is built in $BUILD; run make"
	for tool in mariadbd mariadb-install-db nginx spawn-fcgi multiwatch; do
		command -v "$tool" >/dev/null || die "$tool is missing; make packages says what is needed"
	done
}

check_folder() {
	local name path
	[[ $VAR != *[\"\'\\\$\;\#\{\}\*\?\[\]\<\>\|\&\`:@]* && $VAR != *[[:cntrl:]]* ]] ||
		die "VAR may not hold quotes or other special characters: $VAR"
	for name in db $(programs); do
		path=$VAR/run/$name.sock
		((${#path} <= 107)) || die "VAR is too long: the path of a unix socket ends at 107 bytes," \
			"$path has ${#path}; choose another folder: make run VAR=/tmp/postern"
	done
	[[ ! -e $VAR || -O $VAR ]] ||
		die "$VAR belongs to $(stat -c %U "$VAR"); choose another folder: make run VAR=folder"
	mkdir -p "$VAR"/{run/pids,log,tmp,locations} 2>/dev/null || die "cannot write to $VAR"
	ln -sfn "$NGINX" "$VAR/run/postern"   # include postern/…, as in /etc/nginx
}

check_port() {
	[[ $PORT =~ ^[1-9][0-9]{0,4}$ && $PORT -lt 65536 ]] || die "PORT is not a port number: $PORT"
	(exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || return 0
	die "port $PORT is taken; choose another: make run PORT=$((PORT < 65000 ? PORT + 1 : 8081))"
}

only_one() {
	exec 9>"$VAR/run/lock"
	flock -n 9 || die "already running in $shown; make status shows it, make stop ends it"
	stop_all   # what a killed run may have left
	pid_file site $$
}

as_root() { ((EUID)) || echo --user=root; }

create_database() {
	rm -rf "$VAR/db.new"
	cd "$VAR" || die "cannot enter $VAR"   # mariadb-install-db knows no blanks in its paths
	# A folder for temporary tables that is its own: each server empties it as it starts.
	# shellcheck disable=SC2046 # one word or none
	TMPDIR=$VAR/tmp mariadb-install-db --no-defaults --datadir=./db.new --innodb-log-file-size=32M $(as_root) \
		--auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
		--skip-test-db --skip-name-resolve \
		>log/db.log 2>&1 </dev/null || die "the database could not be made; $(see db)"
	mv db.new db
	cd "$OLDPWD" || exit
}

# The server itself makes the owner's account as it starts. The system user who runs it may also
# come in as its root, by unix_socket; nobody else can reach the socket.
owner_sql() {
	local password
	password=$(sed -n 's/^password *= *//p' "$VAR/owner.conf")
	[[ $password =~ ^[[:alnum:]]+$ ]] ||
		die "the password in $shown/owner.conf must be of letters and digits"
	cat <<-SQL
		CREATE DATABASE IF NOT EXISTS postern CHARACTER SET utf8mb4;
		GRANT CREATE USER ON *.* TO postern_owner@localhost IDENTIFIED BY '$password';
		GRANT ALL ON postern.* TO postern_owner@localhost WITH GRANT OPTION;
	SQL
}

start_database() {
	owner_sql >"$VAR/run/init.sql"
	# shellcheck disable=SC2046 # one word or none
	launch db "$(command -v mariadbd)" --defaults-file="$VAR/run/mariadb.cnf" $(as_root) \
		--init-file="$VAR/run/init.sql"
	await db "the database"
}

tool() {
	local said
	said=$("$BUILD/postern" "$@" 2>&1 </dev/null 9>&-) ||
		die "postern $* failed: ${said##*$'\n'}"
}

# Tables, accounts and keys are asked for at each start; what is there already costs nothing.
fill_database() {
	tool migrate up
	rm -f "$VAR/run/init.sql"
	[[ -e $VAR/keys/private.json ]] || { mkdir -p "$VAR/keys" && tool key new; }
	[[ -e $VAR/keys/refresh.key ]] || tool key refresh
	[[ -e $VAR/keys/share.json ]] || tool key share
	[[ -e $VAR/demo.done ]] || { tool demo && : >"$VAR/demo.done"; }
}

check_programs() {
	local name said
	for name in $(programs); do
		said=$("$BUILD/cgi-bin/$name.fcgi" --check 2>&1 </dev/null 9>&-) ||
			die "$name.fcgi could not work: ${said##*$'\n'}"
	done
}

# Those that hash a password at each request let no more wait than can be served before the web server
# gives up; it tells the others at once that all places are taken (503).
start_programs() {
	local name workers places
	for name in $(programs); do
		workers=2 places=1024
		[[ $name == login ]] && workers=4
		# What is asked for now and then; a worker is a megabyte.
		[[ $name == @(admin|export|feeds|health|password|pictures|tags|tokens) ]] && workers=1
		[[ $name == @(login|users|password) ]] && places=24
		launch "$name" spawn-fcgi -n -s "$VAR/run/$name.sock" -M 0600 -b "$places" -- \
			"$(command -v multiwatch)" -r 1000000 -t 1 -f "${WORKERS:-$workers}" -- \
			"$BUILD/cgi-bin/$name.fcgi"
	done
	for name in $(programs); do
		await "$name" "$name"
	done
}

start_mail() {
	[[ ${MAIL:-} != no ]] || return 0
	tool mail --check
	launch mail "$BUILD/postern" mail
}

# setting NAME: its value in force.
setting() {
	"$BUILD/postern" config 2>/dev/null </dev/null 9>&- | sed -n "s|^$1 *= *||p"
}

# For tests of what only HTTPS has.
tls() {
	local port=${TLS_PORT:-} cert=$VAR/keys/tls.crt key=$VAR/keys/tls.key
	[[ $port ]] || return 0
	[[ -e $cert ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj /CN=localhost -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
		-keyout "$key" -out "$cert" 2>/dev/null || die "openssl made no certificate"
	printf 'listen 127.0.0.1:%s ssl; ssl_certificate "%s"; ssl_certificate_key "%s";' \
		"$port" "$cert" "$key"
}

start_nginx() {
	local user=''
	BODY=$(setting limits.body) PICTURE=$(setting limits.picture) FILE=$(setting limits.file)
	[[ $BODY && $PICTURE && $FILE ]] || die "postern config does not say what the limits are"
	OWN=$(setting site.templates)
	OWN=${OWN:-$NGINX/..}
	# shellcheck disable=SC2034 # fill takes them by name
	TLS=$(tls) || exit
	tool static "$VAR/errors"
	# shellcheck disable=SC2034
	CSP=$(<"$VAR/errors/policy")
	fill <"$NGINX/nginx.conf.in" >"$VAR/run/nginx.conf"
	fill <"$NGINX/upstreams.conf.in" >"$VAR/run/upstreams.conf"
	sed -E -e "/postern_pictures;/s/(max_body_size) [0-9]+/\1 $((PICTURE + 65536))/" \
		-e "/postern_files;/s/(max_body_size|file_size) [0-9]+/\1 $((FILE + 65536))/g" \
		"$NGINX/routes.conf" >"$VAR/run/routes.conf"
	((EUID)) || user='user root;'   # the folder may lie in a home that only we may enter
	launch nginx nginx -p "$VAR/" -c "$VAR/run/nginx.conf" -e stderr -g "$user"
	await_ready
}

answers() (
	exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$PORT" || exit
	printf 'GET /api/health/ready HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
	read -rt 2 _ code _ <&3 && [[ $code == 200 ]]
)

await_ready() {
	local try
	for ((try = 0; try < 300; try++)); do
		answers && return
		pid_of nginx >/dev/null || die "nginx did not start on port $PORT; $(see nginx)"
		sleep 0.03
	done
	die "the programs do not answer; their logs are in $shown/log"
}

bring_up() {
	check_tools
	check_folder
	only_one
	trap finish EXIT
	trap 'exit 0' INT TERM HUP
	check_port
	find "$VAR/log" -name '*.log' -size +16M -exec mv {} {}.old \;
	settings
	fill <"$NGINX/mariadb.cnf.in" >"$VAR/run/mariadb.cnf"
	[[ -e $VAR/demo.done ]] || first=1
	[[ $first ]] && say "The first start takes up to a minute, later ones a second."
	[[ -d $VAR/db ]] || step "private database in $shown" create_database
	start_database
	step "tables, keys, demo members" fill_database
	check_programs
	start_programs
	start_mail
	start_nginx
}

finish() {
	local code=$?
	trap '' INT TERM HUP
	[[ ! $nap ]] || kill "$nap" 2>/dev/null
	stop_all
	exit "$code"
}

hello() {
	local login='{"email":"govardhan@example.org","password":"postern-demo"}'
	local ada='{"user":{"username":"ada","email":"ada@example.org","password":"ada-lovelace"}}'
	local end="Ctrl-C stops everything"
	[[ ${DETACHED:-} ]] && end="make stop ends it"
	cat <<-TEXT
		ready: $URL

		  The demo login is govardhan@example.org with the password postern-demo, an admin,
		  who looks after the members at $URL/admin/users.
		  Three lines to try in another terminal:

		  curl --json '$ada' $URL/api/users.fcgi
		  TOKEN=\$(curl -s --json '$login' $URL/api/login.fcgi | grep -Po '"token": *"\K[^"]+')
		  curl -H "Authorization: Bearer \$TOKEN" $URL/api/user.fcgi

		  Mails become files in $shown/mail; postern.conf can name a mail server.
		  Data, settings and logs stay in $shown. $end.
	TEXT
	say "$$ $URL" >"$VAR/run/ready"
}

# It ends by itself, and nothing depends on it.
tidy() {
	tidy_at=$((SECONDS + ${TIDY:-600}))
	launch tidy "$BUILD/postern" tidy -q
	unset 'kids[tidy]'
}

# Nothing else ends by itself; if something does, the rest is stopped too.
watch() {
	local name tidy_at=$((SECONDS + ${TIDY:-600}))
	while :; do
		((SECONDS < tidy_at)) || tidy
		for name in "${!kids[@]}"; do
			pid_of "$name" >/dev/null || die "$name has ended by itself, so all is stopped;" \
				"see the end of $shown/log/$name.log"
		done
		# A death while the others were looked at may have been reaped there, and wait would never
		# hear of it: so look again from time to time.
		sleep 2 9>&- &
		nap=$!
		wait -n "$nap" "${kids[@]}"
		kill "$nap" 2>/dev/null
	done
}

run() {
	bring_up
	hello
	[[ ${DETACHED:-} ]] && exec >>"$VAR/log/site.log" 2>&1
	exec {tell}>&2 2>/dev/null   # bash would add words of its own on who was killed
	watch
}

start() {
	local pid ready
	DETACHED=1 setsid "${BASH_SOURCE[0]}" run </dev/null &
	pid=$!
	trap 'kill "$pid"; wait "$pid"; exit 1' INT TERM HUP
	until { read -r ready _ <"$VAR/run/ready"; } 2>/dev/null && [[ $ready == "$pid" ]]; do
		kill -0 "$pid" 2>/dev/null || { wait "$pid"; exit; }
		sleep 0.03
	done
}

stop() {
	local pid try
	if ! pid=$(pid_of site); then
		stop_all
		say "postern is not running in $shown"
		return
	fi
	kill "$pid"
	for ((try = 0; try < 4500; try++)); do
		pid_of site >/dev/null || { say "stopped; the data stays in $shown"; return; }
		sleep 0.02
	done
	die "process $pid does not end; kill -9 $pid and make stop again"
}

status() {
	local name url pid
	{ read -r _ url <"$VAR/run/ready"; } 2>/dev/null
	if pid_of site >/dev/null; then
		say "postern is running in $shown: ${url:-starting}"
	else
		say "postern is not running in $shown"
	fi
	for name in $(started); do
		pid=$(pid_of "$name") && printf '  %-12s %s\n' "$name" "$pid"
	done
	pid_of site >/dev/null || exit 3
}

case ${1:-} in
run|start|stop|status) "$1" ;;
install) exec "$NGINX/install.sh" "${@:2}" ;;
*) die "usage: site.sh run|start|stop|status|install" ;;
esac
