# SPDX-License-Identifier: MIT
# Sourced by the check.sh of every lab: starts what lies beside it, tells of each
# expectation in words whether it came true, and takes everything away at the
# end, whose status is 0 only if all of them did. `switchctl lab check` runs it
# with switchd and switchctl in the PATH.
set -eu
CDPATH='' cd -- "$(dirname "$0")"
PATH=$PATH:/usr/sbin:/sbin   # where not all users look
export LC_ALL=C.UTF-8        # what programs say is read here
lab=$(basename "$PWD")
tmp=
checks=0
failed=0
pids=         # to be ended
labs=$lab     # which start() finds free, so that they are to be stopped
started=

# leave: ends what the lab has started itself; for a check to define anew.
leave() {
	:
}

finish() {
	status=$?
	trap '' HUP INT TERM # it will not take long
	leave >/dev/null 2>&1 || true
	for one in ${started:+$labs}; do
		switchctl -l "$one" stop >/dev/null 2>&1 || true
	done
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	rm -rf "$tmp"
	if [ "$failed" -gt 0 ]; then
		status=1
		echo "$lab: $failed of $checks not as expected"
	elif [ "$status" -eq 0 ]; then
		echo "$lab: all $checks as expected"
	fi
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
tmp=$(mktemp -d)
captures=$tmp/captures # where those of the file go

# needs PROGRAM[:PACKAGE]...: what the lab cannot do without.
needs() {
	local one missing=
	for one in "$@"; do
		command -v "${one%:*}" >/dev/null ||
			missing="$missing ${one#*:}"
	done
	[ -z "$missing" ] || {
		echo "$lab needs more: apt-get install$missing" >&2
		exit 1
	}
}

say() {
	printf '\n== %s\n' "$*"
}

# start [FILE]: the lab runs, all of its ports are up. One that runs already is
# somebody's, who is not to be disturbed.
start() {
	local one
	for one in $labs; do
		! switchctl -l "$one" show >/dev/null 2>&1 || {
			echo "$one runs already: switchctl -l $one stop" >&2
			exit 1
		}
	done
	started=yes
	switchd --strict --captures "$captures" -d "${1:-topology.yaml}" \
		2>"$tmp/switchd.log" || {
		! grep -q 'already running' "$tmp/switchd.log" || started=
		cat "$tmp/switchd.log" >&2
		exit 1
	}
	export LABSWITCH=$lab
}

# expect TEXT COMMAND...: passed if the command succeeds.
expect() {
	local text=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "passed: $text"
	else
		echo "FAILED: $text"
		sed 's/^/    /' "$tmp/out"
		failed=$((failed + 1))
	fi
}

# fails COMMAND...: succeeds if the command does not.
fails() {
	! "$@"
}

# await COMMAND...: tries it for up to 10 seconds.
await() {
	local end=$((SECONDS + 10))
	while [ "$SECONDS" -le "$end" ]; do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	echo "not within 10 seconds: $*" >&2
	return 1
}

# on HOST COMMAND...
on() {
	switchctl exec "$@"
}

# answered COMMAND...: whether this ping gets as many answers as it wants, and none
# is missing before the last of them. With -w they may be late, as on a busy
# machine; without it ping waits for the last one no longer than -i says.
answered() {
	"$@" >"$tmp/ping" 2>&1 &&
		awk -F'icmp_seq=' '/ ttl=/ && !/DUP/ {
				got++
				if ($2 + 0 > last) last = $2 + 0
			}
			END { exit got != last }' "$tmp/ping" || {
		cat "$tmp/ping"
		return 1
	}
}
ping="ping -n -c 3 -i 0.2 -w 10"

# pings HOST ADDRESS [OPTION...]: whether three are answered.
pings() {
	local host=$1 address=$2
	shift 2
	answered on "$host" $ping "$@" "$address"
}

# free_port: a TCP port of 127.0.0.1 on which nobody listens.
free_port() {
	local port
	for port in $(seq 8080 8180); do
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# mac HOST: the address of its eth0.
mac() {
	on "$1" ip -br link show eth0 | awk '{print $3}'
}

# count PORT COUNTER: how much it is now, as `switchctl --json ports` says.
count() {
	local value
	value=$(switchctl --json ports "$1" | grep -o "\"$2\": *[0-9]*" |
		head -n 1)
	echo "${value##*[!0-9]}" | grep . || echo 0
}

# known HOST PORT: whether the switch knows that the host is behind the port.
known() {
	switchctl fdb | grep -i "^$(mac "$1") " | grep " $2 "
}
