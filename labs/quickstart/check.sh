#!/usr/bin/env bash
# Runs the lab on real traffic, shows what the switch learned, cleans up. Any
# user may run it; as root, alice and bob are in `ip netns`, too.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")"

tmp=$(mktemp -d)
pids=()

cleanup() {
	switchctl -l quickstart stop >/dev/null 2>&1 || true
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	rm -rf "$tmp"
}
trap cleanup EXIT

say() {
	printf '\n== %s\n' "$*"
}

# Tries a command for up to 10 seconds.
await() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "this did not come true: $*" >&2
	return 1
}

# in_vm WORDS... : in the namespaces of vm, which is no host of the lab.
in_vm() {
	nsenter -t "$vm" -U -n --preserve-credentials "$@"
}

has_lease() {
	switchctl leases | grep -q " $1 *"
}

# A TCP port on which nobody listens.
free_port() {
	local port
	for port in $(seq 8080 8180); do
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# pings WORDS... : three echo requests, none may be lost.
pings() {
	"$@" -c 3 -i 0.2 -W 2 | sed -n '2,4p;/loss/p'
	"$@" -q -c 3 -i 0.2 -W 2 >/dev/null
}

say "switchd topology.yaml: it makes the hosts alice and bob"
switchd --strict --captures "$tmp/captures" -d topology.yaml
export LABSWITCH=quickstart

say "vm joins with vde_plug2tap, pc is a VPCS"
dir=$(switchctl --json show | sed -n 's/.*"run_dir": *"\([^"]*\)".*/\1/p')/lan
unshare --user --map-root-user --net vde_plug2tap -s "$dir[vm]" eth0 &
vm=$!
pids+=("$vm")
await in_vm ip link set eth0 up
in_vm ip addr add 10.0.2.103/24 dev eth0

printf 'ip 10.0.2.104/24\n' >"$tmp/pc.vpc"
mkfifo "$tmp/keys"
sleep 600 >"$tmp/keys" &
pids+=($!)
script -qfec "vpcs -i 1 -m 4 -s 10002 -c 10001 -r $tmp/pc.vpc" /dev/null \
	<"$tmp/keys" >"$tmp/pc.log" 2>&1 &
pids+=($!)
await switchctl exec alice ping -c 1 -W 1 10.0.2.104

say "bob has asked the NAT for an address"
await has_lease bob
switchctl leases

say "alice pings bob (a host, too), vm (VDE) and pc (VPCS over UDP)"
for n in 15 103 104; do
	pings switchctl exec alice ping 10.0.2.$n
done
say "vm pings bob"
pings in_vm ping 10.0.2.15

say "bob reads a page from a server on this machine, through the NAT"
echo "hello from the outside" >"$tmp/index.html"
port=$(free_port)
busybox httpd -f -p "127.0.0.1:$port" -h "$tmp" &
pids+=($!)
await switchctl exec bob busybox wget -q -O "$tmp/page" \
	"http://10.0.2.2:$port/index.html"
cat "$tmp/page"
cmp "$tmp/page" "$tmp/index.html"

say "switchctl show"
switchctl show
say "switchctl fdb: which port leads to which address"
switchctl fdb
say "switchctl ports"
switchctl ports

say "switchctl capture list: what passed alice is in a file"
switchctl capture list
switchctl capture stop alice.pcapng
test -s "$tmp/captures/alice.pcapng"

say "all of it worked"
