# SPDX-License-Identifier: MIT
# G1: a thousand SIGHUPs and a thousand applies: the last file counts, ports
# that are in both files lose no frame, descriptors and memory stay.
. "$(dirname "$0")/lib.sh"

# ASan keeps freed memory for a while, which is not what is measured here.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1

host a b
cat >lab.yaml <<'EOT'
name: soak
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      u: udp 10001 -> 127.0.0.1:10002
      v: vde
  one:
    vde: /run/one.ctl
    ports: {x: vde, y: null}
EOT
cat >other.yaml <<'EOT'
name: soak
switches:
  lan:
    fdb: {limit: 1000}
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      u: udp 10001 -> 127.0.0.1:10003
      v: {vde, number: 7}
      t: tap
  two:
    vde: /run/one.ctl
    ports: {x: vde, y: {"null", vlan: 5}}
EOT
start lab.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2

ip netns exec a ping -q -i 0.005 -W 2 10.0.0.2 >long.log &
ping=$!
timeout 200 python3 "$SRC/tests/system/reload.py" \
	/run/labswitch/soak/control "$switchd" 1000 lab.yaml other.yaml ||
	fail "reload.py: exit $?"
kill -INT $ping
wait $ping || true
# The last one may be on its way.
read -r sent received < <(sed -nE \
	's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' long.log)
[ "$sent" -gt 500 ] && [ $((sent - received)) -le 1 ] ||
	fail "$(grep loss long.log)"
stop
