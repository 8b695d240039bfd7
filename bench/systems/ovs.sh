# SPDX-License-Identifier: MIT
# Open vSwitch's userspace datapath on its own TAPs: a database and a daemon of
# our own. `./dev bench` unpacks Debian's package to build/peers, so that no
# service is installed.
ovs_root=$here/../build/peers/openvswitch
[ -x "$ovs_root/usr/lib/openvswitch-switch/ovs-vswitchd" ] &&
	command -v ovsdb-server >/dev/null || {
	echo 'openvswitch is not there'
	return 1
}
ovs_vswitchd=$ovs_root/usr/lib/openvswitch-switch/ovs-vswitchd
system_note="Open vSwitch, datapath_type=netdev, type=tap, $(
	"$ovs_vswitchd" --version | sed -n '1s/.*) //p')"
system_does='guests start'
system_most=30

vsctl() {
	"$ovs_root/usr/bin/ovs-vsctl" --timeout=60 --db="unix:$state/db" "$@"
}

ovs_begin() {
	export OVS_RUNDIR=$state OVS_LOGDIR=$state OVS_DBDIR=$state
	ovsdb-tool create "$state/conf.db" \
		"$ovs_root/usr/share/openvswitch/vswitch.ovsschema"
	spawn ovsdb ovsdb-server "$state/conf.db" "--remote=punix:$state/db" \
		--unixctl="$state/ovsdb.ctl" -vconsole:warn
	soon test -S "$state/db"
	vsctl --no-wait init
	spawn vswitchd "$ovs_vswitchd" "unix:$state/db" \
		--unixctl="$state/vswitchd.ctl" -vconsole:warn
	soon test -S "$state/vswitchd.ctl"
	vsctl add-br br0 -- set bridge br0 datapath_type=netdev
}

# ovs_taps FIRST LAST: all of them in one transaction.
ovs_taps() {
	local i words=()
	for i in $(seq "$1" "$2"); do
		words+=(-- add-port br0 "t$i" -- set interface "t$i" type=tap)
	done
	vsctl "${words[@]}"
	soon ip link show "t$2"
}

system_up() {
	local i
	ovs_begin
	ovs_taps 0 $(($1 - 1))
	sleep 0.3 # it still changes them
	for i in $(seq 0 $(($1 - 1))); do
		ip link set "t$i" netns "g$i"
		ip -n "g$i" link set "t$i" name eth0
	done
}
system_start() {
	ovs_begin
	ovs_taps 1 "$1"
}
