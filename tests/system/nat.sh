# SPDX-License-Identifier: MIT
# Sourced, after lib.sh, by the tests of NATs: a world outside with a web
# server and a name server, and what its guests do.
for program in udhcpc dnsmasq tcpdump; do
	command -v "$program" >/dev/null || exit 77
done
[ -x "$BIN/switchd/labswitch-nat" ] || exit 77

host outside
ip link add up0 type veth peer name eth0 netns outside
ip addr add 198.51.100.1/24 dev up0
ip addr add 198.51.100.7/24 dev up0
ip -6 addr add 2001:db8:1::1/64 dev up0 nodad
ip link set up0 up
for last in 2 3 4; do
	ip -n outside addr add 198.51.100.$last/24 dev eth0
	ip -n outside -6 addr add 2001:db8:1::$last/64 dev eth0 nodad \
		preferred_lft $((last == 2 ? 4000 : 0))
done
ip -n outside link set eth0 up
mkdir www
head -c 3000000 /dev/urandom >www/big

# serve_web: its log names those who ask.
serve_web() {
	ip netns exec outside python3 -m http.server -d www --bind :: 80 \
		>/dev/null 2>web.log &
	await grep -qi ':0050 .* 0A ' /proc/$!/net/tcp6
}

# names ADDRESS,... OPTIONS...: a name server outside.
names() {
	ip netns exec outside dnsmasq --keep-in-foreground --no-resolv \
		--no-hosts --conf-file=/dev/null --pid-file= --user=root \
		--bind-interfaces --except-interface=lo \
		$(printf -- '--listen-address=%s ' ${1//,/ }) "${@:2}" \
		2>>dnsmasq.log &
}

# resolv SERVER...: what this machine asks.
resolv() {
	printf 'nameserver %s\n' "$@" >resolv.conf
}
resolv 198.51.100.2
mount --bind resolv.conf /etc/resolv.conf

# What udhcpc does with its lease.
cat >script <<EOT
#!/bin/sh
case \$1 in bound | renew)
	ip addr replace "\$ip/\$mask" dev "\$interface"
	[ -z "\$router" ] || ip route replace default via "\$router"
	echo "nameserver \$dns" >/etc/resolv.conf
esac
echo "\$1 \$ip" >>$tmp/udhcpc.\$(hostname).events
EOT
chmod +x script

# lease HOST: by udhcpc.
lease() {
	switchctl exec "$1" timeout 20 udhcpc -i eth0 -n -q -f -t 10 \
		-s "$tmp/script" -x "hostname:$1" >"udhcpc.$1" 2>&1 ||
		fail "$(cat "udhcpc.$1")"
}

# address HOST: what it has leased, by its name.
address() {
	json '" ".join(l["address"] for l in r["rows"] if l["name"] == "'"$1"'")' \
		leases
}

# nat EXPRESSION [PORT]: of what is shown of the port.
nat() {
	json '[p for p in r["rows"] if p["port"] == "'"${2:-lan.out}"'"][0]'"$1" \
		show
}

is_up() {
	[ "$(nat '["state"]' "$@")" = up ]
}

# restarted PORT PID: by another process than that.
restarted() {
	is_up "$1" && [ "$(nat '["nat"]["pid"]' "$1")" != "$2" ]
}

# state: everything that a lab could leave behind.
state() {
	find /run | grep -v '^/run/netns' | sort
	ip -o link | cut -d: -f2
	ip netns list | cut -d' ' -f1 | sort
	cut -d' ' -f8 /proc/net/unix | grep /run || true
	pgrep 'switchd|labsw' || true
}

# has_prefix HOST: it has made itself an IPv6 address.
has_prefix() {
	switchctl exec "$1" ip -6 addr show dev eth0 -tentative |
		grep -q fec0::
}

# fetch HOST URL: what is there, as HOST sees it; "here" is the daemon's side.
fetch() {
	local in="switchctl exec $1"
	[ "$1" != here ] || in=
	$in timeout 15 python3 -c "
import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen('$2', timeout=10).read())"
}

# in_the HOST COMMAND...: "here" is where the daemon is.
in_the() {
	local where=$1
	shift
	case $where in
	here) "$@" ;;
	outside) ip netns exec outside "$@" ;;
	*) switchctl exec "$where" "$@" ;;
	esac
}

# serve HOST PROGRAM...: runs it there until the end; it prints "ready" first.
serve() {
	local log
	log=$(mktemp -p "$tmp")
	in_the "$@" >"$log" 2>&1 &
	await grep -q ready "$log"
}

# dropped NAME: how many frames `out` did not pass on for that reason.
dropped() {
	nat '["nat"]["drops"].get("'"$1"'", 0)'
}

# refused HOST ADDRESS PORT: a TCP connection is, at once.
refused() {
	switchctl exec "$1" timeout 15 python3 -c "
import socket
try:
    socket.create_connection(('$2', $3), timeout=10)
except ConnectionRefusedError:
    raise SystemExit(0)
raise SystemExit(1)" || fail "$1: $2:$3 is not refused"
}
