# SPDX-License-Identifier: MIT
# switchd with guests that tag what they send.
unshare --net sh -c 'ip tuntap add t mode tap &&
	ip link add link t name v type vlan id 10' 2>/dev/null || {
	echo 'this kernel has no VLAN devices (8021q)'
	return 1
}
. "$here/systems/labswitch.sh"
system_note='switchd of this tree, every port {trunk: 10}, guests tag'
system_does=guests
port_words='trunk: 10'

system_up() {
	local i
	lab "$(guest_ports "$1" trunk0)"
	for i in $(seq 0 $(($1 - 1))); do
		ip -n "g$i" link set trunk0 up txqueuelen "$txqueuelen"
		ip -n "g$i" link add link trunk0 name eth0 type vlan id 10
	done
}
