#!/usr/bin/env bash
# The benchmark: labswitch beside other switches, on the same work, in turn.
# usage: bench/run.sh BUILD [quick] [OPTION...] [PART...]
#   -r ROUNDS    how many times each system has its turn (5)
#   -s SYSTEMS   of bench/systems, "labswitch kbridge vde ovs ubridge limit"
#   -d SECONDS   how long a measurement takes (3)
#   -p SECONDS   how long to wait for others to leave the CPUs alone (20)
#   -o DIR       what comes out; rounds that are there already count as well
#                (BUILD/bench/out, anew each time)
# PARTS: tcp rtt frames ports8 vde tapvde macs vlan link start, and those with a
# script of their own: idle nat capture. All of them, when none is named. And
# profile, which is not one of all: where the time of switchd goes (perf).
# Environment: BENCH_NICE (0), the nice value that systems are started with;
# BENCH_TXQUEUELEN (2500), that of the guests' interfaces.
# All traffic is in namespaces that end with this program. Root only.
# SPDX-License-Identifier: MIT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || {
	sed -n '3,/^# SPDX/s/^# //p' "$0" >&2
	exit 2
}

# --- Outside: a control group, to know whose CPU time it is, and namespaces ----

if [ -z "${BENCH_INSIDE:-}" ]; then
	[ "$(id -u)" -eq 0 ] || {
		echo "bench/run.sh works as root only" >&2
		exit 1
	}
	BENCH_INSIDE=$(mktemp -dt labswitch-bench.XXXXXX)
	BENCH_CGROUP=
	name=$(basename "$BENCH_INSIDE")
	for dir in /sys/fs/cgroup/cpuacct /sys/fs/cgroup; do
		[ -z "$BENCH_CGROUP" ] && [ -f "$dir/cgroup.procs" ] &&
			mkdir "$dir/$name" 2>/dev/null &&
			BENCH_CGROUP=$dir/$name
	done
	export BENCH_INSIDE BENCH_CGROUP
	# A group can go when the last of those that were killed is gone.
	clear_up() {
		rm -rf "$BENCH_INSIDE"
		for _ in $(seq 50); do
			[ -d "$BENCH_CGROUP" ] || return 0
			rmdir "$BENCH_CGROUP" 2>/dev/null || sleep 0.1
		done
	}
	trap clear_up EXIT
	# unshare blocks the signals that it could be asked with.
	trap 'kill -9 "$inside"; wait "$inside" || true; exit 130' INT TERM
	unshare --net --mount --pid --fork --kill-child bash "$0" "$@" &
	inside=$!
	status=0
	wait "$inside" || status=$?
	exit $status
fi

# --- Inside -----------------------------------------------------------------

tmp=$BENCH_INSIDE cgroup=$BENCH_CGROUP
[ -z "$cgroup" ] || echo 0 >"$cgroup/cgroup.procs"
# The kernel's threads are in the machine's /proc alone.
mkdir "$tmp/proc" "$tmp/state"
mount --bind /proc "$tmp/proc"
softirqs=()
for file in "$tmp"/proc/[0-9]*/comm; do
	[[ $(cat "$file" 2>/dev/null) != ksoftirqd/* ]] ||
		softirqs+=("${file%comm}schedstat")
done
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
ip link set lo up

build=$(realpath "$1")
shift
rounds=5 seconds=3 patience=20 others_most=20
systems='labswitch kbridge vde ovs ubridge limit'
own='idle nat capture' # scripts that make and compare everything themselves
parts="tcp rtt frames ports8 vde tapvde macs vlan link start $own"
out=
if [ "${1:-}" = quick ]; then
	shift
	rounds=1 seconds=1 patience=5
	parts='tcp rtt frames ports8 vde tapvde macs start'
	macs='1 65536' vde_clients='2 500' start_ports='2 100'
fi
while getopts r:s:d:p:o: option; do
	case $option in
	r) rounds=$OPTARG ;;
	s) systems=$OPTARG ;;
	d) seconds=$OPTARG ;;
	p) patience=$OPTARG ;;
	o) out=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || parts=$*
[ -n "$out" ] || {
	out=$build/bench/out
	rm -rf "$out"
}

bin=$build/bench state=$tmp/state rows=$tmp/rows
nice=${BENCH_NICE:-0} txqueuelen=${BENCH_TXQUEUELEN:-2500}
ulimit -n "$(ulimit -Hn)"
. "$here/rig.sh"
. "$here/parts.sh"

for part in $parts; do
	[[ " $own " == *" $part "* ]] || part_needs "$part" >/dev/null || {
		echo "there is no part '$part'" >&2
		exit 2
	}
done

# use SYSTEM: its words, or why it is not here.
use() {
	system=$1
	. "$here/systems/$1.sh"
}

# turn PART SYSTEM: one system's turn, in a shell of its own that clears up.
turn() {
	part=$1
	use "$2" >/dev/null || return 0
	local need guests_needed
	read -r need guests_needed _ < <(part_needs "$part")
	[[ " $system_does " == *" $need "* ]] &&
		[ "$guests_needed" -le "$system_most" ] || return 0
	set +e
	(
		trap down EXIT
		set -e
		"part_$part"
	)
	[ $? -eq 0 ] || echo "  $part: $system: did not work" >&2
	set -e
}

# --- The run ----------------------------------------------------------------

mkdir -p "$out"
csv=$out/results.csv
[ -s "$csv" ] || echo 'round,part,system,metric,value,others' >"$csv"

# rounds_of PART: how many there are already.
rounds_of() {
	awk -F, -v part="$1" '$2 == part && $1 > last {last = $1}
		END {print last + 0}' "$csv"
}

compared=
declare -A had
for part in $parts; do
	[[ " $own " != *" $part "* ]] || continue
	compared+=" $part"
	had[$part]=$(rounds_of "$part")
done
for system in $systems; do
	missing=$(use "$system") || echo "$system is left out: $missing"
done
words="- $parts: $seconds s a measurement"
grep -qsxF -e "$words" "$out/parts" || echo "$words" >>"$out/parts"
for i in $(seq "$rounds"); do
	for part in $compared; do
		round=$((had[$part] + i))
		read -r _ _ turns < <(part_needs "$part")
		for system in $turns; do
			turn "$part" "$system"
		done
	done
done
{
	cat "$out/parts"
	echo
	echo "Machine: $(nproc) x $(sed -n 's/^model name.*: //p' \
		/proc/cpuinfo | head -1), Linux $(uname -r), $(date -u +%F)."
	echo "txqueuelen $txqueuelen in all guests, TCP cubic, MTU 1500."
	echo
	echo '| system | what | nice |'
	echo '|---|---|---|'
	for system in $systems; do
		use "$system" >/dev/null || continue
		echo "| $system | $system_note | $(cat "$out/nice.$system" \
			2>/dev/null || echo -) |"
	done
} >"$out/machine.md"
[ -z "$compared" ] || bash "$here/report.sh" "$out"

for part in $parts; do
	[[ " $own " == *" $part "* ]] || continue
	echo
	echo "== bench/$part.sh"
	bash "$here/$part.sh" "$build" | tee "$out/$part.txt"
done
