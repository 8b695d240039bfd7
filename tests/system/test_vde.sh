# SPDX-License-Identifier: MIT
# Debian's own VDE programs: vde_plug, vde_plug2tap, vdens, dpipe, wirefilter.
. "$(dirname "$0")/lib.sh"

host a b
cat >vde.yaml <<'EOF'
name: vde
switches:
  sw1:
    vde: /run/sw1.ctl
    ports:
      a: {tap: eth0, netns: a}
      web: vde
      five: {vde, number: 5}
  sw2:
    vde: {dir: /run/sw2.ctl, mode: 0666, anonymous: {isolated: yes}}
    ports:
      b: {tap: eth0, netns: b}
EOF
start vde.yaml
ip -n a addr add 10.0.0.1/24 dev eth0

# clients NAME: how many clients that port has.
clients() {
	json "sum(len(p['clients']) for p in r['rows'] if p['port'] == '$1')" \
		ports
}
has_clients() {
	[ "$(clients "$1")" -eq "$2" ]
}

# join VNL PORT ADDRESS: a vde_plug2tap in a namespace joins and is pinged.
join() {
	host client
	ip netns exec client vde_plug2tap -s "$1" eth0 &
	local pid=$!
	await ip -n client link set eth0 up
	ip -n client addr add "$3" dev eth0
	await has_clients "$2" 1
	pings a "${3%/*}"
	kill "$pid"
	wait "$pid" || true
	ip netns del client
}

join '/run/sw1.ctl[web]' sw1.web 10.0.0.10/24
await has_clients sw1.web 0
join '/run/sw1.ctl[5]' sw1.five 10.0.0.11/24
join /run/sw1.ctl 'sw1.#3' 10.0.0.12/24 # anonymous: a port of its own
ports_are() {
	[ "$(json 'len(r["rows"])' ports)" -eq "$1" ]
}
await ports_are 4

# A name that no port has falls back to ctl in libvdeplug: anonymous as well.
join '/run/sw1.ctl[nobody]' 'sw1.#3' 10.0.0.13/24

# Two clients of one port: both hear the switch.
vde_plug '/run/sw1.ctl[web]' </dev/zero >/dev/null &
first=$!
await has_clients sw1.web 1
host twin
ip netns exec twin vde_plug2tap -s '/run/sw1.ctl[web]' eth0 &
second=$!
await has_clients sw1.web 2
await ip -n twin link set eth0 up
ip -n twin addr add 10.0.0.14/24 dev eth0
pings a 10.0.0.14
kill -9 "$first" "$second"
wait "$first" "$second" 2>/dev/null || true
await has_clients sw1.web 0

# vdens: a user and network namespace of its own behind the switch.
vdens '/run/sw1.ctl[web]' sh -c '
	ip link set vde0 up && ip addr add 10.0.0.20/24 dev vde0 && exec sleep 60' &
pid=$!
await ip netns exec a ping -c 1 -W 1 10.0.0.20
pings a 10.0.0.20
kill "$pid"

# A cable of two vde_plugs with a wirefilter in between joins the two switches.
ip -n b addr add 10.0.0.2/24 dev eth0
dpipe vde_plug /run/sw1.ctl = wirefilter -d 20 = vde_plug /run/sw2.ctl &
await ip netns exec a ping -c 1 -W 1 10.0.0.2
pings a 10.0.0.2
rtt=$(sed -n 's|.*= [0-9.]*/\([0-9]*\).*|\1|p' ping.log)
[ "$rtt" -ge 40 ] || fail "wirefilter's 2 x 20 ms: rtt is $rtt ms"

# TCP from a TAP to a VDE client.
host tcp
ip netns exec tcp vde_plug2tap -s '/run/sw1.ctl[web]' eth0 &
await ip -n tcp link set eth0 up
ip -n tcp addr add 10.0.0.30/24 dev eth0
pings a 10.0.0.30
ip netns exec tcp iperf3 -s -1 -D >/dev/null
await ip netns exec tcp sh -c 'ss -ltn | grep -q 5201'
expect ip netns exec a timeout 20 iperf3 -c 10.0.0.30 -t 3 -J >iperf.json
expect python3 -c "
import json
r = json.load(open('iperf.json'))['end']['sum_received']
assert r['bytes'] > 1e6, r
print('TAP-VDE TCP: %.0f Mbit/s' % (r['bits_per_second'] / 1e6))"

# Isolated guests reach the lab and not each other, until they may.
for guest in 41 42; do
	host guest$guest
	ip netns exec guest$guest vde_plug2tap -s /run/sw2.ctl eth0 &
	await ip -n guest$guest link set eth0 up
	ip -n guest$guest addr add 10.0.0.$guest/24 dev eth0
	await ip netns exec guest$guest ping -c 1 -W 1 10.0.0.2
done
refuse 1 ip netns exec guest41 ping -q -c 2 -i 0.2 -W 1 10.0.0.42
sed -i 's/isolated: yes/isolated: no/' vde.yaml
expect switchctl apply vde.yaml
pings guest41 10.0.0.42

expect grep -q '^660 \|^600 ' <(stat -c '%a %n' /run/sw1.ctl/ctl)
expect grep -q '^666 ' <(stat -c '%a %n' /run/sw2.ctl/ctl)
stop
refuse 2 ls /run/sw1.ctl 2>/dev/null
