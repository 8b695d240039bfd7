# SPDX-License-Identifier: MIT
# A ring of two switches and a Linux bridge, which speaks STP: whoever is the
# root, one port is shut, no broadcast comes twice, and a cut of a link that
# forwards heals.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stp.sh"

host k hk
ip -n k link add br0 type bridge stp_state 1 priority 65535 forward_delay 400 \
	hello_time 100 max_age 600 2>/dev/null || {
	echo 'this kernel has no bridge'
	exit 77
}
cat >lab.yaml <<'EOF2'
name: kernel
switches:
  sw1:
    stp: {priority: 0, hello: 1s, max-age: 6s, forward-delay: 4s}
    ports: {h1: host 10.0.0.1/24, k1: {tap: k1, netns: k}}
  sw2:
    stp: {priority: 4096, hello: 1s, max-age: 6s, forward-delay: 4s}
    ports: {h2: host 10.0.0.2/24, k2: {tap: k2, netns: k}}
links:
  - sw1 -- sw2: {name: l, stp: {cost: 1}}
EOF2
start lab.yaml
ip -n k link set k1 master br0
ip -n k link set k2 master br0
ip -n k link add kh master br0 type veth peer eth0 netns hk
ip -n hk addr add 10.0.0.3/24 dev eth0
ip -n hk link set eth0 up
for i in br0 kh; do
	ip -n k link set $i up
done

# Its ports that are not yet, or not to be, forwarding.
shut_there() {
	bridge -n k link show | sed -n '/ forwarding /d;s/^[0-9]*: \([^:@]*\).*/\1/p'
}
both_settled() {
	settled "$1" && [ "$(shut_there)" = "$2" ]
}
await_both() { # SHUT_HERE SHUT_THERE
	within 40 both_settled "$@" || {
		switchctl stp >&3
		bridge -n k link show >&3
		fail "not shut: '$1' and '$2'"
	}
}

# sw1 is the root, and the bridge is farther from it than sw2: its port is shut.
await_both '' k2
once h1 h2 hk
once hk h1 h2
pings h2 10.0.0.3
expect test "$(json '[p["version"] for p in r["rows"] if p["port"] in
	("sw1.k1", "sw2.k2", "sw1.l", "sw2.l")]' stp)" = \
	"['stp', 'rstp', 'stp', 'rstp']"
cut h1 10.0.0.3 ip -n k link set k1 down
await_both '' k1
once hk h1 h2
ip -n k link set k1 up
await_both '' k2
cut h2 10.0.0.1 switchctl link down l
await_both '' ''
once h2 h1 hk
switchctl link up l >/dev/null
await_both '' k2

# The bridge becomes the root: the link of the two is the one too many.
ip -n k link set br0 type bridge priority 0
sed -i 's/priority: 0/priority: 8192/' lab.yaml
switchctl apply lab.yaml >/dev/null
await_both sw1.l ''
once h1 h2 hk
once hk h1 h2
expect test "$(of_role root)" = "sw1.k1 sw2.k2"
cut h1 10.0.0.3 ip -n k link set k1 down
await_both '' k1
once h1 h2 hk
stop
