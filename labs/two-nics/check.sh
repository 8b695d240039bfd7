#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs busybox tcpdump udhcpc

has_default() {
	on vm ip route | grep '^default via 10.0.2.2 dev eth0 '
}

# leaves_by CARD ADDRESS: vm sends there by that card.
leaves_by() {
	on vm ip route get "$2" | grep " dev $1 "
}

no_way() { # HOST ADDRESS
	fails on "$1" ping -q -c 2 -i 0.2 -W 1 "$2"
}

# reads: vm has the page of the server in the world.
reads() {
	timeout 10 switchctl exec vm busybox wget -q -O - \
		"http://10.0.2.2:$port/topology.yaml" | cmp - topology.yaml
}

# caught CARD FILTER: whether the capture of vm's card has such a frame.
caught() {
	local card=$1
	shift
	tcpdump -nr "$captures/$card.pcapng" "$@" | grep .
}

port=$(free_port)
busybox httpd -f -p "127.0.0.1:$port" -h . &
pids="$pids $!"
start
expect "vm gets address and default route by its first card" await has_default
expect "no other default route" \
	test "$(on vm ip route | grep -c ^default)" = 1
expect "its second card has the address of the file" \
	sh -c "switchctl exec vm ip -br addr show eth1 | grep 192.168.50.1/24"
expect "to the world vm sends by eth0" leaves_by eth0 203.0.113.1
expect "to the lab's network by eth1" leaves_by eth1 192.168.50.2
expect "vm reads a page in the world" await reads
expect "vm reaches pc" pings vm 192.168.50.2
expect "pc reaches vm" pings pc 192.168.50.1

on pc ip route add default via 192.168.50.1
expect "pc does not reach the world by vm, which is no router" no_way pc 10.0.2.2
on vm sysctl -q -w net.ipv4.ip_forward=1
expect "nor if it were one" no_way pc 10.0.2.2
expect "the NAT drops what comes from no guest of its own" \
	await sh -c "switchctl show | grep nat_bad_source"

switchctl port down vm-eth0 >/dev/null
expect "without the cable of eth0 vm is cut off from the world" \
	no_way vm 10.0.2.2
expect "but not from pc" pings vm 192.168.50.2
switchctl port up vm-eth0 >/dev/null
expect "with it it reads on" await reads
switchctl port down vm-eth1 >/dev/null
expect "without that of eth1 pc is out of reach" no_way vm 192.168.50.2
expect "the world is not" reads

switchctl capture stop eth0.pcapng >/dev/null
switchctl capture stop eth1.pcapng >/dev/null
expect "on eth0, what vm asked the world" \
	caught eth0 tcp and src host 10.0.2.15 and dst host 10.0.2.2
expect "and nothing from the address of eth1" fails caught eth0 src host 192.168.50.1
expect "on eth1, what vm and pc said" \
	caught eth1 icmp and src host 192.168.50.2 and dst host 192.168.50.1
expect "and nothing from that of eth0" fails caught eth1 src host 10.0.2.15
