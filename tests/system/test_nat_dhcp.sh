# SPDX-License-Identifier: MIT
# Addresses of a NAT's guests, by clients as they are found: udhcpc, dhclient
# and dhcpcd (where they are), VPCS, and one that has any MAC address.
#
#	address, mask, route, DNS, search, MTU, hostname	dhclient, dhcpcd,
#					options
#	renew keeps the address		udhcpc, also of another process; VPCS;
#					dhcpcd when it starts again; raw after a
#					restart of the daemon
#	2nd, 17th, 300th client		many
#	NAK on foreign address		request
#	RELEASE frees			release, dhclient -r
#	static lease			web
#	DHCP off			mute
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"
command -v vpcs >/dev/null || exit 77

cat >dhcp.yaml <<'YAML'
name: dhcp
switches:
  lan:
    ports:
      alice: host
      bob: host
      carol: host
      web: {host, mac: "02:00:00:00:00:0c"}
      raw: host
      pc: udp 10001 -> 127.0.0.1:10002
      out:
        nat: 10.0.0.0/22
        mtu: 1400
        lease: 2h
        domain: lab.test
        hosts: {web: "02:00:00:00:00:0c .1.20"}
  still:
    ports:
      mute: host
      out: {nat: , dhcp: off}
YAML
start dhcp.yaml
await is_up
await is_up still.out

raw() {
	switchctl exec raw timeout 50 python3 "$SRC/tests/system/dhcp_client.py" \
		"$@" >raw.log 2>&1 || fail "$*: $(cat raw.log)"
}
has() {
	expect grep -qx "$1" raw.log
}

# Every option, and the address it offers is the first one.
raw discover 02:bb:00:00:00:01
has 'offer 10.0.0.15'
has '1 fffffc00'
has '3 0a000002'
has '6 0a000003'
has '15 6c61622e74657374' # lab.test
has '26 0578'
has '51 00001c20'
has '54 0a000002'
has '119 036c6162047465737400'
raw request 02:bb:00:00:00:01 192.168.1.5
has nak
raw request 02:bb:00:00:00:01 10.0.1.20 # of the guest web
has nak

# The same by dhclient; released at its end.
if command -v dhclient >/dev/null; then
	cat >dhclient.sh <<EOT
#!/bin/sh
env | grep '^new_\|^reason' >>$tmp/dhclient.env
[ "\$reason" != BOUND ] || ip addr add "\$new_ip_address/22" dev eth0
ip link set eth0 up
EOT
	chmod +x dhclient.sh
	cat >dhclient.conf <<'EOT'
send host-name "bob";
request subnet-mask, routers, domain-name-servers, domain-name,
	domain-search, host-name, interface-mtu;
EOT
	bob() {
		switchctl exec bob timeout 30 dhclient "$@" -cf dhclient.conf \
			-lf dhclient.leases -pf "$tmp/dhclient.pid" \
			-sf "$tmp/dhclient.sh" eth0 >dhclient.log 2>&1 ||
			fail "dhclient: $(cat dhclient.log)"
	}
	: >dhclient.leases
	bob -1 -4
	expect grep -qx "new_ip_address=$(address bob)" dhclient.env
	for line in subnet_mask=255.255.252.0 routers=10.0.0.2 \
		domain_name_servers=10.0.0.3 domain_name=lab.test \
		'domain_search=lab.test.' interface_mtu=1400 host_name=bob; do
		expect grep -qx "new_$line" dhclient.env
	done
	bob -r -4
	bob_is_gone() {
		[ -z "$(address bob)" ]
	}
	await bob_is_gone
fi

# The same by dhcpcd, which asks for what it had when it starts again.
if command -v dhcpcd >/dev/null && # it takes a user of its own
	grep -q ' 4294967295$' /proc/self/uid_map; then
	mkdir dhcpcd
	mount --bind dhcpcd /var/lib/dhcpcd
	printf '#!/bin/sh\nenv >>%s/dhcpcd.env\n' "$tmp" >dhcpcd.sh
	chmod +x dhcpcd.sh
	cat >dhcpcd.conf <<'EOT'
