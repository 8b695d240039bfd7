#!/usr/bin/env bash
# Searches with every fuzz target of a build for SEC seconds each, beginning
# from its corpus (a copy: the tree stays as it is) and with the words of
# NAME.dict, if there is one. Ends with 1 if a target found something. The same
# SEED makes the same choices; without one they are others each time.
# usage: tests/fuzz/run.sh BUILD SEC [SEED]
# SPDX-License-Identifier: MIT
set -eu
[ $# -ge 2 ] || { echo "usage: run.sh BUILD SEC [SEED]" >&2; exit 2; }
build=$(realpath "$1")
seconds=$2
seed=${3:-0}
here=$(cd "$(dirname "$0")" && pwd)
found=$build/fuzz-found
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$found"

# search TARGET NAME: one line for a reader; what it found stays in $found.
search() {
	local options=(-max_total_time="$seconds" -timeout=10
		-seed="$seed" -print_final_stats=1 -artifact_prefix="$found/$2-")
	[ ! -f "$here/$2.dict" ] || options+=(-dict="$here/$2.dict")
	mkdir "$tmp/$2"
	[ ! -d "$here/corpus/$2" ] || cp -r "$here/corpus/$2/." "$tmp/$2"
	if ! timeout -k 5 $((seconds + 60)) "$1" "${options[@]}" "$tmp/$2" \
		>"$tmp/log" 2>&1; then
		tail -n 40 "$tmp/log"
		echo "fuzz_$2: FAILED; the input is in $found/$2-*"
		return 1
	fi
	sed -n "s/^stat::number_of_executed_units: */fuzz_$2: executions /p" \
		"$tmp/log"
}

failed=0
count=0
for target in "$build"/tests/fuzz/fuzz_*; do
	[ -f "$target" ] && [ -x "$target" ] || continue
	name=${target##*/fuzz_}
	count=$((count + 1))
	search "$target" "$name" || failed=1
done
if [ $count -eq 0 ]; then
	echo "no fuzz targets in $build: configure it with the asan preset" >&2
	exit 1
fi
exit $failed
