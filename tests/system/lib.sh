# SPDX-License-Identifier: MIT
# Sourced by every test_*.sh here: runs the test in network, mount and PID
# namespaces of its own, so that nothing it makes can outlive it or meet
# anything else on the machine. SRC and BIN are the source and build tree.
set -eu

if [ -z "${IN_NAMESPACES:-}" ]; then
	as_root=
	[ "$(id -u)" -eq 0 ] || as_root=--map-root-user
	exec env IN_NAMESPACES=1 timeout -k 5 240 unshare $as_root --net \
		--mount --pid --fork --kill-child --mount-proc bash "$0" "$@"
fi

mount -t tmpfs tmpfs /run
ip link set lo up
tmp=$(mktemp -d)
trap 'status=$?; rm -rf "$tmp"; exit $status' EXIT
cd "$tmp"
PATH=$BIN/switchd:$PATH

# Every switchd of the test runs at the level of I/O that is asked for.
if [ -n "${LABSWITCH_IO:-}" ]; then
	mkdir /run/level
	cat >/run/level/switchd <<-EOF
		#!/bin/sh
		exec "$BIN/switchd/switchd" --io $LABSWITCH_IO "\$@"
	EOF
	chmod +x /run/level/switchd
	PATH=/run/level:$PATH
fi

exec 3>&2 # so that a failure shows where stderr is redirected
fail() {
	local log
	echo "FAILED: $*" >&3
	for log in switchd.log *.console; do
		[ ! -s "$log" ] || sed "s/^/  ${log%.*}: /" "$log" >&3
	done
	exit 1
}

# expect WORDS... : the command must succeed.
expect() {
	"$@" || fail "$*"
}

# refuse STATUS WORDS... : the command must fail with that exit status.
refuse() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" -eq "$want" ] || fail "exit $got, not $want: $*"
}

# await WORDS... : the command must succeed within 10 seconds.
await() {
	local _
	for _ in $(seq 100); do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	fail "not within 10 s: $*"
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# tidy: within 10 seconds the test's state(), which prints what could be left
# behind, says again what it said when it was written to the file $before.
before=$tmp/before
tidy() {
	local _
	for _ in $(seq 100); do
		if state | diff "$before" - >"$before.diff"; then
			return
		fi
		sleep 0.1
	done
	fail "left: $(cat "$before.diff")"
}

# host NAME ... : a namespace each.
host() {
	local ns
	for ns in "$@"; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
	done
}

# start FILE [OPTIONS]: runs switchd until it is ready; its pid is in $switchd.
start() {
	local file=$1
	shift
	switchd "$@" "$file" 2>>switchd.log &
	switchd=$!
	await grep -q ' ready: ' switchd.log
}

# stop: a clean end, with exit 0.
stop() {
	kill "$switchd"
	await gone "$switchd"
	wait "$switchd" || fail "exit $?"
	: >switchd.log
}

# pings FROM ADDRESS: five echo requests, none lost.
pings() {
	ip netns exec "$1" ping -q -c 5 -i 0.1 -W 2 "$2" >ping.log ||
		fail "ping from $1 to $2: $(grep loss ping.log)"
}

# json COMMAND...: an expression of python over the result `r`.
# usage: json 'r["x"]' show
json() {
	local expression=$1
	shift
	switchctl --json "$@" | python3 -c "
import json, sys
r = json.load(sys.stdin)
print($expression)"
}
