# SPDX-License-Identifier: MIT
# TAPs leave checksums and segmentation to the switch. TCP and UDP arrive whole
# behind every kind of port, and on a cable that knows no offload every frame is
# right and none is longer than the mtu.
. "$(dirname "$0")/lib.sh"

host a b client far near staff guest
cat >offload.yaml <<'EOT'
name: offload
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      vm: vde
      tunnel: udp 10001 -> 127.0.0.1:10002
      stream: qemu /run/stream.sock
  behind-udp:
    ports:
      end: udp 10002 -> 127.0.0.1:10001
      far: {tap: eth0, netns: far, merge: no}
  behind-stream:
    ports:
      end: qemu -> /run/stream.sock
      near: {tap: eth0, netns: near, merge: no}
  left:
    ports:
      staff: {tap: eth0, netns: staff, vlan: 10}
      trunk: {udp: "10003 -> 127.0.0.1:10004", trunk: [10, 20]}
  right:
    ports:
      trunk: {udp: "10004 -> 127.0.0.1:10003", trunk: [10, 20]}
      guest: {tap: eth0, netns: guest, vlan: 10, merge: no}
EOT
start offload.yaml
ip netns exec client vde_plug2tap -s "/run/labswitch/offload/lan[vm]" eth0 &
plug=$!
await ip -n client link set eth0 up
number=1
for ns in a b client far near; do
	ip -n $ns addr add 10.0.0.$number/24 dev eth0
	ip -n $ns addr add fd00::$number/64 dev eth0 nodad
	number=$((number + 1))
done

# transfer FROM TO ADDRESS: 20 MB of TCP whose digest is the same there.
transfer() {
	local taker
	rm -f taken
	ip netns exec "$2" python3 "$SRC/tests/system/transfer.py" take "$3" 5000 \
		>taken &
	taker=$!
	await grep -q ready taken
	expect ip netns exec "$1" python3 "$SRC/tests/system/transfer.py" give "$3" \
		5000 20000000 >given
	wait $taker || fail "taking from $1 in $2"
	[ "$(sed -n 2p taken)" = "$(cat given)" ] ||
		fail "from $1 to $3 in $2: $(cat taken given)"
}

# datagrams FROM TO ADDRESS: 100 of them, of which each 20 leave as one.
datagrams() {
	local taker
	rm -f taken
	ip netns exec "$2" python3 "$SRC/tests/system/datagrams.py" take "$3" \
		5001 >taken &
	taker=$!
	await grep -q ready taken
	expect ip netns exec "$1" python3 "$SRC/tests/system/datagrams.py" give \
		"$3" 5001
	wait $taker || fail "datagrams from $1 to $3 in $2"
}

# capture NS FILTER: writes frames to NS.pcap, until captured.
capture() {
	rm -f "$1.log"
	ip netns exec "$1" tcpdump -i eth0 -w "$1.pcap" -B 20000 -U \
		"$2" 2>"$1.log" &
	dump=$!
	await grep -q 'listening' "$1.log"
}

# has FILE LEAST [FILTER]: whether a capture has so many frames.
has() {
	[ "$(tcpdump -nr "$1" "${3-}" 2>/dev/null | wc -l)" -ge "$2" ]
}

# captured NS LEAST [FILTER]: ends a capture, once it has them.
captured() {
	await has "$1.pcap" "$2" "${3-}"
	kill "$dump"
	wait "$dump" || true
}

# watched HOW FROM NS ADDRESS SOURCE: a transfer, or datagrams, whose frames, as
# the switch sends them, have right checksums and fit.
watched() {
	local how=$1 least=1000
	shift
	[ "$how" = transfer ] || least=100
	capture "$2" "src host $4 or vlan and src host $4"
	"$how" "$1" "$2" "$3"
	captured "$2" $least
	if tcpdump -nvvr "$2.pcap" 2>/dev/null |
		grep -m 3 -E 'incorrect|bad cksum'; then
		fail "bad checksums in $2"
	fi
	refuse 1 has "$2.pcap" 1 'greater 1519'
}

