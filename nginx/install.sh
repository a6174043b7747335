#!/bin/bash
# SPDX-License-Identifier: ISC
#
# install.sh PACKAGE...: installs the Debian packages that are missing, and says so; silent when
# there are none. Which ones they are is the Makefile's business. No service is started or left
# enabled: a policy-rc.d refuses starts during this one call, and an nginx or a PHP-FPM that comes now
# is only a program, not a unit of the machine.

set -u
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" DEBIAN_FRONTEND=noninteractive
POLICY=/usr/sbin/policy-rc.d
SERVICES=(nginx php8.2-fpm)
MARK='# postern: no service starts while its packages are installed; removed afterwards'

say() { printf '%s\n' "$*"; }
die() { printf 'postern: %s\n' "$*" >&2; exit 1; }

have() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# A policy-rc.d that was there is put aside and comes back; one that a killed run of ours left is
# not kept.
forbid_starts() {
	if [[ -e $POLICY ]] && ! grep -qF "$MARK" "$POLICY"; then
		mv "$POLICY" "$POLICY.before-postern"
	fi
	printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY" && chmod 755 "$POLICY"
}

allow_starts() {
	rm -f "$POLICY"
	[[ ! -e $POLICY.before-postern ]] || mv "$POLICY.before-postern" "$POLICY"
}

# apt ...: its many lines go to the log, a dot for each package that has come to an end.
apt() {
	apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null 2>&1 | {
		trap '' INT TERM HUP   # apt must never lose its reader
		while IFS= read -r line; do
			say "$line" >>"$log"
			[[ $line != "Setting up "* ]] || printf .
		done
	}
	return "${PIPESTATUS[0]}"
}

is_unit() { [[ -e /lib/systemd/system/$1.service || -e /etc/init.d/$1 ]]; }

not_at_boot() {
	if command -v systemctl >/dev/null; then
		systemctl disable --quiet "$1.service"
	else
		update-rc.d "$1" disable
	fi >>"$log" 2>&1
	say "  $1 does not start with the machine, for Postern starts its own;" \
		"systemctl enable $1 changes that"
}

# However it ends: the machine starts what it started before, and no more.
clean_up() {
	local code=$? service
	((code == 0)) || echo   # the line of dots is open
	allow_starts
	for service in "${new[@]}"; do
		! is_unit "$service" || not_at_boot "$service"
	done
	((code == 1)) || rm -f "$log"
}

as_root() {
	local service
	new=()   # services that were not there before
	log=$(mktemp /tmp/postern-packages.XXXXXX) || die "cannot write to /tmp"
	exec 8>/run/postern-packages.lock && flock 8
	for service in "${SERVICES[@]}"; do
		is_unit "$service" || new+=("$service")
	done
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	forbid_starts
	printf '  installing '
	apt update || printf '(the lists could not be renewed) '
	if ! apt -y --no-install-recommends install "$@"; then
		say failed
		grep '^E: ' "$log" | head -n 5 >&2
		die "apt-get could not install them; all it said is in $log"
	fi
	say ' done'
}

# What each one is, in the words of Debian, if this machine already knows.
describe() {
	apt-cache show --no-all-versions "$@" 2>/dev/null | awk -v wanted="$*" '
	/^Package: / { name = $2 }
	/^Description[^:]*: / && !(name in text) { sub(/^[^:]*: /, ""); text[name] = $0 }
	END {
		n = split(wanted, names, " ")
		for (i = 1; i <= n; i++)
			printf "    %-22s %s\n", names[i], text[names[i]]
	}'
}

main() {
	local package missing=() ask=()
	command -v dpkg-query >/dev/null || die "this is no Debian; install what is in these packages: $*"
	for package; do
		have "$package" || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	say "Postern needs these Debian packages, which are not installed yet. To get them takes some minutes, once."
	describe "${missing[@]}"
	if ((EUID == 0)); then
		as_root "${missing[@]}"
		return
	fi
	command -v sudo >/dev/null ||
		die "only root can install them and there is no sudo; as root: apt-get install ${missing[*]}"
	if [[ -t 0 ]]; then
		say "  sudo may ask for your password"
	else
		ask=(-n)
		sudo -n true 2>/dev/null ||
			die "sudo wants a password and nobody can type it; first: sudo apt-get install ${missing[*]}"
	fi
	sudo "${ask[@]}" bash "${BASH_SOURCE[0]}" --as-root "${missing[@]}"
}

if [[ ${1:-} == --as-root ]]; then
	as_root "${@:2}"
else
	main "$@"
fi
