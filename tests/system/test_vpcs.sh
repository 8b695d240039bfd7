# SPDX-License-Identifier: MIT
# Two VPCS and a namespace on one switch; one of them goes and comes back.
. "$(dirname "$0")/lib.sh"

host a
cat >vpcs.yaml <<'EOF'
name: vpcs
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      pc1: udp 10001 -> 127.0.0.1:10002
      pc2: udp 10003 -> 127.0.0.1:10004
EOF
start vpcs.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
mkfifo keys
sleep 200 >keys &

# pc NUMBER LOCAL REMOTE
pc() {
	echo "ip 10.0.0.$1/24" >"pc$1.vpc"
	script -qfec "exec vpcs -i 1 -m $1 -s $2 -c $3 -r pc$1.vpc" /dev/null \
		<keys >"pc$1.log" 2>&1 &
}

# Nobody listens yet: refused frames are counted, the ports stay up.
ip netns exec a ping -q -c 3 -i 0.2 -W 1 10.0.0.9 >/dev/null || true
refused=$(json 'sum(p["drops"].get("tx_refused", 0) for p in r["rows"])' ports)
[ "$refused" -gt 0 ] || fail "nobody listens, and tx_refused is 0"

pc 11 10002 10001
first=$!
pc 12 10004 10003
await ip netns exec a ping -c 1 -W 1 10.0.0.11
await ip netns exec a ping -c 1 -W 1 10.0.0.12
pings a 10.0.0.11
pings a 10.0.0.12

pkill -9 -P "$first" vpcs || true
kill -9 "$first"
pc 13 10002 10001
await ip netns exec a ping -c 1 -W 1 10.0.0.13
pings a 10.0.0.13
stop
