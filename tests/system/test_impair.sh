# SPDX-License-Identifier: MIT
# Bad cables, with real pings: delay, loss, filter, rate, order, on a link and at
# a TAP; changed by a file, by a client, and back. Times are asserted only from
# below: a frame may be late on a busy machine, never early.
. "$(dirname "$0")/lib.sh"

host a b c
cat >lab.yaml <<'EOF2'
name: impair
switches:
  sw1:
    ports:
      a: {tap: eth0, netns: a}
      c: {tap: eth0, netns: c}
  sw2: {ports: {b: {tap: eth0, netns: b}}}
links:
  - sw1 -- sw2: {name: far, delay: 50ms}
EOF2
start lab.yaml
i=1
for ns in a b c; do
	ip -n "$ns" addr add "10.0.0.$((i++))/24" dev eth0
	# Nothing but what is sent here.
	ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
done

# ping1 FROM ADDRESS [OPTIONS]: sets $rtt, of the fastest, in ms without fraction.
ping1() {
	local from=$1 to=$2
	shift 2
	ip netns exec "$from" ping -q -c 3 -i 0.2 -W 5 "$@" "$to" >ping.log ||
		fail "no ping from $from to $to: $(cat ping.log)"
	rtt=$(sed -n 's|.*= \([0-9]*\)\..*/.*/.*|\1|p' ping.log)
}

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == '$1'][0]" ports "$1"
}

cable() { # NAME DIRECTION EXPRESSION over its row `c`
	json "[$3 for c in r['rows'] if c['direction'] == '$2'][0]" impair "$1"
}

# Every frame is accounted for once nothing is under way.
sound() {
	[ "$(json 'all(p["tx_offered"] == p["tx_frames"] + p["held"] +
		sum(n for d, n in p["drops"].items() if d[:3] == "tx_") and
		p["rx_frames"] == p["rx_forwarded"] +
		sum(n for d, n in p["drops"].items() if d[:3] == "rx_")
		for p in r["rows"])' ports)" = True ]
}

# --- A long cable ----------------------------------------------------------

ping1 a 10.0.0.2
[ "$rtt" -ge 100 ] || fail "$rtt ms over twice 50 ms"
echo "over 50 ms each way: $(tail -1 ping.log)"
expect sound
switchctl link list >list.txt
expect grep -q '^    forth: delay 50ms' list.txt
expect sh -c 'switchctl show | grep -q "^    back: delay 50ms"'

# One way by a client; then by the file. Counters, neighbours and what is under
# way stay.
switchctl impair far back delay off >list.txt
expect grep -q '^far  *back .* -$' list.txt
expect grep -q 'not as in the file' list.txt
expect grep -q 'sw2.far: back is perfect again' switchd.log
ping1 a 10.0.0.2
[ "$rtt" -ge 50 ] || fail "$rtt ms over 50 ms"
before=$(port sw1.far 'p["tx_frames"]')
ip netns exec a ping -q -c 200 -i 0.01 -W 5 10.0.0.3 >calm.log &
calm=$!
ip netns exec a ping -q -c 200 -i 0.01 -W 5 10.0.0.2 >ping.log &
ping=$!
for delay in 10ms 200us off 60ms 1ms; do
	switchctl impair far delay $delay >/dev/null
	sed -i "s/delay: .*}/delay: 5$delay}/; s/5off/off/" lab.yaml
	switchctl apply lab.yaml >/dev/null
done
wait "$ping" || fail "lost by a change: $(cat ping.log)"
expect grep -q '200 received' ping.log
wait "$calm" || fail "lost beside a change: $(cat calm.log)"
expect grep -q '200 received' calm.log
[ "$(port sw1.far 'p["tx_frames"]')" -ge $((before + 200)) ] ||
	fail "the port began anew"
