# SPDX-License-Identifier: MIT
# Sourced by run.sh: guests, the processes of the system that is measured, and
# what CPU time they and everybody else use. All of it is in namespaces that end
# with run.sh. The switch's side is the network namespace that run.sh is in.

# soon COMMAND...: tries it every 5 ms for 30 seconds.
soon() {
	local _
	for _ in $(seq 6000); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.005
	done
	echo "this did not come true: $*" >&2
	return 1
}

# --- Guests: namespaces g0, g1, ... with an eth0 that the system gives them -----

quiet_v6() {
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1
}
export -f quiet_v6

guests=0
guests_add() {
	local i
	for i in $(seq 0 $(($1 - 1))); do
		ip netns add "g$i"
		ip netns exec "g$i" bash -c quiet_v6
		ip -n "g$i" link set lo up
		guests=$((i + 1))
	done
}

guests_del() {
	local i
	for i in $(seq 0 $((guests - 1))); do
		ip netns del "g$i"
	done
	guests=0
}

# Addresses, queues of one length, and neighbours that nobody need ask for.
guests_up() {
	local i j mac=()
	for i in $(seq 0 $((guests - 1))); do
		ip -n "g$i" link set eth0 up txqueuelen "$txqueuelen"
		ip -n "g$i" addr add "10.77.0.$((i + 1))/24" dev eth0
		mac[i]=$(ip -n "g$i" -o link show eth0 |
			sed 's/.*link\/ether \([^ ]*\).*/\1/')
	done
	for i in $(seq 0 $((guests - 1))); do
		for j in $(seq 0 $((guests - 1))); do
			[ "$i" = "$j" ] || echo "neigh replace" \
				"10.77.0.$((j + 1)) lladdr ${mac[j]} dev eth0"
		done | ip -n "g$i" -batch -
	done
}

# --- The system's processes -------------------------------------------------

pids=()

# spawn LOG COMMAND...: in the background, ended by down.
spawn() {
	local log=$state/$1.log
	shift
	nice -n "$nice" "$@" </dev/null >"$log" 2>&1 &
	pids+=($!)
}

# tree PID...: they and all that descends from them.
tree() {
	ps -eo pid=,ppid= | awk -v roots="$*" '
		{parent[$1] = $2}
		END {
			n = split(roots, root, " ")
			for (i = 1; i <= n; i++)
				in_tree[root[i]] = 1
			for (pid in parent)
				for (up = pid; up in parent; up = parent[up])
					if (up in in_tree) {
						print pid
						break
					}
		}'
}

alive() { # alive PID: it runs, and not only for want of a wait
	grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

down() {
	local i pid
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null || true
	done
	for pid in "${pids[@]}"; do
		for _ in $(seq 100); do
			alive "$pid" || break
			sleep 0.05
		done
		kill -9 "$pid" 2>/dev/null || true
	done
	wait "${pids[@]}" 2>/dev/null || true
	pids=()
	guests_del
	ip -br link show | sed -n '/^lo /!s/^\([^ @]*\).*/link del \1/p' |
		ip -force -batch - 2>/dev/null || true # a veth takes its peer
	rm -rf "$state"
	mkdir "$state"
}

# Memory of the system's processes in MB; pages that are shared count once.
memory_mb() {
	local pid
	for pid in $(tree "${pids[@]}"); do
		cat "/proc/$pid/smaps_rollup" 2>/dev/null || true
	done | awk '/^Pss:/ {kb += $2} END {printf "%.1f", kb / 1024}'
}

# --- CPU time, in ns ----------------------------------------------------------

system_ns() {
	local pid
	for pid in $(tree "${pids[@]}"); do
		cat "/proc/$pid/task"/*/schedstat 2>/dev/null || true
	done | awk '{ns += $1} END {printf "%.0f", ns}'
}

usage_ns() { # usage_ns CGROUP
	if [ -f "$1/cpuacct.usage" ]; then
		cat "$1/cpuacct.usage"
	else
		awk '/^usage_usec/ {printf "%.0f", $2 * 1000}' "$1/cpu.stat"
	fi
}

# Softirqs that the benchmark causes may run in threads of the kernel's.
softirq_ns() {
	cat "${softirqs[@]}" </dev/null | awk '{ns += $1} END {printf "%.0f", ns}'
}

# All that is there for the benchmark: guests, generators, system, softirqs.
path_ns() {
	[ -n "$cgroup" ] || { echo 0; return; }
	echo $(($(usage_ns "$cgroup") + $(softirq_ns)))
}

# What others use, in per cent of one CPU, between begin and end.
others_begin() {
	[ -n "$cgroup" ] || return 0
	others_at=$(date +%s%N)
	others_all=$(usage_ns "${cgroup%/*}")
	others_own=$(path_ns)
}
others_end() {
	local all own
	[ -n "$cgroup" ] || { echo unknown; return; }
	own=$(path_ns)
	all=$(usage_ns "${cgroup%/*}")
	echo $(((all - others_all - own + others_own) * 100 /
		($(date +%s%N) - others_at)))
}

# Waits, for as long as patience has it, until others leave the CPUs alone.
settle() {
	local others _
	[ -n "$cgroup" ] || return 0
	for _ in $(seq $((patience * 3))); do
		others_begin
		sleep 0.3
		others=$(others_end)
		[ "$others" -ge "$others_most" ] || return 0
	done
}

# calm COMMAND...: a measurement, which puts "METRIC VALUE" lines to $rows; made
# again, at most twice, if others disturbed it. Sets others.
calm() {
	local _
	for _ in 1 2 3; do
		: >"$rows"
		settle
		others_begin
		"$@" || echo "$system: failed: $*" >&2
		others=$(others_end)
		[ "$patience" -gt 0 ] && [ "$others" != unknown ] &&
			[ "$others" -gt "$others_most" ] || break
		echo "others used $others % of a CPU: again"
	done
	while read -r metric value; do
		echo "$round,$part,$system,$metric,$value,$others" >>"$csv"
		printf '  %-7s %-16s %-18s %s\n' "$part" "$system" "$metric" \
			"$value"
	done <"$rows"
}

# row METRIC VALUE; rows PREFIX "a=1 b=2": a line for each.
row() {
	echo "$1 $2" >>"$rows"
}
row_each() {
	local word
	for word in $2; do
		row "$1${word%%=*}" "${word#*=}"
	done
}
