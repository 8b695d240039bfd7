# SPDX-License-Identifier: MIT
# IPv6 through a NAT.
#
#	SLAAC prefix + route	of the host's own kernel; DNS and search domain
#				by DHCPv6 (dhclient, where there is one)
#	TCP v6			to the outside and by a forward, both ways, big
#				files; a refused port
#	UDP v6			to the outside, also in fragments
#	ipv6: off		means no address, no route
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >v6.yaml <<'YAML'
name: v6
switches:
  lan:
    ports:
      alice: host
      out: {nat: , ipv6: "fd00:1:2:3::/64", domain: lab.test, mtu: 1400,
        forward: "tcp [::1]:8080 -> [fd00:1:2:3::15]:8080"}
  old: {ports: {bob: host, out: {nat: , ipv6: off}}}
YAML
names 2001:db8:1::2 --address=/www.example/2001:db8:1::2
serve_web
start v6.yaml
await is_up
await is_up old.out
alice() {
	switchctl exec alice timeout 50 "$@"
}

has_prefix() {
	alice ip -6 addr show dev eth0 -tentative | grep -q fd00:1:2:3:
}
await has_prefix
expect grep -q 'default via fe80::2 ' <(alice ip -6 route)
expect grep -q 'mtu 1400' <(alice ip -6 route show default)
expect alice ping -q -c 3 -i 0.2 -W 5 fd00:1:2:3::2 >ping.log
expect alice ping -q -c 3 -i 0.2 -W 5 fe80::2%eth0 >ping.log

if command -v dhclient >/dev/null; then
	printf '#!/bin/sh\nenv >>%s/dhclient.env\n' "$tmp" >dhclient.sh
	chmod +x dhclient.sh
	: >dhclient.leases
	alice dhclient -6 -S -1 -cf /dev/null -lf dhclient.leases \
		-pf "$tmp/dhclient.pid" -sf "$tmp/dhclient.sh" eth0 \
		>dhclient.log 2>&1 || fail "dhclient -6: $(cat dhclient.log)"
	expect grep -qx 'new_dhcp6_name_servers=fd00:1:2:3::3' dhclient.env
	expect grep -qx 'new_dhcp6_domain_search=lab.test.' dhclient.env
fi

# The outside: names by UDP and TCP of the server itself, and a download.
for way in udp tcp; do
	alice python3 "$SRC/tests/system/dns_ask.py" 2001:db8:1::2 \
		www.example AAAA $way >said || fail "$way: $(cat said)"
	expect grep -qx 2001:db8:1::2 said
done
resolv 2001:db8:1::2
alice python3 "$SRC/tests/system/dns_ask.py" fd00:1:2:3::3 www.example AAAA \
	>said || fail "$(cat said)"
expect grep -qx 2001:db8:1::2 said
fetch alice 'http://[2001:db8:1::2]/big' >big || fail "nothing from outside"
expect cmp big www/big
refused alice 2001:db8:1::2 81

# Big files, to the outside and by a forward, down and up.
head -c 100000000 /dev/urandom >www/big
big=$(sha256sum <www/big | cut -d' ' -f1)
web="python3 $SRC/tests/system/nat_web.py"
serve outside $web serve 8080 www
alice ip addr add fd00:1:2:3::15/64 dev eth0 nodad
serve alice $web serve 8080 "$tmp/www"
expect test "$(in_the alice $web get 'http://[2001:db8:1::2]:8080/big')" = "$big"
expect test "$(in_the alice $web put 'http://[2001:db8:1::2]:8080/' "$tmp/www/big")" = "$big"
expect test "$(in_the here $web get 'http://[::1]:8080/big')" = "$big"
expect test "$(in_the here $web put 'http://[::1]:8080/' www/big)" = "$big"

# Datagrams of all sizes.
ends="python3 $SRC/tests/system/nat_udp.py"
serve outside $ends serve
alice $ends sizes 2001:db8:1::2 >try.log 2>&1 || fail "$(cat try.log)"

# Without.
lease bob
refuse 1 grep -q 'fec0\|default' <(switchctl exec bob ip -6 addr) \
	<(switchctl exec bob ip -6 route)
stop
