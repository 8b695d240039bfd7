# SPDX-License-Identifier: MIT
# Captures in a lab that changes: drops with their reason, rotation, filters,
# ports that are made anew and ports that clients bring, options that change.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/capture.sh"

host a b client
cat >lab.yaml <<'EOT'
name: ports
switches:
  lan:
    vde: {anonymous: yes}
    ports:
      a: {tap: eth0, netns: a, mtu: 1500}
      b: {tap: eth0, netns: b, mtu: 1000}
captures:
  - {of: lan, file: all.pcapng, drops: yes}
  - {of: lan.a, file: ring.pcapng, rotate: 64KB x 3}
  - {of: lan.a, file: arp.pcapng, filter: arp}
EOT
start lab.yaml --captures files --nice 5
addresses() {
	ip -n a addr add 10.0.0.1/24 dev eth0
	ip -n b addr replace 10.0.0.2/24 dev eth0
	ip -n a link set eth0 up
	ip -n b link set eth0 up
	await ip netns exec a ping -q -c 1 -W 1 10.0.0.2
}
addresses
expect ip netns exec a ping -q -c 200 -i 0.002 -s 900 10.0.0.2 >ping.log
ip netns exec a ping -q -c 1 -W 1 -s 1400 -M do 10.0.0.2 >ping.log || true

# Whoever writes gives way, whatever the priority of the switch.
for task in /proc/"$switchd"/task/*; do
	[ "${task##*/}" = "$switchd" ] || awk '{print $19}' "$task/stat"
done >nice.txt
[ "$(sort -u nice.txt)" = 10 ] || fail "nice: $(cat nice.txt)"

# A client that no port is for gets one, which is in the capture of the switch.
ip netns exec client vde_plug2tap -s /run/labswitch/ports/lan eth0 &
plug=$!
await ip -n client link set eth0 up
[ "$(capture_of all.pcapng ports)" -eq 3 ] || fail "not the client's port"
ip -n client addr add 10.0.0.3/24 dev eth0
pings a 10.0.0.3
kill $plug
two_ports() {
	[ "$(capture_of all.pcapng ports)" -eq 2 ]
}
await two_ports

# A port is made anew; of the captures one ends, one begins, the others go on.
id=$(capture_of all.pcapng id)
sed 's/a: {tap/a: {number: 9, tap/; s/file: arp/file: icmp/
	s/filter: arp/filter: icmp/; s/rotate: 64KB x 3/rotate: 64KB x 4/' \
	lab.yaml >changed.yaml
expect switchctl apply changed.yaml >apply.log
grep -q '^- capture arp.pcapng' apply.log || fail "$(cat apply.log)"
await capture_is icmp.pcapng running
await capture_is ring.pcapng running
[ "$(capture_of all.pcapng id)" -eq "$id" ] || fail "it was begun anew"
a_is_there() {
	ip -n a link show eth0
}
await a_is_there
addresses
pings a 10.0.0.2
expect switchctl capture stop icmp.pcapng >stop.log
grep -q '^stopped: [1-9]' stop.log || fail "$(cat stop.log)"
sound files/icmp.pcapng
[ "$(having files/icmp.pcapng icmp)" -ge 10 ] || fail "no ICMP"
stop

for file in all.pcapng ring.pcapng ring.pcapng.1 ring.pcapng.2 arp.pcapng; do
	sound files/$file
done
[ ! -e files/ring.pcapng.4 ] || fail "one file too many"
[ "$(having files/all.pcapng 'frame.comment contains "tx_too_big"')" -eq 1 ] ||
	fail "not one frame that was too big"
[ "$(having files/all.pcapng 'frame.interface_name == "lan.#3" && icmp')" \
	-eq 10 ] || fail "not what the client sent and received"
[ "$(having files/all.pcapng 'frame.interface_name == "lan.a"')" -gt 400 ] ||
	fail "not what passed port a"
[ "$(having files/icmp.pcapng 'not icmp')" -eq 0 ] || fail "not only ICMP"
[ "$(having files/arp.pcapng 'not arp')" -eq 0 ] || fail "not only ARP"
