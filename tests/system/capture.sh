# SPDX-License-Identifier: MIT
# Sourced by test_capture*.sh: what others read in a file.

# read_by_tshark FILE WORDS...: frame by frame, no streams put together, which
# took it minutes on a busy machine.
read_by_tshark() {
	tshark -r "$1" -o tcp.desegment_tcp_streams:FALSE \
		-o tcp.analyze_sequence_numbers:FALSE "${@:2}"
}

# sound FILE: three readers read it without a word.
sound() {
	read_by_tshark "$1" >/dev/null 2>tshark.log || fail "tshark reads $1"
	tcpdump -nr "$1" >/dev/null 2>tcpdump.log || fail "tcpdump reads $1"
	capinfos "$1" >capinfos.txt 2>capinfos.log || fail "capinfos reads $1"
	grep -v -e 'Running as user' -e 'reading from file' -e '^$' \
		tshark.log tcpdump.log capinfos.log &&
		fail "warnings about $1"
	return 0
}

# having FILE FILTER: how many frames match, by Wireshark's words.
having() {
	read_by_tshark "$1" -o tcp.check_checksum:TRUE \
		-o ip.check_checksum:TRUE -Y "$2" 2>/dev/null | wc -l
}

# capture_is FILE STATE: the capture to this file is in this state.
capture_is() {
	[ "$(json "[c['state'] for c in r['rows'] if c['output'] == 'file $1']" \
		capture list)" = "['$2']" ]
}

# capture_of FILE KEY: a value of its row.
capture_of() {
	json "[c['$2'] for c in r['rows'] if c['output'] == 'file $1'][0]" \
		capture list
}