expect sound
expect test "$(cable far forth 'c["text"]')" = "delay 51ms"
expect test "$(cable far forth 'c["live"]')" = False
expect switchctl dump >dump.yaml
expect grep -q 'name: far, delay: 51ms' dump.yaml

# What is under way goes with the cable, and is counted.
switchctl impair far delay 1h >/dev/null
ip netns exec a ping -q -c 3 -i 0.1 -W 0.1 10.0.0.2 >/dev/null 2>&1 || true
[ "$(cable far forth 'c["under_way"]')" -ge 3 ] || fail "nothing is under way"
[ "$(port sw1.far 'p["held"]')" -ge 3 ] || fail "nothing is held"
switchctl link down far >/dev/null
[ "$(port sw1.far 'p["drops"]["tx_link_down"]')" -ge 3 ] || fail "not counted"
switchctl link up far >/dev/null
switchctl impair reset >list.txt
expect grep -q '^far  *forth .* delay 51ms$' list.txt
expect sound

# --- Loss, and what is lost ------------------------------------------------

# All replies; then the same pings twice with one seed.
switchctl impair far delay off >/dev/null
ping1 a 10.0.0.2
switchctl impair far back loss 100% >/dev/null
refuse 1 ip netns exec a ping -q -c 3 -i 0.05 -W 0.2 10.0.0.2 >ping.log
# Hosts may ask who is where between two looks.
counted() {
	[ "$(port sw2.far 'p["drops"]["tx_loss"]')" = \
		"$(cable far back 'c["lost"]')" ]
}
await counted
[ "$(cable far back 'c["lost"]')" -ge 3 ] || fail "nothing was lost"
switchctl impair far off >/dev/null

# Static neighbours, so that there are echoes alone.
mac() {
	ip -n "$1" -br link show dev eth0 | awk '{ print $3 }'
}
ip -n a neigh replace 10.0.0.2 lladdr "$(mac b)" dev eth0
ip -n a neigh replace 10.0.0.3 lladdr "$(mac c)" dev eth0
ip -n b neigh replace 10.0.0.1 lladdr "$(mac a)" dev eth0
ip -n c neigh replace 10.0.0.1 lladdr "$(mac a)" dev eth0
cat >hear.py <<'EOF2'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.2", 5001))
print("ready", flush=True)
while True:
    print(s.recv(100).decode(), flush=True)
EOF2
cat >say.py <<'EOF2'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(100):
    s.sendto(b"%d" % i, ("10.0.0.2", 5001))
EOF2

# What of a hundred numbers arrives with this seed.
arrives() { # SEED FILE
	local before hearer
	ip netns exec b python3 hear.py >"$2" &
	hearer=$!
	await grep -q ready "$2"
	switchctl impair far forth loss 40% seed "$1" >/dev/null
	before=$(port sw1.a 'p["rx_frames"]')
	ip netns exec a python3 say.py
	all_in() {
		[ "$(port sw1.a 'p["rx_frames"]')" = $((before + 100)) ]
	}
	await all_in
	lost=$(($(cable far forth 'c["lost"]') - lost_before))
	lost_before=$((lost_before + lost))
	all_out() {
		[ "$(wc -l <"$2")" = $((101 - lost)) ]
	}
	await all_out x "$2"
	kill "$hearer"
	wait "$hearer" || true
	switchctl impair far off >/dev/null
}
lost_before=0
arrives 7 first
arrives 8 other
arrives 7 again
[ "$lost" -ge 10 ] && [ "$lost" -le 75 ] || fail "$lost of 100 lost, not 40"
expect cmp first again
refuse 1 cmp -s first other

# A filter: no echo of more than 500 bytes gets through.
switchctl impair far forth drop 'icmp and greater 500' >/dev/null
pings a 10.0.0.2
refuse 1 ip netns exec a ping -q -c 3 -i 0.05 -W 0.2 -s 1000 10.0.0.2 >ping.log
expect test "$(cable far forth 'c["filtered"]')" = 3
expect test "$(port sw1.far 'p["drops"]["tx_filter"]')" = 3
refuse 2 switchctl impair far drop 'icmp and' 2>err.txt
expect grep -q 'syntax error' err.txt

