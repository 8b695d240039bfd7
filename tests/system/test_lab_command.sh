# SPDX-License-Identifier: MIT
# switchctl lab in clumsy and in hostile hands: names that are none, labs that
# are none, a lab that runs already, two checks at once, and one that is
# interrupted at any moment, which leaves nothing.
. "$(dirname "$0")/lib.sh"
cp -r "$SRC/labs" labs
export TMPDIR=/run/tmp # where nobody else leaves anything
mkdir $TMPDIR

state() {
	pgrep -a 'switchd|labswitch|tcpdump|vpcs|vde_'
	ip netns
	find /run/labswitch $TMPDIR -mindepth 1
} 2>/dev/null
state >"$before" || true

# Names.
long=$(printf 'x%.0s' $(seq 5000))
for name in '' . .. / ../labs labs/ arp/ lib.sh 'a b' 'a;b' '$(ls)' "$long"; do
	for verb in run check; do
		refuse 2 timeout 10 switchctl lab "$verb" "$name" 2>err.log
		expect grep -q 'there is no lab' err.log
	done
done
refuse 2 switchctl lab check 2>err.log
refuse 2 switchctl lab check arp mtu 2>err.log
refuse 2 switchctl lab check arpp 2>err.log
expect grep -q "did you mean 'arp'" err.log
tidy

# Labs that are none, or that are incomplete.
mkdir -p other/{pipe,dir/topology.yaml,bare,about}
mkfifo other/pipe/topology.yaml
echo 'switches: {s: {ports: {a: null}}}' >other/bare/topology.yaml
printf '# a \033[31mred\033]0;title\007 lab\n' >other/about/topology.yaml
LABSWITCH_LABS=other timeout 10 switchctl lab list >list.log
expect grep -q '^bare ' list.log
refuse 1 grep -qE '^(pipe|dir) ' list.log
refuse 1 grep -q "$(printf '\033')" list.log
LABSWITCH_LABS=other refuse 1 switchctl lab check bare 2>err.log
expect grep -q 'has no check' err.log

# What somebody has put into a directory of others.
listed() {
	switchctl lab list >list.log && grep -q '^arp ' list.log
}
expect listed
chmod o+w labs
refuse 1 listed
refuse 2 switchctl lab check arp 2>err.log
expect grep -q "somebody else's" err.log
LABSWITCH_LABS=labs expect listed
chmod o-w labs
if chown 65534 labs 2>/dev/null; then
	refuse 1 listed
	chown 65534 .
	expect listed
	chown 0 . labs
fi

# From anywhere, whatever the user's shell has set; and a pipe that is closed.
(cd / && CDPATH=$tmp:/etc LABSWITCH_LABS=$tmp/labs switchctl lab check arp) \
	>check.log || fail "$(cat check.log)"
tidy
switchctl lab check arp 2>&1 | head -n 1 >head.log
tidy

# One that runs is left alone, and one by hand goes on.
expect switchctl lab run arp >run.log 2>&1
switchctl -l arp ports >ports.log
refuse 1 switchctl lab check arp >check.log 2>&1
expect grep -q 'runs already' check.log
expect switchctl -l arp ports >again.log
refuse 1 switchctl lab run arp >run.log 2>&1
expect switchctl -l arp stop >stop.log
rm -rf captures
tidy

# Two at once: one of them goes through.
switchctl lab check arp >one.log 2>&1 &
one=$!
status=0
switchctl lab check arp >two.log 2>&1 || status=$?
other=0
wait "$one" || other=$?
case $status$other in
01 | 10) ;;
*) fail "exit codes $status and $other: $(cat one.log two.log)" ;;
esac
expect grep -qhE 'runs already|already running' one.log two.log
tidy

# stopped SIGNAL WHEN [TWICE]: what is left of one that is interrupted after it
# has said as many lines, as from a keyboard: all of its processes get it.
set -m
stopped() {
	local lines=$2 pid _
	switchctl lab check quickstart >check.log 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		[ "$(wc -l <check.log)" -lt "$lines" ] || break
		sleep 0.1
	done
	sleep "0.0$((RANDOM % 10))"
	kill "-$1" -- "-$pid"
	[ -z "${3:-}" ] || kill "-$1" -- "-$pid" 2>/dev/null || true
	await gone "$pid"
	refuse 1 grep -q FAILED check.log
	tidy
}
for _ in 1 2 3; do
	stopped INT 0
done
for lines in 2 4 6 8; do
	stopped INT $lines
done
stopped INT 6 twice
stopped TERM 6
stopped HUP 6
