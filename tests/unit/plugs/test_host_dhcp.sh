# SPDX-License-Identifier: MIT
# host-dhcp.sh by itself: what udhcpc says becomes calls of ip(8), which only
# writes them down here, and lines of resolv.conf.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir bin
cat >bin/ip <<'SH'
#!/bin/sh
echo "$*" >>"$CALLS"
[ "$3" != show ] || echo "${default:-}"
[ "$4" != show ] || echo "2: eth0 inet ${has:-} brd"
[ "$3" != del ]
SH
chmod +x bin/ip
export CALLS=$tmp/calls HOST_RESOLV=$tmp/resolv HOST_MTU=1500 PATH=$tmp/bin:$PATH

# event NAME=VALUE... SCRIPT EVENT: runs it as udhcpc does.
event() {
	: >calls
	env "$@"
}
script=$SRC/plugs/host-dhcp.sh

# is FILE: it is what standard input says.
is() {
	diff "$1" - || {
		echo "FAILED: $1 is not that" >&2
		exit 1
	}
}

printf '# mine\nnameserver 192.0.2.1\n' >resolv
inode=$(stat -c %i resolv)
event interface=eth0 ip=10.0.0.5 mask=24 router='10.0.0.1 10.0.0.2' mtu=1400 \
	dns='10.0.0.53 10.0.0.54' domain=lab.test "$script" bound
is calls <<'EOT'
-4 -o addr show dev eth0
-4 addr flush dev eth0
-4 addr replace 10.0.0.5/24 broadcast + dev eth0
link set dev eth0 mtu 1400
-4 route show default dev eth0
-4 route del default dev eth0
-4 route append default via 10.0.0.1 dev eth0
-4 route append default via 10.0.0.2 dev eth0
EOT
event interface=eth1 ip=10.1.0.5 mask=16 mtu=9000 dns=10.1.0.1 \
	search='a.test b.test' domain=c.test "$script" bound
is calls <<'EOT'
-4 -o addr show dev eth1
-4 addr flush dev eth1
-4 addr replace 10.1.0.5/16 broadcast + dev eth1
-4 route show default dev eth1
-4 route del default dev eth1
EOT

# Each interface has its part of resolv.conf, and nobody else's is touched.
is resolv <<'EOT'
# mine
nameserver 192.0.2.1
# DHCP on eth0:
nameserver 10.0.0.53
nameserver 10.0.0.54
search lab.test
# end of eth0
# DHCP on eth1:
nameserver 10.1.0.1
search a.test b.test
# end of eth1
EOT
event interface=eth0 has=10.0.0.5/24 ip=10.0.0.5 mask=24 dns=10.0.0.55 \
	"$script" renew
is calls <<'EOT'
-4 -o addr show dev eth0
-4 addr replace 10.0.0.5/24 broadcast + dev eth0
-4 route show default dev eth0
-4 route del default dev eth0
EOT
event interface=eth1 "$script" deconfig
is calls <<'EOT'
-4 addr flush dev eth1
link set dev eth1 mtu 1500
EOT
is resolv <<'EOT'
# mine
nameserver 192.0.2.1
# DHCP on eth0:
nameserver 10.0.0.55
# end of eth0
EOT
event interface=eth0 has=10.0.0.5/24 ip=10.0.0.5 mask=24 router=10.0.0.1 \
	default='default via 10.0.0.1 ' dns=10.0.0.55 "$script" renew
is calls <<'EOT'
-4 -o addr show dev eth0
-4 addr replace 10.0.0.5/24 broadcast + dev eth0
-4 route show default dev eth0
EOT

# Another address takes the place of the first; lines are not smuggled in.
event interface=eth0 has=10.0.0.5/24 ip=10.0.0.6 mask=24 dns=10.0.0.55 \
	search='a
# end of eth0
nameserver 192.0.2.66' "$script" renew
head -n 3 calls >first
is first <<'EOT'
-4 -o addr show dev eth0
-4 addr flush dev eth0
-4 addr replace 10.0.0.6/24 broadcast + dev eth0
EOT
is resolv <<'EOT'
# mine
nameserver 192.0.2.1
# DHCP on eth0:
nameserver 10.0.0.55
# end of eth0
EOT
for event in nak leasefail gone; do
	event interface=eth0 "$script" $event
	is calls </dev/null
done
printf '# mine\nnameserver 192.0.2.1\n' | is resolv
[ "$(stat -c %i resolv)" = "$inode" ]

# A host that is gone gets no new file.
rm resolv
event interface=eth0 "$script" gone 2>/dev/null || true
event interface=eth0 ip=10.0.0.5 dns=10.0.0.53 "$script" bound 2>/dev/null || true
[ ! -e resolv ]
