# SPDX-License-Identifier: MIT
# A guest cannot take from others what there is only so much of.
#
#	10,000 UDP flows		of invented MAC addresses stay under the
#					cap, and leave room for others
#	EMFILE				few descriptors, by limit and at once: the
#					process goes on, refuses, and recovers
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >limits.yaml <<'YAML'
name: limits
switches:
  lan:
    ports:
      alice: host
      bob: host 10.0.2.16/24 via 10.0.2.2
      mallory: host 10.0.2.17/24 via 10.0.2.2
      out: nat
YAML
ends="python3 $SRC/tests/system/nat_udp.py"
echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range
serve outside $ends serve
serve_web

# try HOST CASE [ARGUMENT]
try() {
	in_the "$1" timeout 40 $ends "$2" 198.51.100.2 "${@:3}" >try.log 2>&1 ||
		fail "$2 from $1: $(cat try.log)"
}
downloads() {
	fetch "$1" http://198.51.100.2/big >big
	expect cmp big www/big
}
flood() {
	in_the mallory python3 "$SRC/tests/system/nat_flood.py" \
		52:55:0a:00:02:02 198.51.100.2 "$@"
}
refused_flows() {
	[ "$(dropped nat_flow_limit)" -ge "$1" ]
}
descriptors() {
	ls "/proc/$pid/fd" | wc -l
}

start limits.yaml
await is_up
pid=$(nat '["nat"]["pid"]')
lease alice

# Thousands of flows: most of them are refused, since nobody has a lease. The
# guest that has one notices nothing; others have their TCP.
flood 10000 udp
await refused_flows 6000
expect test "$(descriptors)" -lt 4096
flood 1000 echo
for _ in 1 2 3; do
	try alice one_port
	expect in_the alice ping -q -c 2 -i 0.2 -W 5 198.51.100.2 >ping.log
	downloads alice
done
try alice fill 900
downloads bob

# No descriptor is to be had any more, and then there are some.
prlimit --pid "$pid" --nofile=$(($(descriptors) + 2)):
in_the alice timeout 40 $ends fill 198.51.100.2 100 >try.log 2>&1 || true
refuse 1 fetch alice http://198.51.100.2/big >/dev/null 2>&1
expect in_the bob ping -q -c 2 -i 0.2 -W 5 10.0.2.2 >ping.log
prlimit --pid "$pid" --nofile=16384:
try alice one_port
downloads bob
downloads alice
expect test "$(nat '["nat"]["pid"]')" = "$pid"
stop

# Few from the beginning.
ulimit -n 300
start limits.yaml
await is_up
pid=$(nat '["nat"]["pid"]')
lease alice
flood 300 udp
await refused_flows 200
expect test "$(descriptors)" -lt 300
try alice one_port
downloads alice
downloads bob
expect test "$(nat '["nat"]["pid"]')" = "$pid"
stop
