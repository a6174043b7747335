# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154 # VAR and shown are those of site.sh
#
# processes.sh, a part of site.sh: starts, knows and ends the processes of one VAR. A process is
# known by its number and the moment of its birth, as VAR/run/pids/NAME says; nothing is ever ended
# by its name.

declare -A kids=()    # name -> process that must live as long as the site
declare -A begun=()   # name -> how long its log was before

# When a process was born: with its number that names it for ever, though numbers come again. Fails
# for the dead.
born() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra stat <<<"${stat##*) }"
	[[ ${stat[0]} != Z ]] && echo "${stat[19]}"
}

pid_file() { printf '%s %s\n' "$2" "$(born "$2")" >"$VAR/run/pids/$1"; }

# The number of a process, if it is still the one that was started under this name.
pid_of() {
	local pid start now
	{ read -r pid start <"$VAR/run/pids/$1"; } 2>/dev/null || return 1
	now=$(born "$pid") && [[ $now == "$start" ]] && echo "$pid"
}

# launch NAME COMMAND...: in a session of its own, so that Ctrl-C reaches only this script; asked to
# end by the kernel when this script is killed.
launch() {
	local name=$1
	shift
	begun[$name]=$(stat -c %s "$VAR/log/$name.log" 2>/dev/null || echo 0)
	setsid setpriv --pdeathsig TERM -- "$@" </dev/null >>"$VAR/log/$name.log" 2>&1 9>&- &
	kids[$name]=$!
	pid_file "$name" $!
}

# Where to read on, and the last complaint in a log since the process was started.
see() {
	local line
	line=$(tail -c "+$((${begun[$1]:-0} + 1))" "$VAR/log/$1.log" |
		grep -aE '\[(ERROR|error|emerg|alert)\]|: ' | grep -av 'Aborting$' | tail -n 1)
	say "see the end of $shown/log/$1.log${line:+: ${line#*\] }}"
}

# How many workers a program has: one where it is asked for now and then, for a worker is a megabyte.
workers_of() {
	case $1 in
	login) echo 4 ;;
	admin|export|feeds|health|password|pictures|tags|tokens) echo 1 ;;
	*) echo 2 ;;
	esac
}

# How many connections may wait for it. Those that hash a password at each request let no more wait than can
# be served before the web server gives up; it tells the others at once that all places are taken (503).
places_of() {
	case $1 in
	login|users|password) echo 24 ;;
	*) echo 1024 ;;
	esac
}

# A socket is a file before anybody listens to it, and a client would be refused.
listens() { grep -F " $VAR/run/$1.sock" /proc/net/unix | grep -q ' 00010000 '; }

# await NAME TITLE: until it listens.
await() {
	local try
	for ((try = 0; try < 4000; try++)); do
		listens "$1" && return
		pid_of "$1" >/dev/null || break
		sleep 0.03
	done
	die "$2 did not start; $(see "$1")"
}

ask() {
	local signal=$1 name pid
	shift
	for name; do
		pid=$(pid_of "$name") && kill -s "$signal" "$pid" 2>/dev/null
	done
}

# hang_up SIGNAL SECONDS NAME...: asks all, waits for all, ends what is left of their process
# groups. Asks again every second: multiwatch tells its workers, and one that is just being started takes no
# notice.
hang_up() {
	local signal=$1 until=$((SECONDS + $2)) told=$SECONDS name pid
	shift 2
	ask "$signal" "$@"
	for name; do
		pid=$(pid_of "$name") || pid=${kids[$name]:-}
		while pid_of "$name" >/dev/null && ((SECONDS < until)); do
			sleep 0.02
			((SECONDS == told)) || { told=$SECONDS; ask "$signal" "$name"; }
		done
		[[ $pid ]] && kill -s KILL -- "-$pid" 2>/dev/null
		rm -f "$VAR/run/pids/$name"
	done
}

# The names that have a pid file, in order.
started() { (cd "$VAR/run/pids" 2>/dev/null && ls); }

# nginx first, it finishes what it has accepted; then the programs drain, then the database has no
# clients.
stop_all() {
	local name programs=()
	for name in $(started); do
		[[ $name == @(site|nginx|db) ]] || programs+=("$name")
	done
	hang_up QUIT 8 nginx
	hang_up TERM 12 "${programs[@]}"
	hang_up TERM 60 db
	rm -f "$VAR"/run/*.sock "$VAR"/run/{ready,init.sql} "$VAR/run/pids/site"
}
