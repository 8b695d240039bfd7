# SPDX-License-Identifier: MIT
# Mirror ports and isolated ports, read by tcpdump and changed in the running
# lab: each direction once, tags as on the wire, and nothing of the mirror's own.
. "$(dirname "$0")/lib.sh"

host a b up spy
for ns in a b up spy; do
	ip netns exec $ns sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
cat >lab.yaml <<'EOT'
name: mirror
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a, vlan: 10}
      b: {tap: eth0, netns: b, vlan: 10}
      up: {tap: eth0, netns: up, trunk: 10}
      spy: {tap: eth0, netns: spy, mirror: [a, up]}
  far:
    ports: {x: mem}
links:
  - lan -- far: {vlan: 10}
EOT
start lab.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0

frame() { # FROM TO LAST: to 02:00:00:00:07:TO, or ff, from ..:LAST
	ip netns exec "$1" python3 - "$2" "$3" <<-'EOT'
		import socket, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("eth0", 0))
		to, src = (int(w, 16) for w in sys.argv[1:])
		dst = b"\xff" * 6 if to == 255 else bytes([2, 0, 0, 0, 7, to])
		s.send(dst + bytes([2, 0, 0, 0, 7, src]) + b"\x88\xb5" + bytes(46))
	EOT
}
look() { # what spy sees of 02:00:00:00:07:xx from now on is in spy.txt
	: >spy.txt
	ip netns exec spy tcpdump -i eth0 -Q in -nn -e -l -U \
		'ether[6:4] = 0x02000000' >spy.txt 2>tcpdump.err &
	tcpdump=$!
	await grep -q listening tcpdump.err
}
sees() { # COUNT REGEX: so many lines like that
	[ "$(grep -c "$2" spy.txt)" = "$1" ]
}
port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == 'lan.$1'][0]" ports
}
mirror() { # WORDS of spy
	sed -i "s/mirror: .*/mirror: $1}/" lab.yaml
	switchctl apply lab.yaml >apply.txt
}

# In on a, without a tag; out on up, with one; what passes elsewhere is not
# seen, and the pings are not disturbed.
look
pings a 10.0.0.2
frame a ff 1
frame b 1 2
frame b ff 3
await sees 2 '02:00:00:00:07:03 >'
expect sees 1 '02:00:00:00:07:01 > ff:ff:ff:ff:ff:ff, ethertype Unknown'
expect sees 1 '02:00:00:00:07:01 > .*802.1Q.*vlan 10'
expect sees 1 '02:00:00:00:07:02 > ' # out on a alone
expect sees 1 '02:00:00:00:07:03 > .*802.1Q.*vlan 10'
kill "$tcpdump"

# By direction, a link, all; live.
mirror '{of: a, direction: rx}'
expect grep -q 'mirror.of a,up -> a, mirror.direction unset -> rx' apply.txt
look
frame b ff 4
frame a ff 5
await sees 1 '07:05 >'
expect sees 0 '07:04 >'
mirror '{of: lan--far, direction: tx}'
frame a ff 6
await sees 1 '07:06 >'
mirror all
frame b 1 7 # in on b, out on a
await sees 2 '07:07 >'
kill "$tcpdump"
switchctl dump >dump.yaml
expect grep -q 'spy: {tap: eth0, netns: spy, mirror: all}' dump.yaml

# It only looks on.
frame spy ff 8
drops() {
	[ "$(port spy 'p["drops"].get("rx_mirror", 0)')" -ge 1 ]
}
await drops
expect test "$(port spy 'p["rx_forwarded"]')" = 0
switchctl trace lan.a ffffffffffff 020000000701 88b5 >trace.txt
expect grep -q 'Mirror lan.spy gets 4 copies' trace.txt
refuse 1 grep -q '^lan.spy' trace.txt

# Isolated from each other, but not from others.
sed -i 's/vlan: 10}$/vlan: 10, isolated: yes}/; s/far: {.*/far: {vlan: 10}/' \
	lab.yaml
switchctl apply lab.yaml >apply.txt
expect grep -q 'lan.b: isolated unset -> yes' apply.txt
refuse 1 ip netns exec a ping -q -c 1 -W 1 10.0.0.2 >/dev/null
isolated() {
	[ "$(port a 'p["drops"].get("rx_isolated", 0)')" -ge 1 ]
}
await isolated
switchctl trace lan.a ffffffffffff 020000000701 88b5 >trace.txt
expect grep -q '^lan.up' trace.txt
refuse 1 grep -q '^lan.b' trace.txt
sed -i 's/, isolated: yes//' lab.yaml
switchctl apply lab.yaml >/dev/null
pings a 10.0.0.2
stop
