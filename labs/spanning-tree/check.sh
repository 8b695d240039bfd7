#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump
sent=100

# copies [TCPDUMP OPTION]: alice's broadcasts, as carol got them.
copies() {
	tcpdump "$@" -nr "$tmp/carol.pcapng" 2>/dev/null
}

copies_at_least() {
	[ "$(copies | wc -l)" -ge "$1" ]
}

# record: of these from now on.
record() {
	rm -f "$tmp/carol.pcapng"
	switchctl capture carol 'icmp and dst host 10.0.0.255' \
		-w "$tmp/carol.pcapng" 2>/dev/null &
	recorder=$!
	await test -s "$tmp/carol.pcapng"
}

recorded() {
	kill -INT "$recorder"
	wait "$recorder" || true
}

broadcasts() {
	on alice ping -q -b -c "$1" -i 0.01 -W 0.2 10.0.0.255 >/dev/null 2>&1 || true
}

# capped: by two links carol gets 2 x 1000 a second, and what is saved for 50 ms.
capped() {
	copies -tt | awk 'NR == 1 { first = $1 } { span = $1 - first }
		END { printf "%d copies in %.1f s\n", NR, span
			exit NR > 2000 * span + 200 }'
}

dropped() {
	switchctl --json ports | grep '"rx_storm"'
}

bpdus() { # [TCPDUMP OPTION]
	tcpdump "$@" -nr "$captures/bpdus.pcapng" 2>/dev/null
}

# tree ROOT SWITCH LINK: all are open but this end of one link.
tree() {
	switchctl stp "$1" | grep -q 'it is the root' &&
		switchctl stp "$2" | grep -Eq "^$3 +alternate +discarding " &&
		[ "$(switchctl stp | grep -c ' discarding ')" -eq 1 ]
}

# pulled COMMAND...: it is done while bob pings carol 30 times in 3 s, of which
# at least 20 must be answered.
pulled() {
	on bob ping -c 30 -i 0.1 -W 2 10.0.0.3 >"$tmp/pulled" &
	local pinger=$!
	await grep icmp_seq=5 "$tmp/pulled"
	"$@"
	wait $pinger || true
	grep 'packets transmitted' "$tmp/pulled"
	[ "$(grep -c 'bytes from' "$tmp/pulled")" -ge 20 ]
}

# long_way: even the fastest ping takes 4 x 20 ms, not 2 x 20.
long_way() {
	pings bob 10.0.0.3 &&
		awk -F'[=/ .]+' '/^rtt/ { ok = $6 >= 80 } END { exit !ok }' "$tmp/ping"
}

start
record
broadcasts 1
expect "carol gets one broadcast of alice's again and again" \
	await copies_at_least 20
broadcasts $sent
expect "and many of them without end" await copies_at_least $((10 * sent))
expect "storm control drops what is too much" await dropped
expect "so no link lets more pass than 1000 a second" capped
capped
expect "meanwhile the other switch loses no ping" \
	pings dora 10.0.1.2 -c 50 -i 0.02
expect "nobody speaks of a tree" test "$(bpdus | wc -l)" -eq 0
recorded

sed 's/stp: off/stp: rstp/' topology.yaml >"$tmp/tree.yaml"
switchctl apply "$tmp/tree.yaml" >/dev/null
expect "with RSTP sw1 is the root, and sw3 shuts its end of sw2--sw3" \
	await tree sw1 sw3 sw2--sw3
record
broadcasts $sent
expect "each broadcast arrives" await copies_at_least $sent
expect "alice reaches bob" pings alice 10.0.0.2
expect "and carol" pings alice 10.0.0.3
expect "no ping is answered twice" fails grep duplicates "$tmp/ping"
recorded
expect "no broadcast arrives twice" test "$(copies | wc -l)" -eq $sent

sed -i '/ sw3:/,/stp:/s/rstp/{priority: 4096}/' "$tmp/tree.yaml"
switchctl apply "$tmp/tree.yaml" >/dev/null
expect "with a lower priority sw3 is the root, and sw2 shuts its end of sw1--sw2" \
	await tree sw3 sw2 sw1--sw2
expect "a cable is pulled, and hardly a ping is lost" \
	pulled switchctl link down sw2--sw3
expect "bob reaches carol by sw1" long_way
expect "it is put back, and again hardly one is lost" \
	pulled switchctl link up sw2--sw3
expect "the tree is as before" await tree sw3 sw2 sw1--sw2

switchctl capture stop bpdus.pcapng >/dev/null
bpdus -v >"$tmp/bpdus"
expect "tcpdump reads the BPDUs" grep 'STP 802.1w, Rapid STP' "$tmp/bpdus"
expect "they name sw1 as the root first" \
	grep 'root-id 8000.02:00:00:00:00:01' "$tmp/bpdus"
expect "and then sw3" grep 'root-id 1000.02:00:00:00:00:03' "$tmp/bpdus"
