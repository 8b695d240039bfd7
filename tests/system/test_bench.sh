# SPDX-License-Identifier: MIT
# The benchmark runs, with the shortest measurements and two systems, and leaves
# nothing behind. What it measures here says nothing.
[ "$(id -u)" -eq 0 ] && command -v iperf3 >/dev/null || exit 77
. "$(dirname "$0")/lib.sh"

mkdir scratch
export TMPDIR=$tmp/scratch
state() {
	ls scratch
	ip -br link
}
state >"$before"
expect "$SRC/bench/run.sh" "$BIN" -r 1 -d 1 -p 0 -s 'labswitch kbridge' \
	-o "$tmp/out" tcp rtt >bench.log 2>&1
tidy

# measured PART SYSTEM METRIC: a number greater than none.
measured() {
	awk -F, -v want="$1,$2,$3" '
		$2 "," $3 "," $4 == want && $5 > 0 {found = 1}
		END {exit !found}' out/results.csv || fail "no $*: $(cat bench.log)"
}
for system in labswitch kbridge; do
	measured tcp $system gbps
	measured tcp $system path_cpu
	measured rtt $system p50_us
done
measured tcp labswitch system_cpu
expect grep -q '^| TCP, 1 stream | at least 1.0 x kbridge |' out/table.md
expect grep -q '^| labswitch | switchd of this tree |' out/table.md

# What is there counts: a second call goes on with the next round.
expect "$SRC/bench/run.sh" "$BIN" -r 1 -d 1 -p 0 -s labswitch \
	-o "$tmp/out" rtt >bench.log 2>&1
expect grep -q '^2,rtt,labswitch,p50_us,' out/results.csv

# Ended in the middle, it leaves nothing either.
"$SRC/bench/run.sh" "$BIN" -r 1 -d 20 -p 0 -s labswitch -o "$tmp/out" rtt \
	>bench.log 2>&1 &
pid=$!
await sh -c 'test -s scratch/*/state/switchd.log'
kill "$pid"
wait "$pid" || true
tidy

refuse 2 "$SRC/bench/run.sh" "$BIN" -o "$tmp/out" nothing 2>/dev/null
