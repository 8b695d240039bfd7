# SPDX-License-Identifier: MIT
# Three switches in a loop, with a host on each: by RSTP and by STP there is
# exactly one way from any host to any other, each broadcast arrives once, and a
# cut of a link that forwards heals by the one that did not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stp.sh"

cat >lab.yaml <<'EOF2'
name: tree
switches:
  sw1:
    stp: {version: rstp, priority: 0}
    ports: {h1: host 10.0.0.1/24, spy: {null, mirror: h1}}
  sw2:
    stp: {version: rstp, priority: 4096}
    ports: {h2: host 10.0.0.2/24}
  sw3:
    stp: {version: rstp}
    ports: {h3: host 10.0.0.3/24}
links:
  - sw1 -- sw2: {name: a}
  - sw2 -- sw3: {name: b}
  - sw3 -- sw1: {name: c}
EOF2
start lab.yaml
switchctl --json watch >watch.json &
watch=$!
await_tree sw3.b
once h1 h2 h3
once h3 h1 h2
pings h2 10.0.0.3
expect test "$(of_role root)" = "sw2.a sw3.c"
switchctl stp >stp.txt
expect grep -q '^sw1 (rstp): 0000\.' stp.txt
expect grep -Eq '^h1 +designated +forwarding +20000 +128 +edge +rstp +-' stp.txt
expect grep -Eq '^b +alternate +discarding .* sw2\.b ' stp.txt
expect grep -q 'alternate: root 0000.* costs\|is reached cheaper by sw3.c' \
	stp.txt

# A mirror is in no tree.
spy() { # ROLE TX STATE: of sw1.spy
	[ "$(json '[(p["role"], p["bpdus"]["tx_rst"] > 0, p["state"])
		for p in r["rows"] if p["port"] == "sw1.spy"]' stp)" = "[('$1', $2, '$3')]" ]
}
expect grep -Eq '^spy +disabled +discarding ' stp.txt
expect grep -q 'disabled: a mirror only looks on' stp.txt
expect spy disabled False discarding

# What is shut drops, and says so; a trace knows, too.
switchctl trace h1 ffffffffffff 020000000001 0800 >trace.txt
expect grep -q '^sw1.a .*sent' trace.txt

cut h3 10.0.0.1 switchctl link down c
await_tree ''
once h3 h1 h2
expect test "$(of_role root)" = "sw2.a sw3.b"
await grep -q '"what": *"role".*"role": *"root"' watch.json
cut h3 10.0.0.1 switchctl link up c
await_tree sw3.b
once h2 h1 h3
# The root itself goes: another one is found.
cut h2 10.0.0.3 switchctl link down a
await_tree ''
switchctl link up a >/dev/null
await_tree sw3.b
kill "$watch"

# --- Changes of the running lab --------------------------------------------

sed -i 's/{null, mirror: h1}/{null, stp: {edge: yes}}/' lab.yaml
switchctl apply lab.yaml >/dev/null
await spy designated True forwarding
sed -i 's/{null, stp: {edge: yes}}/{null, mirror: h1}/' lab.yaml
switchctl apply lab.yaml >/dev/null
await spy disabled True discarding

sed -i 's/priority: 4096/priority: 32768/; s/name: b}/name: b, stp: {cost: 5}}/
	s/version: rstp}/priority: 4096, version: rstp}/' lab.yaml
switchctl apply lab.yaml >/dev/null
await_tree sw2.b
once h1 h2 h3
pings h2 10.0.0.3
# Without a tree there would be a storm: first the loop is opened.
switchctl link down b >/dev/null
await_tree ''
sed -i '/^  sw2:$/{n;s/rstp/off/}' lab.yaml
switchctl apply lab.yaml >/dev/null
expect test "$(json 'len(r["switches"])' stp)" = 2
once h1 h2 h3
sed -i '/^  sw2:$/{n;s/off/rstp/}' lab.yaml
switchctl apply lab.yaml >/dev/null
switchctl link up b >/dev/null
await_tree sw2.b
once h1 h2 h3

# --- STP -------------------------------------------------------------------

sed -i 's/version: rstp/version: stp, hello: 1s, max-age: 6s, forward-delay: 4s/' \
	lab.yaml
switchctl apply lab.yaml >/dev/null
await_tree sw2.b
once h1 h2 h3
pings h2 10.0.0.3
cut h2 10.0.0.1 switchctl link down a
await_tree ''
once h2 h1 h3
stop
