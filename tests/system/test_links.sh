# SPDX-License-Identifier: MIT
# Links: hosts on three switches, a trunk, cables that are pulled, cut one way,
# added and removed while the rest goes on; captures and traces of their ports.
. "$(dirname "$0")/lib.sh"

host a1 a2 b2 b3
cat >lab.yaml <<'EOF2'
name: links
vlans: {staff: 10, guests: 20}
switches:
  sw1:
    ports:
      a1: {tap: eth0, netns: a1, vlan: staff}
  sw2:
    ports:
      a2: {tap: eth0, netns: a2, vlan: staff}
      b2: {tap: eth0, netns: b2, vlan: guests}
  sw3:
    ports:
      b3: {tap: eth0, netns: b3, vlan: guests}
links:
  - sw1 -- sw2: {name: up, trunk: [staff, guests]}
  - sw2 -- sw3
captures:
  - {of: up, file: up.pcapng, filter: icmp or (vlan and icmp)}
EOF2
mkdir captures
start lab.yaml --captures "$tmp/captures"
i=1
for ns in a1 a2 b2 b3; do
	ip -n "$ns" addr add "10.0.0.$((i++))/24" dev eth0
done

reaches() { # FROM ADDRESS
	ip netns exec "$1" ping -q -c 1 -W 1 "$2" >/dev/null
}

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == '$1'][0]" ports "$1"
}

# A trunk carries both VLANs, and keeps them apart; a link without words, too.
pings a1 10.0.0.2
pings b2 10.0.0.4
refuse 1 reaches a1 10.0.0.3
refuse 1 reaches a1 10.0.0.4
expect test "$(json 'sorted(e["port"] for e in r["rows"] if e["vlan"] == 10)' \
	fdb sw1)" = "['sw1.a1', 'sw1.up']"
expect test "$(json '[(p["port"], p["vlan"]) for p in r["rows"]
	if p["kind"] == "link"]' show)" = "[('sw1.up', 'trunk 10,20'), \
('sw2.up', 'trunk 10,20'), ('sw2.sw2--sw3', 'trunk all native 1'), \
('sw3.sw2--sw3', 'trunk all native 1')]"

# What left on one end came in on the other, and was captured on both: with its
# tag: ten frames of five pings, twice.
crossed() {
	[ "$(json '(lambda p: p["sw1.up"]["tx_frames"] ==
		p["sw2.up"]["rx_frames"] >= 5)({p["port"]: p for p in r["rows"]
		})' ports up)" = True ]
}
await crossed
captured() {
	[ "$(json 'r["rows"][0]["frames"]' capture list)" -ge 20 ]
}
await captured

# A frame of one mac: where it leaves, and where it comes in then.
switchctl trace sw1.a1 ffffffffffff 020000000001 0800 >trace.txt
expect grep -q '^sw1.up *tagged *10 *sent' trace.txt
expect grep -q 'comes in on sw2.up' trace.txt

# --- Pulled, cut, put back -------------------------------------------------

switchctl --json watch sw1.up >watch.json &
watch=$!
await grep -q '"watch"' watch.json
switchctl link down up >down.txt
expect grep -Eq '^up +sw1.up +sw2.up +down +down' down.txt
expect test "$(port sw1.up 'p["state"]')" = down
expect test "$(json 'len(r["rows"])' fdb sw1)" = 1
refuse 1 reaches a1 10.0.0.2
pings b2 10.0.0.4
switchctl link up up >up.txt
expect grep -Eq '^up +sw1.up +sw2.up +up +up' up.txt
pings a1 10.0.0.2
switchctl link down up back >back.txt
expect grep -Eq '^up +sw1.up +sw2.up +up +down' back.txt
before=$(port sw2.a2 'p["tx_frames"]')
refuse 1 reaches a1 10.0.0.2
[ "$(port sw2.a2 'p["tx_frames"]')" -gt "$before" ] || fail "forth is cut, too"
[ "$(port sw2.up 'p["drops"]["tx_link_down"]')" -ge 1 ] || fail "not counted"
switchctl trace sw2.a2 ffffffffffff 020000000001 0800 >trace.txt
expect grep -q '^sw2.up *tagged *10 *tx_link_down' trace.txt
switchctl link up up >/dev/null
pings a1 10.0.0.2
await grep -q '"up"' watch.json
kill "$watch"
expect grep -q '"down".*switchctl link up up' watch.json
refuse 1 switchctl link down nosuch 2>/dev/null

# --- Changes ---------------------------------------------------------------

tx=$(port sw1.a1 'p["tx_frames"]')
forth=$(port sw1.up 'p["tx_frames"]')
ip netns exec a1 ping -q -i 0.005 -c 1000 10.0.0.2 >ping.log &
ping=$!
plan='"\n".join(s["text"] for s in r["plan"])'
sed -i 's/^  - sw2 -- sw3/  - sw2 -- sw3: {name: down, vlan: staff}\n  - sw3 -- sw1: {vlan: 30}/
	s/guests\]}/guests], mtu: 9000}/' lab.yaml
want='- link sw2--sw3
~ link up: mtu unset -> 9000
+ link down: sw2 -- sw3
+ link sw3--sw1: sw3 -- sw1'
expect test "$(json "$plan" apply lab.yaml --dry-run)" = "$want"
expect test "$(json "$plan" apply lab.yaml)" = "$want"
await grep -q 'sw1.sw3--sw1: up' switchd.log
expect test "$(json 'r["plan"]' apply lab.yaml)" = "[]"
refuse 1 reaches b2 10.0.0.4
switchctl dump >dump.yaml
expect switchctl validate dump.yaml
expect test "$(json 'r["plan"]' apply dump.yaml)" = "[]"
wait "$ping" || fail "$(grep loss ping.log)"
expect grep -q '1000 received, 0% packet loss' ping.log
[ "$(port sw1.a1 'p["tx_frames"]')" -ge $((tx + 1000)) ] ||
	fail "sw1.a1 began anew"
[ "$(port sw1.up 'p["tx_frames"]')" -ge $((forth + 1000)) ] ||
	fail "the link began anew"
sed -i '/sw3 -- sw1/d; s/name: down, vlan: staff/name: down, vlan: guests/' \
	lab.yaml
kill -HUP "$switchd"
await reaches b2 10.0.0.4
pings b2 10.0.0.4
stop
