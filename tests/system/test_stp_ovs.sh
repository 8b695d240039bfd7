# SPDX-License-Identifier: MIT
# A ring of two switches and Open vSwitch with its userspace datapath, by RSTP
# and by STP: whoever is the root, one port is shut, no broadcast comes twice,
# and a cut of a link that forwards heals.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stp.sh"

ovs=$SRC/build/peers/openvswitch # where ./dev unpacks it
[ -x "$ovs/usr/lib/openvswitch-switch/ovs-vswitchd" ] &&
	command -v ovsdb-server ovsdb-tool >/dev/null || {
	echo 'Open vSwitch is not there'
	exit 77
}

# Its ports are our TAPs and one end of a veth, by packet sockets.
host o ho
ip -n o link add oh type veth peer eth0 netns ho
ip -n o link set oh up
ip -n ho addr add 10.0.0.3/24 dev eth0
ip -n ho link set eth0 up
cat >lab.yaml <<'EOF2'
name: ovs
switches:
  sw1:
    stp: {priority: 0, hello: 1s, max-age: 6s, forward-delay: 4s}
    ports: {h1: host 10.0.0.1/24, o1: {tap: o1, netns: o}}
  sw2:
    stp: {priority: 4096, hello: 1s, max-age: 6s, forward-delay: 4s}
    ports: {h2: host 10.0.0.2/24, o2: {tap: o2, netns: o}}
links:
  - sw1 -- sw2: {name: l, stp: {cost: 1}}
EOF2
start lab.yaml

export OVS_RUNDIR=$tmp OVS_LOGDIR=$tmp OVS_DBDIR=$tmp
vsctl() {
	"$ovs/usr/bin/ovs-vsctl" --timeout=20 --db="unix:$tmp/db" "$@"
}
ovsdb-tool create conf.db "$ovs/usr/share/openvswitch/vswitch.ovsschema"
ovsdb-server conf.db "--remote=punix:$tmp/db" --unixctl="$tmp/ovsdb.ctl" \
	-vconsole:warn 2>ovsdb.console &
ovsdb=$!
await test -S db
vsctl --no-wait init
ip netns exec o "$ovs/usr/lib/openvswitch-switch/ovs-vswitchd" \
	"unix:$tmp/db" --unixctl="$tmp/vswitchd.ctl" -vconsole:warn \
	2>ovs.console &
vswitchd=$!
vsctl add-br br0 -- set bridge br0 datapath_type=netdev rstp_enable=true \
	other_config:rstp-priority=61440 other_config:rstp-max-age=6 \
	other_config:rstp-forward-delay=4 -- \
	add-port br0 oh -- add-port br0 o1 -- add-port br0 o2

# Which of its ports to us do not forward, as it says itself.
rstp_shut() {
	local port
	for port in o1 o2; do
		vsctl get port $port rstp_status:rstp_port_state |
			grep -q Forwarding || echo $port
	done
}
stp_shut() {
	local port
	for port in o1 o2; do
		vsctl get port $port status:stp_state |
			grep -q forward || echo $port
	done
}
both_settled() {
	settled "$2" && [ "$("$1_shut" 2>/dev/null)" = "$3" ]
}
await_both() { # VERSION SHUT_HERE SHUT_THERE
	within 40 both_settled "$@" || {
		switchctl stp >&3
		vsctl list port >&3
		fail "not shut: '$2' and '$3'"
	}
}

# --- RSTP ------------------------------------------------------------------

await_both rstp '' o2
once h1 h2 ho
once ho h1 h2
pings h2 10.0.0.3
expect test "$(json 'sorted(set(p["version"] for p in r["rows"]))' stp)" = \
	"['rstp']"
cut h1 10.0.0.3 ip -n o link set o1 down
await_both rstp '' o1
once ho h1 h2
ip -n o link set o1 up
await_both rstp '' o2
cut h2 10.0.0.1 switchctl link down l
await_both rstp '' ''
once h2 h1 ho
switchctl link up l >/dev/null
await_both rstp '' o2

# It becomes the root.
vsctl set bridge br0 other_config:rstp-priority=0
sed -i 's/priority: 0/priority: 8192/' lab.yaml
switchctl apply lab.yaml >/dev/null
await_both rstp sw1.l ''
once h1 h2 ho
cut h1 10.0.0.3 ip -n o link set o1 down
await_both rstp '' o1
once ho h1 h2
ip -n o link set o1 up
await_both rstp sw1.l ''

# --- STP -------------------------------------------------------------------

vsctl set bridge br0 rstp_enable=false
vsctl set bridge br0 stp_enable=true other_config:stp-priority=0 \
	other_config:stp-hello-time=1 other_config:stp-max-age=6 \
	other_config:stp-forward-delay=4
await_both stp sw1.l ''
expect test "$(json '[p["version"] for p in r["rows"] if p["port"] in
	("sw1.o1", "sw2.o2", "sw1.l", "sw2.l")]' stp)" = \
	"['stp', 'rstp', 'stp', 'rstp']"
once h1 h2 ho
cut h1 10.0.0.3 ip -n o link set o1 down
await_both stp '' o1
once ho h1 h2
kill "$vswitchd" "$ovsdb"
await gone "$vswitchd"
stop
