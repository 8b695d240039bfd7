# SPDX-License-Identifier: MIT
# Sourced by test_nat_*.sh: a world outside, which is the namespace `outside`
# behind the interface up0, and guests whose addresses are known.
. "$(dirname "$0")/lib.sh"
[ -x "$BIN/switchd/labswitch-nat" ] || exit 77
command -v tcpdump >/dev/null || exit 77

host outside
ip link add up0 type veth peer name eth0 netns outside
ip addr add 198.51.100.1/24 dev up0
ip -6 addr add 2001:db8::1/64 dev up0 nodad
ip link set up0 up
ip -n outside addr add 198.51.100.2/24 dev eth0
ip -n outside addr add 2001:db8::2/64 dev eth0 nodad
ip -n outside link set eth0 up

# in_the HOST COMMAND...: "here" is where the daemon is.
in_the() {
	local where=$1
	shift
	case $where in
	here) "$@" ;;
	outside) ip netns exec outside "$@" ;;
	*) switchctl exec "$where" "$@" ;;
	esac
}

# serve HOST PROGRAM...: runs it there until the end; it prints "ready" first.
serve() {
	local log
	log=$(mktemp -p "$tmp")
	in_the "$@" >"$log" 2>&1 &
	await grep -q ready "$log"
}

# nat EXPRESSION: of what is shown of the port `out`.
nat() {
	json '[p for p in r["rows"] if p["port"] == "lan.out"][0]'"$1" show
}

is_up() {
	[ "$(nat '["state"]')" = up ]
}

# dropped NAME: how many frames `out` did not pass on for that reason.
dropped() {
	nat '["nat"]["drops"].get("'"$1"'", 0)'
}
