# SPDX-License-Identifier: MIT
# switchctl(1) has every command with its words, every reason for a drop, and
# none beyond; and every key of the JSON in session.txt.
. "$(dirname "$0")/lib.sh"
page=$SRC/docs/switchctl.1

plain() {
	sed 's/ \.\.\./.../g; s/^ *//'
}
switchctl --help | sed -n '/^commands:/,$p' | grep -E '^  [a-z]' | plain |
	sort >commands.txt
sed -n '/^\.Sh COMMANDS/,/^\.Sh DROPS/p' "$page" | sed '$d' >section.1
{ printf '.Dd x\n.Dt X 1\n.Os\n' && cat section.1; } |
	mandoc -Tascii -O width=400 | col -bx | sed -nE 's/^ {5}([a-z])/\1/p' |
	sed -E 's/ {2,}.*//' | plain | sort >page.txt
diff -u commands.txt page.txt || fail "the page has other commands"

sed -nE 's/.*X\([RT]X_[A-Z_]+, ([a-z_]+),.*/\1/p' "$SRC/switchd/core/drop.h" |
	sort >reasons.txt
sed -nE 's/^\.It Li ([rt]x_[a-z_]+)$/\1/p' "$page" | sort >page.txt
diff -u reasons.txt page.txt || fail "the page has other reasons"

grep -E '^[{]' "$SRC/tests/ctl/session.txt" | grep -oE '"[a-z_]+":' |
	tr -d '":' | grep -vxFf reasons.txt | sort -u >keys.txt
[ -s keys.txt ] || fail "session.txt has no JSON"
sed -n '/^\.Sh JSON/,/^\.Sh ENV/p' "$page" | grep -oE '[a-z_]+' | sort -u \
	>page.txt
comm -23 keys.txt page.txt >missing.txt
[ ! -s missing.txt ] || fail "JSON lacks" $(cat missing.txt)
