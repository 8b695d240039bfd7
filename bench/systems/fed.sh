# SPDX-License-Identifier: MIT
# What the far end of a mixed path can do by itself: a vde_plug that is handed
# the frames of a TAP without a switch.
system_note='vde_plug, fed from a TAP by vde_feed, no switch'
system_does=mixed
system_most=2

system_mixed() {
	mkdir "$state/vde"
	spawn feed "$bin/vde_feed" t0 "$state/vde"
	soon test -e "$state/vde/data"
	far_end "$state/vde"
	ip link set t0 netns g0
	ip -n g0 link set t0 name eth0
}
