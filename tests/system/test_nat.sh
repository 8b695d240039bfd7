# SPDX-License-Identifier: MIT
# A NAT with its process: leases, names, the world outside, ways in; the
# process is killed, the daemon is killed, and guests keep their addresses.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"
command -v vpcs >/dev/null || exit 77

mkdir guest
echo "this is bob" >guest/name
names 198.51.100.2 --address=/www.example/198.51.100.2
serve_web

cat >nat.yaml <<'YAML'
name: nat
switches:
  lan:
    ports:
      alice: host
      bob: {host, mac: "02:00:00:00:00:0b"}
      pc: udp 10001 -> 127.0.0.1:10002
      out:
        nat:
        hosts: {bob: "02:00:00:00:00:0b .50"}
        forward: tcp 127.0.0.1:8080 -> .50:80
YAML

state >before
start nat.yaml
await is_up

# Leases, by the pool and by name; names of guests; the gateway answers.
lease alice
lease bob
first=$(address alice)
expect test -n "$first"
expect test "$(address bob)" = 10.0.2.50
expect grep -q "$first" <(switchctl exec alice ip addr show eth0)
expect grep -q alice <(switchctl leases lan.out)
pings_gateway() {
	switchctl exec alice ping -q -c 3 -i 0.2 -W 2 10.0.2.2 >ping.log ||
		fail "gateway: $(cat ping.log)"
}
pings_gateway

# VPCS hears nothing but what is sent to its own MAC address.
echo "ip dhcp" >pc.vpc
mkfifo keys
sleep 200 >keys &
script -qfec "exec vpcs -i 1 -m 11 -s 10002 -c 10001 -r pc.vpc" /dev/null \
	<keys >pc.log 2>&1 &
pc_has_lease() {
	switchctl leases | grep -q 00:50:79:66:68:0b
}
await pc_has_lease
pc=$(json '[l["address"] for l in r["rows"]
	if l["mac"] == "00:50:79:66:68:0b"][0]' leases)
await switchctl exec alice ping -c 1 -W 1 "$pc"

# The world outside, by name, unchanged; and a way in.
fetch alice http://www.example/big >big || fail "nothing from outside"
expect cmp big www/big
switchctl exec bob python3 -m http.server -d guest 80 >/dev/null 2>&1 &
await fetch alice http://bob.lab/name
await fetch here http://127.0.0.1:8080/name
expect test "$(fetch here http://127.0.0.1:8080/name)" = "this is bob"

# Ways in at run time.
expect switchctl forward add out 'tcp 8081 -> .50:80' >added
expect grep -qx 'open: tcp 127.0.0.1:8081 -> 10.0.2.50:80' added
expect test "$(fetch here http://127.0.0.1:8081/name)" = "this is bob"
refuse 1 switchctl forward add out 'tcp 127.0.0.1:8081 -> .50:81' 2>why
expect grep -q 'delete that first' why
refuse 1 switchctl forward add out 'tcp 198.51.100.9:80 -> .50:80' 2>why
expect grep -q 'no forward tcp 198.51.100.9:80 -> 10.0.2.50:80: ' why
expect test "$(json 'len(r["rows"])' forward list out)" -eq 2
expect switchctl forward del out 'tcp 8081 -> .50:80'
refuse 1 fetch here http://127.0.0.1:8081/name 2>/dev/null
refuse 1 switchctl forward add alice 'tcp 1 -> .50:80' 2>why
expect grep -q 'is of kind host, not nat' why

# A change of the file's takes effect without a new process.
pid=$(nat '["nat"]["pid"]')
sed 's/8080/8082/' nat.yaml >other.yaml
expect switchctl apply other.yaml
expect test "$(nat '["nat"]["pid"]')" = "$pid"
await fetch here http://127.0.0.1:8082/name
refuse 1 fetch here http://127.0.0.1:8080/name 2>/dev/null

# Nobody takes the NAT's MAC address.
switchctl exec bob python3 -c "
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
s.send(bytes.fromhex('ffffffffffff52550a00020288b5') + bytes(46))"
expect test "$(json '[e["port"] for e in r["rows"]
	if e["mac"] == "52:55:0a:00:02:02"]' fdb)" = "['lan.out']"

# The process is killed: another one takes its place and knows the leases.
kill -9 "$pid"
await restarted lan.out "$pid"
expect grep -q 'lan.out: down (the NAT process was killed (signal 9' switchd.log
expect test "$(address alice)" = "$first"
lease alice
expect test "$(address alice)" = "$first"
pings_gateway

# Other options make another port, which knows them, too.
sed 's/^        nat:$/        nat:\n        lease: 2h/' nat.yaml >other.yaml
expect switchctl apply other.yaml
await is_up
expect test "$(address alice)" = "$first"

# The daemon is killed: what is left are the leases, for the next one.
written() {
	grep -q "$first" /run/labswitch/nat/leases.json
}
await written
kill -9 "$switchd"
wait "$switchd" || true
printf '%s\n' /run/labswitch /run/labswitch/nat \
	/run/labswitch/nat/leases.json | sort - before | sort >with
left_with_leases() {
	state | sort | diff with - >diff.log
}
await left_with_leases
: >switchd.log
start nat.yaml
await is_up
expect test "$(address alice)" = "$first"
lease alice
expect test "$(address alice)" = "$first"
fetch alice http://www.example/big >big || fail "nothing from outside"
expect cmp big www/big

# One that is stopped leaves nothing.
stop
tidy

# Without its program a NAT is down, which --strict does not wait for long.
cp "$BIN/switchd/switchd" alone
refuse 1 timeout 20 ./alone --strict nat.yaml 2>err.log
expect grep -q 'out: down (.*labswitch-nat' err.log
tidy
