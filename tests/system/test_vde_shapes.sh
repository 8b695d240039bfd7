# SPDX-License-Identifier: MIT
# Join requests as every known family of clients sends them, two at a time.
. "$(dirname "$0")/lib.sh"

cat >shapes.yaml <<'EOF'
name: shapes
switches:
  lan:
    vde: /run/lan.ctl
    ports:
      seven: {vde, number: 7}
      web: vde
EOF
start shapes.yaml
shape="python3 $SRC/tests/system/vde_shapes.py"

# clients PORT COUNT: whether the port has so many (all: on all ports).
clients() {
	[ "$(json "sum(len(p['clients']) for p in r['rows'] \
		if '$1' in ('all', p['port']))" ports)" -eq "$2" ]
}

# A listener joins first and waits; a talker of each shape reaches it.
for talker in v3 text unpacked v1 abstract; do
	for listener in v3 abstract; do
		$shape $listener /run/lan.ctl/ctl >heard &
		pid=$!
		await clients all 1
		$shape $talker /run/lan.ctl/web >/dev/null &
		wait $pid || fail "$listener heard nothing from $talker"
		kill %%
		expect grep -q "hello from $talker" heard
		await clients all 0
	done
done

# By number: port 7 has an owner; so has no other, and anonymous is allowed.
$shape v3 /run/lan.ctl/ctl 7 &
await clients lan.seven 1
kill %%
stop

# Without vde: on the switch a client of ctl must name a port that exists.
cat >closed.yaml <<'EOF'
name: closed
switches: {lan: {ports: {seven: {vde, number: 7}}}}
EOF
start closed.yaml
refuse 3 $shape v3 /run/labswitch/closed/lan/ctl
refuse 3 $shape v3 /run/labswitch/closed/lan/ctl 9
refuse 4 $shape v3 /run/labswitch/closed/lan/ctl 7
stop
