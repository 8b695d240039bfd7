#!/usr/bin/env bash
# Makes a run the last one of docs/PERFORMANCE.md: all that follows its heading
# "The last full run", and the chart.
# usage: bench/publish.sh DIR, as run.sh -o has filled it
# SPDX-License-Identifier: MIT
set -eu
docs=$(cd "$(dirname "$0")/../docs" && pwd)
heading='## The last full run'

{
	sed "/^$heading/q" "$docs/PERFORMANCE.md"
	echo
	echo '![How many times better than vde_switch](performance.svg)'
	echo
	cat "$1/table.md"
} >"$1/page.md"
cp "$1/page.md" "$docs/PERFORMANCE.md"
cp "$1/chart.svg" "$docs/performance.svg"
