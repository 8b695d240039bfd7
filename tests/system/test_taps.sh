# SPDX-License-Identifier: MIT
# G4: TAPs as the kernel gives them: traffic, down, deleted, renamed, moved,
# adopted; what happens to one costs the others no frame.
. "$(dirname "$0")/lib.sh"

host a b c
cat >taps.yaml <<'EOF'
name: taps
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a, txqueuelen: 77}
      b: {tap: eth0, netns: b, mac: "02:00:00:00:00:0b", mtu: 9000}
      c: {tap: mine, netns: c}
      here: tap
EOF
ip -n c tuntap add mine mode tap
ip -n c link set mine mtu 1400 up
start taps.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n c addr add 10.0.0.3/24 dev mine

# queue_of NETNS IFNAME
queue_of() {
	ip -n "$1" -j link show "$2" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["txqlen"])'
}

# What was asked for is what the kernel has; an adopted TAP is left as it was.
[ "$(queue_of a eth0)" -eq 77 ] || fail "queue of a: $(queue_of a eth0)"
[ "$(queue_of b eth0)" -eq 2500 ] || fail "queue of b: $(queue_of b eth0)"
[ "$(queue_of c mine)" -eq 1000 ] || fail "queue of c: $(queue_of c mine)"
expect grep -q 'mtu 9000' <(ip -n b link show eth0)
expect grep -q '02:00:00:00:00:0b' <(ip -n b link show eth0)
expect grep -q 'mtu 1400' <(ip -n c link show mine)
expect ip link show here

pings a 10.0.0.2
pings a 10.0.0.3

ip netns exec b iperf3 -s -1 -D --pidfile "$tmp/iperf.pid" >/dev/null
await ip netns exec b sh -c 'ss -ltn | grep -q 5201'
expect ip netns exec a timeout 20 iperf3 -c 10.0.0.2 -t 3 -J >iperf.json
expect python3 -c "
import json
r = json.load(open('iperf.json'))['end']['sum_received']
assert r['bytes'] > 1e6, r
print('TAP-TAP TCP: %.0f Mbit/s' % (r['bits_per_second'] / 1e6))"

ip netns exec a ping -q -i 0.05 -W 5 10.0.0.3 >others.log &
others=$!

# Down: frames for it are counted, the port stays up, and it recovers.
ip -n b link set eth0 down
ip netns exec a ping -q -c 3 -i 0.2 -W 1 -b 10.0.0.255 >/dev/null 2>&1 || true
down=$(json '[p["drops"].get("tx_down", 0) for p in r["rows"] if p["port"] == "lan.b"][0]' ports)
[ "$down" -gt 0 ] || fail "a TAP that is down: tx_down is $down"
ip -n b link set eth0 up
ip -n b addr replace 10.0.0.2/24 dev eth0
pings a 10.0.0.2

# Deleted: the port goes down with a reason, the others go on, it comes back.
ip -n b link del eth0
await grep -q 'lan.b: down' switchd.log
pings a 10.0.0.3
await ip -n b link show eth0
await grep -q 'lan.b: up' switchd.log
ip -n b addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2

# Renamed: the same descriptor carries on.
ip -n b link set eth0 down
ip -n b link set eth0 name lan0 up
ip -n b addr replace 10.0.0.2/24 dev lan0
pings a 10.0.0.2

# Moved to another namespace while open: the same descriptor carries on.
ip link set here netns a
ip -n a link set here up
ip -n a addr add 10.0.1.1/24 dev here
ip -n b addr add 10.0.1.2/24 dev lan0
expect ip netns exec a ping -q -c 3 -i 0.2 -W 2 -I here 10.0.1.2 >/dev/null

# Of a change of its queue the port keeps its interface, and says what to do.
sed 's/77/99/' taps.yaml >longer.yaml
expect switchctl apply longer.yaml >apply.log
grep -q '^~ lan.a: txqueuelen 77 -> 99' apply.log || fail "$(cat apply.log)"
expect grep -q 'lan.a: mtu is 1500, txqueuelen 99 now' switchd.log
eval "$(sed -n 's/.*lan.a: .*`\(ip netns exec a ip link .*\)`.*/\1/p' switchd.log)"
[ "$(queue_of a eth0)" -eq 99 ] || fail "queue of a: $(queue_of a eth0)"

kill -INT $others
wait $others || fail "$(cat others.log)"
# The last one may have been under way.
expect awk '/transmitted/ {n = 1; lost = $1 - $4} END {exit !(n && lost < 2)}' \
	others.log
stop
expect test ! -e /run/labswitch/taps/control
refuse 1 ip -n a link show eth0 2>/dev/null
expect ip -n c link show mine # adopted, so not ours to remove
