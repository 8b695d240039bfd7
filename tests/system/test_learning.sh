# SPDX-License-Identifier: MIT
# Learning, seen from hosts: L13, not one of ten pings is lost, of IPv4 or IPv6;
# L8, an interface that goes is forgotten within a second; L10, a port learns
# as many addresses as it may.
. "$(dirname "$0")/lib.sh"

host a b c
cat >lab.yaml <<'EOT'
name: learning
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      c: {tap: eth0, netns: c, fdb-limit: 8}
EOT
start lab.yaml
i=1
for ns in a b c; do
	ip -n $ns addr add 10.0.0.$i/24 dev eth0
	ip -n $ns addr add fd00::$i/64 dev eth0 nodad
	i=$((i + 1))
done

# L13
for to in 10.0.0.2 fd00::2; do
	ip netns exec a ping -q -c10 -i.1 -w5 $to >ping.log ||
		fail "$to: $(grep loss ping.log)"
	expect grep -q '10 received, 0% packet loss' ping.log
done

# L8
known() { # PORT: how many addresses
	json 'len([e for e in r["rows"] if e["port"] == "lan.'"$1"'"])' fdb
}
[ "$(known b)" -ge 1 ] || fail "b is not known"
ip -n b link del eth0
none() {
	[ "$(known b)" = 0 ]
}
await none

# L10
ip netns exec c python3 - <<'EOT'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
for i in range(16):
    s.send(b"\xff" * 6 + bytes([2, 0, 0, 0, 9, i]) + b"\x88\xb5" + bytes(46))
EOT
eight() {
	[ "$(known c)" = 8 ]
}
await eight
[ "$(known c)" = 8 ] || fail "$(known c) on c"
stop
