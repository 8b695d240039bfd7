# SPDX-License-Identifier: MIT
# What a NAT's guests are kept from.
#
#	restrict			blocks all but DHCP, names and forwards
#	host loopback			closed, v4 and v6, by the gateway and by
#					the DNS address; host-loopback opens it
#	outbound address		is the one that the outside sees
#	two NATs with one subnet	are not to be had on one switch
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >isolation.yaml <<'YAML'
name: isolation
switches:
  open: {ports: {alice: host, out: nat}}
  shut:
    ports:
      bob: {host, mac: "02:00:00:00:00:0b"}
      out:
        nat:
        restrict: yes
        hosts: {bob: "02:00:00:00:00:0b .50"}
        forward: tcp 8080 -> .50:80
  loop: {ports: {carol: host, out: {nat: , host-loopback: yes}}}
  from:
    ports:
      dave: host
      out: {nat: , outbound: [198.51.100.7, "2001:db8:1::7"]}
YAML
ip -6 addr add 2001:db8:1::7/64 dev up0 nodad \
	preferred_lft 0
mkdir local guest
echo local >local/name
echo guest >guest/name
python3 -m http.server -d local --bind :: 8000 >/dev/null 2>&1 &
names 198.51.100.2 --address=/www.example/198.51.100.2
serve_web
echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range
start isolation.yaml
for switch in open shut loop from; do
	await is_up $switch.out
done
for guest in alice bob carol dave; do
	lease $guest
done
drops() {
	nat '["nat"]["drops"].get("'"$2"'", 0)' "$1"
}
for guest in alice bob carol dave; do
	await has_prefix $guest
done

# The loopback of this machine, by every address of the NAT.
await fetch here http://127.0.0.1:8000/name
await fetch here 'http://[::1]:8000/name'
for address in 10.0.2.2 10.0.2.3 fec0::2 fec0::3; do
	refused alice $address 8000
done
told() {
	[ "$(drops open.out nat_loopback)" -ge 4 ]
}
await told
expect test "$(fetch carol http://10.0.2.2:8000/name)" = local
expect test "$(fetch carol 'http://[fec0::2]:8000/name')" = local
refused carol 10.0.2.3 8000
refused carol fec0::3 8000
fetch alice http://198.51.100.2/big >big
expect cmp big www/big

# Restricted: a lease without a route, names, a way in; nothing else.
expect test "$(address bob)" = 10.0.2.50
refuse 1 grep -q default <(switchctl exec bob ip route)
switchctl exec bob ip route add default via 10.0.2.2
switchctl exec bob timeout 20 python3 "$SRC/tests/system/dns_ask.py" \
	10.0.2.3 www.example >said || fail "$(cat said)"
expect grep -qx 198.51.100.2 said
refused bob 198.51.100.2 80
refused bob 2001:db8:1::2 80
refused bob 10.0.2.2 8000
refuse 1 switchctl exec bob ping -q -c 2 -i 0.2 -W 1 198.51.100.2 >/dev/null
refuse 99 switchctl exec bob python3 "$SRC/tests/system/dns_ask.py" \
	198.51.100.2 www.example >said # a datagram to the outside
expect switchctl exec bob ping -q -c 2 -i 0.2 -W 5 10.0.2.2 >ping.log
shut() {
	[ "$(drops shut.out nat_restricted)" -eq 5 ]
}
await shut
switchctl exec bob python3 -m http.server -d guest 80 >/dev/null 2>&1 &
await fetch here http://127.0.0.1:8080/name
expect test "$(fetch here http://127.0.0.1:8080/name)" = guest

# asks_as HOST ADDRESS SOURCE: as the outside sees it.
asks_as() {
	fetch "$1" "http://$2/big" >big
	expect cmp big www/big
	[ "$(tail -1 web.log | cut -d' ' -f1)" = "$3" ] ||
		fail "$1 to $2: $(tail -1 web.log), not from $3"
}
asks_as alice 198.51.100.2 ::ffff:198.51.100.1
asks_as alice '[2001:db8:1::2]' 2001:db8:1::1
asks_as dave 198.51.100.2 ::ffff:198.51.100.7
asks_as dave '[2001:db8:1::2]' 2001:db8:1::7

# One network, two NATs.
sed 's/alice: host, out: nat/out: nat, more: nat 10.0.0.0\/16/' \
	isolation.yaml >other.yaml
refuse 2 switchctl apply other.yaml 2>why
expect grep -q '10.0.2.0/24.*overlaps\|overlaps.*10.0.2.0/24' why
stop
