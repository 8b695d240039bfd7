#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs busybox tshark
labs=nat-or-bridge-world

# How one gets to each of the three; the guest's lab runs on the laptop.
laptop="switchctl -l nat-or-bridge-world exec laptop"
outside="switchctl -l nat-or-bridge-world exec outside"
inner="$laptop switchctl -l nat-or-bridge"
guest="$inner exec guest"

# asks FROM ADDRESS[:PORT] AS: whether the server there says that it is AS who
# asks; "nobody" if there is no way.
asks() {
	local said
	said=$(timeout 10 ${!1} busybox wget -q -O - \
		"http://$2/cgi-bin/whoami?$way-$1") || said="you are nobody"
	echo "$said"
	[ "$said" = "you are $3" ]
}

# sees WHO ADDRESS[:PORT] FROM AS: a cell of the table.
sees() {
	expect "$1, at $2, sees $3 as $4" asks "$3" "$2" "$4"
}

# becomes FILE: the one command.
becomes() {
	$inner apply "$1"
	await are_up
}

are_up() {
	[ "$($inner --json show | grep -o '"state": *"up"' | wc -l)" -eq 2 ]
}

# came FILE FILTER: the frames of the capture that match, if any.
came() {
	tshark -r "$captures/$1.pcapng" -Y "$2" -T fields -E separator=/s \
		-e ip.src -e tcp.srcport -e ip.dst -e tcp.dstport 2>/dev/null |
		sort -u | grep .
}

say "a laptop, whose bridge br0 has its network card and a TAP; outside"
start world.yaml
$laptop ip link add br0 type bridge
$laptop ip link set eth0 master br0
$laptop ip tuntap add tap0 mode tap
$laptop ip link set tap0 master br0 up
$laptop ip addr add 198.51.100.1/24 dev br0
$laptop ip link set br0 up
$laptop switchd --strict --captures "$captures" topology.yaml \
	2>"$tmp/inner.log" &
pids="$pids $!"
await grep ' ready: ' "$tmp/inner.log"
for who in guest laptop outside; do
	${!who} busybox httpd -f -p 0.0.0.0:80 -h www &
	pids="$pids $!"
	await ${!who} busybox wget -q -O - http://127.0.0.1/cgi-bin/whoami
done

say "guest behind the NAT"
way=nat
sees outside 198.51.100.2 guest 198.51.100.1
sees laptop 198.51.100.1 guest 198.51.100.1
sees outside 198.51.100.2 laptop 198.51.100.1
sees laptop 198.51.100.1 outside 198.51.100.2
sees guest 10.0.2.15 laptop nobody
sees guest 10.0.2.15 outside nobody
$inner forward add out 'tcp 198.51.100.1:8080 -> .15:80'
sees guest 198.51.100.1:8080 outside 198.51.100.2

say "one command: guest bridged"
becomes bridged.yaml
way=bridged
sees outside 198.51.100.2 guest 198.51.100.15
sees laptop 198.51.100.1 guest 198.51.100.15
sees outside 198.51.100.2 laptop 198.51.100.1
sees laptop 198.51.100.1 outside 198.51.100.2
sees guest 198.51.100.15 laptop 198.51.100.1
sees guest 198.51.100.15 outside 198.51.100.2

say "and back"
becomes topology.yaml
way=again
sees outside 198.51.100.2 guest 198.51.100.1

say "the same question, captured on both sides"
$inner capture stop inside.pcapng
switchctl -l nat-or-bridge-world capture stop outside.pcapng
for way in nat bridged; do
	question="http.request.uri contains \"$way-guest\" and
		ip.dst == 198.51.100.2"
	came inside "$question" >"$tmp/$way.inside" || true
	came outside "$question" >"$tmp/$way.outside" || true
	echo "$way: inside $(<"$tmp/$way.inside"), outside $(<"$tmp/$way.outside")"
done
expect "inside, guest asks from 10.0.2.15" \
	grep '^10\.0\.2\.15 .* 198\.51\.100\.2 80$' "$tmp/nat.inside"
expect "outside, the same question comes from 198.51.100.1" \
	grep '^198\.51\.100\.1 .* 198\.51\.100\.2 80$' "$tmp/nat.outside"
expect "10.0.2.15 is on no frame there" \
	fails came outside "ip.addr == 10.0.2.15 or arp.dst.proto_ipv4 == 10.0.2.15"
expect "nor is guest's MAC address" fails came outside \
	"eth.addr == 02:00:00:00:00:15 and http.request.uri contains nat-"
expect "bridged, guest asks from 198.51.100.15" \
	grep '^198\.51\.100\.15 .* 198\.51\.100\.2 80$' "$tmp/bridged.inside"
expect "and the same comes outside, address and port" \
	cmp "$tmp/bridged.inside" "$tmp/bridged.outside"
expect "with guest's own MAC address" came outside \
	"eth.src == 02:00:00:00:00:15 and http.request.uri contains bridged-"
