# SPDX-License-Identifier: MIT
# Every mistake a user makes: one clear error, the exit code, nothing started.
. "$(dirname "$0")/lib.sh"

# bad STATUS WORDS FILE-TEXT: switchd must refuse it and say WORDS.
bad() {
	printf '%s\n' "$3" >bad.yaml
	refuse "$1" timeout 5 switchd --strict bad.yaml 2>err.log </dev/null
	grep -q -- "$2" err.log || fail "no '$2' in: $(cat err.log)"
	expect test ! -e /run/labswitch/bad/control
}

port() {
	printf 'name: bad\nswitches: {lan: {ports: {p: %s}}}' "$1"
}

bad 2 'bad.yaml:[0-9]*:[0-9]*: ' 'name: ['
bad 2 'outside 68-65520' "$(port '{tap: x, mtu: 99999}')"
bad 2 '15' "$(port 'tap abcdefghijklmnop')"
bad 2 '90' "name: bad
switches: {lan: {vde: /run/$(printf '%090d' 1), ports: {p: vde}}}"
bad 2 'number' 'name: bad
switches: {lan: {ports: {p: {vde, number: 3}, q: {vde, number: 3}}}}'
bad 1 'no network namespace' "$(port '{tap: x, netns: nosuchns}')"

refuse 2 switchd 2>/dev/null
refuse 2 switchd --nonsense x 2>/dev/null
refuse 2 switchd /nonexistent.yaml 2>err.log
expect grep -q 'nonexistent.yaml' err.log
expect switchd --help >/dev/null
expect switchd --version >/dev/null
refuse 1 switchctl show 2>err.log
expect grep -q 'no lab' err.log

# A port that is taken: the lab runs, the port says why, and it recovers.
python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 10001))
time.sleep(60)' &
taken=$!
await sh -c 'ss -lun | grep -q 10001'
cat >taken.yaml <<'EOF'
name: taken
switches:
  lan:
    ports:
      u: udp 10001 -> 127.0.0.1:10002
      v: vde
EOF
start taken.yaml
expect grep -q 'lan.u: down' switchd.log
expect grep -q '10001' switchd.log
kill "$taken"
await grep -q 'lan.u: up' switchd.log
stop

# Somebody else's directory and socket files are not touched.
mkdir -p /run/theirs
: >/run/theirs/ctl
cat >theirs.yaml <<'EOF'
name: theirs
switches: {lan: {vde: /run/theirs, ports: {v: vde}}}
EOF
refuse 1 timeout 5 switchd --strict theirs.yaml 2>err.log
expect test -f /run/theirs/ctl
expect grep -q '/run/theirs' err.log

# Without the TUN device: said, with what to do.
mount -t tmpfs tmpfs /dev/net
printf '%s\n' "$(port 'tap')" >bad.yaml
refuse 1 timeout 5 switchd --strict bad.yaml 2>err.log
expect grep -q '/dev/net/tun' err.log
