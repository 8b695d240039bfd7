# SPDX-License-Identifier: MIT
# Two real guests, Linux and BusyBox under QEMU's emulation, with a network card
# for each way to join a switch, each on a switch of its own. Over every way
# they ping and take 8 MB from each other. Then switchd is killed and started
# again; without anything being done to the guests
#
#	dial	comes back: QEMU listens and switchd dials again
#	dgram	comes back: both know the other's path
#	tap	comes back: the TAP is there and is adopted
#	unix,	stay away: QEMU dials once, and before its release 8.0 cannot be
#	tcp	told to do so again (test_qemu_stream.sh tries that)
#	vde	stays away: QEMU joins once, when it starts
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/guest.sh"

ways=(unix tcp dial dgram vde tap)
cat >guests.yaml <<'EOT'
name: guests
switches:
  unix: {ports: {a: qemu /run/ua.sock, b: qemu /run/ub.sock}}
  tcp: {ports: {a: "qemu tcp 127.0.0.1:9001", b: "qemu tcp 127.0.0.1:9002"}}
  dial: {ports: {a: "qemu -> tcp 127.0.0.1:9003", b: "qemu -> tcp 127.0.0.1:9004"}}
  dgram: {ports: {a: dgram /run/sa -> /run/qa, b: dgram /run/sb -> /run/qb}}
  vde: {ports: {a: vde, b: vde}}
  tap: {ports: {a: {tap: sa}, b: {tap: sb}}}
EOT

# A TAP has one end for a program, so switchd and QEMU have one each, and the
# kernel's bridge joins them.
for guest in a b; do
	ip link add br$guest type bridge
	for tap in s$guest q$guest; do
		ip tuntap add $tap mode tap
		ip link set $tap master br$guest up
	done
	ip link set br$guest up
done
start guests.yaml

# Card N of guest G, by its MAC, is 10.0.N.G.
pack <<'EOT'
for card in /sys/class/net/eth*; do
	IFS=: read -r _ _ _ _ guest n <"$card/address"
	ip addr add "10.0.$((n)).$((guest))/24" dev "${card##*/}"
	ip link set "${card##*/}" up
done
EOT

# guest GUEST NUMBER TCP DIAL: its netdevs for tcp and for dial are given.
guest() {
	local n=0 netdev cards=()
	for netdev in "stream,server=off,addr.type=unix,addr.path=/run/u$1.sock" \
		"$3" "$4" \
		"dgram,local.type=unix,local.path=/run/q$1,remote.type=unix,remote.path=/run/s$1" \
		"vde,sock=/run/labswitch/guests/vde[$1]" \
		"tap,ifname=q$1,script=no,downscript=no"; do
		cards+=(-netdev "$netdev,id=n$n" -device
			"virtio-net-pci,netdev=n$n,mac=02:00:00:00:0$2:0$n,romfile=")
		n=$((n + 1))
	done
	boot "$1" "${cards[@]}"
}

guest a 1 stream,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=9001 \
	stream,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=9003
guest b 2 socket,connect=127.0.0.1:9002 socket,listen=127.0.0.1:9004
for guest in a b; do
	expect answer $guest
	expect ask $guest sha256sum /www/file
	cut -d' ' -f1 answer >$guest.sum
done

# reach WAY N: b reaches a, soon, and then without a loss.
reach() {
	local _
	for _ in $(seq 20); do
		! ask b "ping -q -c 1 -W 2 10.0.$2.1" || break
	done
	ask b "ping -q -c 5 -i 0.2 -W 10 10.0.$2.1" || true
	grep -q ' 0% packet loss' answer || fail "$1, ping: $(tail -2 answer)"
}

# fetched GUEST ADDRESS SUM
fetched() {
	ask "$1" "wget -q -O - http://$2/file | sha256sum" &&
		[ "$(cut -d' ' -f1 answer)" = "$3" ]
}

for n in "${!ways[@]}"; do
	way=${ways[n]}
	reach "$way" "$n"
	begun=$SECONDS
	fetched b "10.0.$n.1" "$(cat a.sum)" || fail "$way, a to b: $(cat answer)"
	fetched a "10.0.$n.2" "$(cat b.sum)" || fail "$way, b to a: $(cat answer)"
	echo "$way: 16 MB in $((SECONDS - begun)) s"
	[ "$(json "min(p['rx_bytes'] for p in r['rows'])" ports "$way.a" "$way.b")" \
		-gt 8388608 ] || fail "$way: the frames took another way"
done

kill -9 "$switchd"
wait "$switchd" || true
: >switchd.log
start guests.yaml
for way in dial dgram tap; do
	for n in "${!ways[@]}"; do
		[ "${ways[n]}" != $way ] || reach "$way" "$n"
	done
done
stop
