# SPDX-License-Identifier: MIT
# `host dhcp` gets its address from a dnsmasq in another host, as root and as
# an ordinary user: in any order of start, again after its client was killed,
# and nothing is left of it at any end.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/rootless.sh"
mkdir -m 777 /tmp/lab
cd /tmp/lab

as_root() {
	"$@"
}

cat >lab.yaml <<'YAML'
name: lab
switches:
  lan:
    ports:
      server: host 10.0.0.1/24
      bob: host dhcp
YAML
sed 's,bob: host dhcp,bob: host 10.0.0.7/24 via 10.0.0.1,' lab.yaml >fixed.yaml
sed '/bob/d' lab.yaml >without.yaml

state() {
	find /run /tmp -path /tmp/lab -prune -o -print | sort
	ip -o link | cut -d: -f2
	cut -d' ' -f2 /proc/self/mounts
	ps -eo comm | grep -E 'switchd|udhcpc|busybox|dnsmasq' || true
}

# lease: bob has one, within 20 seconds.
lease() {
	local _
	for _ in $(seq 200); do
		if $as switchctl exec bob ip -4 addr show eth0 2>&1 |
			grep -q '10\.0\.0\.1[0-9][0-9]/24'; then
			await $as switchctl exec bob \
				ping -q -c 1 -W 2 10.0.0.1
			return
		fi
		sleep 0.1
	done
	fail "no lease: $($as switchctl exec bob ip addr)"
}

serve() {
	$as switchctl exec server dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--user= --group= --port=0 --interface=eth0 --bind-interfaces \
		--no-ping --dhcp-range=10.0.0.100,10.0.0.199,1h \
		--dhcp-option=option:dns-server,10.0.0.53,10.0.0.54 \
		--dhcp-option=option:mtu,1400 --domain=lab.test \
		--pid-file= --log-facility=- --dhcp-leasefile=/dev/null 2>/dev/shm/dnsmasq.log &
}

no_more() {
	kill "$(pgrep -x dnsmasq)"
	wait
}

in_lab() {
	$as switchd -d lab.yaml 2>/dev/shm/switchd.log
	serve
	lease
}

client() {
	pgrep -o -f 'udhcpc.*-i eth0'
}

another_client() {
	local now
	now=$(client) && [ "$now" != "$1" ]
}

answers() {
	$as switchd -d lab.yaml 2>/dev/shm/switchd.log
	expect grep -q 'eth0 .*lan.bob .*dhcp' <($as switchctl show)
	await client
	serve
	lease
	expect grep -q 'default via 10.0.0.1 dev eth0' \
		<($as switchctl exec bob ip route)
	expect grep -q 'mtu 1400' <($as switchctl exec bob ip link show eth0)
	resolv=$($as switchctl exec bob cat /etc/resolv.conf)
	expect test "$(sed '/^#/d' <<<"$resolv")" = "nameserver 10.0.0.53
nameserver 10.0.0.54
search lab.test"
	expect grep -q 'DHCPACK.* bob$' /dev/shm/dnsmasq.log
	expect switchd -n <($as switchctl dump)
	# NET_ADMIN, NET_RAW, NET_BIND_SERVICE, DAC_READ_SEARCH
	expect grep -q 'CapEff:.0000000000003404' "/proc/$(client)/status"
}

# Killed, it comes back; it goes with its port, and with its keeper.
comes_and_goes() {
	local old
	old=$(client)
	kill -9 "$old"
	await another_client "$old"
	lease
	$as switchctl apply fixed.yaml >/dev/null
	await gone "$(pgrep -x switchd-dhcp)"
	refuse 1 client
	expect $as switchctl exec bob ping -q -c 1 -W 2 10.0.0.1 >/dev/null
	refuse 1 grep nameserver <($as switchctl exec bob cat /etc/resolv.conf)
	$as switchctl apply lab.yaml >/dev/null
	lease
	$as switchctl exec bob ip link del eth0
	lease
	old=$(client)
	kill -9 "$(pgrep -x switchd-dhcp)"
	await gone "$old"
	$as switchctl apply without.yaml >/dev/null
	$as switchctl apply lab.yaml >/dev/null
	lease
	old=$(client)
	$as switchctl apply without.yaml >/dev/null
	await gone "$old"
	no_more
	$as switchctl stop >/dev/null
	tidy
}

ends() {
	in_lab
	no_more
	$as switchctl stop >/dev/null
	tidy
	in_lab
	no_more
	kill -9 "$(pgrep -o -x switchd)"
	tidy
	# Without the helper, host and client go on as long as the daemon.
	in_lab
	kill -9 "$(pgrep -x switchd-helper)"
	expect another_client none
	expect test "$(stat -Lc %i /proc/"$(client)"/ns/net)" != \
		"$(stat -Lc %i /proc/self/ns/net)"
	no_more
	$as switchctl stop >/dev/null
	tidy
}

# Without a client the port says so, and comes up when there is one.
missing() {
	local program hidden=
	for program in udhcpc busybox; do
		program=$(PATH=$PATH:/usr/sbin:/sbin command -v $program) || continue
		program=$(readlink -f "$program")
		[ "$(stat -c %F "$program")" = "regular file" ] || continue
		mount --bind /dev/null "$program"
		hidden="$hidden $program"
	done
	$as switchd -d lab.yaml 2>/dev/shm/switchd.log
	expect grep -q 'there is no DHCP client: apt-get install udhcpc' \
		<($as switchctl show)
	# shellcheck disable=SC2086 # words
	umount $hidden
	serve
	await $as switchctl exec bob true
	lease
	no_more
	$as switchctl stop >/dev/null
	tidy
}

for as in as_root as_user; do
	state >"$before"
	answers
	comes_and_goes
	ends
	missing
done
