# SPDX-License-Identifier: MIT
# G3: no descriptor is left: what is asked for fails and says so, what is open
# goes on, and what could not be opened comes by itself when there are more.
. "$(dirname "$0")/lib.sh"

host a b
cat >lab.yaml <<'EOT'
name: few
switches:
  lan:
    ports:
      a: {tap: eth0, netns: a}
      b: {tap: eth0, netns: b}
EOT
sed 's/^      b: .*/&\n      new: tap/' lab.yaml >more.yaml
start lab.yaml
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2
ip netns exec a ping -q -i 0.01 -c 800 -W 2 10.0.0.2 >long.log &
ping=$!

used() {
	find "/proc/$switchd/fd" -mindepth 1 -printf '%f\n' | sort -n
}
in_use=$(used | wc -l)
# The lowest free ones are taken first, and the limit is on their numbers.
seq 0 1000 | grep -vxFf <(used) >free
limit() { # how many are left
	prlimit --pid "$switchd" --nofile="$(sed -n "$(($1 + 1))p" free):"
}

# Each is tried again if need be: a client that has just ended may still hold
# the one descriptor that there is.

# None: a client is turned away.
limit 0
turned_away() {
	! switchctl show >show.txt 2>err.txt
}
await turned_away

# One: a client, but not the file that it sends.
limit 1
file_refused() {
	! switchctl apply more.yaml 2>err.txt &&
		grep -q 'no descriptor of a file came' err.txt
}
unchanged() {
	[ "$(json '[p["port"] for p in r["rows"]]' ports)" = \
		"['lan.a', 'lan.b']" ]
}
await file_refused
await unchanged

# Two: the file, but not the TAP.
limit 2
applied() {
	switchctl apply more.yaml >apply.txt &&
		grep -q '^not up: lan.new: down (.*' apply.txt
}
await applied

# Enough: it comes by itself.
limit 100
await ip link show new
is_up() {
	[ "$(json 'sum(p["state"] == "up" for p in r["rows"])' ports)" -eq 3 ]
}
await is_up
wait $ping || fail "$(grep loss long.log)"
expect grep -q ' 0% packet loss' long.log
await switchctl apply lab.yaml
fewer() {
	[ "$(used | wc -l)" -eq "$in_use" ]
}
await fewer
stop
