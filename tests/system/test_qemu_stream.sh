# SPDX-License-Identifier: MIT
# QEMU's -netdev stream, socket and dgram, with no guest: hubports join each to
# a TAP in a namespace. Peers and the daemon are killed and come back.
. "$(dirname "$0")/lib.sh"

host a b c
cat >stream.yaml <<'EOT'
name: stream
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      unix: qemu /run/x.sock
      tcp: qemu tcp 127.0.0.1:9004
      to-unix: qemu -> /run/y.sock
      to-tcp: qemu -> tcp 127.0.0.1:9005
      dgram: dgram /run/ours -> /run/theirs
EOT
begin() {
	start stream.yaml
	ip -n a addr add 10.0.0.1/24 dev eth0
}
begin

carrier() { # QEMU has attached to its TAP
	ip link show glue | grep -q LOWER_UP
}

carrier_or_crash() {
	carrier || gone "$qemu"
}

# glue HOST NETDEV ADDRESS: a TAP in namespace HOST, behind QEMU, behind NETDEV;
# its pid is in $qemu. A host keeps its MAC: a caches it.
glue() {
	ip tuntap add glue mode tap
	ip link set glue address "02:00:00:00:00:0$1" up
	# One that is dialled while it still starts may crash (QEMU 7.2).
	local _
	for _ in 1 2 3; do
		qemu-system-x86_64 -machine none -nodefaults -display none \
			-netdev "$2,id=n" -netdev hubport,id=h1,hubid=0,netdev=n \
			-netdev tap,id=t,ifname=glue,script=no,downscript=no \
			-netdev hubport,id=h2,hubid=0,netdev=t 2>>qemu.log &
		qemu=$!
		await carrier_or_crash
		gone "$qemu" || break
	done
	await carrier
	ip link set glue netns "$1"
	ip -n "$1" addr add "$3/24" dev glue
	ip -n "$1" link set glue up
}

# unglue HOST PID
unglue() {
	kill -9 "$2"
	wait "$2" 2>/dev/null || true
	ip -n "$1" link del glue
}

reach() { # FROM ADDRESS: within 10 s, and then without a loss
	await ip netns exec "$1" ping -c 1 -W 1 "$2"
	pings "$1" "$2"
}

# once NETDEV: it works, and again after kill -9 of QEMU.
once() {
	local _
	for _ in 1 2; do
		glue b "$1" 10.0.0.2
		reach a 10.0.0.2
		unglue b "$qemu"
	done
}

# Each line that `show` prints is one that QEMU takes. The daemon is a new one
# each time, since one that has dialled in vain for long waits for long.
json '"\n".join(l for p in r["rows"] if p["kind"] in ("qemu", "dgram")
	for l in p["attach"])' show >attach
[ "$(wc -l <attach)" -eq 7 ] || fail "$(cat attach)"
while read -r _ netdev; do
	once "$netdev"
	stop
	begin
done < <(sed 's/id=[^,]*,//; s/ -device.*//' attach)

unix=$(sed -n '/server=off,addr.type=unix/s/.*id=[^,]*\(.*\) -device.*/stream\1/p' attach)
dial=$(sed -n '/server=on,addr.type=unix/s/.*id=[^,]*\(.*\) -device.*/stream\1/p' attach)
dgram=$(sed -n '/dgram/s/.*id=[^,]*\(.*\) -device.*/dgram\1/p' attach)

# Two on one listener: each is reached, but by the other's frames neither.
glue b "$unix" 10.0.0.2
first=$qemu
glue c "$unix" 10.0.0.3
second=$qemu
reach a 10.0.0.2
reach a 10.0.0.3
[ "$(json 'max(len(p["clients"]) for p in r["rows"])' ports)" -eq 2 ] ||
	fail "not two clients"
refuse 1 ip netns exec b ping -q -c 2 -i 0.2 -W 1 10.0.0.3 >/dev/null
kill -9 "$first"
wait "$first" || true
pings a 10.0.0.3
ip -n b link del glue
unglue c "$second"

# TCP through a stream, both ways.
glue b "$unix" 10.0.0.2
reach a 10.0.0.2
ip netns exec b iperf3 -s -D -1 -I iperf.pid
for way in '' -R; do
	await ip netns exec b sh -c 'ss -Htln "sport = 5201" | grep -q .'
	timeout 30 ip netns exec a iperf3 -c 10.0.0.2 -t 2 $way -J >iperf.json ||
		fail "iperf3 $way: $(tail -3 iperf.json)"
	echo "iperf3 $way: $(python3 -c "
import json
print(json.load(open('iperf.json'))['end']['sum_received']['bits_per_second'] \
	// 1e6, 'Mbit/s')")"
	[ -n "$way" ] || ip netns exec b iperf3 -s -D -1
done
unglue b "$qemu"

# The daemon is killed: where it dials, and with dgram, all comes back.
stop
begin
glue b "$dial" 10.0.0.2
server=$qemu
glue c "$dgram" 10.0.0.3
reach a 10.0.0.2
reach a 10.0.0.3
kill -9 "$switchd"
wait "$switchd" || true
: >switchd.log
begin
reach a 10.0.0.2
reach a 10.0.0.3
unglue b "$server"
unglue c "$qemu"

# Where QEMU dials it must be told to try again, which it knows since 8.0.
qemu-system-x86_64 -machine none -nodefaults -display none \
	-netdev "$unix,id=n,reconnect=1" 2>reconnect.log &
qemu=$!
sleep 1
if gone "$qemu"; then
	grep -q "'reconnect' is unexpected" reconnect.log ||
		fail "$(cat reconnect.log)"
	echo "this QEMU does not know how to reconnect"
else
	kill "$qemu"
	glue b "$unix,reconnect=1" 10.0.0.2
	reach a 10.0.0.2
	kill -9 "$switchd"
	wait "$switchd" || true
	: >switchd.log
	begin
	reach a 10.0.0.2
	unglue b "$qemu"
fi

stop
expect test ! -e /run/x.sock
expect test ! -e /run/ours
