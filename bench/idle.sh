#!/usr/bin/env bash
# Rate between two VDE clients with 500 idle ones beside them and with none,
# in turn, 5 pairs; the same for vde_switch. Medians, in frames/s of 64 bytes.
# usage: bench/idle.sh BUILD
# SPDX-License-Identifier: MIT
set -eu
build=$(realpath "$1")
tmp=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$tmp"' EXIT

printf 'name: bench\nswitches: {lan: {vde: %s}}\n' "$tmp/ours" >"$tmp/bench.yaml"
"$build/switchd/switchd" --run "$tmp/run" "$tmp/bench.yaml" 2>"$tmp/log" &
pids+=($!)
vde_switch -s "$tmp/vde" -n 1024 -M "$tmp/mgmt" --daemon -p "$tmp/pid"
for _ in $(seq 50); do
	[ -S "$tmp/ours/ctl" ] && [ -s "$tmp/pid" ] && break
	sleep 0.1
done
pids+=("$(cat "$tmp/pid")")

median() {
	sort -n | sed -n 3p
}

for switch in ours vde; do
	: >"$tmp/idle0" && : >"$tmp/idle500" && : >"$tmp/ratio"
	for _ in 1 2 3 4 5; do
		none=$("$build/bench/vde_rate" "$tmp/$switch" 0 2)
		many=$("$build/bench/vde_rate" "$tmp/$switch" 500 2)
		echo "$none" >>"$tmp/idle0"
		echo "$many" >>"$tmp/idle500"
		echo "$none $many" | awk '{printf "%.3f\n", $2 / $1}' >>"$tmp/ratio"
		sleep 0.5
	done
	printf '%-8s no idle clients %8s frames/s   500 idle %8s frames/s   ratio %s\n' \
		"$switch" "$(median <"$tmp/idle0")" "$(median <"$tmp/idle500")" \
		"$(median <"$tmp/ratio")"
done
