# SPDX-License-Identifier: MIT
# Hosts as root: a router between two switches, `ip netns`, exec, and nothing
# left after stop and after every kind of kill.
. "$(dirname "$0")/lib.sh"

cat >hosts.yaml <<'YAML'
name: hosts
hosts:
  r1: {forward: yes, routes: [10.0.3.0/24 via 10.0.2.1]}
switches:
  a:
    ports:
      alice: host 10.0.1.1/24, 2001:db8:1::1/64 via 10.0.1.254, 2001:db8:1::fe
      r1-a: {host: "10.0.1.254/24, 2001:db8:1::fe/64", name: r1}
  b:
    ports:
      bob: host 10.0.2.1/24, 2001:db8:2::1/64 via 10.0.2.254, 2001:db8:2::fe
      r1-b: {host: "10.0.2.254/24, 2001:db8:2::fe/64", name: r1, mac: "02:00:00:00:00:0b", mtu: 1400, txqueuelen: 500}
YAML

# state: everything that a lab could leave behind.
state() {
	find /run | sort
	ip -o link | cut -d: -f2
	cut -d' ' -f2 /proc/self/mounts
	cut -d' ' -f8 /proc/net/unix | grep /run || true
	pgrep switchd || true
}

pings_all() {
	local to
	for to in 10.0.1.254 10.0.2.1 2001:db8:1::fe 2001:db8:2::1; do
		switchctl exec alice ping -q -c 3 -i 0.1 -W 2 "$to" >ping.log ||
			fail "alice to $to: $(cat ping.log)"
	done
}

state >before
start hosts.yaml
expect test "$(ip netns list | cut -d' ' -f1 | sort | xargs)" = "alice bob r1"
pings_all

# What was asked for is what the kernel has.
expect grep -q 'mtu 1400' <(switchctl exec r1 ip link show eth1)
expect grep -q 'qlen 500' <(switchctl exec r1 ip link show eth1)
expect grep -q 02:00:00:00:00:0b <(switchctl exec r1 ip link show eth1)
expect grep -q '^10.0.3.0/24 via 10.0.2.1 dev eth1' \
	<(switchctl exec r1 ip route)
expect grep -q 'LOOPBACK,UP' <(switchctl exec alice ip link show lo)

# exec passes on words, output, exit code and signals; shell has a prompt.
expect test "$(switchctl exec alice printf '%s|' 'a b' -n)" = "a b|-n|"
refuse 7 switchctl exec alice sh -c 'exit 7'
refuse 127 switchctl exec alice nosuchcommand 2>err.log
expect grep -q 'cannot run nosuchcommand' err.log
refuse 1 switchctl exec carol true 2>err.log
expect grep -q "no host 'carol'; hosts: alice, r1, bob" err.log
refuse 2 switchctl exec alice 2>err.log
refuse 143 sh -c 'switchctl exec alice sh -c "kill -TERM \$\$"'
echo 'hostname -I; exit 3' >commands
refuse 3 switchctl shell alice <commands >out.log
expect grep -q 10.0.1.1 out.log
expect script -qec 'switchctl shell alice' /dev/null <<<"exit" >out.log
expect grep -q 'alice# ' out.log

# A resolv.conf of its own, and only in there.
echo 'nameserver 10.0.1.254' >>/run/labswitch/hosts/alice.resolv.conf
if [ -e /etc/resolv.conf ]; then
	expect grep -q 10.0.1.254 <(switchctl exec alice cat /etc/resolv.conf)
	refuse 1 grep -q 10.0.1.254 /etc/resolv.conf
fi

expect grep -q 'r1 .*eth1 .*b.r1-b .*10.0.2.254/24' <(switchctl show)
expect grep -q 'switchctl exec alice ping 10.0.1.254' <(switchctl show)

# Deleted, the interface comes back in the same host; what runs there goes on.
switchctl exec alice sleep 60 &
sleeper=$!
inode=$(switchctl exec alice readlink /proc/self/ns/net)
switchctl exec alice ip link del eth0
await grep -q 'a.alice: down' switchd.log
await switchctl exec alice ip link show eth0
expect test "$(switchctl exec alice readlink /proc/self/ns/net)" = "$inode"
pings_all
kill "$sleeper"

# SIGHUP: a host that is not in the file goes, the others are not touched.
cp hosts.yaml all.yaml
sed -i '/bob/d' hosts.yaml
kill -HUP "$switchd"
await grep -q 'reload: applied' switchd.log
await sh -c '! ip netns list | grep -q bob'
expect test "$(switchctl exec alice readlink /proc/self/ns/net)" = "$inode"
cp all.yaml hosts.yaml
kill -HUP "$switchd"
await sh -c 'switchctl exec alice ping -c 1 -W 1 10.0.2.1'

# The dump is the lab.
switchctl dump >dump.yaml
expect switchd -n dump.yaml
stop
tidy

# A name that is somebody else's is refused and left alone.
ip netns add bob
state >before
start hosts.yaml
expect grep -q "b.bob: down (there is a network namespace 'bob'" switchd.log
stop
tidy
ip netns del bob
umount /run/netns
rmdir /run/netns
state >before

# kill -9 of the daemon: the helper tidies up.
start hosts.yaml
kill -9 "$switchd"
wait "$switchd" || true
tidy
: >switchd.log

# kill -9 of the helper: hosts go on; after the daemon the janitor tidies up.
helper_of() {
	pgrep -P "$1" | head -n 1
}
start hosts.yaml
kill -9 "$(helper_of "$switchd")"
await grep -q 'helper process has ended' switchd.log
expect ip netns exec alice ping -q -c 1 -W 2 10.0.2.1 >ping.log
stop
tidy

# The janitor comes late: the directory is the next daemon's.
start hosts.yaml
helper=$(helper_of "$switchd")
janitor=$(helper_of "$helper")
kill -9 "$helper"
await grep -q 'helper process has ended' switchd.log
kill -STOP "$janitor"
stop
start hosts.yaml
kill -CONT "$janitor"
await gone "$janitor"
pings_all
stop
tidy

# A directory that was there, with files of somebody else.
mkdir -m 700 given
echo mine >given/office.resolv.conf
echo mine >given/office.netns
start hosts.yaml --run "$PWD/given"
stop
expect test "$(cat given/office.*)" = "$(printf 'mine\nmine')"
rm -r given
tidy

# kill -9 of both.
start hosts.yaml
kill -9 "$(helper_of "$switchd")" "$switchd"
wait "$switchd" || true
tidy
: >switchd.log

# kill -9 of all three: the next start takes the names over.
start hosts.yaml
# shellcheck disable=SC2046 # all there are in this PID namespace
kill -9 $(pgrep switchd)
wait "$switchd" || true
expect ip netns list
: >switchd.log
start hosts.yaml
refuse 1 grep down switchd.log
pings_all
stop
tidy

# Somebody has given the name of a killed lab to a namespace of his own, which
# often gets the inode of the old one; here it always does.
start hosts.yaml
# shellcheck disable=SC2046 # as above
kill -9 $(pgrep switchd)
wait "$switchd" || true
: >switchd.log
ip netns del bob
ip netns add bob
sed -i "s/^[0-9]*/$(stat -Lc %i /run/netns/bob)/" /run/labswitch/hosts/bob.netns
start hosts.yaml
expect grep -q "b.bob: down (there is a network namespace 'bob'" switchd.log
stop
expect ip netns del bob
umount /run/netns 2>/dev/null || true
rmdir /run/netns 2>/dev/null || true
tidy
