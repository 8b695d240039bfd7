# SPDX-License-Identifier: MIT
# TCP through a NAT, from guests to the world outside and by forwards from this
# machine to a guest: everything arrives, and so does every way to end.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >nat.yaml <<'YAML'
name: nat
switches:
  lan:
    ports:
      alice: host 10.0.2.15/24, fec0::15/64 via 10.0.2.2, fec0::2
      bob: host 10.0.2.16/24 via 10.0.2.2
      out:
        nat:
        host-loopback: yes
        forward:
          - tcp 7001 -> .15:7001
          - tcp 7002 -> .15:7002
          - tcp 7003 -> .15:7003
          - tcp 7004 -> .15:7004
          - tcp 7005 -> .15:7005
          - tcp 7006 -> .15:7006
          - tcp 7007 -> .15:7007
          - tcp 7008 -> .15:7008
          - tcp 7009 -> .15:7009
          - tcp 7080 -> .15:7080
          - tcp 8080 -> .15:80
YAML
start nat.yaml
await is_up
pid=$(nat '["nat"]["pid"]')
descriptors() {
	ls "/proc/$pid/fd" | wc -l
}
at_first=$(descriptors)
ends="python3 $SRC/tests/system/nat_tcp.py"
web="python3 $SRC/tests/system/nat_web.py"
mkdir seen
head -c 100000000 /dev/urandom >www/big
echo small >www/small
big=$(sha256sum <www/big | cut -d' ' -f1)
small=$(sha256sum <www/small | cut -d' ' -f1)
serve outside $web serve 80 www
serve outside $ends serve "$tmp/seen"
serve alice $web serve 80 "$tmp/www"
serve alice $ends serve "$tmp/seen"

# try HOST CASE ADDRESS
try() {
	in_the "$1" timeout 40 $ends "$2" "$3" "$tmp/seen" >try.log 2>&1 ||
		fail "$2 from $1 to $3: $(cat try.log)"
}

# retransmits: what alice has sent again so far.
retransmits() {
	in_the alice awk '/^Tcp: [0-9]/ { print $13 }' /proc/net/snmp
}

# Guest to remote: big and small files, down and up (HTTP, 100 MB). On the way
# nothing is lost of the 70,000 segments; a busy machine may be slow with some.
expect test "$(in_the alice $web get http://198.51.100.2/big)" = "$big"
expect test "$(in_the alice $web get http://198.51.100.2/small)" = "$small"
before=$(retransmits)
expect test "$(in_the alice $web put http://198.51.100.2/ "$tmp/www/big")" = "$big"
expect test $(($(retransmits) - before)) -lt 70
try alice small 2001:db8:1::2

# Host to guest by a forward: big and small files, and 200 connects at once.
expect test "$(in_the here $web get http://127.0.0.1:8080/big)" = "$big"
expect test "$(in_the here $web put http://127.0.0.1:8080/ www/big)" = "$big"
expect test "$(in_the here $web get http://127.0.0.1:8080/small)" = "$small"
try here parallel 127.0.0.1
try alice parallel 198.51.100.2

# Half close each way; RST both ways, also against one that sends, or waits to;
# a receiver slower than the sender (the window closes, and opens again).
for what in half resets cut stuck window; do
	try alice $what 198.51.100.2
	try alice $what 2001:db8:1::2
	try here $what 127.0.0.1
done

# A refused port is refused at once, outside and in the guest, and nobody waits
# for an address that cannot be reached: here, or as a router says.
try alice refused 198.51.100.2
try alice refused 2001:db8:1::2
try here refused_behind 127.0.0.1
ip route add unreachable 203.0.113.0/25
ip route add 203.0.113.128/25 via 198.51.100.2
in_the outside sysctl -qw net.ipv4.ip_forward=1
in_the outside ip route add unreachable 203.0.113.128/25
try alice unreachable 203.0.113.1
try alice unreachable 203.0.113.129

# Urgent data does no harm.
try alice urgent 198.51.100.2

# Guest to host: by the gateway's address, as host-loopback says.
serve here $web serve 8000 www
expect test "$(in_the alice $web get http://10.0.2.2:8000/big)" = "$big"

# Nothing of all that is left open.
are_closed() {
	[ "$(descriptors)" -eq "$at_first" ]
}
for _ in $(seq 60); do # of some libslirp takes leave for 10 seconds
	are_closed && break
	sleep 0.5
done
expect are_closed

# A guest vanishes in the middle of what it does: the others notice nothing.
serve bob $ends hold 198.51.100.2 7007
in_the bob $web get http://198.51.100.2/big >/dev/null 2>&1 &
grep -v bob: nat.yaml >without.yaml
expect switchctl apply without.yaml
try alice half 198.51.100.2
expect switchctl apply nat.yaml
await is_up
try bob small 198.51.100.2
expect test "$(nat '["nat"]["pid"]')" = "$pid"
stop
