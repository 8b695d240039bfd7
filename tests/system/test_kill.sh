# SPDX-License-Identifier: MIT
# G5: kill -9 of clients and of the daemon: nothing is left, restart at once works.
. "$(dirname "$0")/lib.sh"

host a b
cat >kill.yaml <<'EOF'
name: kill
switches:
  lan:
    vde: /run/lan.ctl
    ports:
      a: {tap: eth0, netns: a}
      here: tap
      vm: vde
EOF

# state: everything that a lab could leave behind.
state() {
	find /run -path /run/netns -prune -o -print | sort
	ip -o link | cut -d: -f2
	ip -n a -o link | cut -d: -f2
	ip netns list | sort
	cut -d' ' -f2 /proc/self/mounts
	cut -d' ' -f8 /proc/net/unix | grep /run || true
}

state >before
start kill.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip netns exec b vde_plug2tap -s '/run/lan.ctl[vm]' eth0 &
client=$!
await ip -n b link set eth0 up
ip -n b addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2

# A client that is killed leaves its port, and both ends' sockets go.
left() {
	[ "$(json 'sum(len(p["clients"]) for p in r["rows"])' ports)" -eq 0 ] &&
		[ -z "$(find /run/lan.ctl -name '0*' -o -name '.*-*')" ]
}
kill -9 "$client"
await left
await sh -c '! ip -n b link show eth0'

# A second daemon on the same lab says who has it.
refuse 1 switchd kill.yaml 2>second.log
expect grep -q "pid $switchd" second.log

kill -9 "$switchd"
wait "$switchd" || true
tidy
: >switchd.log

# A daemon killed together with its helper leaves files; the next one starts.
start kill.yaml
helper=$(pgrep -P "$switchd" switchd-helper || pgrep switchd-helper)
kill -9 "$helper" "$switchd"
wait "$switchd" || true
: >switchd.log
start kill.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
expect ip netns exec a true
stop
tidy
