#!/usr/bin/env bash
# What a capture costs those who forward: the rate with one beside the rate
# without, 5 pairs in turn, for frames of 64 bytes between two VDE clients, for
# TCP in segments of 1500 bytes, and for TCP with all offloads; to a file in
# memory, and to a pipe whose reader sleeps. Medians, with least and greatest
# in brackets; then what is in the files of it.
# usage: bench/capture.sh BUILD
# SPDX-License-Identifier: MIT
set -eu

if [ -z "${CAPTURE_BENCH_INSIDE:-}" ]; then
	export CAPTURE_BENCH_INSIDE=yes
	exec unshare --net --mount --pid --fork --kill-child --mount-proc \
		bash "$0" "$(realpath "$1")"
fi

build=$1
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; umount -l "$tmp"; rm -rf "$tmp"' EXIT
mount -t tmpfs tmpfs "$tmp"
mount -t tmpfs tmpfs /run
ip link set lo up
PATH=$build/switchd:$PATH
seconds=3
rounds=${CAPTURE_BENCH_ROUNDS:-5}

. "$(dirname "$0")/lib.sh"

# --- The lab ----------------------------------------------------------------

for ns in x y; do
	ip netns add $ns
	ip -n $ns link set lo up
done
cat >"$tmp/without.yaml" <<-YAML
	name: capture-bench
	switches:
	  frames: {vde: $tmp/vde}
	  lan:
	    ports:
	      x: {tap: eth0, netns: x}
	      y: {tap: eth0, netns: y}
YAML
switchd --strict --captures "$tmp/files" -d "$tmp/without.yaml" 2>/dev/null
n=1
for ns in x y; do
	ip -n $ns addr add 10.0.0.$((n++))/24 dev eth0
	ip -n $ns link set eth0 up
done
ip netns exec y iperf3 -s >"$tmp/iperf3.log" 2>&1 &
await ip netns exec x iperf3 -c 10.0.0.2 -t 1

# --- Captures ---------------------------------------------------------------

# A live capture of SELECTOR to a pipe that nobody reads, until it is killed.
cat >"$tmp/sleeper.py" <<'PY'
import array, json, os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect("/run/labswitch/capture-bench/control")
r, w = os.pipe()
request = {"jsonrpc": "2.0", "id": 1, "method": "capture start",
           "params": {"of": [sys.argv[1]]}}
s.sendmsg([json.dumps(request).encode() + b"\n"],
          [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
assert b"result" in s.recv(65536)
print("begun", flush=True)
time.sleep(3600)
PY

# begin KIND SELECTOR, end KIND
begin() {
	case $1 in
	file)
		{
			cat "$tmp/without.yaml"
			echo "captures: [{of: $2, file: x.pcapng}]"
		} >"$tmp/with.yaml"
		switchctl apply "$tmp/with.yaml" >/dev/null
		;;
	sleeper)
		: >"$tmp/begun"
		python3 "$tmp/sleeper.py" "$2" >"$tmp/begun" &
		sleeper=$!
		await grep -q begun "$tmp/begun"
		;;
	esac
}
end() {
	switchctl --json capture list >"$tmp/list.json"
	python3 - "$tmp/list.json" >>"$tmp/dropped" <<'PY'
import json, sys
print(sum(c["dropped"] for c in json.load(open(sys.argv[1]))["rows"]))
PY
	case $1 in
	file)
		switchctl capture stop x.pcapng >/dev/null
		switchctl apply "$tmp/without.yaml" >/dev/null
		;;
	sleeper)
		kill $sleeper
		wait $sleeper 2>/dev/null || true
		;;
	esac
}

# --- Measuring --------------------------------------------------------------

frames() {
	"$build/bench/vde_rate" "$tmp/vde" 0 $seconds
}
tcp() { # Gbit/s as the receiver counts
	ip netns exec x timeout 30 iperf3 -J -c 10.0.0.2 -t $seconds |
		python3 -c 'import json,sys
print("%.3f" % (json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e9))'
}
segments() { # segments N: how many of them a frame of TCP may have
	for ns in x y; do
		ip -n $ns link set eth0 gso_max_segs "$1"
	done
}

# compare TITLE KIND SELECTOR RATE
compare() {
	rm -f "$tmp"/{none,some,ratio,dropped}
	for _ in $(seq "$rounds"); do
		none=$($4)
		begin "$2" "$3"
		some=$($4)
		end "$2"
		echo "$none" >>"$tmp/none"
		echo "$some" >>"$tmp/some"
		echo "$none $some" | awk '{printf "%.3f\n", $2 / $1}' >>"$tmp/ratio"
		rm -f "$tmp"/files/x.pcapng.1
	done
	printf '%-38s without %-26s with %-26s ratio %-20s dropped %s\n' "$1" \
		"$(stat_of "$tmp/none")" "$(stat_of "$tmp/some")" \
		"$(stat_of "$tmp/ratio")" "$(stat_of "$tmp/dropped")"
}

export LABSWITCH=capture-bench
compare '64 bytes, frames/s, file' file frames frames
compare '64 bytes, frames/s, sleeping reader' sleeper frames frames
segments 1
compare 'TCP of 1500 bytes, Gbit/s, file' file lan.x tcp
segments 65535
compare 'TCP with offloads, Gbit/s, file' file lan.x tcp
compare 'TCP with offloads, sleeping reader' sleeper lan.x tcp

# The Interface Statistics Block that a file ends with.
cat >"$tmp/last.py" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
size, = struct.unpack_from("=I", data, len(data) - 4)
block = data[len(data) - size:]
assert struct.unpack_from("=I", block)[0] == 5
for at, name in ((20, "received"), (32, "missing")):
    print(name, struct.unpack_from("=Q", block, at + 4)[0])
PY
echo
echo "the last file, as capinfos and its own statistics have it:"
capinfos -c "$tmp/files/x.pcapng" 2>/dev/null | tail -1
python3 "$tmp/last.py" "$tmp/files/x.pcapng"
