#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# uml: User-mode Linux is a kernel that is a program. It, too, is a client of VDE.
. "$(dirname "$0")/image.sh"
image

run=exec
simple=
if grep -qw amx_tile /proc/cpuinfo; then # more registers than it can save
	run="exec /usr/bin/python3 $here/without-xstate.py"
	simple=GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL
	simple=$simple,-AVX_Fast_Unaligned_Load
fi
$run linux.uml mem=256M initrd="$initrd" root=/dev/ram0 rdinit=/init \
	con=null con0=fd:0,fd:1 ssl=null uml_dir="$state" umid=uml quiet \
	"eth0=vde,$(socket uml),02:00:00:00:00:03" \
	name=uml address=10.0.0.3/24 $simple $terminal
