#!/usr/bin/env bash
# Runs the lab on real traffic, shows what the switch learned, cleans up. Any
# user may run it; as root, alice and bob are in `ip netns`, too.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs busybox ping:iputils-ping script:bsdutils udhcpc vde_plug2tap:vde2 vpcs

# in_vm WORDS... : in the namespaces of vm, which is no host of the lab.
in_vm() {
	nsenter -t "$vm" -U -n --preserve-credentials "$@"
}

vm_pings() {
	answered in_vm $ping "$1"
}

has_lease() {
	switchctl leases | grep -q " $1 *"
}

say "switchd topology.yaml: it makes the hosts alice and bob"
start

say "vm joins with vde_plug2tap, pc is a VPCS"
dir=$(switchctl --json show | sed -n 's/.*"run_dir": *"\([^"]*\)".*/\1/p')/lan
unshare --user --map-root-user --net vde_plug2tap -s "$dir[vm]" eth0 &
vm=$!
pids="$pids $vm"
await in_vm ip link set eth0 up
in_vm ip addr add 10.0.2.103/24 dev eth0

printf 'ip 10.0.2.104/24\n' >"$tmp/pc.vpc"
mkfifo "$tmp/keys"
sleep 600 >"$tmp/keys" &
pids="$pids $!"
script -qfec "vpcs -i 1 -m 4 -s 10002 -c 10001 -r $tmp/pc.vpc" /dev/null \
	<"$tmp/keys" >"$tmp/pc.log" 2>&1 &
pids="$pids $!"

say "who reaches whom"
expect "bob gets an address from the NAT" await has_lease bob
expect "alice reaches bob, another host" pings alice 10.0.2.15
expect "alice reaches vm, a client of VDE" pings alice 10.0.2.103
expect "alice reaches pc, a VPCS behind UDP" \
	await on alice ping -c 1 -W 1 10.0.2.104
expect "vm reaches bob" vm_pings 10.0.2.15
expect "the switch knows that alice is behind lan.alice" known alice lan.alice
expect "and that bob is behind lan.bob" known bob lan.bob

say "bob reads a page from a server on this machine, through the NAT"
echo "hello from the outside" >"$tmp/index.html"
port=$(free_port)
busybox httpd -f -p "127.0.0.1:$port" -h "$tmp" &
pids="$pids $!"
await on bob busybox wget -q -O "$tmp/page" \
	"http://10.0.2.2:$port/index.html" || true
expect "the page is the server's" cmp "$tmp/page" "$tmp/index.html"

say "switchctl show"
switchctl show
say "switchctl fdb: which port leads to which address"
switchctl fdb
say "switchctl ports"
switchctl ports

say "switchctl capture list: what passed alice is in a file"
switchctl capture list
switchctl capture stop alice.pcapng
expect "the capture of alice has what her pings carried" \
	grep -aqF '()*+,-./01234567' "$captures/alice.pcapng"
