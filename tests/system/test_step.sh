# SPDX-License-Identifier: MIT
# A ping, frame by frame: the switch is paused, each frame is seen waiting, let
# go and explained, until the echo is back. Then slowly, then as ever; and every
# frame of a port that goes while some wait is accounted for.
. "$(dirname "$0")/lib.sh"

host a b
cat >lab.yaml <<'EOF2'
name: step
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      c: null
EOF2
# Noise of IPv6 is not wanted here, and one ARP request is to be enough.
for ns in a b; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
start lab.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
for ns in a b; do
	ip netns exec "$ns" sysctl -qw net.ipv4.neigh.eth0.retrans_time_ms=60000
done

texts='[x["text"] for x in r["rows"]]'
waits() { # TEXT: a frame that says so is in the queue
	json "$texts" queue | grep -qF "$1"
}

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == '$1'][0]" ports "$1"
}

# sound: what came in on a port was forwarded or dropped.
sound() {
	expect test "$(json 'all(p["rx_frames"] == p["rx_forwarded"] + sum(n
		for why, n in p["drops"].items() if why.startswith("rx_"))
		for p in r["rows"])' ports)" = True
}

# --- Step by step ----------------------------------------------------------

switchctl pause lan >pause.txt
expect grep -q '^lan: paused, 0 frames wait' pause.txt
expect grep -q 'machines at the ports do not stand still' pause.txt
rx=$(port lan.a 'p["rx_frames"]')
ip netns exec a ping -c 1 -W 60 10.0.0.2 >ping.log &
ping=$!
await waits 'ARP who has 10.0.0.2, tell 10.0.0.1'
switchctl queue >queue.txt
expect grep -Eq '^lan.a .*ff:ff:ff:ff:ff:ff .*ARP who has 10.0.0.2' queue.txt
expect test "$(port lan.a 'p["rx_frames"]')" = "$rx"
switchctl show >show.txt
expect grep -q 'paused, 1 waiting' show.txt

switchctl step >step.txt
expect grep -q '^lan.a  ARP who has 10.0.0.2, tell 10.0.0.1' step.txt
expect grep -q 'is new; the switch learns that this port leads to it' step.txt
expect grep -q 'a group address (broadcast), so it is flooded' step.txt
expect grep -Eq '^lan.b +untagged' step.txt
expect test "$(json '[x["port"] for x in r["rows"]]' fdb)" = "['lan.a']"

# The answer finds its way alone. Other frames may be among those that follow.
await waits 'ARP 10.0.0.2 is at'
: >all.txt
for _ in $(seq 200); do
	json '"\n".join(x["text"] + "; " + x["steps"][-1] for x in r["rows"])' \
		step >>all.txt
	kill -0 "$ping" 2>/dev/null || break
	sleep 0.1
done
wait "$ping" || fail "no echo: $(cat all.txt)"
grep -E 'is at|ICMP' all.txt >way.txt
expect grep -q '^ARP 10.0.0.2 is at .* is known on port lan.a' way.txt
expect grep -q '10.0.0.1 -> 10.0.0.2 ICMP echo request.*port lan.b, so' way.txt
expect grep -q '10.0.0.2 -> 10.0.0.1 ICMP echo reply.*port lan.a, so' way.txt
expect test "$(sed -E 's/.*(is at|request|reply).*/\1/' way.txt | uniq |
	tr '\n' ' ')" = 'is at request reply '

switchctl resume >resume.txt
expect grep -Eq '^lan: [0-9]+ frames? went on' resume.txt
pings a 10.0.0.2
sound

# --- Slowly ----------------------------------------------------------------

switchctl --json watch >watch.json &
watch=$!
await grep -q '"watch"' watch.json
switchctl slow 50ms >slow.txt
expect grep -q '^lan: one frame every 50 ms' slow.txt
pings b 10.0.0.1
switchctl resume lan >/dev/null
await grep -q '"resume"' watch.json
kill "$watch"
expect test "$(grep -c '"event":"hold".*ICMP echo' watch.json)" -ge 10
expect test "$(grep -c '"event":"step".*ICMP echo' watch.json)" -ge 10

# --- A port that goes, a lab that ends -------------------------------------

# Two that wait on a, and one on b.
switchctl pause >/dev/null
ip netns exec a ping -q -c 2 -i 0.2 -W 1 10.0.0.2 >/dev/null 2>&1 || true
ip netns exec b ping -q -c 1 -W 1 10.0.0.1 >/dev/null 2>&1 || true
[ "$(json "[x['text'] for x in r['rows'] if x['port'] == 'lan.a']" queue |
	grep -o 'echo request' | wc -l)" = 2 ] || fail "$(switchctl queue)"
ip -n a link del eth0
left() {
	[ "$(port lan.a 'p["drops"].get("rx_pause_left", 0)')" -ge 2 ]
}
await left
expect test "$(json "len([x for x in r['rows'] if x['port'] == 'lan.a'])" \
	queue)" = 0
waits 'ICMP echo request' || fail "b's frame has gone, too"
sound
stop
expect test ! -e /run/labswitch/step