option domain_name_servers, domain_name, domain_search, interface_mtu
EOT
	carol() {
		switchctl exec carol timeout 30 dhcpcd -1 -4 -A -B -h carol \
			-f "$tmp/dhcpcd.conf" -c "$tmp/dhcpcd.sh" eth0 \
			>dhcpcd.log 2>&1 || fail "dhcpcd: $(cat dhcpcd.log)"
	}
	carol
	first=$(address carol)
	expect grep -q "inet $first/22" <(switchctl exec carol ip addr)
	expect grep -q 'via 10.0.0.2 ' <(switchctl exec carol ip route)
	for line in ip_address="$first" subnet_mask=255.255.252.0 \
		routers=10.0.0.2 domain_name_servers=10.0.0.3 \
		domain_name=lab.test domain_search=lab.test \
		interface_mtu=1400; do
		expect grep -qx "new_$line" dhcpcd.env
	done
	: >dhcpcd.env
	carol
	expect grep -qx reason=REBOOT dhcpcd.env
	expect test "$(address carol)" = "$first"
fi

# A fixed address and name, whatever the guest calls itself.
lease web
expect test "$(address web)" = 10.0.1.20
expect grep -q 'bound 10.0.1.20' "udhcpc.$(hostname).events"

# VPCS hears only what is sent to its own MAC address.
echo "ip dhcp" >pc.vpc
mkfifo keys
sleep 200 >keys &
script -qfec "exec vpcs -i 1 -m 11 -s 10002 -c 10001 -r pc.vpc" /dev/null \
	<keys >pc.log 2>&1 &
pc_has_lease() {
	switchctl leases | grep -q 00:50:79:66:68:0b
}
await pc_has_lease
await grep -q 'DORA IP 10.0.0.[0-9]*/22 GW 10.0.0.2' pc.log
pc_address=$(json '[l["address"] for l in r["rows"]
	if l["mac"] == "00:50:79:66:68:0b"][0]' leases)
: >pc.log
echo "ip dhcp -r" >keys
await grep -q "IP $pc_address/22 GW 10.0.0.2" pc.log

# A client that stays renews what it has.
: >"udhcpc.$(hostname).events"
switchctl exec alice udhcpc -i eth0 -f -s "$tmp/script" -x hostname:alice \
	>udhcpc.log 2>&1 &
alice_has() {
	[ -n "$(address alice)" ]
}
await alice_has
first=$(address alice)
await grep -qx "bound $first" "udhcpc.$(hostname).events"
udhcpc=$(pgrep -x -f 'udhcpc -i eth0 -f .*hostname:alice')
renews() {
	: >"udhcpc.$(hostname).events"
	kill -USR1 "$udhcpc"
	await grep -qx "renew $first" "udhcpc.$(hostname).events"
}
renews
pid=$(nat '["nat"]["pid"]')
kill -9 "$pid"
await restarted lan.out "$pid"
renews
expect test "$(address alice)" = "$first"

# RELEASE frees, at once; nobody else's.
raw request 02:bb:00:00:00:01 10.0.0.15
has 'ack 10.0.0.15'
raw release 02:bb:00:00:00:02 10.0.0.15 10.0.0.2
expect grep -q 02:bb:00:00:00:01 <(switchctl leases)
raw release 02:bb:00:00:00:01 10.0.0.15 10.0.0.2
is_free() {
	! switchctl leases | grep -q 02:bb:00:00:00:01
}
await is_free

# The 300th has one, too, which is like no other's.
raw many 300
expect test "$(sort -u raw.log | wc -l)" -eq 300
refuse 1 grep -qx "$first\|10.0.1.20\|10.0.0.[23]" raw.log
last=$(tail -1 raw.log)
expect test "$(switchctl leases lan.out | grep -c 02:aa:)" -eq 300

# A daemon that is killed and started again knows them all.
written() {
	grep -q "$last" /run/labswitch/dhcp/leases.json
}
await written
kill -9 "$switchd"
wait "$switchd" 2>/dev/null || true
: >switchd.log
start dhcp.yaml
await is_up
expect test "$(switchctl leases lan.out | grep -c 02:aa:)" -eq 300
raw renew 02:aa:00:00:01:2b "$last" # 299
has "ack $last"
lease alice
expect test "$(address alice)" = "$first"

# One that leases nothing says nothing.
expect switchctl exec mute python3 "$SRC/tests/system/dhcp_client.py" \
	silence 02:bb:00:00:00:03
stop
