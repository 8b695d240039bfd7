# SPDX-License-Identifier: MIT
# Types every command of session.txt and compares what comes with what stands
# there. Ports, pids and times, which are never the same, are made so. To renew
# the file: OUT=FILE bash test_session.sh, and read the difference.
. "$(dirname "$0")/lib.sh"
session=$SRC/tests/ctl/session.txt

in=$((20000 + $$ % 5000))
out=$((in + 5000))
cat >lab.yaml <<EOF2
name: session
nice: 5
vlans: {staff: 10}
switches:
  lan:
    ports:
      a: null
      u: udp $in -> 127.0.0.1:$out
      vm: vde
      small: {"null", mtu: 100}
      far: udp 192.0.2.1:9 -> 192.0.2.2:9
  campus:
    fdb: {limit: 100}
    ports:
      pc: {"null", vlan: staff}
      up: {"null", trunk: [staff, 20-29], native: 5}
      solo: null
  hub:
    mode: hub
    vde: {anonymous: yes}
    ports: {x: null, y: null}
EOF2
sed "s/small: .*/small: {tap: nosuch, netns: \/nonexistent}/
	s/vlan: staff/vlan: 20/; s/mode: hub/mode: switch/" lab.yaml >new.yaml
sed '/^name/s/session/other/' lab.yaml >other.yaml
cat >links.yaml <<'EOF2'
switches:
  lan: {ports: {a: null}}
  campus: {ports: {pc: {"null", vlan: staff}}}
  hub: {mode: hub, vde: {anonymous: yes}, ports: {x: null}}
links:
  - lan -- campus
  - lan -- hub
  - campus -- campus: {name: loop, trunk: staff}
vlans: {staff: 10}
EOF2
cat >bad.yaml <<'EOF2'
name: session
switches:
  lan: {ports: {a: nul, b: {vde, mtu: 1}}, hub: yes}
EOF2
start lab.yaml

# Four frames: a broadcast, one that is too short, one from a group address,
# one too long for a port.
python3 - "$in" "$out" <<'EOF2'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[2])))
s.connect(("127.0.0.1", int(sys.argv[1])))
header = bytes.fromhex("ffffffffffff0200000000090806")
s.send(header + bytes(46))
s.send(header[:13])
s.send(header[:6] + bytes.fromhex("03") + header[7:])
s.send(header + bytes(500))
EOF2
counted() {
	switchctl --json ports u | grep -q '"rx_frames":4'
}
await counted

# ask: an ARP request comes in on u; waits: until one frame does, on lan.
ask() {
	python3 - "$in" "$out" <<-'EOF2'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", int(sys.argv[2])))
	s.connect(("127.0.0.1", int(sys.argv[1])))
	s.send(bytes.fromhex("ffffffffffff0200000000090806000108000604000102000"
		"00000090a000001000000000000" "0a000002") + bytes(18))
	EOF2
}
waits() {
	switchctl queue lan | grep -q 'paused, 1 frame waits'
}

normal() {
	sed -E "s#$tmp#TMP#g; s/\b$in\b/PORT-IN/g; s/\b$out\b/PORT-OUT/g
		s/pid\": ?$switchd/pid\":PID/; s/pid $switchd/pid PID/
		s/uptime_s\": ?[0-9]+/uptime_s\":N/; s/up for [^,]*, io [a-z]*/up for N s, io IO/
		s/\"io\": ?\"[a-z]*/\"io\":\"IO/
		s/age_s\":[0-9]+/age_s\":N/; s/ +[0-9]+ s\$/ N s/
		s/waited_ms\":[0-9]+/waited_ms\":N/; s/waited [0-9]+ ms/waited N ms/
		s/^(lan.u) +[0-9-]+  02/\1 N 02/; s/^PORT +MS +FROM/PORT MS FROM/"
}

grep '^\$ ' "$session" | while IFS= read -r line; do
	printf '%s\n' "$line"
	status=0
	eval "${line#* }" 2>&1 </dev/null || status=$?
	[ "$status" -eq 0 ] || echo "[exit $status]"
done | normal >got.txt
[ -z "${OUT:-}" ] || cp got.txt "$OUT"
diff -u "$session" got.txt || fail "not as in session.txt"
ended
