# SPDX-License-Identifier: MIT
# What the far end of a mixed path can do by itself: vde_plug between two TAPs,
# without a switch.
system_note='vde_plug tap:// tap://, no switch'
system_does=mixed
system_most=2

system_mixed() {
	local i
	spawn plug vde_plug tap://t0 tap://t1
	for i in 0 1; do
		soon ip link show "t$i"
		ip link set "t$i" netns "g$i"
		ip -n "g$i" link set "t$i" name eth0
	done
}
