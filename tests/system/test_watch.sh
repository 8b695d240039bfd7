# SPDX-License-Identifier: MIT
# What `switchctl watch --json` tells is exactly what the frames imply.
. "$(dirname "$0")/lib.sh"

cat >lab.yaml <<'EOT'
name: watch
switches:
  lan:
    fdb: {ageing: 2s}
    ports: {p: vde, q: vde, r: vde}
EOT
start lab.yaml
timeout 100 python3 "$SRC/tests/system/watch.py" /run/labswitch/watch/lan ||
	fail "watch.py: exit $?"
wait "$switchd" || fail "switchd: exit $?"

# For eyes: a line an event, colours only for a terminal that wants them.
: >switchd.log
start lab.yaml
switchctl watch lan >plain.txt &
script -qfc 'switchctl watch lan' colour.txt >script.log </dev/null &
NO_COLOR=1 script -qfc 'switchctl watch lan' no_colour.txt >script.log </dev/null &
for file in plain.txt colour.txt no_colour.txt; do
	await grep -q 'lab watch' $file
done
sed 's/r: vde/r: null/' lab.yaml | switchctl apply - >apply.txt
for file in plain.txt colour.txt no_colour.txt; do
	await grep -Eq 'lan.r .*up' $file
done
expect grep -Eq '^[0-9:]{8}\.[0-9]{3}  lan.r +apply +\+ lan.r: null$' plain.txt
expect grep -Eq '^[0-9:.]*  lan.r +up$' plain.txt
expect grep -q "$(printf '\033\\[32mup')" colour.txt
refuse 1 grep -q "$(printf '\033')" plain.txt no_colour.txt
stop
