# SPDX-License-Identifier: MIT
# clang-tidy says nothing (.clang-tidy names what it is not asked, and why).
# usage: tidy.sh BUILD
build=$(realpath "$1")
. "$(dirname "$0")/lib.sh"

# Its count of the warnings in system headers is no finding.
files '*.c' | grep -v '^tests/' |
	xargs -r -P 2 -n 4 clang-tidy --quiet -p "$build" 2>&1 |
	{ grep -Ev '^[0-9]+ warnings? (generated|treated as errors?)' || true; }
