# SPDX-License-Identifier: MIT
# Hosts of a user who is not root, with XDG_RUNTIME_DIR and without; and what
# he is told where they cannot be had.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/rootless.sh"
mkdir /tmp/home

cat >/tmp/home/rootless.yaml <<'YAML'
name: rootless
hosts:
  r1: {forward: yes}
switches:
  a:
    ports:
      alice: host 10.0.1.1/24 via 10.0.1.254
      r1-a: {host: 10.0.1.254/24, name: r1}
  b:
    ports:
      bob: host 10.0.2.1/24 via 10.0.2.254
      r1-b: {host: 10.0.2.254/24, name: r1}
YAML
cd /tmp/home

state() {
	find /run /tmp | sort
	ip -o link | cut -d: -f2
	cut -d' ' -f2 /proc/self/mounts
	cut -d' ' -f8 /proc/net/unix | grep -E '/run|/tmp' || true
	pgrep switchd || true
}

use() {
	as_user switchctl exec alice ping -q -c 3 -i 0.1 -W 2 10.0.2.1 \
		>/dev/shm/ping.log || fail "$(cat /dev/shm/ping.log)"
	expect test "$(as_user switchctl exec alice id -u)" -eq 0
	refuse 9 as_user switchctl exec bob sh -c 'exit 9'
	expect grep -q 'eth1' <(as_user switchctl exec r1 ip -o link)
}

life() {
	state >"$before"
	as_user switchd -d rootless.yaml 2>/dev/shm/switchd.log
	use
	as_user switchctl stop >/dev/null
	tidy

	# Killed: the daemon; the helper, then the daemon ends by itself.
	as_user switchd -d rootless.yaml 2>/dev/shm/switchd.log
	kill -9 "$(pgrep -o switchd)"
	tidy
	as_user switchd -d rootless.yaml 2>/dev/shm/switchd.log
	kill -9 "$(pgrep -P "$(pgrep -o switchd)" | head -n 1)"
	as_user switchctl stop >/dev/null
	tidy
}

unset XDG_RUNTIME_DIR
life
export XDG_RUNTIME_DIR=/run/user
mkdir -m 700 /run/user
[ "$(id -u)" -ne 0 ] || chown 65534 /run/user 2>/dev/null || true
life

# What is missing is said.
bad() {
	refuse 1 as_user timeout 5 switchd --strict rootless.yaml \
		2>/dev/shm/err.log
	grep -q -- "$1" /dev/shm/err.log || fail "no '$1': $(cat /dev/shm/err.log)"
}
as_user unshare --user --map-root-user sh -c '
	echo 0 >/proc/sys/user/max_user_namespaces
	exec setpriv --bounding-set=-all --inh-caps=-all \
		timeout 5 switchd --strict rootless.yaml' 2>/dev/shm/err.log &&
	fail "no user namespace, and it runs"
expect grep -q 'hosts need root, or user namespaces' /dev/shm/err.log
mount -t tmpfs tmpfs /dev/net
bad '/dev/net/tun'
