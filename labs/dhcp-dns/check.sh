#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs tcpdump busybox udhcpc

lease() { # HOST: its address, as the NAT has leased it
	switchctl leases | awk -v host="$1" '$3 == host { print $1 }'
}

has_lease() {
	[ -n "$(lease "$1")" ]
}

has_address() { # HOST ADDRESS
	on "$1" ip -br addr show eth0 | grep -F " $2/24"
}

# messages FILTER: the kinds of DHCP messages in the capture, in order.
messages() {
	tcpdump -vnr "$captures/dhcp-dns.pcapng" "$@" 2>/dev/null |
		sed -n 's/.*DHCP-Message.*: //p' | tr '\n' ' '
}

start
expect "bob gets an address" await has_lease bob
expect "carol gets an address" await has_lease carol
bob=$(lease bob)
carol=$(lease carol)
expect "not the same" test "$bob" != "$carol"
expect "bob's interface has it" await has_address bob "$bob"
expect "carol's, too" await has_address carol "$carol"
expect "bob was told the router" \
	await sh -c 'switchctl exec bob ip route | grep "^default via 10.0.2.2 "'
expect "and the name server" \
	await on bob grep -q '^nameserver 10.0.2.3$' /etc/resolv.conf
expect "bob finds carol by name" \
	sh -c "switchctl exec bob busybox nslookup carol.class.example 10.0.2.3 |
		grep -F 'Address: $carol'"
expect "and by the short one, which the search domain makes a long one" \
	pings bob carol
expect "a name that nobody has is not found" \
	fails on bob busybox nslookup nobody.class.example 10.0.2.3

switchctl capture stop dhcp-dns.pcapng >/dev/null
said=$(messages port 67 and ether host "$(mac bob)" or ether dst "$(mac bob)")
echo "between bob and the NAT: $said"
expect "bob got it by Discover, Offer, Request, ACK" \
	grep -q 'Discover .*Offer .*Request .*ACK' <<<"$said"
expect "his questions for carol went to the name server" \
	sh -c "tcpdump -nr '$captures/dhcp-dns.pcapng' dst host 10.0.2.3 and \
		udp dst port 53 and src host $bob | grep 'A? carol.class.example'"
