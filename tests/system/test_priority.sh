# SPDX-License-Identifier: MIT
# The daemon raises its priority where it may, and says so; what it starts does
# not have it. The command line decides before the file.
. "$(dirname "$0")/lib.sh"

# nice_of PID
nice_of() {
	awk '{print $19}' "/proc/$1/stat"
}

# batch PID: as such, who does not interrupt those who wake him (sched(7)).
batch() {
	[ "$(awk '{print $41}' "/proc/$1/stat")" -eq 3 ]
}

# shows NICE: it is the daemon's, in fact and in words.
shows() {
	[ "$(nice_of "$switchd")" -eq "$1" ] ||
		fail "nice $(nice_of "$switchd"), not $1"
	batch "$switchd" || fail "no batch task"
	[ "$(json 'r["nice"]' show)" -eq "$1" ] || fail "not what json says"
	switchctl show | head -1 | grep -q ", nice $1, " ||
		fail "$(switchctl show | head -1)"
}

cat >lab.yaml <<'EOT'
switches: {lan: {ports: {a: host 10.0.2.5/24, out: nat}}}
EOT
sed '1i nice: 7' lab.yaml >seven.yaml
ours=$(nice_of $$)

# As root of all; root of a user namespace may not.
if nice -n -1 true 2>/dev/null && [ "$(nice -n -1 nice)" -lt "$ours" ]; then
	start lab.yaml
	shows -15
	helper=$(cat "/proc/$switchd/task/$switchd/children")
	[ "$(nice_of ${helper%% *})" -eq "$ours" ] || fail "the helper has it"
	nat=$(json 'r["rows"][1]["nat"]["pid"]' show)
	[ "$(nice_of "$nat")" -eq 0 ] || fail "the NAT has it"
	refuse 1 batch "$nat"
	stop
	drop="setpriv --bounding-set -sys_nice --inh-caps -sys_nice"
else
	drop=
fi

start seven.yaml
shows 7
expect switchctl dump >dump.yaml
grep -qx 'nice: 7' dump.yaml || fail "$(cat dump.yaml)"
stop
start seven.yaml --nice 9
shows 9
stop

# Where it may not, it goes on.
$drop bash -c 'ulimit -e 0; exec "$@"' - \
	switchd --strict lab.yaml 2>switchd.log &
switchd=$!
await grep -q ' ready: ' switchd.log
[ "$(grep -c "the priority stays at nice $ours: -15 takes root" switchd.log)" \
	-eq 1 ] || fail "it is not said"
shows "$ours"
stop
