# SPDX-License-Identifier: MIT
# Levels of I/O: each carries frames, says its name, and loses none that it does
# not count.
. "$(dirname "$0")/lib.sh"

host a b
cat >io.yaml <<'EOF'
name: io
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
EOF

refuse 2 switchd --io fastest io.yaml 2>err.log
expect grep -q -- '--io takes auto, epoll or uring, not fastest' err.log

# carries LEVEL: the lab that runs is at this level, and works.
carries() {
	[ "$(json 'r["io"]' show)" = "$1" ] || fail "is not at level $1"
	expect grep -q ", io $1, " <(switchctl show)
	ip -n a addr add 10.0.0.1/24 dev eth0
	ip -n b addr add 10.0.0.2/24 dev eth0
	pings a 10.0.0.2
	ip netns exec b iperf3 -s -1 -D --pidfile "$tmp/iperf.pid" >/dev/null
	await ip netns exec b sh -c 'ss -ltn | grep -q 5201'
	expect ip netns exec a timeout 20 iperf3 -c 10.0.0.2 -n 200M >iperf.log

	# Bursts to a TAP that is down for some of the time.
	ip netns exec a python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for _ in range(30000):
    s.sendto(b"frame", ("10.0.0.255", 9))' &
	ip -n b link set eth0 down
	wait $!
	await sh -c "switchctl --json ports | python3 -c '
import json, sys
a, b = json.load(sys.stdin)[\"rows\"]
tx = sum(n for why, n in b[\"drops\"].items() if why.startswith(\"tx_\"))
assert b[\"drops\"][\"tx_down\"] > 0 and a[\"rx_frames\"] > 20000
assert b[\"tx_offered\"] == b[\"tx_frames\"] + b[\"held\"] + tx'"
}

start io.yaml --io epoll
carries epoll
stop

# By itself it is the best that works here; what does not work can be asked for,
# and is refused.
start io.yaml --io auto
why=$(sed -n 's/.*io epoll: \(.*\)/\1/p' switchd.log)
if [ -n "$why" ]; then
	carries epoll
	stop
	refuse 1 timeout 5 switchd --io uring io.yaml 2>err.log
	expect grep -qF "$why" err.log
else
	carries uring
	stop
	start io.yaml --io uring
	carries uring
	stop
fi
