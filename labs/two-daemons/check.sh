#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs vde_plug:vdeplug
labs="two-daemons two-daemons-there"

# Bare of its name, a host of a lab that start() did not start.
bob() {
	switchctl -l two-daemons-there exec bob "$@"
}

knows() { # LAB HOST-MAC PORT
	switchctl -l "$1" fdb | grep -i "^$2 " | grep " $3 "
}

run_dir() { # LAB
	switchctl -l "$1" --json show | grep -o '"run_dir": *"[^"]*"' |
		cut -d'"' -f4
}

plug() {
	vde_plug "vde://$here[cable]" "vde://$there[cable]" &
	cable=$!
	pids="$pids $cable"
}

start
switchd --strict -d there.yaml 2>"$tmp/there.log" || {
	cat "$tmp/there.log"
	exit 1
}
here=$(run_dir two-daemons)/here
there=$(run_dir two-daemons-there)/there
alice=$(mac alice)
bob=$(bob ip -br link show eth0 | awk '{print $3}')

expect "without a cable alice does not reach bob" \
	fails on alice ping -q -c 1 -W 1 10.0.0.2
plug
expect "with vde_plug between the two she does" \
	await on alice ping -q -c 1 -W 1 10.0.0.2
expect "and no ping is lost" pings alice 10.0.0.2
expect "here, bob is behind the cable" knows two-daemons "$bob" here.cable
expect "there, alice is" knows two-daemons-there "$alice" there.cable

switchctl -l two-daemons-there stop >/dev/null
expect "without the other lab alice is alone" \
	fails on alice ping -q -c 1 -W 1 10.0.0.2
kill "$cable" 2>/dev/null || true
switchd --strict -d there.yaml 2>"$tmp/there.log"
plug
expect "it comes back, is plugged in again, and she is not" \
	await on alice ping -q -c 1 -W 1 10.0.0.2
