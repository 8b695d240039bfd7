# SPDX-License-Identifier: MIT
# What README.md tells newcomers to type, up to the labs, works as it stands there.
# ./dev and Wireshark are stand-ins: one has been run, the other needs a screen.
. "$(dirname "$0")/lib.sh"
cp -r "$SRC/labs" labs
printf '#!/bin/sh\n' >dev
printf '#!/bin/sh\ncat >/dev/null\n' >wireshark
chmod +x dev wireshark
PATH=$tmp:$PATH

sed -n '/^## Try it$/,/^## Labs/{/^```sh$/,/^```$/{/^```/!p}}' "$SRC/README.md" \
	>steps.sh
expect grep -q '^\./dev build' steps.sh
expect grep -q '^switchctl init' steps.sh
bash -euxc '. ./steps.sh' >steps.log 2>&1 </dev/null ||
	fail "$(cat steps.log)"

# The file that the page shows is that of `switchctl init`, but for comments.
sed -n '/^## A lab/,/^## /{/^```yaml$/,/^```$/{/^```/!p}}' "$SRC/README.md" |
	expect diff -u - <(sed '/^ *#/d' first/topology.yaml)
