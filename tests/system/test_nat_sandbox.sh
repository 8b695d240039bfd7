# SPDX-License-Identifier: MIT
# A NAT's process that is broken into: it has no privileges, and the first
# system call that is not a NAT's ends it. Others on the switch notice nothing,
# the port says why it is down, and comes back.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >sandbox.yaml <<'YAML'
name: sandbox
switches:
  lan:
    ports:
      alice: host 10.0.2.15/24 via 10.0.2.2
      bob: host 10.0.2.16/24 via 10.0.2.2
      out: nat
YAML
getpid=39 getppid=110 # of x86_64; a NAT makes the first, not the second
# inject CALL SAYING: what becomes of a process that makes it.
inject() {
	python3 "$SRC/tests/system/inject.py" "$pid" "$1" >said || exit
	expect grep -qx "$2" said
}

# has FIELD VALUE: of /proc/PID/status.
has() {
	[ "$(sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status")" = "$2" ] ||
		fail "$(grep "^$1" "/proc/$pid/status"), not $2"
}

serve_web
start sandbox.yaml
await is_up
pid=$(nat '["nat"]["pid"]')
expect grep -q "libslirp [0-9.]* in process $pid" <(switchctl show)

none=0000000000000000
for field in CapInh CapPrm CapEff CapBnd CapAmb; do
	has $field $none
done
has NoNewPrivs 1
has Seccomp 2
ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' "/proc/$pid/status")
expect test $((0x$ignored >> 12 & 1)) -eq 1 # SIGPIPE

# One that it may make does not matter.
fetch alice http://198.51.100.2/big >big
expect cmp big www/big
inject $getpid "$pid"
fetch alice http://198.51.100.2/big >big
expect cmp big www/big
expect test "$(nat '["nat"]["pid"]')" = "$pid"

# One that it may not, while others talk.
in_the alice ping -q -c 60 -i 0.05 -W 2 10.0.2.16 >loss.log &
pinging=$!
inject $getppid "killed by 31" # SIGSYS
await grep -q 'lan.out: down (the NAT process was killed (signal 31' switchd.log
await restarted lan.out "$pid"
wait $pinging || fail "$(cat loss.log)"
expect grep -q ' 0% packet loss' loss.log
fetch alice http://198.51.100.2/big >big
expect cmp big www/big
stop
