#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump

# addresses [PORT]: how many the switch knows, or knows of the port.
addresses() {
	switchctl --json fdb | grep -o "\"port\": *\"lan\.${1:-}" | wc -l
}

sent_at_least() {
	[ "$(count lan.mallory rx_frames)" -ge "$1" ]
}

# overheard: of alice's pings after the flood, which have 100 bytes, and the answers.
overheard() {
	tcpdump -nr "$captures/mallory.pcapng" \
		'icmp and host 10.0.0.2 and host 10.0.0.1 and ip[2:2] == 128' \
		2>/dev/null
}

start
expect "alice reaches bob" pings alice 10.0.0.2
expect "the switch knows where bob is" known bob lan.bob

switchctl --json watch lan >"$tmp/events" &
pids="$pids $!"
await grep -q watch "$tmp/events"
on mallory bash -c 'for i in $(seq 200); do
	ip link set eth0 address "$(printf 02:00:00:00:00:%02x $i)"
	echo >/dev/udp/10.0.0.1/9
done' 2>/dev/null
expect "mallory has sent from 200 addresses" \
	await sent_at_least 200
expect "the table is full, with 16" test "$(addresses)" -eq 16
expect "most of it is mallory's" test "$(addresses mallory)" -ge 10
expect "addresses were pushed out" await grep -q '"evict"' "$tmp/events"
expect "but only mallory's own" \
	fails grep -E '"evict".*"lan\.(alice|bob)"' "$tmp/events"
expect "the switch still knows where alice is" known alice lan.alice
expect "and where bob is" known bob lan.bob
expect "alice reaches bob, as before" pings alice 10.0.0.2 -s 100

switchctl capture stop mallory.pcapng >/dev/null
expect "and mallory overhears nothing of it" test -z "$(overheard)"
