# SPDX-License-Identifier: MIT
# The kernel's bridge, with no hop through a process. Its guests are joined by
# veth pairs: what is sent to a TAP goes nowhere but to its process.
system_note="kernel bridge on veth pairs, Linux $(uname -r)"
system_does='guests start'
system_most=60

bridge_begin() {
	ip link add br0 type bridge stp_state 0 mcast_snooping 0
	ip link set br0 up
}

system_up() {
	local i
	bridge_begin
	for i in $(seq 0 $(($1 - 1))); do
		ip link add "h$i" type veth peer name eth0 netns "g$i"
		ip link set "h$i" up master br0
	done
}
system_start() {
	local i
	bridge_begin
	for i in $(seq "$1"); do
		echo "link add h$i type veth peer name t$i"
		echo "link set h$i up master br0"
	done | ip -batch -
}
