# SPDX-License-Identifier: MIT
# Eight ports send as much as they can, more than the switch can take: each has
# its turn, timers run, and whoever asks is answered.
. "$(dirname "$0")/lib.sh"

{
	printf 'name: busy\nswitches:\n  lan:\n    fdb: {ageing: 1s}\n    ports:\n'
	for i in 0 1 2 3 4 5 6 7; do
		printf '      p%d: udp 2000%d -> 127.0.0.1:2010%d\n' $i $i $i
	done
	echo '      quiet: udp 20008 -> 127.0.0.1:20108'
} >lab.yaml
start lab.yaml

# An address that is heard once only.
python3 - <<'EOT'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 20108))
s.sendto(b"\xff" * 6 + bytes([2, 0, 0, 0, 0, 99]) + b"\x88\xb5" + bytes(46),
         ("127.0.0.1", 20008))
EOT
learned() {
	switchctl fdb | grep -q 02:00:00:00:00:63
}
forgotten() {
	! learned
}
await learned
python3 "$SRC/tests/system/flood.py" 20000 8 >flood.log &
flood=$!
await grep -q flooding flood.log

# received: frames that each of the eight has sent so far, in a line.
received() {
	json '*(p["rx_frames"] for p in r["rows"][:8])' ports
}
all_send() {
	received >now
	[ "$(tr ' ' '\n' <now | sort -n | head -1)" -gt 1000 ]
}
await all_send
read -ra before <now
for _ in $(seq 20); do
	expect timeout 10 switchctl show >show.log
done
await forgotten
read -ra after < <(received)
for i in 0 1 2 3 4 5 6 7; do
	[ "${after[i]}" -gt "${before[i]}" ] || fail "p$i had no turn"
done
expect timeout 10 switchctl stop
await gone "$switchd"
kill $flood
