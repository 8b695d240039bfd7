# SPDX-License-Identifier: MIT
# A lab that was used, pulled at and paused is what its file says again, by one
# command, and works.
. "$(dirname "$0")/lib.sh"

host a b
cat >lab.yaml <<'EOF2'
name: reset
switches:
  sw1:
    ports:
      a: {tap: eth0, netns: a}
      out: {nat: 10.0.0.0/24, forward: "tcp 8081 -> .9:81"}
  sw2:
    ports:
      b: {tap: eth0, netns: b}
      c: null
links:
  - sw1 -- sw2: {name: up}
EOF2
[ -x "$BIN/switchd/labswitch-nat" ] || sed -i '/nat:/d' lab.yaml
for ns in a b; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
start lab.yaml
ip -n a addr add 10.0.0.101/24 dev eth0
ip -n b addr add 10.0.0.102/24 dev eth0
pings a 10.0.0.102

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == '$1'][0]" ports "$1"
}

forwards() {
	json 'sorted(x["forward"] for x in r["rows"])' forward list
}

kinds='" ".join(x["kind"] for x in r["rows"])'
list='pause pause link impair port capture '
if grep -q nat: lab.yaml; then
	of_file=$(forwards)
	switchctl forward add out 'tcp 8082 -> .9:82' >/dev/null
	switchctl forward del out 'tcp 8081 -> .9:81' >/dev/null
	list="${list}forward "
fi
switchctl fdb add 02:00:00:00:00:07 sw2.b >/dev/null
switchctl mode sw2 hub >/dev/null
switchctl link down up back >/dev/null
switchctl impair up forth delay 500ms >/dev/null
switchctl port down sw2.c >/dev/null
switchctl capture sw1 -w live.pcapng 2>capture.txt &
capture=$!
await json 'r["rows"][0]["id"]' capture list
switchctl pause >/dev/null
ip netns exec a ping -c 1 -W 1 10.0.0.102 >/dev/null || true
switchctl --json watch >watch.json &
watch=$!
await grep -q '"watch"' watch.json

# A dry run says what would be, and does nothing.
want="${list}topology fdb fdb counters"
expect test "$(json "$kinds" reset --dry-run)" = "$want"
expect test "$(json 'len(r["switches"])' queue)" = 2
expect test "$(json 'r["rows"][0]["back"]["state"]' link list)" = down
before=$(port sw1.a 'p["rx_frames"]')

switchctl reset >reset.txt
expect grep -q '^pause sw1: goes on, [1-9][0-9]* waiting$' reset.txt
expect grep -q '^link up: is up again$' reset.txt
wait "$capture" || fail "capture: exit $?: $(cat capture.txt)"
expect test "$(json 'r["switches"]' queue)" = '[]'
expect test "$(json '[s["mode"] for s in r["switches"]]' show)" = \
	"['switch', 'switch']"
expect test "$(json 'any(e["mac"] == "02:00:00:00:00:07" for e in r["rows"])' \
	fdb)" = False
[ "$(port sw1.a 'p["rx_frames"]')" -lt "$before" ] || fail "counters go on"
if grep -q nat: lab.yaml; then
	as_in_file() {
		[ "$(forwards)" = "$of_file" ]
	}
	await as_in_file
	expect json '[e for e in r["rows"] if e["static"]][0]' fdb sw1 >static.txt
fi
await grep -q '"event":"reset"' watch.json
await grep -q '"event":"resume"' watch.json
kill "$watch"
pings b 10.0.0.101
expect test "$(json "$kinds" reset)" = 'fdb fdb counters'
sum='all(p["rx_frames"] == p["rx_forwarded"] + sum(n for why, n in
	p["drops"].items() if why.startswith("rx_")) and p["tx_offered"] ==
	p["tx_frames"] + p["held"] + sum(n for why, n in p["drops"].items() if
	why.startswith("tx_")) for p in r["rows"])'
expect test "$(json "$sum" ports)" = True
stop
