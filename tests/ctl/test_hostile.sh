# SPDX-License-Identifier: MIT
# Hostile clients of the control socket cost nobody but themselves.
. "$(dirname "$0")/lib.sh"

# ASan keeps freed memory for a while, which is not what is measured here.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1

cat >lab.yaml <<'EOF2'
name: hostile
switches: {lan: {ports: {a: null, b: null}}}
EOF2
start lab.yaml
timeout 100 python3 "$SRC/tests/ctl/hostile.py" "$tmp/run/control" "$switchd" ||
	fail "hostile.py: exit $?"
lines=$(wc -l <switchd.log)
[ "$lines" -lt 20 ] || fail "$lines lines in the log: it can be flooded"
switchctl stop >/dev/null || fail "stop: exit $?"
ended
