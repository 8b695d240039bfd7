# SPDX-License-Identifier: MIT
# More than one NAT on a switch, and NATs in VLANs.
#
#	two networks			side by side; each guest has its own NAT
#	one network twice		is a mistake (test_nat_isolation.sh)
#	a VLAN-aware switch		a NAT is in one VLAN, where its MAC address
#					is static, and guests of others do not
#					reach it
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >vlan.yaml <<'YAML'
name: vlan
vlans: {staff: 10, guests: 20}
switches:
  flat:
    ports:
      alice: host 10.0.2.15/24 via 10.0.2.2
      bob: host 10.0.3.15/24 via 10.0.3.2
      one: nat
      two: {nat: 10.0.3.0/24, dhcp: off, ipv6: off, outbound: 198.51.100.7}
  aware:
    ports:
      carol: {host: 10.0.2.15/24 via 10.0.2.2, vlan: staff}
      dave: {host: 10.0.4.15/24 via 10.0.4.2, vlan: guests}
      eve: {host: 10.0.2.16/24 via 10.0.2.2, vlan: guests}
      staff: {nat, vlan: staff}
      guests: {nat: 10.0.4.0/24, vlan: guests}
YAML
serve_web
start vlan.yaml
for port in flat.one flat.two aware.staff aware.guests; do
	await is_up $port
done

# asks_as HOST SOURCE: downloads, and the outside sees it as SOURCE.
asks_as() {
	fetch "$1" http://198.51.100.2/big >big
	expect cmp big www/big
	expect test "$(tail -1 web.log | cut -d' ' -f1)" = "::ffff:$2"
}
asks_as alice 198.51.100.1
asks_as bob 198.51.100.7
asks_as carol 198.51.100.1
asks_as dave 198.51.100.1

# Where eve is there is no 10.0.2.2.
refuse 1 in_the eve ping -q -c 2 -i 0.2 -W 1 10.0.2.2 >/dev/null

# static MAC: the ports and VLANs in which it is a static entry.
static() {
	json '" ".join(sorted("%s/%s" % (e["port"], e["vlan"])
		for e in r["rows"] if e["static"] and e["mac"] == "'"$1"'"))' fdb
}
expect test "$(static 52:55:0a:00:02:02)" = "aware.staff/10 flat.one/None"
expect test "$(static 52:55:0a:00:03:02)" = "flat.two/None"
expect test "$(static 52:55:0a:00:04:02)" = "aware.guests/20"
stop
