# SPDX-License-Identifier: MIT
# switchd@NAME under a systemd of its own, in a root in which the package is
# installed: hosts, TAPs, NAT, VDE and captures work with the rights that the
# unit leaves them; reload waits, and fails for a bad file; what is killed comes
# back; nothing outlives the package.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/package.sh"
for tool in systemctl systemd-analyze /lib/systemd/systemd; do
	command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done

# systemd takes a tree of control groups, here one below the test's own.
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)/labswitch.$RANDOM
[ -n "$groups" ] && mkdir "$group" 2>/dev/null || { echo "no control groups"; exit 77; }
manager=
leave() {
	status=$?
	[ -z "$manager" ] || kill -9 "$manager" || true
	wait
	for _ in $(seq 100); do
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
		sleep 0.1
	done
	rm -rf "$tmp"
	exit $status
}
trap leave EXIT

make_package made
own_root
rm -f "$root/usr/sbin/policy-rc.d" # of images of machines without services
export -f mount_kernel
(
	echo $BASHPID >"$group/cgroup.procs"
	exec unshare --mount --pid --net --uts --ipc --cgroup --fork \
		--kill-child bash -euc 'mount_kernel "$1"
		mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
		cd "$1"
		pivot_root . mnt
		umount -nl mnt
		exec env -i container=test /lib/systemd/systemd \
			--unit=basic.target' bash "$root"
) >systemd.console 2>&1 &
unshare=$!
await pgrep -P $unshare
manager=$(pgrep -P $unshare)

# at COMMAND...: on the machine of that systemd.
at() {
	nsenter -t "$manager" --mount --pid --net --uts --ipc --cgroup $clean "$@"
}

booted() {
	at systemctl is-system-running | grep -E 'running|degraded'
}
await booted
at dpkg --purge labswitch >dpkg.out 2>&1 || true
expect at dpkg --no-triggers --force-depends --install /dev/labswitch.deb >dpkg.out 2>&1

# Of the unit itself.
unit=/lib/systemd/system/switchd@.service
at systemd-analyze verify $unit >verify.log 2>&1 || fail "$(cat verify.log)"
expect test ! -s verify.log
expect at systemd-analyze security --offline=yes --threshold=60 $unit \
	>security.log 2>&1
tail -n 1 security.log

at mkdir /etc/labswitch
write_lab campus.yaml
lab=$root/etc/labswitch/campus.yaml
cp campus.yaml "$lab"
at ip netns add outer
# The search for leaks takes ptrace(2), which the unit forbids.
at systemctl set-environment ASAN_OPTIONS=detect_leaks=0
expect at systemctl start switchd@campus

ports_up() {
	at switchctl ports >ports.log && [ "$(grep -c ' up ' ports.log)" -eq "$1" ]
}
leased() {
	at switchctl leases | grep -q ' a '
}
main_pid() {
	at systemctl show -P MainPID switchd@campus
}
await ports_up 5
await leased
await at ip netns exec a ping -q -c 1 -W 1 10.0.2.99
expect at ip -n outer link show eth0 >link.log
expect at test -S /run/labswitch/campus/lan/vm
expect at test -s /var/lib/labswitch/campus/a.pcapng

pid=$(main_pid)
sed '/vm: vde/a\      pc: udp 10001 -> 127.0.0.1:10002' campus.yaml >"$lab"
expect at systemctl reload switchd@campus
expect ports_up 6
echo nonsense >"$lab"
refuse 1 at systemctl reload switchd@campus 2>reload.log
at journalctl -u switchd@campus >journal.log
expect grep -q 'campus.yaml:1:1: ' journal.log
expect ports_up 6
expect test "$(main_pid)" = "$pid"

# What is killed comes back.
cp campus.yaml "$lab"
at kill -9 "$pid"
back() {
	[ "$(main_pid)" -ne 0 ] && [ "$(main_pid)" -ne "$pid" ] && ports_up 5
}
await back
await leased

expect at systemctl stop switchd@campus
expect test "$(at systemctl show -P Result switchd@campus)" = success
refuse 1 at pgrep switchd
expect at test ! -e /run/labswitch
expect test "$(at ip netns)" = outer

# A package that is removed takes its running service with it.
expect at systemctl enable --now switchd@campus 2>enable.log
expect at dpkg --no-triggers --purge labswitch >dpkg.out 2>&1
refuse 1 at pgrep switchd
expect at test ! -e /var/lib/labswitch
expect test -z "$(find "$upper/etc/systemd" -name 'switchd*')"
