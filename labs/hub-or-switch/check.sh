#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump

# overheard: how many of alice's pings to bob has eve seen by now?
overheard() {
	tcpdump -nr "$captures/eve.pcapng" 'icmp[0] == 8 and dst host 10.0.0.2' \
		2>/dev/null | wc -l
}

overhears() {
	[ "$(overheard)" -ge "$1" ]
}

known_macs() {
	switchctl --json fdb | grep -o '"mac"' | wc -l
}

start
expect "through the hub alice reaches bob" pings alice 10.0.0.2
expect "eve overhears all three pings" await overhears 3
expect "a hub learns nothing" test "$(known_macs)" -eq 0

switchctl mode lan switch >/dev/null
expect "as a switch it lets alice reach bob, too" pings alice 10.0.0.2
expect "and has learned where alice is" known alice lan.alice
expect "and where bob is" known bob lan.bob
before=$(count lan.eve tx_frames)
expect "alice reaches bob once more" pings alice 10.0.0.2
echo "eve was sent $(($(count lan.eve tx_frames) - before)) frames meanwhile"

switchctl mode lan hub >/dev/null
expect "a hub again: alice reaches bob" pings alice 10.0.0.2
switchctl capture stop eve.pcapng >/dev/null
heard=$(overheard)
expect "of the switch's six pings eve overheard at most the first" \
	test "$heard" -ge 6 -a "$heard" -le 7
