# SPDX-License-Identifier: MIT
# Sourced by every check here. A check looks at the tree that LINT_ROOT names
# (selftest.sh sets it), else at the one it lies in; it prints what is wrong as
# FILE:LINE: TEXT and ends with 1 if anything is.
set -euo pipefail
cd "${LINT_ROOT:-$(dirname "${BASH_SOURCE[0]}")/../..}"

# files PATTERN...: the tree's files, new ones too, without what is ignored, and
# without bench/limit's C: a yardstick is not filed down (its README.md).
files() {
	local file
	git ls-files -co --exclude-standard -- "$@" ':!bench/limit/*.[ch]' |
		sort -u |
		while IFS= read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done
}

wrong=0

# complain TEXT...: one thing that is wrong.
complain() {
	printf '%s\n' "$*"
	wrong=1
}
