#!/usr/bin/env bash
# TCP through the NAT beside slirp4netns and slirpvde, at mtu 1500, up and
# down, 5 interleaved rounds; then the CPU time per GB of an upload with 4,000
# idle flows open and with none. Server and guests are namespaces; nothing
# leaves them. Medians, with least and greatest in brackets.
# usage: bench/nat.sh BUILD
# SPDX-License-Identifier: MIT
set -eu

if [ -z "${NAT_BENCH_INSIDE:-}" ]; then
	export NAT_BENCH_INSIDE=yes
	exec unshare --net --mount --pid --fork --kill-child --mount-proc \
		bash "$0" "$(realpath "$1")"
fi

build=$1
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$tmp"' EXIT
PATH=$build/switchd:$PATH
seconds=3
rounds=${NAT_BENCH_ROUNDS:-5}

. "$(dirname "$0")/lib.sh"

apart() { # apart PID: it is in a network namespace of its own
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# A namespace that lives as long as its process; sets pid.
namespace() {
	unshare --net sleep 3600 &
	pid=$!
	await apart "$pid"
}

in_guest() { # in_guest SYSTEM COMMAND...
	nsenter -t "$(cat "$tmp/$1.guest")" -n "${@:2}"
}

# --- The systems: each leaves SYSTEM.guest and SYSTEM.nat, two pids ---------

start_labswitch() {
	cat >"$tmp/lab.yaml" <<-'YAML'
		name: nat-bench
		switches:
		  lan:
		    ports:
		      guest: host 10.0.2.15/24 via 10.0.2.2
		      out: {nat, host-loopback: yes}
	YAML
	switchd --strict -d "$tmp/lab.yaml" 2>/dev/null
	export LABSWITCH=nat-bench
	for f in /proc/[0-9]*/comm; do
		case $(cat "$f") in
		labswitch-nat) basename "${f%/comm}" >"$tmp/labswitch.nat" ;;
		esac
	done
	switchctl exec guest sleep 3600 &
	pid=$!
	await apart "$pid"
	echo "$pid" >"$tmp/labswitch.guest"
}

start_slirp4netns() {
	namespace
	echo "$pid" >"$tmp/slirp4netns.guest"
	slirp4netns --configure --mtu=1500 "$pid" tap0 >"$tmp/slirp4netns.log" \
		2>&1 &
	echo $! >"$tmp/slirp4netns.nat"
}

start_slirpvde() {
	vde_switch -s "$tmp/vde" --daemon -p "$tmp/vde.pid" </dev/null
	await test -s "$tmp/vde.pid"
	# It dies of SIGPIPE otherwise, in the middle of a bulk transfer.
	(trap '' PIPE && exec slirpvde -s "$tmp/vde") </dev/null \
		>"$tmp/slirpvde.log" 2>&1 &
	echo $! >"$tmp/slirpvde.nat"
	namespace
	echo "$pid" >"$tmp/slirpvde.guest"
	nsenter -t "$pid" -n vde_plug2tap -s "$tmp/vde" tap0 </dev/null &
	await nsenter -t "$pid" -n ip link set tap0 up
	nsenter -t "$pid" -n ip addr add 10.0.2.15/24 dev tap0
	nsenter -t "$pid" -n ip route add default via 10.0.2.2
}

# --- Measuring --------------------------------------------------------------

# rate SYSTEM [-R]: Gbit/s as the receiver counts.
rate() {
	in_guest "$1" timeout 30 iperf3 -J -c 10.0.2.2 -t $seconds "${@:2}" |
		python3 -c 'import json,sys
print("%.3f" % (json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e9))'
}

ticks() { # busy and all, since boot
	awk '/^cpu /{for (i = 2; i <= 9; i++) t += $i; print t - $5 - $6, t}' \
		/proc/stat
}

# How much of both CPUs others use in a second, in per cent.
busy() {
	local a b
	a=$(ticks)
	sleep 1
	b=$(ticks)
	echo "$a $b" | awk '{printf "%d\n", 100 * ($3 - $1) / ($4 - $2)}'
}

# cpu_per_gb: CPU seconds of our NAT process per GB of an upload.
cpu_per_gb() {
	local pid before after gb
	pid=$(cat "$tmp/labswitch.nat")
	before=$(awk '{print $14 + $15}' "/proc/$pid/stat")
	gb=$(in_guest labswitch timeout 30 iperf3 -J -c 10.0.2.2 -t $seconds |
		python3 -c 'import json,sys
print(json.load(sys.stdin)["end"]["sum_received"]["bytes"] / 1e9)')
	after=$(awk '{print $14 + $15}' "/proc/$pid/stat")
	echo "$before $after $gb $(getconf CLK_TCK)" |
		awk '{printf "%.3f\n", ($2 - $1) / $4 / $3}'
}

# --- The run ----------------------------------------------------------------

mount -t tmpfs tmpfs /run
ip link set lo up
iperf3 -s >"$tmp/iperf3.log" &
systems=${NAT_BENCH_SYSTEMS:-labswitch slirp4netns slirpvde}
for s in $systems; do
	"start_$s"
	await in_guest "$s" ping -c 1 -W 1 10.0.2.2
done

for round in $(seq $rounds); do
	busy >>"$tmp/busy"
	for s in $systems; do
		rate "$s" >>"$tmp/$s.up"
		rate "$s" -R >>"$tmp/$s.down"
	done
	printf '\rround %s of %s' "$round" "$rounds" >&2
done
echo >&2

printf 'TCP at mtu 1500, Gbit/s, median of %s [least-greatest]; CPUs busy with other things: %s %%\n' \
	"$rounds" "$(stat_of "$tmp/busy")"
for s in $systems; do
	printf '%-12s up %-22s down %-22s' "$s" "$(stat_of "$tmp/$s.up")" \
		"$(stat_of "$tmp/$s.down")"
	for way in up down; do
		paste "$tmp/labswitch.$way" "$tmp/$s.$way" |
			awk '{printf "%.2f\n", $1 / $2}' >"$tmp/ratio"
		printf ' ours/it %s %s' "$way" "$(stat_of "$tmp/ratio")"
	done
	echo
done

# The server of idle flows, and the guest that opens them and waits.
cat >"$tmp/sink.py" <<'PY'
import socket, time
s = socket.create_server(("127.0.0.1", 7777), backlog=512)
kept = []
while True:
    kept.append(s.accept()[0])
PY
cat >"$tmp/idle.py" <<'PY'
import socket, sys, time
flows = [socket.create_connection(("10.0.2.2", 7777), 20) for _ in range(4000)]
print(len(flows), flush=True)
time.sleep(3600)
PY
ulimit -n "$(ulimit -Hn)"
python3 "$tmp/sink.py" &
for _ in $(seq $rounds); do
	cpu_per_gb >>"$tmp/idle.none"
done
in_guest labswitch python3 "$tmp/idle.py" >"$tmp/idle.count" &
for _ in $(seq 60); do
	[ -s "$tmp/idle.count" ] && break
	sleep 1
done
for _ in $(seq $rounds); do
	cpu_per_gb >>"$tmp/idle.many"
done
printf 'CPU s per GB of upload: %s with no other flow, %s with %s idle ones\n' \
	"$(stat_of "$tmp/idle.none")" "$(stat_of "$tmp/idle.many")" \
	"$(cat "$tmp/idle.count")"
