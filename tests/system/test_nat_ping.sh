# SPDX-License-Identifier: MIT
# Pings of a NAT's guests, where the system allows them and where it does not.
#
#	with ping_group_range		answered from outside; TTL 1 gives time
#					exceeded; unknown hosts do not answer
#	without				dropped, counted, one line that says why;
#					the gateway answers all the same
# And `switchctl show` names the libslirp that does it.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >ping.yaml <<'YAML'
name: ping
switches:
  lan: {ports: {alice: host, out: nat}}
YAML
range=/proc/sys/net/ipv4/ping_group_range
alice() {
	switchctl exec alice ping -q -i 0.2 -W 5 "$@" >ping.log 2>&1
}
forbidden() {
	nat '["nat"]["drops"].get("nat_ping_forbidden", 0)'
}

echo 1 0 >$range
start ping.yaml
await is_up
version=$(nat '["nat"]["libslirp"]')
expect grep -qE '^[0-9]+\.[0-9]+\.[0-9]+' <<<"$version"
expect grep -q "libslirp $version in process" <(switchctl show)
lease alice
expect alice -c 3 10.0.2.2
refuse 1 alice -c 3 -W 1 198.51.100.2
refuse 1 alice -c 3 -W 1 203.0.113.1
counts() {
	[ "$(forbidden)" -ge 6 ]
}
await counts
expect test "$(forbidden)" -eq 6
expect test "$(grep -c 'sysctl -w net.ipv4.ping_group_range' switchd.log)" -eq 1
expect alice -c 3 10.0.2.2

# The next process may.
echo 0 2147483647 >$range
pid=$(nat '["nat"]["pid"]')
kill -9 "$pid"
await restarted lan.out "$pid"
expect alice -c 5 198.51.100.2
expect alice -c 3 10.0.2.2
refuse 1 alice -c 2 -W 1 198.51.100.77
refuse 1 alice -c 2 -W 1 203.0.113.1 # there is no route to it
switchctl exec alice ping -n -c 1 -t 1 -W 5 198.51.100.2 >ping.log || true
expect grep -q 'From 10.0.2.2 .*Time to live exceeded' ping.log

# IPv6: the gateway, and what is beyond it if this libslirp sends that.
await has_prefix alice
expect alice -c 3 fec0::2
before=$(forbidden)
case $version in
4.[0-7].*)
	refuse 1 alice -c 2 -W 1 2001:db8:1::2
	expect test "$(forbidden)" -eq $((before + 2))
	expect grep -q 'over IPv6: libslirp does so from 4.8 on' switchd.log
	;;
*)
	expect alice -c 3 2001:db8:1::2
	;;
esac
stop
