# SPDX-License-Identifier: MIT
# labswitch-extcap, as Wireshark runs it: tshark lists the ports of running
# labs and captures from them.
. "$(dirname "$0")/lib.sh"
command -v tshark >/dev/null && [ -c /dev/net/tun ] || exit 77
dir=$(tshark -G folders 2>/dev/null | sed -n 's/^Extcap path:[[:space:]]*//p')
[ -d "$dir" ] || exit 77
mount -t tmpfs tmpfs "$dir"
cp "$BIN/switchd/labswitch-extcap" "$dir"
export HOME=$tmp # for settings

cat >one.yaml <<'EOT'
name: one
switches:
  lan:
    ports: {alice: host 10.0.0.1/24, bob: host 10.0.0.2/24, vm-1: vde}
EOT
echo 'switches: {sw_2: {ports: {p: "null"}}}' >two.yaml

# No lab, no port; nor is that an error.
expect tshark -D >list.txt 2>tshark.err
refuse 1 grep -q labswitch list.txt

start one.yaml
first=$switchd
: >switchd.log
start two.yaml
expect tshark -D >list.txt 2>tshark.err
for port in 'one.lan.alice (labswitch host port)' \
	'one.lan.vm-1 (labswitch vde port)' \
	'two.sw_2.p (labswitch null port)'; do
	expect grep -qF "$port" list.txt
done
stop
expect tshark -D >list.txt 2>tshark.err
refuse 1 grep -q two.sw_2 list.txt
expect tshark -i one.lan.alice -L 2>link.txt >&2
expect grep -q EN10MB link.txt

switchctl -l one exec alice ping -q -i 0.05 10.0.0.2 >ping.log &
ping=$!

# shark WORDS...: ten frames of alice, their fields in shark.log.
shark() {
	timeout 60 tshark -i one.lan.alice -c 10 -T fields \
		-e frame.interface_name -e frame.packet_flags_direction \
		-e icmp.type "$@" >shark.log 2>shark.err ||
		fail "tshark: $(cat shark.err)"
	expect test "$(wc -l <shark.log)" -eq 10
	refuse 1 grep -qiE "warning|labswitch-extcap|error" shark.err
}
nothing_runs() {
	[ "$(json 'len(r["rows"])' -l one capture list)" -eq 0 ]
}
shark
shark -f icmp
expect grep -q 'lan.alice' shark.log
expect grep -q '	8$' shark.log
expect grep -q '	0$' shark.log
shark -f icmp -o extcap.one_lan_alice.direction:rx
expect grep -q '	8$' shark.log
refuse 1 grep -q '	0$' shark.log
await nothing_runs

# What cannot be is said.
refuse 1 timeout 60 tshark -i one.lan.alice -f 'icmp and' -c 1 >bad.log \
	2>bad.err
expect grep -q 'labswitch-extcap: .*syntax error' bad.err
refuse 1 timeout 60 tshark -i one.lan.nobody -c 1 >bad.log 2>bad.err
extcap=$dir/labswitch-extcap
expect test -z "$("$extcap" --extcap-interface one.lan.alice \
	--extcap-capture-filter arp)"
expect test -n "$("$extcap" --extcap-interface one.lan.alice \
	--extcap-capture-filter 'arp and')"
mkfifo fifo
sleep 1000 <>fifo &
for bad in nolab.lan.alice one.lan.nobody one; do
	refuse 1 "$extcap" --extcap-interface $bad --capture --fifo fifo \
		2>bad.err
	expect grep -q '^labswitch-extcap: ' bad.err
done
refuse 2 "$extcap" 2>bad.err
refuse 2 "$extcap" --capture --fifo fifo 2>bad.err
refuse 2 "$extcap" --extcap-interface one.lan.alice --capture 2>bad.err
kill "$ping"
kill "$first"
await gone "$first"