# Twice.
switchctl impair far off >/dev/null
switchctl impair far forth duplicate 100% >/dev/null
ip netns exec a ping -q -c 3 -i 0.05 -W 1 10.0.0.2 >ping.log
expect grep -q '+[23] duplicates' ping.log
switchctl impair far >list.txt
expect grep -q '^    duplicated: [3-9]$' list.txt
switchctl impair far off >/dev/null
expect sound

# --- At a port -------------------------------------------------------------

switchctl impair sw1.a rx delay 30ms >/dev/null
switchctl impair c tx delay 20ms >/dev/null
ping1 a 10.0.0.3
[ "$rtt" -ge 50 ] || fail "$rtt ms over 50 ms"
ping1 a 10.0.0.2
[ "$rtt" -ge 30 ] || fail "$rtt ms over 30 ms"
expect sh -c 'switchctl show | grep -q "^    rx: delay 30ms"'
switchctl impair sw1.a off >/dev/null
switchctl impair sw1.a rx loss 100% >/dev/null
refuse 1 ip netns exec a ping -q -c 3 -i 0.05 -W 0.2 10.0.0.2 >ping.log
[ "$(port sw1.a 'p["drops"]["rx_loss"]')" -ge 3 ] || fail "nothing was lost"
expect sound
switchctl impair reset >/dev/null
pings a 10.0.0.3

# From the file; a rate, which a large ping needs time for: 8,000 bits and more
# each way at 1 Mbit/s.
sed -i 's/a: {tap: eth0, netns: a/&, rx: {rate: 1mbit, drop: arp}, tx: 10ms/' \
	lab.yaml
expect test "$(json '[s["text"] for s in r["plan"]]' apply lab.yaml)" = \
	"['~ sw1.a: rx.rate unset -> 1mbit, rx.drop unset -> arp, tx.delay \
unset -> 10ms']"
ping1 a 10.0.0.3 -s 1000
[ "$rtt" -ge 18 ] || fail "$rtt ms over 18 ms"
expect sound
sed -i 's/drop: arp/drop: arpp/' lab.yaml
refuse 2 switchctl validate lab.yaml 2>err.txt
expect grep -q "lab.yaml:5:.*port 'a': 'drop': .*syntax error" err.txt
sed -i 's/, rx: .*}, tx: 10ms//' lab.yaml
switchctl apply lab.yaml >/dev/null
expect test "$(json 'r["rows"]' impair)" != "[]" # the link's
pings a 10.0.0.3

# --- TCP goes through all of it whole --------------------------------------

switchctl impair far off >/dev/null
switchctl impair far delay 2ms jitter 1ms loss 1% corrupt 1% reorder 1% \
	duplicate 1% rate 200mbit >/dev/null
head -c 1000000 /dev/urandom >sent
ip netns exec b python3 -c '
import socket, sys
s = socket.create_server(("10.0.0.2", 5000))
print("ready", flush=True)
c = s.accept()[0]
while data := c.recv(65536):
    sys.stdout.buffer.write(data)
' >got &
server=$!
await grep -q ready got
ip netns exec a timeout 60 python3 -c '
import socket, sys
c = socket.create_connection(("10.0.0.2", 5000))
c.sendall(open("sent", "rb").read())
c.shutdown(socket.SHUT_WR)
c.recv(1)
' || fail "TCP did not get through"
await gone "$server"
wait "$server"
tail -c 1000000 got | expect cmp - sent
for count in lost corrupted duplicated reordered; do
	[ "$(cable far forth "c['$count']")" -gt 0 ] || fail "none $count"
done
quiet() {
	[ "$(cable far forth 'c["under_way"]')" = 0 ] && sound
}
await quiet
stop
