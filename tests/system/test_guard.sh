# SPDX-License-Identifier: MIT
# What is done about ports that send more than they may: storms are capped, or
# shut their port until it is taken up; who is connected there stays so.
. "$(dirname "$0")/lib.sh"

host a b c
cat >lab.yaml <<'EOT'
name: guard
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b, storm: 200/s}
      c: {tap: eth0, netns: c, storm: {multicast: 200/s, action: shutdown}}
EOT
start lab.yaml
i=1
for ns in a b c; do
	ip -n $ns addr add 10.0.0.$((i++))/24 dev eth0
done

port() { # NAME EXPRESSION over its row `p`
	json "[$2 for p in r['rows'] if p['port'] == 'lan.$1'][0]" ports
}
is() { # VALUE NAME EXPRESSION
	[ "$(port "$2" "$3")" = "$1" ]
}
flood() { # FROM ADDRESS COUNT
	ip netns exec "$1" python3 - "$2" "$3" <<-'EOT'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
		for _ in range(int(sys.argv[2])):
		    s.sendto(b"storm", (sys.argv[1], 9))
	EOT
}
switchctl --json watch >watch.json &
watch=$!
await grep -q '"watch"' watch.json

# --- Storms ------------------------------------------------------------------

pings b 10.0.0.1
flood b 10.0.0.255 2000
await is True b 'p["drops"].get("rx_storm", 0) > 1000'
await grep -q '"storm".*lan.b.*more than 200/s of broadcast' watch.json
expect test "$(port b 'p["state"]')" = up
pings b 10.0.0.1 # known unicast is free
await grep -q '"storm".*lan.b.*the storm is over: [0-9]* frames' watch.json
expect grep -q 'lan.b: a storm: more than 200/s of broadcast' switchd.log

pings c 10.0.0.1
ip -n c route add 224.0.0.0/4 dev eth0
flood c 239.1.1.1 2000
await is shut c 'p["state"]'
await is True c 'p["drops"].get("rx_shut", 0) > 0'
await grep -q '"down".*lan.c.*storm.*switchctl port up lan.c' watch.json
expect grep -q 'lan.c: shut: .*200/s of multicast' switchd.log
refuse 1 ip netns exec c ping -q -c 1 -W 1 10.0.0.1 >/dev/null
pings b 10.0.0.1
switchctl show >show.txt
expect grep -A1 -E '^c +shut' show.txt
expect grep -q 'switchctl port up lan.c. takes it up' show.txt
switchctl port up c >up.txt
expect grep -Eq '^lan.c +up' up.txt
pings c 10.0.0.1

# By hand; a plug that goes and comes back leaves it shut.
switchctl port down a >down.txt
expect grep -Eq '^lan.a +shut' down.txt
expect test "$(json '[e for e in r["rows"] if e["port"] == "lan.a"]' fdb)" = "[]"
ip -n a link del eth0
await grep -q 'lan.a: down' switchd.log
await ip -n a link show eth0
expect test "$(port a 'p["state"]')" = shut
ip -n a addr add 10.0.0.1/24 dev eth0
refuse 1 ip netns exec b ping -q -c 1 -W 1 10.0.0.1 >/dev/null
switchctl port up a >/dev/null
ip -n b neigh flush dev eth0 # the interface has another MAC
pings b 10.0.0.1
refuse 1 switchctl port up nosuch 2>/dev/null

kill "$watch"
stop
