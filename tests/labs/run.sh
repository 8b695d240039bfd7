# SPDX-License-Identifier: MIT
# A lab is whole: its check passes, and leaves nothing; it fails once the
# topology is changed by NAME.sed, so it would see a switch that is wrong; the
# pictures are those of the files of their names; both languages have the same
# commands, and these work, one after the other.
# usage: run.sh NAME, with SRC and BIN in the environment
. "$SRC/tests/system/lib.sh"
name=$1
cp -r "$SRC/labs" "$tmp/labs"
lab=labs/$name
# What a lab takes beyond packages.
[ ! -e "$SRC/tests/labs/$name.env" ] || . "$SRC/tests/labs/$name.env"

for picture in "$lab"/*.svg; do
	expect switchctl graph "${picture%svg}yaml" --format svg >picture.svg
	expect cmp picture.svg "$picture"
done
expect grep -q 'topology\.svg' "$lab/README.md"
expect grep -q 'topology\.svg' "$lab/README.es.md"

expect grep -q "(labs/$name/README.md)" "$SRC/README.md"

commands() { # PAGE: of its blocks of sh, without comments
	sed -n '/^```sh$/,/^```$/{/^```/!p}' "$1" | sed 's/ *# .*//; /^$/d'
}
commands "$lab/README.md" >steps.sh
commands "$lab/README.es.md" >steps.es.sh
expect diff -u steps.sh steps.es.sh
expect test -s steps.sh

ended() {
	! pgrep -x switchd >/dev/null
}

status=0
switchctl lab check "$name" >check.log 2>&1 || status=$?
cat check.log
[ "$status" -eq 0 ] || fail "the check of $name"
expect grep -q '^passed: ' check.log
await ended

expect bash -euc '. ./steps.sh' >steps.log 2>&1 </dev/null ||
	fail "$(cat steps.log)"
await ended

sed -i -E -f "$SRC/tests/labs/$name.sed" "$lab/topology.yaml"
refuse 1 cmp -s "$SRC/$lab/topology.yaml" "$lab/topology.yaml"
expect switchctl validate "$lab/topology.yaml"
refuse 1 switchctl lab check "$name" >broken.log 2>&1
sed -n 's/^FAILED: /fails with it changed: /p' broken.log | grep . || fail "no expectation fails: $(cat broken.log)"
await ended
