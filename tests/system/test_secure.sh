# SPDX-License-Identifier: MIT
# Port security: the first addresses may send, others are dropped or shut the
# port; sticky ones outlast a flush and a port that goes down, and are nowhere
# else. All of it is changed in the running lab.
. "$(dirname "$0")/lib.sh"

host a c
sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # only what is sent here
for ns in a c; do
	ip netns exec $ns sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
cat >lab.yaml <<'EOT'
name: secure
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      c: {tap: eth0, netns: c}
EOT
start lab.yaml

frames() { # FROM LAST... : a broadcast from 02:00:00:00:07:LAST
	ip netns exec "$1" python3 - "$@" <<-'EOT'
		import socket, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("eth0", 0))
		for last in sys.argv[2:]:
		    s.send(b"\xff" * 6 + bytes([2, 0, 0, 0, 7, int(last)]) +
		           b"\x88\xb5" + bytes(46))
	EOT
}
known() { # PORT LAST... : those are known there, and no others
	[ "$(json '" ".join(sorted(e["mac"][-1] for e in r["rows"]
		if e["port"] == "lan.'"$1"'"))' fdb)" = "${*:2}" ]
}
port() { # NAME EXPRESSION over its row `p`: is it true?
	[ "$(json "[$2 for p in r['rows'] if p['port'] == 'lan.$1'][0]" ports)" \
		= True ]
}
refused() { # PORT: a frame was
	port "$1" 'p["drops"].get("rx_secure", 0) > 0'
}
change() { # WORDS of c
	sed -i "s/c: {.*/c: {tap: eth0, netns: c$1}/" lab.yaml
	switchctl apply lab.yaml >apply.txt
}
switchctl --json watch >watch.json &
watch=$!
await grep -q '"watch"' watch.json

# Two of three.
change ', secure: 2'
expect grep -q 'lan.c: secure.max unset -> 2' apply.txt
frames c 1 2 3
await known c 1 2
await refused c
await grep -q '"secure".*lan.c.*02:00:00:00:07:03' watch.json
await grep -q 'lan.c: 02:00:00:00:07:03 may not send here' switchd.log
switchctl fdb flush >/dev/null
frames c 3 # it is the first now
await known c 3

# Sticky.
change ', secure: {max: 2, sticky: yes}'
await known c
frames c 1 2
await known c 1 2
switchctl fdb >fdb.txt
expect test "$(grep -c 'lan.c *sticky' fdb.txt)" = 2
frames a 1
await refused a
switchctl fdb flush >/dev/null
switchctl port down c >/dev/null
switchctl port up c >/dev/null
expect known c 1 2
expect known a
ip -n c link del eth0
await grep -q 'lan.c: down' switchd.log
expect known c 1 2
await ip -n c link show eth0
switchctl dump >dump.yaml
expect grep -q 'secure: {max: 2, sticky: yes}' dump.yaml
switchctl fdb del 02:00:00:00:07:02 >/dev/null
expect known c 1

# Shut.
change ', secure: {max: 2, action: shutdown}'
await known c
frames c 1 2 3
await port c 'p["state"] == "shut"'
expect grep -q 'lan.c: shut: 02:00:00:00:07:03 may not send here' switchd.log
await grep -q '"down".*lan.c.*switchctl port up lan.c' watch.json
switchctl port up c >/dev/null
frames c 1 2
await known c 1 2
change ''
frames c 3
await known c 1 2 3
kill "$watch"
stop
