# SPDX-License-Identifier: MIT
# UDP through a NAT: datagrams of all sizes, each way and by a forward, flows of
# one port, and more flows than there may be.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >nat.yaml <<'YAML'
name: nat
switches:
  lan:
    ports:
      alice: host 10.0.2.15/24, fec0::15/64 via 10.0.2.2, fec0::2
      bob: host 10.0.2.16/24 via 10.0.2.2
      out: {nat: , forward: [udp 9001 -> .15:9001, udp 9002 -> .15:9002,
        udp 9003 -> .15:9003]}
YAML
start nat.yaml
await is_up
ends="python3 $SRC/tests/system/nat_udp.py"
serve outside $ends serve
serve alice $ends serve

# try HOST CASE ADDRESS
try() {
	in_the "$1" timeout 40 $ends "${@:2}" >try.log 2>&1 ||
		fail "$2 from $1 to $3: $(cat try.log)"
}

# Request and reply; more than 1472 bytes, in fragments each way; a datagram
# without any bytes; several flows of one port, which stays one port outside.
for what in sizes empty one_port; do
	try alice $what 198.51.100.2
	try here $what 127.0.0.1
done
try alice empty 2001:db8:1::2
try alice one_port 2001:db8:1::2

# A port that nobody listens on: the guest hears of it.
try alice closed 198.51.100.2
try alice closed 2001:db8:1::2

# A guest with thousands of flows has no more than there may be of one, which
# is counted; the others have theirs.
try alice fill 198.51.100.2 3000
limited() {
	[ "$(dropped nat_flow_limit)" -ge 1000 ]
}
await limited
try bob one_port 198.51.100.2
stop
