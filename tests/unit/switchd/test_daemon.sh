# SPDX-License-Identifier: MIT
# The daemon as a process: exit codes, -d, signals, privileges, what it leaves.
set -eu
PATH=$BIN/switchd:$PATH
dir=$(mktemp -d)
cd "$dir"
run=$dir/run
daemon=

clean() {
	[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || true
	rm -rf "$dir"
}
trap clean EXIT

fail() {
	echo "FAILED: $*"
	cat log 2>/dev/null || true
	exit 1
}

# exits STATUS COMMAND...
exits() {
	local want=$1 got=0
	shift
	"$@" >out 2>err || got=$?
	[ "$got" -eq "$want" ] || fail "exit code $got, not $want: $* $(cat err)"
}

# await COMMAND...: within 10 s.
await() {
	for _ in $(seq 200); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 0.05
	done
	fail "not within 10 s: $*"
}

logged() {
	grep -q -- "$1" log
}

begin() {
	: >log
	switchd --run "$run" "$@" lab.yaml 2>log &
	daemon=$!
	await logged 'ready: lab'
}

finish() {
	local status=0
	kill "-$1" "$daemon"
	wait "$daemon" || status=$?
	daemon=
	[ "$status" -eq "$2" ] || fail "ended with $status by SIG$1"
	await test ! -e "$run"
}

cat >lab.yaml <<'EOF'
switches:
  sw1:
    ports: {a: null, v: vde}
EOF

# The command line.
exits 0 switchd --help
grep -q '^usage: switchd' out || fail "no usage"
exits 0 switchd --version
exits 2 switchd
exits 2 switchd a b
exits 2 switchd --nonsense lab.yaml
exits 2 switchd --nice 99 lab.yaml
exits 2 switchd --log-level loud lab.yaml
exits 2 switchd -l 'no name' lab.yaml
exits 0 switchd -n lab.yaml
[ ! -s out ] && [ ! -s err ] || fail "-n says something about a good file"
echo 'switches: {sw1: {prots: {}}, sw2: {ports: {a: nul}}}' >bad.yaml
exits 2 switchd -n bad.yaml
grep -q '^bad.yaml:1:18:' err || fail "no place: $(cat err)"
[ "$(grep -c '^bad.yaml:1:' err)" -eq 2 ] || fail "not both mistakes: $(cat err)"
exits 2 switchd -n - <bad.yaml
grep -q '^stdin:1:18:' err || fail "no place: $(cat err)"
exits 2 switchd - <lab.yaml # has no name

# Ready, and gone without a trace; the name is the file's.
begin
logged 'ready: lab lab, 1 switch, 2 ports, control' || fail "ready line"
[ "$(cat "$run/lock")" -eq "$daemon" ] || fail "lock file"
exits 1 switchd --run "$run" lab.yaml
grep -q "already running, pid $daemon" err || fail "$(cat err)"

# No privileges but to set its priority; the helper has its own session.
status=/proc/$daemon/status
grep -q '^NoNewPrivs:	1' "$status" || fail "no_new_privs is not set"
grep -Eq '^CapEff:	0+(800000)?0*$' "$status" || fail "$(grep Cap "$status")"
helper=$(cat "/proc/$daemon/task/$daemon/children")
[ "$(cat /proc/${helper// /}/comm)" = switchd-helper ] || fail "no helper"

# SIGHUP applies the file; a bad one (Y3), or another lab's, changes nothing.
sed -i 's/a: null/a: null, b: null/' lab.yaml
kill -HUP "$daemon"
await logged 'sw1.b: up'
cp lab.yaml good.yaml
cp bad.yaml lab.yaml
kill -HUP "$daemon"
await logged 'nothing is changed'
logged 'lab.yaml:1:18' || fail "the mistake is not logged"
rm lab.yaml
mkfifo lab.yaml # which nobody will ever write to
kill -HUP "$daemon"
await logged 'no regular file'
rm lab.yaml
sed '1i name: other' good.yaml >lab.yaml
kill -HUP "$daemon"
await logged "for lab 'other', and this is lab 'lab'"
cp good.yaml lab.yaml
# G1, G2: many at once, and signals that mean nothing.
for _ in $(seq 100); do kill -HUP "$daemon"; done
kill -USR1 "$daemon"
kill -PIPE "$daemon"
[ "$(grep -c 'sw1.v: ' log)" -eq 1 ] || fail "an unchanged port was touched"
finish TERM 0
begin
finish INT 0

# G2: the second time it ends at once; the helper cleans up. Both signals wait
# while it is stopped.
begin
kill -STOP "$daemon"
await grep -q '^State:	T' "/proc/$daemon/status"
kill -TERM "$daemon"
kill -INT "$daemon"
finish CONT 1

# G5: kill -9: the helper cleans up, and the next one may start at once.
begin
kill -9 "$daemon"
begin
finish TERM 0

# The next one waits for a helper that outlived its daemon.
begin
helper=$(cat "/proc/$daemon/task/$daemon/children")
kill -STOP ${helper}
kill "$daemon"
wait "$daemon" || fail "ended with $?"
: >log
switchd --run "$run" lab.yaml 2>log &
daemon=$!
sleep 0.2
kill -CONT ${helper}
await logged 'ready: lab'
switchctl -l "$run" show >/dev/null || fail "its socket is gone"
finish TERM 0

# Nor does it need anything that it did not open itself.
: >log
switchd --run "$run" lab.yaml <&- >&- 2>&- &
daemon=$!
await switchctl -l "$run" show
[ "$(cat "$run/lock")" = "$daemon" ] || fail "lock: $(cat "$run/lock")"
finish TERM 0

# Without its helper it goes on.
begin
helper=$(cat "/proc/$daemon/task/$daemon/children")
kill -9 ${helper}
await logged 'the helper process has ended'
finish TERM 0

# -d comes back when all is ready, with the exit code if it is not.
exits 0 switchd -d --run "$run" lab.yaml
grep -q 'ready: lab lab' err || fail "not ready: $(cat err)"
daemon=$(cat "$run/lock")
[ -S "$run/sw1/v" ] || fail "-d came back too early"
exits 1 switchd -d --run "$run" lab.yaml
switchctl -l "$run" stop >out || fail "not stopped"
# A terminal under systemd has JOURNAL_STREAM, but is no journal.
JOURNAL_STREAM=1:1 switchd -d --run "$run" lab.yaml 2>&1 | timeout 5 cat >out ||
	fail "-d holds on to a pipe"
daemon=$(cat "$run/lock")
kill "$daemon"
await test ! -e "$run"
daemon=

# A port that fails is no reason to end, but with --strict it is.
echo 'switches: {s: {ports: {t: {tap: t0, netns: /nonexistent}}}}' >lab.yaml
begin
logged 's.t: down (.*); next try in 1 s' || fail "no reason"
logged 'ready: lab lab, 1 switch, 1 port (1 not up)' || fail "ready line"
finish TERM 0
exits 1 switchd --strict --run "$run" lab.yaml
exits 1 switchd --strict -d --run "$run" lab.yaml
await test ! -e "$run"

# The service manager is told.
echo 'switches: {s: {ports: {a: null}}}' >lab.yaml
python3 - "$run" <<'EOF'
import os, signal, socket, subprocess, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
s.settimeout(10)
env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify"))
p = subprocess.Popen(["switchd", "--run", sys.argv[1], "lab.yaml"], env=env,
                     stderr=subprocess.DEVNULL)
try:
    assert s.recv(100) == b"READY=1"
    for text in "switches: {s: {ports: {b: null}}}", "nonsense":
        with open("lab.yaml", "w") as f:
            f.write(text)
        before = time.monotonic_ns() // 1000
        p.send_signal(signal.SIGHUP)
        reloading, at = s.recv(100).split(b"\n")
        assert reloading == b"RELOADING=1"
        assert at.startswith(b"MONOTONIC_USEC=") and int(at[15:]) >= before
        assert s.recv(100) == b"READY=1"
    p.terminate()
    assert s.recv(100) == b"STOPPING=1"
    assert p.wait(10) == 0
finally:
    p.kill()
EOF
