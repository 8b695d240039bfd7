# SPDX-License-Identifier: MIT
# C4: a thousand clients of the control socket, while frames are forwarded.
. "$(dirname "$0")/lib.sh"

# ASan keeps freed memory for a while, which is not what is measured here.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1

cat >lab.yaml <<EOT
name: crowd
switches:
  lan:
    ports:
      a: dgram $tmp/sa -> $tmp/qa
      b: dgram $tmp/sb -> $tmp/qb
EOT
start lab.yaml
timeout 100 python3 "$SRC/tests/ctl/crowd.py" "$tmp" "$switchd" ||
	fail "crowd.py: exit $?"
lines=$(wc -l <switchd.log)
[ "$lines" -lt 20 ] || fail "$lines lines in the log: it can be flooded"
switchctl stop >/dev/null || fail "stop: exit $?"
ended
