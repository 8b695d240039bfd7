# SPDX-License-Identifier: MIT
# Ten changes on a running lab, each first as a dry run, while two TAPs and a
# VDE client that are in none of them exchange pings, two at 1 ms: none is
# lost, and counters, addresses and clients of these ports go on.
. "$(dirname "$0")/lib.sh"

host a b c
cat >lab.yaml <<'EOF'
name: live
switches:
  lan:
    fdb: {ageing: 300s}
    ports:
      a: {tap: eth0, netns: a, vlan: 10}
      b: {tap: eth0, netns: b, vlan: 10}
      c: {vde, vlan: 10}
      v: {"null", vlan: 10}
      n: {"null", vlan: 20}
      k: {"null", vlan: 20}
      old: {"null", vlan: 20}
  gone:
    ports: {x: null, y: null}
  clients:
    vde: {dir: /run/clients.ctl, mode: 0600}
    ports: {w: vde}
EOF
start lab.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip netns exec c vde_plug2tap -s '/run/labswitch/live/lan[c]' eth0 &
await ip -n c link set eth0 up
ip -n c addr add 10.0.0.3/24 dev eth0
pings a 10.0.0.2
pings c 10.0.0.1

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == '$1'][0]" ports "$1"
}
entries() { # the addresses of the untouched ports
	json "sorted((e['mac'], e['port']) for e in r['rows']
		if e['port'] in ('lan.a', 'lan.b', 'lan.c'))" fdb lan
}

switchctl --json watch >watch.json &
watch=$!
await grep -q '"watch"' watch.json
before=$(entries)
rx=$(port lan.a 'p["rx_frames"]')
client=$(port lan.c 'p["clients"][0]["pid"]')
tun=$(ls -l /proc/"$switchd"/fd | grep -c /dev/net/tun)

ip netns exec a ping -q -i 0.001 -c 20000 -W 2 10.0.0.2 >ab.log &
ab=$!
ip netns exec c ping -q -i 0.01 -c 2000 -W 2 10.0.0.1 >ca.log &
ca=$!

plan='"\n".join(s["text"] for s in r["plan"])'

# change LINES SED: the plan of the file so edited must be these lines, as said
# before and as done.
change() {
	local want dry
	want=$(printf '%b' "$1")
	sed -i "$2" lab.yaml
	dry=$(json "$plan" apply --dry-run lab.yaml)
	[ "$dry" = "$want" ] || fail "dry run: $dry"
	[ "$(json "$plan" apply lab.yaml)" = "$dry" ] || fail "not the dry run"
	[ "$(json "$plan" apply lab.yaml --dry-run)" = "" ] ||
		fail "not done: $(switchctl apply lab.yaml --dry-run)"
	[ "$(json 'r["not_up"]' apply lab.yaml)" = "[]" ] ||
		fail "not up after $1"
	sleep 0.5
}

change '+ lan.new: tap new' 's/^      v: .*/&\n      new: {tap, vlan: 20}/'
change '- lan.old' '/^      old:/d'
change '~ lan.v: vlan 10 -> 20' '/ v:/s/10/20/'
change '~ lan.v: mtu unset -> 1400' '/ v:/s/20/20, mtu: 1400/'
change '- lan.n\n+ lan.n: null' '/ n:/s/20/20, number: 50/'
change '- lan.k\n+ lan.k: vde' '/ k:/s/"null"/vde/'
change '+ more\n+ more.p: null\n+ more.q: vde' \
	's/^  gone:/  more:\n    ports: {p: null, q: vde}\n&/'
change '- gone.x\n- gone.y\n- gone' '/^  gone:/,+1d'
change '~ lan: ageing 5m -> 200s, limit 8192 -> 4096' \
	's/ageing: 300s/ageing: 200s, limit: 4096/'
change '- clients.w\n- clients\n+ clients\n+ clients.w: vde' \
	's/mode: 0600/mode: 0660/'

kill -0 $ab $ca || fail "the pings ended before the changes"
wait $ab || fail "$(grep loss ab.log)"
wait $ca || fail "$(grep loss ca.log)"
expect grep -q '20000 received, 0% packet loss' ab.log
expect grep -q '2000 received, 0% packet loss' ca.log

# The changes took place.
expect test -S /run/labswitch/live/more/q
expect test "$(stat -c %a /run/clients.ctl/ctl)" = 660
expect test "$(port lan.n 'p["number"]')" = 50
expect test "$(port lan.k 'p["kind"]')" = vde
expect ip link show new >ip.log
refuse 1 switchctl ports gone 2>gone.log

# What was in none of them never noticed.
[ "$(entries)" = "$before" ] || fail "addresses: $(entries), before $before"
[ "$(port lan.a 'p["rx_frames"]')" -ge $((rx + 22000)) ] ||
	fail "lan.a counts anew"
[ "$(port lan.c 'p["clients"][0]["pid"]')" = "$client" ] ||
	fail "the client is another"
[ "$(ls -l /proc/"$switchd"/fd | grep -c /dev/net/tun)" -eq $((tun + 1)) ] ||
	fail "not one TAP more"
kill $watch
python3 - <<'EOF' || fail "events"
import json
events = [json.loads(line) for line in open("watch.json")]
stayed = ("lan.a", "lan.b", "lan.c")
bad = [e for e in events if e["port"] in stayed and
       e["event"] not in ("flood", "drop")]
assert not bad, bad
steps = [e["text"] for e in events if e["event"] == "apply"]
assert len(steps) == 19, steps
EOF

# Awareness of VLANs: all addresses go, and the dry run has said so.
cat >unaware.yaml <<'EOF'
switches: {lan: {ports: {a: {tap: eth0, netns: a}, b: {tap: eth0, netns: b}}}}
EOF
switchctl apply unaware.yaml --dry-run >dry.txt
expect grep -q 'ignores VLANs from now, its FDB is flushed' dry.txt
[ "$(entries)" = "$before" ] || fail "the dry run did it"
switchctl apply unaware.yaml >done.txt
expect diff <(grep -v 'dry-run' dry.txt) done.txt
pings a 10.0.0.2

# A mistake, on a full line of a terminal; and a lab that goes on.
echo 'switches: {lan: {prots: {}}}' >bad.yaml
refuse 2 switchctl apply bad.yaml 2>err.txt
expect grep -q 'did you mean .ports' err.txt
expect grep -q '^ *^$' err.txt
pings b 10.0.0.1
stop
