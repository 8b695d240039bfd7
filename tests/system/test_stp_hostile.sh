# SPDX-License-Identifier: MIT
# A host floods its port with BPDUs, malformed, lying and sound ones: the tree of
# the others stays as it is, their pings lose nothing, and what a port may cost is
# bounded. Guards: one shuts the port, one keeps it from the root.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stp.sh"

cat >lab.yaml <<'EOF2'
name: hostile
switches:
  sw1:
    stp: {priority: 4096, hello: 1s, max-age: 6s, forward-delay: 4s}
    ports:
      h1: host 10.0.0.1/24
      evil: {host: 10.0.0.66/24, stp: {root-guard: yes}}
      mean: {host: 10.0.0.67/24, stp: {bpdu-guard: yes}}
  sw2:
    stp: {priority: 8192}
    ports: {h2: host 10.0.0.2/24}
  sw3:
    stp: rstp
    ports: {h3: host 10.0.0.3/24}
links:
  - sw1 -- sw2: {name: a}
  - sw2 -- sw3: {name: b}
  - sw3 -- sw1: {name: c}
EOF2
start lab.yaml
port() { # NAME KEY
	json "[p$2 for p in r['rows'] if p['port'] == '$1'][0]" stp
}
flood() { # FROM HOW: for 3 seconds, while pings go by the root
	ip netns exec "$1" python3 "$SRC/tests/system/bpdus.py" eth0 "$2" 3 \
		>sent &
	local flooder=$!
	ip netns exec h2 ping -q -i 0.02 -c 150 -W 5 10.0.0.1 >ping.log || true
	wait "$flooder"
	echo "$2: $(cat sent) BPDUs in 3 s"
	expect grep -q '150 received, 0% packet loss' ping.log
}

# The tree does not follow who is guarded against, whatever he says.
await_tree sw3.b
for how in rubbish lying same; do
	flood evil "$how"
	expect test "$(of_role root)" = "sw2.a sw3.c"
	expect test "$(json 'r["switches"][0]["root_switch"]' stp)" = sw1
done
[ "$(port sw1.evil '["bpdus"]["rx_bad"]')" -gt 0 ] || fail "none was invalid"
[ "$(port sw1.evil '["bpdus"]["rx_over"]')" -gt 1000 ] ||
	fail "no budget"
await_tree sw3.b
once h1 h2 h3

# The cost of one more BPDU, once the budget is spent, is that of a frame.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$switchd/stat"
}
before=$(ticks)
flood evil same
echo "same: $(($(ticks) - before)) ticks of the processor"

# A better root: kept out while it is heard of. The budget is one of a second.
ip netns exec evil python3 "$SRC/tests/system/bpdus.py" eth0 lying 2 >sent
expect test "$(port sw1.evil '["root_guard"]')" = True
refuse 1 ip netns exec evil ping -q -c 1 -W 1 10.0.0.1 >/dev/null
expect grep -q 'sw1.evil: kept shut: the root guard' switchd.log

# A bridge where none may be.
pings mean 10.0.0.2
ip netns exec mean python3 "$SRC/tests/system/bpdus.py" eth0 one 1 >sent
await grep -q 'sw1.mean: shut: the BPDU guard' switchd.log
expect test "$(port sw1.mean '["bpdu_guard"]')" = True
refuse 1 ip netns exec mean ping -q -c 1 -W 1 10.0.0.1 >/dev/null
switchctl stp reenable sw1.mean >/dev/null
expect test "$(port sw1.mean '["bpdu_guard"]')" = False
within 10 ip netns exec mean ping -q -c 1 -W 1 10.0.0.1 >/dev/null ||
	fail "mean is still shut"
ip netns exec mean python3 "$SRC/tests/system/bpdus.py" eth0 one 1 >sent
guarded() {
	[ "$(port sw1.mean '["bpdu_guard"]')" = "$1" ]
}
await guarded True
switchctl port up sw1.mean >/dev/null # as of any port that is shut
expect guarded False

# It takes some seconds until the last lie is too old.
within 20 ip netns exec evil ping -q -c 1 -W 1 10.0.0.1 >/dev/null || {
	switchctl stp sw1 >&3
	fail "evil is still shut"
}
await_tree sw3.b
stop
