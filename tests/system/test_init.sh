# SPDX-License-Identifier: MIT
# A lab of one's own: the file that `switchctl init` writes runs as it stands, and
# with all that it offers; what is there already is left alone.
. "$(dirname "$0")/lib.sh"

switchctl init first >hint.txt
expect grep -q 'switchctl lab run first' hint.txt
file=first/topology.yaml
expect switchctl validate $file
switchctl --json lab list >list.json
expect grep -q '"lab":"first","about":"Two hosts on a switch' list.json

# What the hint says, in its order.
sed -n 's/^  \(switchctl .*[^ ]\)  .*/\1/p' hint.txt >steps.sh
expect test "$(wc -l <steps.sh)" = 5
expect bash -euxc '. ./steps.sh' >steps.log 2>&1 || fail "$(cat steps.log)"
expect grep -q '3 received' steps.log

# All that it offers, on the lab that runs.
sed -i 's/#\([^ ]\)/\1/' $file
switchctl apply $file >apply.log
expect grep -q 'lan.out' apply.log
expect grep -q 'link cable' apply.log
switchctl impair cable loss off >/dev/null
expect switchctl exec alice ping -q -c 3 -i 0.2 -W 5 10.0.2.103
leased() {
	switchctl leases | grep -q carol
}
await leased
expect switchctl stop
expect test -s captures/all.pcapng

# Nothing is overwritten, and no other lab is hidden.
cp $file before.yaml
refuse 1 switchctl init first 2>err.txt
expect grep -qx "switchctl: there is a lab 'first': ./first" err.txt
expect cmp before.yaml $file
mkdir labs && mv first labs
refuse 1 switchctl init first 2>err.txt
expect grep -qx "switchctl: there is a lab 'first': labs/first" err.txt
expect test ! -e first
refuse 1 switchctl init ../first 2>err.txt
expect grep -q "'../first' cannot be a lab's name" err.txt
touch file
refuse 1 switchctl init file 2>err.txt
expect grep -q 'cannot make file/topology.yaml: Not a directory' err.txt
mkdir there
expect test "$(switchctl --json init there)" = \
	'{"lab":"there","file":"there/topology.yaml"}'

# A lab by its directory, and one without a page and a check.
expect switchctl lab run ./there >run.txt 2>&1
expect grep -qx 'lab ./there runs' run.txt
expect switchctl stop
refuse 1 switchctl lab check there 2>err.txt
expect grep -qx 'switchctl: ./there has no check.sh' err.txt
refuse 2 switchctl lab run ./nowhere 2>err.txt
expect grep -q "there is no lab './nowhere'" err.txt

# Around here only what is one's own; elsewhere, what one names.
chmod o+w there
refuse 2 switchctl lab run there 2>err.txt
expect grep -q "there is no lab 'there'" err.txt
expect switchctl lab run ./there >run.txt 2>&1
expect switchctl stop
