#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs busybox tcpdump

# alice_has MAC: alice holds this one for bob's address.
alice_has() {
	on alice ip neigh show 10.0.0.2 | grep -i "lladdr $1 "
}

# deceives: mallory says that bob's address is hers, and when alice has pinged it
# she still believes that; but for once, when bob made himself heard in between.
deceives() {
	on mallory busybox arping -q -U -c 2 10.0.0.2 || true
	on alice ping -q -c 1 -W 2 10.0.0.2
	alice_has "$mallory"
}

# caught FILTER: whether mallory's capture has such a frame.
caught() {
	tcpdump -nr "$captures/mallory.pcapng" "$@" | grep .
}

start
bob=$(mac bob)
mallory=$(mac mallory)
expect "alice does not know bob's MAC at first" fails alice_has "$bob"
expect "alice reaches bob" pings alice 10.0.0.2
expect "now alice knows bob's MAC" alice_has "$bob"

on mallory ip addr add 10.0.0.2/32 dev eth0
expect "mallory says that 10.0.0.2 is hers, and alice believes it" \
	await deceives
expect "somebody answers alice's pings" pings alice 10.0.0.2
expect "the switch was not deceived: bob is where he was" known bob lan.bob

switchctl capture stop mallory.pcapng >/dev/null
expect "alice's question for bob was heard by mallory, too" \
	caught arp and arp[7] == 1 and src host 10.0.0.1 and dst host 10.0.0.2
expect "bob's answer was not" \
	fails caught arp and arp[7] == 2 and ether src "$bob"
expect "it is mallory who got the pings" \
	caught icmp and dst host 10.0.0.2 and ether dst "$mallory"
