#!/usr/bin/env bash
# Runs the lab on real traffic, shows what the switch learned, cleans up.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")"
[ "$(id -u)" -eq 0 ] || exec sudo env "PATH=$PATH" "$PWD/check.sh"

tmp=$(mktemp -d)
pids=()

cleanup() {
	switchctl -l quickstart stop >/dev/null 2>&1 || true
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	for ns in qs-alice qs-bob qs-vm; do
		ip netns del "$ns" 2>/dev/null || true
	done
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

# ping FROM ADDRESS: three echo requests, none may be lost.
ping_from() {
	ip netns exec "qs-$1" ping -c 3 -i 0.2 -W 2 "$2" | sed -n '2,4p;/loss/p'
	ip netns exec "qs-$1" ping -q -c 3 -i 0.2 -W 2 "$2" >/dev/null
}

say "hosts: network namespaces alice, bob and vm"
for ns in alice bob vm; do
	ip netns add "qs-$ns"
	ip -n "qs-$ns" link set lo up
done

say "switchd topology.yaml"
switchd -d topology.yaml
ip -n qs-alice addr add 10.0.0.1/24 dev eth0
ip -n qs-bob addr add 10.0.0.2/24 dev eth0

say "vm joins with vde_plug2tap, pc is a VPCS"
dir=$(switchctl -l quickstart --json show |
	sed -n 's/.*"run_dir": *"\([^"]*\)".*/\1/p')/lan
ip netns exec qs-vm vde_plug2tap -s "$dir[vm]" eth0 &
pids+=($!)
await ip -n qs-vm link set eth0 up
ip -n qs-vm addr add 10.0.0.3/24 dev eth0

printf 'ip 10.0.0.4/24\n' >"$tmp/pc.vpc"
mkfifo "$tmp/keys"
sleep 600 >"$tmp/keys" &
pids+=($!)
script -qfec "vpcs -i 1 -m 4 -s 10002 -c 10001 -r $tmp/pc.vpc" /dev/null \
	<"$tmp/keys" >"$tmp/pc.log" 2>&1 &
pids+=($!)
await ip netns exec qs-alice ping -c 1 -W 1 10.0.0.4

say "alice pings bob (namespace), vm (VDE) and pc (VPCS over UDP)"
for host in 2 3 4; do
	ping_from alice 10.0.0.$host
done
say "vm pings bob"
ping_from vm 10.0.0.2

say "switchctl show"
switchctl -l quickstart show
say "switchctl fdb: which port leads to which address"
switchctl -l quickstart fdb
say "switchctl ports"
switchctl -l quickstart ports

say "all of it worked"
