#!/usr/bin/env bash
# What DIR/results.csv says: DIR/table.md, DIR/chart.svg, and what has reached
# its target. Figures taken while others used more than 20 % of a CPU are left
# out where there are others, and else bear a *.
# usage: bench/report.sh DIR
# SPDX-License-Identifier: MIT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"

{
	[ ! -f machine.md ] || cat machine.md
	awk -F, -f "$here/report.awk" -v want=tables results.csv
	echo
	awk -F, -f "$here/report.awk" -v want=targets \
		-v targets="$here/targets.txt" results.csv
} >table.md
cat table.md

awk -F, -f "$here/report.awk" -v want=chart results.csv >chart.txt
if [ "$(wc -l <chart.txt)" -gt 1 ] && command -v gnuplot >/dev/null; then
	gnuplot "$here/chart.gp" >chart.svg
	echo
	echo "chart: $PWD/chart.svg"
fi
