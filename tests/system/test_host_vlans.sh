# SPDX-License-Identifier: MIT
# Tagged subinterfaces of a host: a router on a stick. Where the kernel has no
# VLAN devices, the port says so.
. "$(dirname "$0")/lib.sh"

cat >stick.yaml <<'YAML'
name: stick
vlans: {staff: 10, guests: 20}
hosts:
  r1: {forward: yes, routes: [10.0.30.0/24 via 10.0.20.1]}
switches:
  lan:
    ports:
      r1: {host, trunk: [staff, guests], vlans: {staff: 10.0.10.254/24, 20: "10.0.20.254/24, 2001:db8:20::fe/64"}}
      alice: {host: 10.0.10.1/24 via 10.0.10.254, vlan: staff}
      bob: {host: 10.0.20.1/24 via 10.0.20.254, vlan: guests}
      spy: {host, trunk: [staff, guests]}
YAML

ip tuntap add probe mode tap
if ! ip link add link probe name probe.5 type vlan id 5; then
	start stick.yaml
	expect grep -q "lan.r1: down (cannot make eth0.10: this kernel has no \
VLAN devices: modprobe 8021q)" switchd.log
	expect grep -q 'modprobe 8021q' <(switchctl show)
	pings alice 10.0.10.1
	switchctl dump >dump.yaml
	expect switchd -n dump.yaml
	stop
	exit
fi
ip link del probe

start stick.yaml
expect grep -q 'eth0.10@eth0' <(switchctl exec r1 ip link)
expect grep -q '^10.0.30.0/24 via 10.0.20.1 dev eth0.20' \
	<(switchctl exec r1 ip route)
expect grep -q '2001:db8:20::fe/64' <(switchctl exec r1 ip addr show eth0.20)
pings alice 10.0.10.254
pings alice 10.0.20.1

# What the host sends into VLAN 20 has its tag, and no other frame has it.
switchctl exec spy tcpdump -e -n -l -i eth0 >tcpdump.log 2>tcpdump.err &
await grep -q 'listening on' tcpdump.err
switchctl exec r1 ping -c 1 -W 1 10.0.20.77 >/dev/null || true
switchctl exec r1 ping -c 1 -W 1 10.0.10.77 >/dev/null || true
await grep -q 'vlan 20, .*who-has 10.0.20.77' tcpdump.log
await grep -q 'vlan 10, .*who-has 10.0.10.77' tcpdump.log
refuse 1 grep -E 'vlan 10, .*10\.0\.20\.77|vlan 20, .*10\.0\.10\.77' tcpdump.log

# A subinterface goes and comes with the file.
sed -i 's/staff: 10.0.10.254.24, 20/20/' stick.yaml
kill -HUP "$switchd"
await sh -c 'switchctl exec r1 ip link | grep eth0.20 &&
	! switchctl exec r1 ip link show eth0.10'
stop
