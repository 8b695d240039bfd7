# SPDX-License-Identifier: MIT
# The least that a switch in a process can do: limit/README.md.
[ -x "$bin/rawsw" ] || {
	echo 'liburing-dev was not there when it was built'
	return 1
}
system_note='bare forwarder (limit/rawsw.c), io_uring multishot, vnet_hdr'
system_does=guests
system_most=60

system_up() {
	spawn rawsw "$bin/rawsw" -R -p g -n "$1" -V -u ms
	soon grep -q ready "$state/rawsw.log"
}
