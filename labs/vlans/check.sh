#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump

# caught FILTER: whether the capture of the trunk has such a frame.
caught() {
	tcpdump -nr "$captures/trunk.pcapng" "$@" | grep .
}

hops() { # HOST ADDRESS: the TTL that the answer comes with
	on "$1" ping -c 1 -W 10 "$2" | grep -o 'ttl=[0-9]*'
}

start
expect "staff reach each other over the trunk" pings anna 10.0.10.2
expect "guests reach each other over the trunk" pings gert 10.0.20.2
expect "within a VLAN no router is passed" \
	test "$(hops anna 10.0.10.2)" = ttl=64
expect "staff and guests reach each other" pings anna 10.0.20.1
expect "by one router" test "$(hops anna 10.0.20.1)" = ttl=63

on gert ip addr add 10.0.10.77/24 dev eth0
expect "a staff address on a guest's port reaches no staff" \
	fails on gert ping -q -c 2 -i 0.2 -W 1 -I 10.0.10.77 10.0.10.1

on r1 ip link set eth0 down
expect "without the router staff do not reach guests" \
	fails on anna ping -q -c 2 -i 0.2 -W 1 10.0.20.1
expect "but staff, as before" pings anna 10.0.10.2

switchctl capture stop trunk.pcapng >/dev/null
expect "on the trunk, frames of staff have tag 10" \
	caught vlan 10 and host 10.0.10.2
expect "and those of guests, its native VLAN, none" caught host 10.0.20.2
expect "no frame of guests has a tag there" fails caught vlan 20
