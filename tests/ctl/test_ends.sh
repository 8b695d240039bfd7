# SPDX-License-Identifier: MIT
# How switchctl ends when its output cannot be written, and how a watch ends:
# by a signal, with its reader, with the lab; and how a lab ends.
. "$(dirname "$0")/lib.sh"

cat >lab.yaml <<'EOT'
name: ends
switches: {lan: {ports: {a: null}}}
EOT
start lab.yaml

# full COMMAND...: its output has no place. It fails and says why, once.
full() {
	local got=0
	"$@" >/dev/full 2>err.txt || got=$?
	[ "$got" -eq 1 ] && [ "$(wc -l <err.txt)" -eq 1 ] &&
		grep -q 'No space left on device' err.txt ||
		fail "$*: exit $got, $(cat err.txt)"
}
full switchd --help
full switchd --version
full switchctl --help
full switchctl --version
full switchctl show --help
for json in '' --json; do
	for command in show ports fdb dump 'fdb flush' watch \
		'trace a ffffffffffff 020000000001 0806' \
		'apply lab.yaml' 'apply --dry-run lab.yaml'; do
		full switchctl $json $command
	done
done

# Nothing happens in this lab, and still it ends with its reader.
status=0
(
	set -o pipefail
	timeout 60 switchctl watch 2>err.txt | head -1 >first.txt
) || status=$?
[ "$status" -eq 141 ] || fail "watch | head: exit $status"
expect grep -q 'watch   lab ends' first.txt
expect test ! -s err.txt

# watch NAME: into NAME.txt, as if typed at a terminal: a shell lets what it
# runs in the background ignore SIGINT. Its pid is in $watch.
watch() {
	env --default-signal=INT switchctl watch >"$1.txt" 2>"$1.err" &
	watch=$!
	await grep -q 'watch   lab ends' "$1.txt"
}

# ends STATUS NAME
ends() {
	local got=0
	wait "$watch" || got=$?
	[ "$got" -eq "$1" ] || fail "watch, $2: exit $got: $(cat "$2.err")"
}
for signal in INT TERM; do
	watch $signal
	kill -$signal "$watch"
	ends $((128 + $(kill -l $signal))) $signal
	expect test ! -s $signal.err
done
watch stop
switchctl stop >stop.txt
ends 1 stop
expect grep -q '^switchctl: switchd has closed the connection$' stop.err
ended

start lab.yaml
watch killed
kill -9 "$switchd"
wait "$switchd" || true
switchd=
ends 1 killed
expect grep -q '^switchctl: switchd has closed the connection$' killed.err

# A lab ends as well as ever while reloads are asked for.
start lab.yaml
kill "$switchd"
while kill -HUP "$switchd" 2>/dev/null; do :; done
ended
