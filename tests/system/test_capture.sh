# SPDX-License-Identifier: MIT
# What captures show: exactly the frames that passed each port, byte for byte
# and in order, also where they passed the switch as super-frames. tshark,
# tcpdump and capinfos have nothing to complain.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/capture.sh"
frames=$SRC/tests/system/capture_frames.py

# --- Mixed frames through three ports ---------------------------------------

host a b c
for ns in a b c; do
	ip netns exec $ns sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
cat >mixed.yaml <<'EOT'
name: mixed
defaults:
  port: {mtu: 9000}
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a, capture: a.pcapng}
      b: {tap: eth0, netns: b, capture: b.pcapng}
      c: {tap: eth0, netns: c, capture: c.pcapng}
captures:
  - {of: lan, file: all.pcapng, buffer: 100MB}
  - {of: lan, file: classic.pcap, format: pcap, direction: rx}
EOT
start mixed.yaml --captures files
seed=1
for ns in a b c; do
	ip -n $ns link set eth0 up
	ip netns exec $ns python3 "$frames" take eth0 $ns.taken >$ns.log &
	takers="${takers:-} $!"
	await grep -q ready $ns.log
done
for ns in a b c; do
	ip netns exec $ns python3 "$frames" send eth0 $((seed += 1)) 700 $ns.sent &
	senders="${senders:-} $!"
done
for pid in $senders; do
	wait "$pid" || fail "sending"
done
kill $takers
for pid in $takers; do
	wait "$pid" || fail "taking"
done
stop
for ns in a b c; do
	sound files/$ns.pcapng
	expect python3 "$frames" compare files/$ns.pcapng $ns.sent $ns.taken
done
sound files/all.pcapng
sound files/classic.pcap
[ "$(having files/classic.pcap eth)" -eq 2100 ] ||
	fail "classic.pcap has not what came in"
tshark -r files/all.pcapng -T fields -e frame.interface_name 2>/dev/null |
	sort -u >names.txt
[ "$(echo $(cat names.txt))" = "lan.a lan.b lan.c" ] ||
	fail "interfaces: $(cat names.txt)"
tshark -r files/all.pcapng -T fields -e frame.time_epoch 2>/dev/null >times.txt
sort -n -c times.txt || fail "frames are not in the order of time"

# --- TCP in super-frames ----------------------------------------------------

host x y
cat >tcp.yaml <<'EOT'
name: tcp
switches:
  lan:
    ports:
      x: {tap: eth0, netns: x, capture: wire.pcapng}
      y: {tap: eth0, netns: y}
captures:
  - {of: lan.y, file: raw.pcapng, raw: yes, snaplen: 100}
EOT
start tcp.yaml --captures files
n=1
for ns in x y; do
	ip -n $ns addr add 10.0.0.$((n++))/24 dev eth0
	ip -n $ns link set eth0 up
done
ip netns exec y iperf3 -s -1 --forceflush >server.log 2>&1 &
server=$!
await grep -q listening server.log
expect ip netns exec x iperf3 -c 10.0.0.2 -n 20M >client.log
wait $server || fail "iperf3"
stop
sound files/wire.pcapng
sound files/raw.pcapng
[ "$(having files/raw.pcapng 'frame.len > 1518')" -gt 0 ] ||
	fail "no super-frame passed"
[ "$(having files/wire.pcapng 'frame.len > 1518')" -eq 0 ] ||
	fail "frames beyond the mtu"
[ "$(having files/wire.pcapng \
	'tcp.checksum.status == 0 || ip.checksum.status == 0')" -eq 0 ] ||
	fail "wrong checksums"
[ "$(having files/wire.pcapng tcp.checksum.status==1)" -gt 1000 ] ||
	fail "no checksums"
