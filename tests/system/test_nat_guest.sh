# SPDX-License-Identifier: MIT
# A real guest, Linux and BusyBox under QEMU's emulation, on a VDE port beside a
# NAT: it gets its address by udhcpc, resolves a name, downloads by it, is
# reached by a forward, and goes on when the NAT's process was killed.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"
. "$SRC/tests/system/guest.sh"

cat >guest.yaml <<'YAML'
name: guest
switches:
  lan:
    ports:
      vm: vde
      out: {nat: , dhcp: .40 - .60, domain: lab, forward: tcp 8080 -> .40:80}
YAML
mkdir root
cat >root/script <<'EOT'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "nameserver $dns" >/etc/resolv.conf
echo "search $domain" >>/etc/resolv.conf
EOT
chmod +x root/script
pack <<'EOT'
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -n -q -t 10 -x hostname:vm -s /script
cat /etc/resolv.conf
EOT

names 198.51.100.2 --address=/www.example/198.51.100.2 --local=/example/
serve_web
start guest.yaml
await is_up
boot vm -netdev 'vde,sock=/run/labswitch/guest/lan[vm],id=n' \
	-device virtio-net-pci,netdev=n,mac=02:00:00:00:00:01,romfile=
expect answer vm

# The lease, and names.
expect test "$(address vm)" = 10.0.2.40
ask vm ip addr || true
expect grep -q '10.0.2.40/24' answer
ask vm nslookup -type=a www.example || fail "nslookup: $(cat answer)"
expect grep -q 198.51.100.2 answer
ask vm nslookup -type=a vm.lab || fail "nslookup: $(cat answer)"
expect grep -q 10.0.2.40 answer
expect ask vm ping -q -c 3 10.0.2.2

# Down and up, with checksums.
sum=$(sha256sum <www/big)
down() {
	expect ask vm 'wget -q -O - http://www.example/big | sha256sum'
	expect test "$(cut -d' ' -f1 answer)" = "${sum%% *}"
}
up() {
	expect ask vm 'sha256sum /www/file'
	expect test "$(fetch here http://127.0.0.1:8080/file | sha256sum |
		cut -d' ' -f1)" = "$(cut -d' ' -f1 answer)"
}
down
up
refuse 1 ask vm 'nc 198.51.100.2 81 </dev/null'
expect grep -q refused answer

# Another process of the NAT's serves it on.
pid=$(nat '["nat"]["pid"]')
kill -9 "$pid"
await restarted lan.out "$pid"
down
up
expect ask vm 'ip addr flush dev eth0; udhcpc -i eth0 -n -q -t 10 -x hostname:vm -s /script'
expect test "$(address vm)" = 10.0.2.40
stop
