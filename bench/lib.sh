# SPDX-License-Identifier: MIT
# Sourced by the benchmarks.

# Tries a command for up to 10 seconds.
await() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "this did not come true: $*" >&2
	return 1
}

# stat_of FILE: "median [least-greatest]" of its numbers.
stat_of() {
	sort -n "$1" | awk '{v[NR]=$1} END {
		printf "%s [%s-%s]", v[int((NR+1)/2)], v[1], v[NR]}'
}
