#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump

# overheard SIZE: how many of alice's pings to bob, of so many bytes, has eve seen?
# Each row of pings below has a size of its own.
overheard() {
	tcpdump -nr "$captures/eve.pcapng" "icmp[0] == 8 and dst host 10.0.0.2 and
		ip[2:2] == 28 + $1" 2>/dev/null | wc -l
}

overhears() { # SIZE
	[ "$(overheard "$1")" -ge 3 ]
}

known_macs() {
	switchctl --json fdb | grep -o '"mac"' | wc -l
}

start
expect "through the hub alice reaches bob" pings alice 10.0.0.2 -s 100
expect "eve overhears all three pings" await overhears 100
expect "a hub learns nothing" test "$(known_macs)" -eq 0

switchctl mode lan switch >/dev/null
expect "as a switch it lets alice reach bob, too" pings alice 10.0.0.2 -s 200
expect "and has learned where alice is" known alice lan.alice
expect "and where bob is" known bob lan.bob
before=$(count lan.eve tx_frames)
expect "alice reaches bob once more" pings alice 10.0.0.2 -s 300
echo "eve was sent $(($(count lan.eve tx_frames) - before)) frames meanwhile"

switchctl mode lan hub >/dev/null
expect "a hub again: alice reaches bob" pings alice 10.0.0.2 -s 400
switchctl capture stop eve.pcapng >/dev/null
expect "eve overhears all three of these, too" overhears 400
expect "but none from when the switch knew alice and bob" \
	test "$(overheard 300)" -eq 0