# whole HOW FROM TO ADDRESS FILTER: from TAP to TAP large frames pass whole.
whole() {
	capture "$3" "$5"
	"$1" "$2" "$3" "$4"
	captured "$3" 1 'greater 1519'
}

whole transfer a b 10.0.0.2 'src host 10.0.0.1'
whole transfer a b fd00::2 'src host fd00::1'
watched transfer a client 10.0.0.3 10.0.0.1
watched transfer a client fd00::3 fd00::1
watched transfer a far 10.0.0.4 10.0.0.1
watched transfer a near 10.0.0.5 10.0.0.1
watched transfer a near fd00::5 fd00::1
watched datagrams a client 10.0.0.3 10.0.0.1
watched datagrams a client fd00::3 fd00::1
watched datagrams a far 10.0.0.4 10.0.0.1
watched datagrams a near fd00::5 fd00::1
transfer near far 10.0.0.4

# Behind a trunk: a tag is put on each segment.
ip -n staff addr add 10.0.10.1/24 dev eth0
ip -n guest addr add 10.0.10.2/24 dev eth0
watched transfer staff guest 10.0.10.2 10.0.10.1
watched datagrams staff guest 10.0.10.2 10.0.10.1

uso=no
if python3 "$SRC/tests/system/datagrams.py" known; then
	uso=yes
	whole datagrams a b 10.0.0.2 'src host 10.0.0.1'
	whole datagrams a b fd00::2 'src host fd00::1'
fi

# Hosts that put a tag on themselves: it passes a switch that knows no VLANs, on
# large frames, too.
if ip -n a link add link eth0 name eth0.7 type vlan id 7; then
	ip -n b link add link eth0 name eth0.7 type vlan id 7
	ip -n client link add link eth0 name eth0.7 type vlan id 7
	number=1
	for ns in a b client; do
		ip -n $ns link set eth0.7 up
		ip -n $ns addr add 10.0.7.$number/24 dev eth0.7
		number=$((number + 1))
	done
	whole transfer a b 10.0.7.2 'vlan 7 and src host 10.0.7.1'
	watched transfer a client 10.0.7.3 10.0.7.1
	watched datagrams a client 10.0.7.3 10.0.7.1
	[ $uso = no ] ||
		whole datagrams a b 10.0.7.2 'vlan 7 and src host 10.0.7.1'
else
	echo "no VLAN interfaces: not tested with their tags"
fi

# Who captures sees what 20 datagrams in one frame would be on a cable.
switchctl capture lan.a -w wire.pcap --format pcap -- udp port 5001 \
	2>wire.err &
dump=$!
await grep -q capturing wire.err
datagrams a b 10.0.0.2
kill -INT $dump
wait $dump || fail "capture: $(cat wire.err)"
expect has wire.pcap 100
refuse 1 has wire.pcap 1 'greater 1243'

# UDP whose checksum is left to us, too: what is wrong the receiver drops.
ip netns exec client timeout 20 python3 -uc "
import socket
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.bind(('10.0.0.3', 6000))
print(len(peer.recv(2000)))" >datagram &
datagram_arrives() {
	ip netns exec a bash -c 'printf %01001d 0 >/dev/udp/10.0.0.3/6000'
	grep -q 1001 datagram
}
await datagram_arrives

# Segments that come together are merged, except for who does not want it.
whole transfer client a 10.0.0.1 'src host 10.0.0.3'
whole transfer client a fd00::1 'src host fd00::3'
watched transfer client far 10.0.0.4 10.0.0.3
sed -i 's/merge: no/merge: yes/' offload.yaml
switchctl apply offload.yaml >apply.log
expect grep -q 'far' apply.log
whole transfer client far 10.0.0.4 'src host 10.0.0.3'

# Each large frame was counted as its segments, and none was refused.
expect json 'all(p["rx_bytes"] <= p["rx_frames"] * 1518 for p in r["rows"])' \
	ports >whole
expect grep -q True whole
refuse 1 grep -q bad_offload <(switchctl ports lan.a)
kill $plug
wait $plug || true
stop
