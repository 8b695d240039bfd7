# SPDX-License-Identifier: MIT
# switchd with its defaults, on TAPs that it makes and for VDE clients.
system_note='switchd of this tree'
system_does='guests start vde mixed links'
system_most=60
port_words= # words that every port has
fdb_words=  # words of the switch's fdb
link_words= # words of a link

# lab PORTS: runs switchd with these lines.
lab() {
	{
		echo 'name: bench'
		echo 'switches:'
		echo '  lan:'
		echo "    vde: $state/vde"
		[ -z "$fdb_words" ] || echo "    fdb: {$fdb_words}"
		[ -z "$1" ] || echo '    ports:'
		echo "$1"
	} >"$state/lab.yaml"
	run_lab
}
run_lab() {
	spawn switchd "$build/switchd/switchd" --strict --run "$state/run" \
		"$state/lab.yaml"
	soon grep -q ' ready: ' "$state/switchd.log"
}

# guest_ports N [IFNAME]
guest_ports() {
	local i
	for i in $(seq 0 $(($1 - 1))); do
		echo "      p$i: {tap: ${2:-eth0}, netns: g$i${port_words:+, $port_words}}"
	done
}

system_up() {
	lab "$(guest_ports "$1")"
}
system_start() {
	lab "$(seq -f '      t%g: tap' "$1")"
}
system_vde() {
	vde_dir=$state/vde
	lab ''
}
system_mixed() {
	lab "$(guest_ports 1)"
	far_end "$state/vde"
}
# Two switches, a guest each, and what more is said of the link.
system_link() {
	cat >"$state/lab.yaml" <<-EOF
		name: bench
		switches:
		  a: {ports: {p0: {tap: eth0, netns: g0}}}
		  b: {ports: {p1: {tap: eth0, netns: g1}}}
		links:
		  - {ends: [a, b]${link_words:+, $link_words}}
	EOF
	run_lab
}
system_long() {
	link_words='delay: 50ms, queue: 256MB' system_link
}
