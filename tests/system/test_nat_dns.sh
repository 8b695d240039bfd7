# SPDX-License-Identifier: MIT
# Names for a NAT's guests, by its forwarder and a dnsmasq outside.
#
#	UDP, TCP		www, by both
#	large answer		big: cut off by UDP, whole by TCP
#	server list change	the second server, by another resolv.conf
#	first server dead	one that is mute, and one that is not there
#	v6-only server		and guests that ask over the other protocol
#	names of guests		alice.lab
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >dns.yaml <<'YAML'
name: dns
switches:
  lan: {ports: {alice: host, bob: host, out: nat}}
  own: {ports: {carol: host, out: {nat: , dns: 198.51.100.3}}}
  off: {ports: {dave: host, out: {nat: , dns: off}}}
YAML
text=$(printf 'x%.0s' $(seq 200))
names 198.51.100.2,2001:db8:1::2 --address=/www.example/198.51.100.2 \
	--address=/www.example/2001:db8:1::2 --address=/none.example/ \
	--txt-record="big.example$(printf ",$text%s" $(seq 11 30))"
names 198.51.100.3 --address=/www.example/198.51.100.3
ip netns exec outside python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('198.51.100.4', 53))
time.sleep(300)" & # hears questions, and does not answer

# asks HOST WORDS...: the answer is in the file `said`.
asks() {
	switchctl exec "$1" timeout 40 python3 "$SRC/tests/system/dns_ask.py" \
		"${@:2}" >said
}
# says ANSWER HOST WORDS...
says() {
	asks "${@:2}" || fail "${*:2}: exit $?, $(cat said)"
	[ "$(cat said)" = "$1" ] || fail "${*:2}: $(cat said), not $1"
}

start dns.yaml
for port in lan.out own.out off.out; do
	await is_up $port
done
for guest in alice bob carol dave; do
	lease $guest
done
www=198.51.100.2
await asks alice 10.0.2.3 www.example
says $www alice 10.0.2.3 www.example
says $www alice 10.0.2.3 www.example A tcp
says 2001:db8:1::2 alice 10.0.2.3 www.example AAAA
refuse 3 asks alice 10.0.2.3 none.example
serve_web
fetch alice http://www.example/big >big
expect cmp big www/big

# Over IPv6, too, of a server that is asked over IPv4.
await has_prefix alice
says $www alice fec0::3 www.example
says $www alice fec0::3 www.example A tcp

# An answer of 4 kB.
says 4060 alice 10.0.2.3 big.example TXT tcp
says "cut
4060" alice 10.0.2.3 big.example TXT any

# Guests by their names.
says "$(address alice)" bob 10.0.2.3 alice.lab
says "$(address bob)" alice 10.0.2.3 bob.lab A tcp
refuse 3 asks alice 10.0.2.3 carol.lab

# Servers of the port's own, and none.
says 198.51.100.3 carol 10.0.2.3 www.example
refuse 99 asks dave 10.0.2.3 www.example
expect grep -q '^nameserver *$' <(switchctl exec dave cat /etc/resolv.conf)

# Another list of servers is known a second later.
knows() {
	asks alice 10.0.2.3 www.example && [ "$(cat said)" = "$1" ]
}
resolv 198.51.100.3
await knows 198.51.100.3

# The first server is mute, or not there.
resolv 198.51.100.4 198.51.100.2
await knows $www
says $www alice 10.0.2.3 www.example
says $www alice 10.0.2.3 www.example A tcp
resolv 198.51.100.99 198.51.100.3
await knows 198.51.100.3

# The only server has IPv6; guests need none.
resolv 2001:db8:1::2
await knows $www
says $www alice 10.0.2.3 www.example A tcp
says $www alice fec0::3 www.example
stop
