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
mkfifo orders
python3 "$SRC/tests/system/slow_client.py" /run/labswitch/slow/lan slow \
	<orders >client.log 2>client.console &
client=$!
exec 4>orders

# says WORDS...: the client says that, unless it has failed.
says() {
	grep -qx "$@" client.log || gone $client
}
await says sent
grep -qx sent client.log || fail "the others have lost frames"
# Each frame of 1,400 bytes takes some 40 more.
held=$(of_slow '["held"]')
[ "$held" -gt 600 ] && [ "$held" -le 714 ] || fail "$held are held in 1 MB"
echo read >&4
await says '[0-9]*'
kept=$(sed -n 2p client.log)
[ "$(of_slow '["held"]')" -eq 0 ] || fail "not all were delivered"
[ "$(of_slow '["tx_frames"]')" -eq "$kept" ] ||
	fail "$(of_slow '["tx_frames"]') were sent, $kept arrived"
lost=$(of_slow '["drops"]["tx_hold_full"]')
[ "$lost" -gt 0 ] || fail "nothing was lost"
[ $((lost + $kept)) -eq 8000 ] || fail "$lost lost, $kept kept"
json 'sum(sum(p["drops"].values()) for p in r["rows"][1:])' ports >others
[ "$(cat others)" -eq 0 ] || fail "drops of others: $(cat others)"
exec 4>&-
wait $client || fail "the client"
stop
