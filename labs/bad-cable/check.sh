#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs iperf3 nstat tcpdump

# slow_pings: whether even the fastest of them takes 40 ms.
slow_pings() {
	pings alice 10.0.0.2 &&
		awk -F'[=/ .]+' '/^rtt/ { ok = $6 >= 40 } END { exit !ok }' "$tmp/ping"
}

bob_listens() {
	on bob ss -ltn | grep ':5201 '
}

# cable WORDS...: makes it such a one, by the same chance each time.
cable() {
	switchctl impair cable off >/dev/null
	switchctl impair cable seed 1 "$@" >/dev/null
}

# sends AMOUNT: alice does, to bob, by TCP.
sends() {
	on alice iperf3 -C reno -c 10.0.0.2 -n "$1" | tee "$tmp/sent"
}

# sent_again: how many segments of that.
sent_again() {
	awk '/sender/ { print $(NF - 1) }' "$tmp/sent"
}

frames_of_alice() { # CAPTURE
	tcpdump -nr "$captures/$1.pcapng" ether src "$alice" 2>/dev/null | wc -l
}

difference_is_lost() {
	[ $(($(frames_of_alice alice) - $(frames_of_alice bob))) -eq \
		"$(count near.cable tx_loss)" ]
}

wrong_checksums() { # that bob has found in TCP
	on bob nstat -asz TcpInCsumErrors | awk '/^Tcp/ { print $2 }'
}

start
alice=$(mac alice)
expect "20 ms there, 20 ms back: no ping takes less than 40 ms" slow_pings
on bob iperf3 -s >/dev/null 2>&1 &
pids=$!
await bob_listens

cable delay 20ms forth loss 2%
expect "TCP gets over a long cable with losses" sends 1M
expect "the cable has lost frames, and counted them" \
	test "$(count near.cable tx_loss)" -gt 0
expect "alice has sent segments again" test "$(sent_again)" -gt 0
expect "bob got just so many frames fewer than alice sent" \
	await difference_is_lost

cable delay 20ms reorder 5%
lost=$(count near.cable tx_loss)
expect "TCP gets over a cable on which frames overtake others" sends 2M
expect "and alice sends segments again" test "$(sent_again)" -gt 0
expect "though none was lost" test "$(count near.cable tx_loss)" -eq "$lost"

cable corrupt 5%
expect "TCP gets over a noisy cable" sends 2M
expect "no switch has noticed" test "$(count near.cable tx_loss)" -eq "$lost"
expect "but bob's checksums" test "$(wrong_checksums)" -gt 0

cable rate 4mbit queue 16KB
expect "TCP gets over a narrow cable" sends 500K
expect "whose queue was full at times" \
	test "$(count near.cable tx_hold_full)" -gt 0
