# SPDX-License-Identifier: MIT
# QinQ: two sites of a customer, each a switch with VLANs of its own, joined by
# two switches of a provider, and another customer with the same VLANs; what is
# on the cable between, byte for byte and in the words of tcpdump; mtu, TCP in
# segments of 64 KB, and a tunnel that is changed live.
. "$(dirname "$0")/lib.sh"
frames=$SRC/tests/system/raw_frames.py

host a1 a2 b1 b2 s1 s2 spy
cat >lab.yaml <<'EOF2'
name: qinq
vlans: {red: 100, blue: 200}
switches:
  home:
    ports:
      a1: {tap: eth0, netns: a1, vlan: 5}
  p1:
    ports:
      b1: {tap: eth0, netns: b1, tunnel: blue}
      s1: {tap: eth0, netns: s1, tunnel: red}
  p2:
    vlan-protocol: 802.1ad
    ports:
      b2: {tap: eth0, netns: b2, tunnel: blue}
      s2: {tap: eth0, netns: s2, tunnel: red}
      spy: {tap: eth0, netns: spy, trunk: all}
  office:
    ports:
      a2: {tap: eth0, netns: a2, vlan: 5}
links:
  - home -- p1: {trunk: [5, 6], tunnel: red}
  - p1 -- p2: {name: core, trunk: [red, blue]}
  - p2 -- office: {trunk: [5, 6], tunnel: red}
EOF2
start lab.yaml
i=1
for ns in a1 a2 b1 b2; do
	ip -n "$ns" addr add "10.0.0.$((i++))/24" dev eth0
done

reaches() { # FROM ADDRESS
	ip netns exec "$1" ping -q -c 1 -W 1 "$2" >/dev/null
}

# passes FROM FRAME TO WANT [TO WANT]...: what arrives there.
passes() {
	local from=$1 frame=$2 takers=() ns
	shift 2
	for ns in a1 a2 b1 b2 s1 s2 spy; do
		rm -f "$ns.err"
	done
	while [ $# -gt 0 ]; do
		printf '%s\n' "$2" >"$1.want"
		ip netns exec "$1" python3 "$frames" take eth0 1 \
			>"$1.got" 2>"$1.err" &
		takers+=("$!:$1")
		await grep -q ready "$1.err"
		shift 2
	done
	ip netns exec "$from" python3 "$frames" send eth0 "$frame"
	for ns in "${takers[@]}"; do
		wait "${ns%%:*}" || fail "${ns#*:}: $(cat "${ns#*:}.err")"
		diff "${ns#*:}.want" "${ns#*:}.got" || fail "to ${ns#*:}"
	done
}

# Each customer reaches its own other site; 10.0.0.1 is there twice.
ip -n b1 addr add 10.0.0.1/24 dev eth0
pings a1 10.0.0.2
pings b1 10.0.0.4
refuse 1 reaches a1 10.0.0.4
refuse 1 reaches b1 10.0.0.2

# Customers' tags, or none, or S-tags: on the trunk they have the provider's in
# front, and come out as they were.
address=ffffffffffff020000000009
rest=88b5$(printf '%088x' 77)
for tags in '' 8100a006 81000000 81000fff 88a80064 8100000581000006; do
	passes s1 "$address$tags$rest" s2 "$address$tags$rest" \
		spy "${address}88a80064$tags$rest"
done
passes s1 "${address}81000006$rest" s2 "${address}81000006$rest"
passes spy "${address}88a800c881000007$rest" b1 "${address}81000007$rest" \
	b2 "${address}81000007$rest"
ip netns exec spy python3 "$frames" send eth0 "${address}81000064$rest"
await test "$(json '[p["drops"].get("rx_no_pvid", 0) for p in r["rows"]
	if p["port"] == "p2.spy"][0] > 0' ports p2)" = True

# In the words of tcpdump: the provider's tag, then the customer's.
ip netns exec spy timeout 20 tcpdump -i eth0 -nn -e -l -c 1 \
	'icmp or (vlan and vlan and icmp)' 2>spy.err >spy.dump &
spy=$!
await grep -q listening spy.err
ip netns exec a1 ping -q -c 1 -W 1 10.0.0.77 >/dev/null 2>&1 || :
ip netns exec a1 ping -q -b -c 2 -i 0.3 -W 1 10.0.0.255 >/dev/null 2>&1 || :
wait "$spy" || fail "tcpdump: $(cat spy.err)"
expect grep -Eq '802.1Q-QinQ|802.1ad' spy.dump
expect grep -q 'vlan 100, ' spy.dump
expect grep -q 'vlan 5, ' spy.dump

# The database of the provider knows its own VLANs, that of the customer its.
expect test "$(json 'sorted({e["vlan"] for e in r["rows"]})' fdb p1)" = \
	'[100, 200]'
expect test "$(json 'sorted({e["vlan"] for e in r["rows"]})' fdb office)" = \
	'[5, 6]'
expect test "$(json '[(s["switch"], s["vlan_protocol"])
	for s in r["switches"]]' show)" = "[('home', '802.1q'), ('p1', \
'802.1ad'), ('p2', '802.1ad'), ('office', '802.1q')]"
expect test "$(json '[p["vlan"] for p in r["rows"]
	if p["port"].endswith("home--p1")]' show)" = \
	"['trunk 5-6', 'tunnel 100']"
switchctl trace p1.b1 "$address" 8100000588b5 >trace.txt
expect grep -q "belongs to the provider's VLAN 200" trace.txt
expect grep -q '^p1.core *tagged *200 *sent' trace.txt

# Whole frames of 1500 bytes, with both tags 1522 on the cable; and TCP in
# large segments, tagged by both switches.
expect ip netns exec a1 ping -q -c 2 -i 0.1 -W 2 -M 'do' -s 1472 10.0.0.2
transfer=$SRC/tests/system/transfer.py
ip netns exec a2 python3 "$transfer" take 10.0.0.2 5000 >taken &
taker=$!
await grep -q ready taken
expect ip netns exec a1 python3 "$transfer" give 10.0.0.2 5000 8000000 >given
wait "$taker" || fail "nothing was taken"
expect test "$(sed -n 2p taken)" = "$(cat given)"

# --- Live ------------------------------------------------------------------

ip netns exec a1 ping -q -i 0.005 -c 400 10.0.0.2 >long.log &
ping=$!
plan='"\n".join(s["text"] for s in r["plan"])'
sed -i 's/netns: b2, tunnel: blue/netns: b2, tunnel: red/
	s/netns: b1, tunnel: blue/netns: b1, native-tagged: 300/' lab.yaml
expect test "$(json "$plan" apply lab.yaml)" = \
	'~ p1.b1: native-tagged unset -> 300, tunnel 200 -> unset
~ p2.b2: tunnel 200 -> 100'
passes s1 "$address$rest" s2 "$address$rest" b2 "$address$rest"
wait "$ping" || fail "$(grep loss long.log)"
expect grep -q ' 0% packet loss' long.log
switchctl dump >dump.yaml
expect switchctl validate dump.yaml
expect test "$(json 'r["plan"]' apply dump.yaml)" = '[]'
stop
