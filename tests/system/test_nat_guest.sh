# SPDX-License-Identifier: MIT
# A real guest, Linux and BusyBox under QEMU's emulation, on a VDE port beside a
# NAT: it gets its address by udhcpc, resolves a name, downloads by it, is
# reached by a forward, and goes on when the NAT's process was killed.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

# What a guest is made of, as `./dev test` puts it there.
parts=$SRC/build/guest
if [ ! -e "$parts/vmlinuz" ]; then
	echo "no kernel for guests in $parts"
	exit 77
fi

cat >guest.yaml <<'YAML'
name: guest
switches:
  lan:
    ports:
      vm: vde
      out: {nat: , dhcp: .40 - .60, domain: lab, forward: tcp 8080 -> .40:80}
YAML
mkdir -p root/{bin,dev,etc,lib,proc,sys,www}
cp "$parts/busybox" root/bin
cp "$parts"/*.ko root/lib
cat >root/script <<'EOT'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
echo "nameserver $dns" >/etc/resolv.conf
echo "search $domain" >>/etc/resolv.conf
EOT
cat >root/init <<'EOT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for pass in 1 2 3 4; do # in whatever order they need each other
	for module in /lib/*.ko; do
		insmod "$module" 2>/dev/null
	done
done
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -n -q -t 10 -x hostname:vm -s /script
ip addr
cat /etc/resolv.conf
head -c 8388608 /dev/urandom >/www/file
httpd -h /www
stty -F /dev/ttyS1 raw -echo
exec </dev/ttyS1 >/dev/ttyS1
echo exit 0
while read -r line; do
	eval "$line" 2>&1
	echo "exit $?"
done
EOT
chmod +x root/init root/script
(cd root && find . | cpio --quiet -o -H newc) >initrd

# answer: what came of the guest, in the file `said`, up to its exit status.
answer() {
	local line
	: >said
	while read -r -t 60 line; do
		case $line in
		exit*) return "${line#exit }" ;;
		esac
		echo "$line" >>said
	done <>vm.out
	fail "the guest says nothing more after '$(tail -1 said)'"
}

# ask WORDS...: a command in the guest.
ask() {
	echo "$*" 1<>vm.in
	answer
}

names 198.51.100.2 --address=/www.example/198.51.100.2 --local=/example/
serve_web
start guest.yaml
await is_up
mkfifo vm.in vm.out
qemu-system-x86_64 -accel tcg -m 128 -nodefaults -display none -no-reboot \
	-kernel "$parts/vmlinuz" -initrd initrd \
	-append 'console=ttyS0 quiet panic=-1 mitigations=off' \
	-serial file:vm.console -serial pipe:vm \
	-netdev 'vde,sock=/run/labswitch/guest/lan[vm],id=n' \
	-device virtio-net-pci,netdev=n,mac=02:00:00:00:00:01,romfile= \
	>qemu.console 2>&1 &
expect answer

# The lease, and names.
expect test "$(address vm)" = 10.0.2.40
ask ip addr || true
expect grep -q '10.0.2.40/24' said
ask nslookup -type=a www.example || fail "nslookup: $(cat said)"
expect grep -q 198.51.100.2 said
ask nslookup -type=a vm.lab || fail "nslookup: $(cat said)"
expect grep -q 10.0.2.40 said
expect ask ping -q -c 3 10.0.2.2

# Down and up, with checksums.
sum=$(sha256sum <www/big)
down() {
	expect ask 'wget -q -O - http://www.example/big | sha256sum'
	expect test "$(cut -d' ' -f1 said)" = "${sum%% *}"
}
up() {
	expect ask 'sha256sum /www/file'
	expect test "$(fetch here http://127.0.0.1:8080/file | sha256sum |
		cut -d' ' -f1)" = "$(cut -d' ' -f1 said)"
}
down
up
refuse 1 ask 'nc 198.51.100.2 81 </dev/null'
expect grep -q refused said

# Another process of the NAT's serves it on.
pid=$(nat '["nat"]["pid"]')
kill -9 "$pid"
await restarted lan.out "$pid"
down
up
expect ask 'ip addr flush dev eth0; udhcpc -i eth0 -n -q -t 10 -x hostname:vm -s /script'
expect test "$(address vm)" = 10.0.2.40
stop
