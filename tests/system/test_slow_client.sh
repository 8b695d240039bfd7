# SPDX-License-Identifier: MIT
# A client that does not read costs itself frames, 31 others nothing, and no
# more memory than its queue has; what was kept reaches it once it reads.
. "$(dirname "$0")/lib.sh"

cat >lab.yaml <<'EOT'
name: slow
switches:
  lan:
    vde: {anonymous: yes}
    ports:
      slow: {vde, queue: 1MB}
EOT
start lab.yaml

# of_slow KEY: of its port.
of_slow() {
	json "r['rows'][0]$1" ports lan.slow
}
mkfifo hold
python3 "$SRC/tests/system/slow_client.py" /run/labswitch/slow/lan slow \
	<hold >kept &
client=$!
exec 4>hold

most=0
until [ -s kept ]; do
	held=$(of_slow '["held"]')
	[ "$held" -le "$most" ] || most=$held
	kill -0 $client 2>/dev/null || fail "the others have lost frames"
	sleep 0.1
done
# Each frame of 1,400 bytes takes some 40 more.
[ "$most" -gt 100 ] || fail "at most $most frames were held"
[ "$most" -le 714 ] || fail "$most frames were held in 1 MB"
[ "$(of_slow '["held"]')" -eq 0 ] || fail "not all were delivered"
[ "$(of_slow '["tx_frames"]')" -eq "$(cat kept)" ] ||
	fail "$(of_slow '["tx_frames"]') were sent, $(cat kept) arrived"
lost=$(of_slow '["drops"]["tx_hold_full"]')
[ "$lost" -gt 0 ] || fail "nothing was lost"
[ $((lost + $(cat kept))) -eq 8000 ] || fail "$lost lost, $(cat kept) kept"
json 'sum(sum(p["drops"].values()) for p in r["rows"][1:])' ports >others
[ "$(cat others)" -eq 0 ] || fail "drops of others: $(cat others)"
exec 4>&-
wait $client || fail "the client"
stop
