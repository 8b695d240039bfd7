#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump

# full HOST ADDRESS [OPTION...]: pings of 1500 bytes, headers included.
full() {
	local host=$1 address=$2
	shift 2
	pings "$host" "$address" -s 1472 "$@"
}

# says TEXT COMMAND...: whether it is in what the command prints.
says() {
	local text=$1
	shift
	"$@" >"$tmp/said" 2>&1 || true
	grep -i "$text" "$tmp/said" || {
		cat "$tmp/said"
		return 1
	}
}

fragments() {
	tcpdump -nr "$captures/bob.pcapng" 'ip[6:2] & 0x3fff != 0' \
		2>/dev/null | wc -l
}

start
expect "on one network 1500 bytes pass" full alice 10.0.1.2 -M do
expect "towards bob the router says that 1400 is the most" \
	says 'mtu *= *1400' on alice ping -c 2 -i 0.2 -W 10 -s 1472 -M do 10.0.2.1
expect "alice keeps that in mind" \
	says 'mtu 1400' on alice ip route get 10.0.2.1
expect "1400 bytes pass" pings alice 10.0.2.1 -M do -s 1372
expect "and 1500 bytes in fragments" full alice 10.0.2.1 -M dont
switchctl capture stop bob.pcapng >/dev/null
expect "bob got each ping in two, and answered each in two" \
	test "$(fragments)" -ge 12

expect "small pings reach dora behind the narrow cable" pings alice 10.0.1.3
before=$(count left.narrow tx_too_big)
expect "those of 1500 bytes do not" fails full alice 10.0.1.3 -M do -w 2
expect "and nobody tells alice" \
	fails says 'mtu 1400' on alice ip route get 10.0.1.3
lost=$(($(count left.narrow tx_too_big) - before))
expect "but the switch has counted them" test "$lost" -ge 2
