# SPDX-License-Identifier: MIT
# VLANs: two switches with a trunk between them (a UDP cable), hosts on access
# ports, tcpdump on a second trunk; then a change on the running lab.
. "$(dirname "$0")/lib.sh"

host staff1 staff2 guest2 spy
cat >vlans.yaml <<'EOF'
name: vlans
vlans: {staff: 10, guests: 20}
switches:
  sw1:
    ports:
      staff1: {tap: eth0, netns: staff1, vlan: staff}
      spy: {tap: eth0, netns: spy, trunk: all, native: 30}
      up: {udp: "10001 -> 127.0.0.1:10002", trunk: [staff, guests]}
  sw2:
    ports:
      up: {udp: "10002 -> 127.0.0.1:10001", trunk: [staff, guests]}
      staff2: {tap: eth0, netns: staff2, vlan: staff}
      guest2: {tap: eth0, netns: guest2, vlan: guests}
EOF
start vlans.yaml
ip -n staff1 addr add 10.0.0.1/24 dev eth0
ip -n staff2 addr add 10.0.0.2/24 dev eth0
ip -n guest2 addr add 10.0.0.3/24 dev eth0

reaches() { # FROM ADDRESS
	ip netns exec "$1" ping -q -c 2 -i 0.2 -W 1 "$2" >/dev/null
}

# dump HOST FILTER: the first three such frames, as tcpdump prints them.
dump() {
	ip netns exec "$1" timeout 20 tcpdump -i eth0 -nn -e -l -c 3 "$2" \
		2>"$1.err" >"$1.dump" &
	await grep -q listening "$1.err"
}

dump spy 'arp or (vlan 10 and arp)'
spy=$!
dump staff2 arp
staff2=$!
expect reaches staff1 10.0.0.2
refuse 1 reaches staff1 10.0.0.3
refuse 1 reaches guest2 10.0.0.2
wait "$spy" "$staff2" || fail "tcpdump saw too little"
[ "$(grep -c 'vlan 10, ' spy.dump)" -ge 1 ] || fail "$(cat spy.dump)"
[ "$(grep -c 'vlan' staff2.dump)" -eq 0 ] || fail "$(cat staff2.dump)"

# The address of staff1 is known in VLAN 10, and on both switches.
expect test "$(json '[(e["vlan"], e["port"]) for e in r["rows"]
	if e["port"] in ("sw1.staff1", "sw2.up")]' fdb)" = \
	"[(10, 'sw1.staff1'), (10, 'sw2.up')]"

tx() { # frames that staff2 was sent
	json '[p["tx_frames"] for p in r["rows"]
		if p["port"] == "sw2.staff2"][0]' ports
}

# The guest joins the staff, live; the counters of the others go on.
before=$(tx)
sed -i 's/netns: guest2, vlan: guests/netns: guest2, vlan: staff/' vlans.yaml
kill -HUP "$switchd"
await reaches staff1 10.0.0.3
[ "$(tx)" -gt "$before" ] || fail "sw2.staff2 began anew"

# A VLAN is taken from the trunk, and put back: the other one loses nothing.
ip netns exec staff1 ping -q -i 0.005 -c 400 10.0.0.2 >long.log &
ping=$!
known=$(json 'sorted(e["mac"] for e in r["rows"] if e["vlan"] == 10)' fdb sw1)
sed -i 's/trunk: \[staff, guests\]/trunk: staff/' vlans.yaml
expect switchctl apply vlans.yaml >/dev/null
expect test "$(json '[p["vlan"] for p in r["rows"] if p["port"] == "sw1.up"]' \
	show)" = "['trunk 10']"
expect test "$(json 'sorted(e["mac"] for e in r["rows"] if e["vlan"] == 10)' \
	fdb sw1)" = "$known"
sed -i 's/trunk: staff/trunk: [staff, guests]/' vlans.yaml
expect switchctl apply vlans.yaml >/dev/null
wait "$ping" || fail "$(grep loss long.log)"
expect grep -q ' 0% packet loss' long.log

# A file with a mistake changes nothing.
sed -i 's/netns: guest2, vlan: staff/netns: guest2, vlan: nobody/' vlans.yaml
kill -HUP "$switchd"
await grep -q nobody switchd.log
expect reaches staff1 10.0.0.3
stop
