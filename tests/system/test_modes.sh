# SPDX-License-Identifier: MIT
# Modes: what passes a wire, byte for byte, LACP, LLDP and BPDUs included; a
# wire of a port and a link; a switch that is made a hub, and back, live.
. "$(dirname "$0")/lib.sh"
frames=$SRC/tests/system/raw_frames.py

host a b c d
cat >lab.yaml <<'EOF2'
name: modes
switches:
  cable:
    mode: wire
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
  lan:
    ports:
      c: {tap: eth0, netns: c}
      d: {tap: eth0, netns: d}
      sink: "null"
EOF2
start lab.yaml

# What a switch keeps to itself, frames of no VLAN and of any, and what no
# station sends.
lacp=0180c20000020200000000018809$(printf '%092d' 0)
lldp=0180c200000e02000000000188cc$(printf '%092d' 1)
bpdu=0180c20000000200000000010026424203$(printf '%090d' 0)
pause=0180c200000102000000000188080001ffff$(printf '%084d' 0)
tagged=0200000000020200000000018100600a88b50102$(printf '%080d' 2)
double=02000000000202000000000188a800648100000a88b5$(printf '%080d' 3)
group=020000000002ffffffffffff88b5$(printf '%092d' 4)

# passes FROM TO FRAME...: all of them arrive there, as they are, in order.
passes() {
	local from=$1 to=$2
	shift 2
	rm -f take.err
	ip netns exec "$to" python3 "$frames" take eth0 $# >got.txt 2>take.err &
	local taker=$!
	await grep -q ready take.err
	ip netns exec "$from" python3 "$frames" send eth0 "$@"
	wait "$taker" || fail "$to: $(cat take.err)"
	printf '%s\n' "$@" | diff - got.txt || fail "from $from to $to"
}

# reasons PORT: its drops.
reasons() {
	json '[p["drops"] for p in r["rows"] if p["port"] == "'"$1"'"][0]' ports
}

all="$lacp $lldp $bpdu $pause $tagged $double $group"
passes a b $all
passes b a $all
expect test "$(json 'len(r["rows"])' fdb cable)" = 0
switchctl trace cable.a "$lacp" >trace.txt
expect grep -q 'The switch is a wire' trace.txt
expect grep -q '^cable.b *untagged *- *sent' trace.txt

# A switch drops the reserved ones and what has no sender, and says so.
passes c d "$bpdu" "$tagged" "$double"
ip netns exec c python3 "$frames" send eth0 "$lacp" "$lldp" "$pause" "$group"
await test "$(reasons lan.c)" = "{'rx_bad_source': 1, 'rx_reserved': 3}"

# Which of them pass is a policy, changed live.
sed 's/^  lan:/  lan:\n    reserved: {lldp: pass, lacp: pass, stp: drop}/' \
	lab.yaml >reserved.yaml
expect test "$(json '[s["text"] for s in r["plan"]]' apply reserved.yaml)" = \
	"['~ lan: reserved unset -> stp: drop;lacp: pass;lldp: pass']"
passes c d "$lacp" "$lldp"
ip netns exec c python3 "$frames" send eth0 "$bpdu" "$pause"
await test "$(reasons lan.c)" = "{'rx_bad_source': 1, 'rx_reserved': 5}"
switchctl trace lan.c "$bpdu" >trace.txt
expect grep -q 'dropped here (rx_reserved)' trace.txt

# One port and a link: frames of a reach c through the wire and the switch.
cat >linked.yaml <<'EOF2'
name: modes
switches:
  cable:
    mode: wire
    ports:
      a: {tap: eth0, netns: a}
  lan:
    ports:
      c: {tap: eth0, netns: c}
      d: {tap: eth0, netns: d}
      sink: "null"
links:
  - cable -- lan
EOF2
expect switchctl apply linked.yaml >/dev/null
passes a c "$tagged"
passes c a "$bpdu"
sed 's/^  lan:/  lan:\n    mode: wire/' linked.yaml >bad.yaml
refuse 2 switchctl apply bad.yaml 2>bad.txt
expect grep -q "bad.yaml:12:7: switch 'lan': a wire has two ports" bad.txt

# --- A hub, live ----------------------------------------------------------

ip -n c addr add 10.0.0.3/24 dev eth0
ip -n d addr add 10.0.0.4/24 dev eth0
pings c 10.0.0.4
tx() {
	json '[p["tx_frames"] for p in r["rows"] if p["port"] == "lan.sink"][0]' \
		ports
}
quiet=$(tx)
pings c 10.0.0.4
[ $(($(tx) - quiet)) -le 4 ] || fail "a switch floods what it knows"
ip netns exec c ping -q -i 0.005 -c 600 10.0.0.4 >long.log &
ping=$!
switchctl mode lan hub >mode.txt
expect grep -qx '~ lan: mode switch -> hub, its FDB is flushed' mode.txt
expect test "$(json 'len(r["rows"])' fdb lan)" = 0
quiet=$(tx)
pings d 10.0.0.3
[ $(($(tx) - quiet)) -ge 10 ] || fail "a hub does not flood"
passes c d "$lacp" "$group"
switchctl dump >dump.yaml
expect grep -q 'mode: hub' dump.yaml
expect test "$(json '[s["text"] for s in r["plan"]]' apply linked.yaml)" = \
	"['~ lan: mode hub -> switch, its FDB is flushed']"
wait "$ping" || fail "$(grep loss long.log)"
expect grep -q ' 0% packet loss' long.log
pings d 10.0.0.3
refuse 1 switchctl mode lan wire 2>/dev/null
stop
