# SPDX-License-Identifier: MIT
# Sourced by tests of the spanning tree, after lib.sh.

# of_role ROLE: the ports of this role, in their order.
of_role() {
	json "' '.join(p['port'] for p in r['rows'] if p['role'] == '$1')" stp
}

# within SECONDS WORDS...: the command must succeed; STP takes its time.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt "$end" ] || return 1
		sleep 0.2
	done
}

# settled SHUT: this port alone is shut, and no port is on its way.
settled() {
	[ "$(json '" ".join(p["port"] for p in r["rows"]
		if p["state"] != "forwarding" and p["role"] != "disabled")' \
		stp)" = "$1" ]
}

# await_tree SHUT
await_tree() {
	within 40 settled "$1" || {
		switchctl stp >&3
		fail "no tree with '$1' shut"
	}
}

# once FROM TO...: each of 50 broadcasts arrives everywhere, once.
once() {
	python3 "$SRC/tests/system/count_once.py" eth0 50 "$@" >once.log ||
		fail "from $1: $(cat once.log)"
}

replies() {
	grep -c 'bytes from' cut.log || true
}
more_than() {
	[ "$(replies)" -gt "$1" ]
}

# cut FROM ADDRESS COMMAND...: pings go on after it, when the tree has healed.
cut() {
	local from=$1 to=$2 gap before
	shift 2
	ip netns exec "$from" ping -D -i 0.02 -W 1 "$to" >cut.log &
	local pinger=$!
	sleep 0.5
	"$@" >/dev/null
	before=$(replies)
	within 40 more_than $((before + 20)) || fail "not healed: $*"
	kill -INT "$pinger"
	wait "$pinger" || true
	gap=$(awk '/bytes from/ { t = substr($1, 2) + 0
		if (last && t - last > most) most = t - last; last = t }
		END { printf "%d", 1000 * most }' cut.log)
	echo "$*: $gap ms until pings passed again"
	[ "$gap" -lt 40000 ] || fail "$gap ms"
}
