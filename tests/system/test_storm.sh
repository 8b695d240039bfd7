# SPDX-License-Identifier: MIT
# Three switches in a loop, and a broadcast that goes round it for ever: two
# hosts on another switch of the same daemon lose none of 1,000 pings, the
# daemon answers, memory stays bounded, storm control caps it, and a pulled
# cable ends it.
. "$(dirname "$0")/lib.sh"

host x1 x2 calm1 calm2
cat >lab.yaml <<'EOF2'
name: storm
switches:
  sw1: {ports: {x1: {tap: eth0, netns: x1}}}
  sw2: {ports: {x2: {tap: eth0, netns: x2}}}
  sw3: {}
  calm:
    ports:
      calm1: {tap: eth0, netns: calm1}
      calm2: {tap: eth0, netns: calm2}
links:
  - sw1 -- sw2
  - sw2 -- sw3
  - sw3 -- sw1
EOF2
start lab.yaml
ip -n x1 addr add 10.0.0.1/24 dev eth0
ip -n x2 addr add 10.0.0.2/24 dev eth0
ip -n calm1 addr add 10.0.1.1/24 dev eth0
ip -n calm2 addr add 10.0.1.2/24 dev eth0
pings calm1 10.0.1.2

rx() { # frames that have come in on all ports of the loop
	json 'sum(p["rx_frames"] for p in r["rows"])' ports sw1 sw2 sw3
}

# One broadcast each way round is enough; many, so that it is a storm.
ip netns exec x1 ping -q -c 20 -i 0.01 -W 0.1 10.0.0.2 >/dev/null || true
ip netns exec x1 ping -q -c 200 -i 0.002 -b 10.0.0.255 >/dev/null 2>&1 || true
first=$(rx)
ip netns exec calm1 ping -q -i 0.005 -c 1000 -W 2 10.0.1.2 >ping.log ||
	fail "$(grep loss ping.log)"
second=$(rx)
cat ping.log
[ $((second - first)) -ge 100000 ] || fail "no storm: $((second - first))"
echo "storm: $((second - first)) frames meanwhile"
expect grep -q '1000 received, 0% packet loss' ping.log

# Nothing is lost but where a queue is full, and these are bounded.
expect test "$(json 'sorted(set(d for p in r["rows"] for d in p["drops"])
	- {"tx_hold_full", "rx_same_port", "tx_down"})' ports)" = "[]"
rss=$(awk '/VmRSS/ { print $2 }' "/proc/$switchd/status")
most=300000
# AddressSanitizer keeps what was freed for a while.
! grep -q __asan_init "$BIN/switchd/switchd" || most=900000
[ "$rss" -lt $most ] || fail "$rss KB"

# Who watches sees it. Storm control, written while it rages, caps it: on no end
# of a link more is let in than the limit of each class, and a burst.
switchctl --json watch >watch.json &
watch=$!
await grep -q '"flood".*broadcast' watch.json
sed -i 's/^  - \(sw. -- sw.\)$/  - \1: {storm: 1000\/s}/' lab.yaml
switchctl apply lab.yaml >apply.txt
expect test "$(grep -c 'storm.each unset -> 1000/s' apply.txt)" = 3
await grep -q '"storm".*more than 1000/s of ' watch.json
kill "$watch"
cat >capped.py <<'EOF2'
import json, subprocess, time

def links():
    out = subprocess.check_output(["switchctl", "--json", "ports"])
    return {p["port"]: (p["rx_forwarded"], p["drops"].get("rx_storm", 0))
            for p in json.loads(out)["rows"] if "--" in p["port"]}

start = time.monotonic()
before = links()
time.sleep(2)
after = links()
most = 3 * 1000 * (time.monotonic() - start) + 150
let_in = [after[p][0] - before[p][0] for p in before]
dropped = [after[p][1] - before[p][1] for p in before]
print(f"capped: at most {most:.0f}, let in {let_in}, dropped {dropped}")
assert len(before) == 6 and 0 < max(let_in) <= most and sum(dropped) > 0
EOF2
ip netns exec x1 ping -q -i 0.002 -b 10.0.0.255 >/dev/null 2>&1 &
noise=$!
expect python3 capped.py
pings calm1 10.0.1.2
kill "$noise"

# It ends with the loop.
switchctl link down sw3--sw1 >/dev/null
quiet() {
	local before
	before=$(rx)
	sleep 0.3
	[ "$(rx)" -lt $((before + 100)) ]
}
await quiet
await grep -q 'the storm is over' switchd.log
switchctl fdb flush >/dev/null # addresses may have been learned from echoes
pings x1 10.0.0.2
stop
