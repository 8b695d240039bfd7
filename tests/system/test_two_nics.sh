# SPDX-License-Identifier: MIT
# The QEMU of labs/two-nics, with the options that its page has: a real guest
# with two cards has the world by the one and the lab by the other.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/guest.sh"
for program in busybox udhcpc; do
	command -v $program >/dev/null || exit 77
done

mkdir root
cat >root/script <<'EOT'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
EOT
chmod +x root/script
pack <<'EOT'
ip link set eth0 up
udhcpc -i eth0 -n -q -t 10 -s /script
ip addr add 192.168.50.3/24 dev eth1
ip link set eth1 up
EOT

# What is between `-netdev` and the end of its lines; the cards need no ROM.
options=$(sed -n '/^qemu/,/^```/s/^\t\(.*mac=[^ ]*\|-netdev .*\)\( \\\|\)$/\1/p' \
	"$SRC/labs/two-nics/README.md" | sed 's/^-device.*/&,romfile=/')
eval "options=($options)"
expect test "${#options[@]}" -eq 8

busybox httpd -p 127.0.0.1:8080 -h "$SRC/labs/two-nics"
start "$SRC/labs/two-nics/topology.yaml" --captures "$tmp"
boot vm "${options[@]}"
expect answer vm

expect ask vm ip route
expect test "$(grep -c ^default answer)" -eq 1
expect grep -q '^default via 10.0.2.2 dev eth0' answer
expect ask vm 'wget -q -O - http://10.0.2.2:8080/topology.yaml | sha256sum'
expect test "$(cut -d' ' -f1 answer)" = \
	"$(sha256sum <"$SRC/labs/two-nics/topology.yaml" | cut -d' ' -f1)"
expect ask vm ping -q -c 3 192.168.50.2
expect switchctl exec pc ping -q -c 3 -i 0.2 -W 5 192.168.50.3 >ping.log
learned() { # MAC PORT
	switchctl fdb | grep "^$1 " | grep -q " $2 "
}
expect learned 52:54:00:00:00:10 world.qemu-eth0
expect learned 52:54:00:00:00:11 lab.qemu-eth1
stop
