# SPDX-License-Identifier: MIT
# What is in the tree is finished: no notes to self, no code switched off.
. "$(dirname "$0")/lib.sh"

# The words are cut in two, so that this file does not find itself.
found=$(files '*' | xargs -r -d '\n' grep -nIHE \
	'\b(TO''DO|FIX''ME|X''XX|HA''CK)\b|^[[:space:]]*#[[:space:]]*if ''0' ||
	true)
[ -z "$found" ] || complain "$found"
exit $wrong
