# SPDX-License-Identifier: MIT
# QEMU's -netdev vde, with no guest: hubports join it to a TAP.
. "$(dirname "$0")/lib.sh"

host a q
cat >qemu.yaml <<'EOF'
name: qemu
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      vm1: vde
      vm2: udp 10001 -> 127.0.0.1:10002
EOF
start qemu.yaml
ip -n a addr add 10.0.0.1/24 dev eth0

carrier() { # QEMU has attached to its TAP
	ip link show glue | grep -q LOWER_UP
}

# glue NETDEV ADDRESS: a TAP in namespace q, behind QEMU, behind NETDEV.
glue() {
	ip tuntap add glue mode tap
	ip link set glue up
	qemu-system-x86_64 -machine none -nodefaults -display none \
		-netdev "$1,id=n" -netdev hubport,id=h1,hubid=0,netdev=n \
		-netdev tap,id=t,ifname=glue,script=no,downscript=no \
		-netdev hubport,id=h2,hubid=0,netdev=t 2>qemu.log &
	local pid=$!
	await carrier
	ip link set glue netns q
	ip -n q addr add "$2" dev glue
	ip -n q link set glue up
	await ip netns exec a ping -c 1 -W 1 "${2%/*}"
	pings a "${2%/*}"
	kill "$pid"
	wait "$pid" || true
	ip -n q link del glue
}

glue 'vde,sock=/run/labswitch/qemu/lan[vm1]' 10.0.0.2/24
glue 'dgram,local.type=inet,local.host=127.0.0.1,local.port=10002,remote.type=inet,remote.host=127.0.0.1,remote.port=10001' \
	10.0.0.3/24
glue 'socket,udp=127.0.0.1:10001,localaddr=127.0.0.1:10002' 10.0.0.4/24
stop

# A router: what `show` prints for a port of each switch goes on one command line.
cat >router.yaml <<'EOF'
name: router
switches:
  lan: {ports: {r: vde}}
  wan: {ports: {r: vde}}
EOF
start router.yaml
eval "qemu-system-x86_64 -accel tcg -S -display none $(switchctl show |
	grep -e '-netdev' | tr '\n' ' ') 2>qemu.log &"
qemu=$!
await eval '[ "$(switchctl --json show | grep -o "\"clients\":1" | wc -l)" -eq 2 ]'
macs=$(switchctl show | grep -o 'mac=[^ ]*')
[ "$(sort -u <<<"$macs" | wc -l)" -eq 2 ] || fail "the MACs of two cards: $macs"
kill "$qemu"
wait "$qemu" || true
stop
