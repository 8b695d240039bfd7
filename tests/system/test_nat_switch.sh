# SPDX-License-Identifier: MIT
# A NAT among the guests of a switch: what is not for it does not concern it,
# guests do not meet in it, and its end is not theirs.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >nat.yaml <<'YAML'
name: nat
switches:
  lan:
    mode: hub
    ports:
      alice: host 10.0.2.15/24 via 10.0.2.2
      bob: host 10.0.2.16/24 via 10.0.2.2
      cable: udp 10001 -> 127.0.0.1:10002
      out: {nat: , forward: tcp 8080 -> .17:80}
  far:
    ports:
      cable: udp 10002 -> 127.0.0.1:10001
      dave: host 10.0.2.17/24 via 10.0.2.2
YAML
ends="python3 $SRC/tests/system/nat_ports.py"
web="python3 $SRC/tests/system/nat_web.py"
nat_mac=52:55:0a:00:02:02

# capture NAME HOST INTERFACE FILTER: until the end of the test.
capture() {
	in_the "$2" tcpdump --immediate-mode -Uni "$3" -w "$tmp/$1.pcap" "$4" 2>"$1.err" &
	await grep -q 'listening on' "$1.err"
}

# captured NAME: what has been so far.
captured() {
	sleep 0.3 # what is on its way
	tcpdump -tnr "$1.pcap" 2>/dev/null
}

has() {
	[ -n "$(captured "$1")" ]
}

state >before
head -c 20000000 /dev/urandom >www/big
big=$(sha256sum <www/big | cut -d' ' -f1)
start nat.yaml
await is_up
serve outside $web serve 80 www
serve outside $ends serve
serve bob $web serve 80 "$tmp/www"
serve bob $ends serve
expect in_the alice $ends ask 198.51.100.2 39000
pings alice 10.0.2.16

# Frames between guests that a hub floods to the NAT: it counts them, sends
# nothing, and nothing goes to the world outside.
capture reply bob eth0 "ether src $nat_mac and not icmp6"
capture uplink here up0 'ip'
expect test "$(in_the alice $web get http://10.0.2.16/big)" = "$big"
expect in_the alice $ends ask 10.0.2.16 39001
refuse 1 in_the alice $web get http://10.0.2.16:81/ 2>/dev/null
pings alice 10.0.2.16
counted() {
	[ "$(dropped nat_not_ours)" -ge 100 ]
}
await counted
expect test -z "$(captured uplink)"
expect test -z "$(captured reply)"
expect in_the alice $ends ask 198.51.100.2 39009
await has uplink
await has reply

# Two guests with the same source port, to the same port outside.
in_the alice $ends ask 198.51.100.2 39002 20 &
asking=$!
expect in_the bob $ends ask 198.51.100.2 39002 20
wait $asking || fail "alice's answers"

# A guest with a smaller MTU gets no larger segments, from servers and by a
# forward (on the cable they are as it gets them, one in each datagram).
in_the dave ip link set eth0 mtu 1000
serve dave $web serve 80 "$tmp/www"
capture small here lo 'udp dst port 10002 and greater 500'
expect test "$(in_the dave $web get http://198.51.100.2/big)" = "$big"
expect test "$(in_the here $web put http://127.0.0.1:8080/ www/big)" = "$big"
captured small | sed -n 's/.* length \([0-9]*\)$/\1/p' | sort -n | uniq -c >sizes
largest=$(tail -n 1 sizes | awk '{print $2}')
expect test "$largest" -gt 900
[ "$largest" -le 1014 ] || fail "frames of $(tail -n 3 sizes)"

# On a switch what is for the NAT goes there alone, always: it need not be
# learned, and is not forgotten.
sed '/mode: hub/d' nat.yaml >switch.yaml
expect switchctl apply switch.yaml
await is_up
capture flooded bob eth0 "ether dst $nat_mac and not ether src $(
	in_the bob cat /sys/class/net/eth0/address)"
for number in 3 4 5; do
	expect switchctl fdb flush
	expect in_the alice $ends ask 198.51.100.2 3900$number
	pings alice 10.0.2.2
done
expect test -z "$(captured flooded)"

# Its process is killed in the middle of downloads, while guests ping each
# other without loss; then it is there again.
pid=$(nat '["nat"]["pid"]')
while sleep 0.05; do
	in_the alice $web get http://198.51.100.2/big >/dev/null 2>&1 || true
done &
load=$!
in_the bob ping -q -c 60 -i 0.05 -W 2 10.0.2.17 >loss.log &
pinging=$!
sleep 1 # of load
kill -9 "$pid"
await restarted lan.out "$pid"
wait $pinging || fail "$(cat loss.log)"
expect grep -q ' 0% packet loss' loss.log
kill $load
expect test "$(in_the alice $web get http://198.51.100.2/big)" = "$big"

# A daemon that is stopped leaves nothing.
stop
tidy
