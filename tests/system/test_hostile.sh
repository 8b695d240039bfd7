# SPDX-License-Identifier: MIT
# Garbage on every socket while two hosts ping: it costs its sender only.
. "$(dirname "$0")/lib.sh"

host a b
cat >hostile.yaml <<'EOF'
name: hostile
switches:
  lan:
    vde: {dir: /run/lan.ctl, mode: 0666}
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
      u: udp 10001 -> 127.0.0.1:10002
      v: vde
EOF
start hostile.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2

ip netns exec a ping -q -i 0.01 -c 800 -W 2 10.0.0.2 >long.log &
ping=$!
timeout 60 python3 "$SRC/tests/system/garbage.py" /run/lan.ctl \
	/run/labswitch/hostile/control 10001 || fail "garbage.py: exit $?"
wait $ping || fail "$(grep loss long.log)"
expect grep -q ' 0% packet loss' long.log

# A lab that still works, and that forgot none of it.
pings b 10.0.0.1
expect switchctl show >/dev/null
lines=$(wc -l <switchd.log)
[ "$lines" -lt 300 ] || fail "$lines log lines: it can be flooded"
stop
