# SPDX-License-Identifier: MIT
# GNS3's ubridge, which joins two ports; Debian has no package of it.
command -v ubridge >/dev/null || {
	echo 'ubridge is not installed'
	return 1
}
system_note="ubridge $(ubridge -v 2>&1 | head -1)"
system_does=guests
system_most=2

system_up() {
	local i
	printf '[b]\nsource_tap = t0\ndestination_tap = t1\n' >"$state/ini"
	spawn ubridge ubridge -f "$state/ini"
	for i in 0 1; do
		soon ip link show "t$i"
		ip link set "t$i" netns "g$i"
		ip -n "g$i" link set "t$i" name eth0
	done
}
