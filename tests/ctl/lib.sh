# SPDX-License-Identifier: MIT
# Sourced by every test_*.sh here: a lab in a folder of its own, without any
# privilege. SRC and BIN are the source and build tree.
set -eu
tmp=$(mktemp -d /tmp/labswitch-ctl.XXXXXX)
switchd=
cleanup() {
	status=$?
	[ -z "$switchd" ] || kill "$switchd" 2>/dev/null || true
	wait
	rm -rf "$tmp"
	exit "$status"
}
trap cleanup EXIT
cd "$tmp"
PATH=$BIN/switchd:$PATH
export LABSWITCH=$tmp/run

fail() {
	echo "FAILED: $*" >&2
	[ ! -s switchd.log ] || sed 's/^/  switchd: /' switchd.log >&2
	exit 1
}

# expect WORDS... : the command must succeed.
expect() {
	"$@" || fail "$*"
}

# await WORDS... : the command must succeed within 10 seconds.
await() {
	local _
	for _ in $(seq 100); do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.1
	done
	fail "not within 10 s: $*"
}

# start FILE: runs switchd until it is ready; its pid is in $switchd.
start() {
	rm -f switchd.log # of the one before, which was ready, too
	switchd --run "$tmp/run" "$1" 2>switchd.log &
	switchd=$!
	await grep -q ready switchd.log
}

# ended: switchd must be gone, with exit 0.
ended() {
	local pid=$switchd
	switchd=
	wait "$pid" || fail "switchd: exit $?"
}
