# SPDX-License-Identifier: MIT
# Large frames reach VDE clients whole: mtu 9000 through vde_plug to a TAP, mtu
# 65520 through QEMU's -netdev vde to one. One byte more is refused by the guest
# itself, so what passes is the largest there is.
. "$(dirname "$0")/lib.sh"

host a b c
cat >jumbo.yaml <<'YAML'
name: jumbo
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a, mtu: 65520}
      plug: vde
      qemu: vde
YAML
start jumbo.yaml
dir=/run/labswitch/jumbo/lan
ip -n a addr add 10.0.0.1/24 dev eth0

# whole ADDRESS MTU: echoes of that mtu come back, with each byte what it was.
whole() {
	local size=$(($2 - 28))
	ip -n a route replace "$1" dev eth0 mtu "$2"
	await ip netns exec a ping -c 1 -W 1 "$1"
	expect ip netns exec a ping -c 5 -i 0.1 -W 2 -M do -s $size "$1" >ping.log
	expect grep -q ' 0% packet loss' ping.log
	[ "$(grep -c "^$((size + 8)) bytes from $1" ping.log)" -eq 5 ] ||
		fail "cut: $(cat ping.log)"
	refuse 1 grep -q 'wrong data\|truncated' ping.log
	refuse 1 ip netns exec a ping -q -c 1 -W 1 -M do -s $((size + 1)) "$1" \
		>/dev/null 2>&1
}

ip netns exec b vde_plug "vde://${dir}[plug]" tap://eth0 &
pid=$!
await ip -n b link set eth0 up mtu 9000
ip -n b addr add 10.0.0.2/24 dev eth0
whole 10.0.0.2 9000
kill "$pid"

carrier() { # QEMU has attached to its TAP
	ip link show glue | grep -q LOWER_UP
}
ip tuntap add glue mode tap
ip link set glue up
qemu-system-x86_64 -machine none -nodefaults -display none \
	-netdev "vde,sock=${dir}[qemu],id=n" \
	-netdev hubport,id=h1,hubid=0,netdev=n \
	-netdev tap,id=t,ifname=glue,script=no,downscript=no \
	-netdev hubport,id=h2,hubid=0,netdev=t 2>qemu.log &
pid=$!
await carrier
ip link set glue netns c
ip -n c link set glue up mtu 65520
ip -n c addr add 10.0.0.3/24 dev glue
whole 10.0.0.3 65520
kill "$pid"
stop
