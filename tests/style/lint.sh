#!/usr/bin/env bash
# Runs every check of this folder on the tree and says which failed.
# usage: tests/style/lint.sh BUILD
# SPDX-License-Identifier: MIT
set -u
[ $# -eq 1 ] || { echo "usage: lint.sh BUILD" >&2; exit 2; }
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)

failed=()
for check in spdx words paths layers sizes headers format man tidy selftest; do
	echo "== $check"
	bash "$here/$check.sh" "$build" || failed+=("$check")
done
[ ${#failed[@]} -eq 0 ] && { echo "all checks passed"; exit 0; }
echo "failed: ${failed[*]}"
exit 1
