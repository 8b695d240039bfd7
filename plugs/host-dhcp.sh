#!/bin/sh
# SPDX-License-Identifier: MIT
# Run by udhcpc(8) in a host with `host dhcp`: makes the interface what the
# DHCP server has said. udhcpc gives the event as $1 and the options as
# variables; priv_dhcp.c gives HOST_RESOLV, the host's /etc/resolv.conf, and
# HOST_MTU, which the port allows, and says `gone` when the interface is.
#
# resolv.conf may be mounted somewhere, so it is written in place, and must not
# be made again if the host has just ended; what is not between the marks of
# this interface is left as it is.
set -u
interface=${interface:?this is run by udhcpc}

command -v ip >/dev/null || ip() { busybox ip "$@"; }

# Lines of standard input become what this interface says of name servers.
resolve() {
	lines=$(cat)
	{
		flock 9
		others=$(sed "/^# DHCP on $interface:\$/,/^# end of $interface\$/d" <&9)
		{
			printf '%s\n' "$others"
			[ -z "$lines" ] || printf '%s\n' \
				"# DHCP on $interface:" "$lines" \
				"# end of $interface"
		} >/proc/self/fd/9
	} 9<"$HOST_RESOLV"
}

# Routes that lead over other interfaces stay as they are, and one that is right
# is not taken away.
route() {
	case $(ip -4 route show default dev "$interface") in
	"default via ${router:-none} "*) return ;;
	esac
	while ip -4 route del default dev "$interface" 2>/dev/null; do :; done
	for router in ${router:-}; do
		ip -4 route append default via "$router" dev "$interface"
	done
}

# A server may give another address when it renews: one is enough.
address() {
	case $(ip -4 -o addr show dev "$interface") in
	*" ${ip:?}/${mask:-24} "*) ;;
	*) ip -4 addr flush dev "$interface" ;;
	esac
	ip -4 addr replace "$ip/${mask:-24}" broadcast + dev "$interface"
	[ "${mtu:-$HOST_MTU}" -ge "$HOST_MTU" ] ||
		ip link set dev "$interface" mtu "$mtu"
}

# udhcpc gives search domains as they came, line ends and all.
servers() {
	for server in ${dns:-}; do
		printf 'nameserver %s\n' "$server"
	done
	case ${search:=${domain:-}} in
	"" | *[!0-9A-Za-z._\ -]*) ;;
	*) printf 'search %s\n' "$search" ;;
	esac
}

case ${1:-} in
deconfig)
	ip -4 addr flush dev "$interface"
	ip link set dev "$interface" mtu "$HOST_MTU"
	resolve </dev/null
	;;
gone)
	resolve </dev/null
	;;
bound | renew)
	address
	route
	servers | resolve
	;;
nak | leasefail) ;; # udhcpc asks anew, and says deconfig if that is lost
esac
