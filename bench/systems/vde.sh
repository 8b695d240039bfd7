# SPDX-License-Identifier: MIT
# vde_switch with a vde_plug2tap for each guest.
command -v vde_switch vde_plug2tap >/dev/null || {
	echo 'vde2 is not installed'
	return 1
}
system_note="vde_switch and vde_plug2tap, vde2 $(dpkg-query -W -f='${Version}' vde2 2>/dev/null)"
system_does='guests start vde mixed'
system_most=60

# In the foreground: a standard input that never ends keeps it there.
vde_begin() {
	mkfifo "$state/keys"
	spawn switch sh -c "exec vde_switch -s $state/vde -n 1024 <>$state/keys"
	soon test -S "$state/vde/ctl"
}

system_up() {
	local i
	vde_begin
	for i in $(seq 0 $(($1 - 1))); do
		spawn "plug$i" ip netns exec "g$i" \
			vde_plug2tap -s "$state/vde" eth0
		soon ip -n "g$i" link show eth0
	done
}
taps() {
	[ "$(ip -br link show | grep -c '^t[0-9]')" -eq "$1" ]
}
system_start() {
	local i
	vde_begin
	for i in $(seq "$1"); do
		spawn plug vde_plug2tap -s "$state/vde" "t$i"
	done
	soon taps "$1"
}
system_vde() {
	vde_dir=$state/vde
	vde_begin
}
system_mixed() {
	system_up 1
	far_end "$state/vde"
}
