# SPDX-License-Identifier: MIT
# A guest claims the NAT's addresses, by ARP and by neighbour discovery: the NAT
# does not believe it, says so in the log and to the other guests, and these
# reach the outside again.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >claim.yaml <<'YAML'
name: claim
switches:
  lan:
    ports:
      alice: host 10.0.2.15/24, fec0::15/64 via 10.0.2.2, fec0::2
      mallory: host 10.0.2.17/24
      out: nat
YAML
serve_web
start claim.yaml
await is_up

# is_at ADDRESS: of the NAT, as alice sees it.
is_at() {
	in_the alice ip neigh show "$1" | grep -q '52:55:0a:00:02:02'
}
for address in 10.0.2.2 fec0::2; do
	fetch alice http://198.51.100.2/big >big
	fetch alice 'http://[2001:db8:1::2]/big' >big
	await is_at $address
	in_the mallory python3 "$SRC/tests/system/nat_claim.py" $address
	await grep -q " claims the NAT's $address\$" switchd.log
	await is_at $address
	fetch alice http://198.51.100.2/big >big
	expect cmp big www/big
	fetch alice 'http://[2001:db8:1::2]/big' >big
	expect cmp big www/big
done
stop
