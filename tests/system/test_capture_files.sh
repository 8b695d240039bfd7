# SPDX-License-Identifier: MIT
# The files of captures: what is in their way, a disk that fills, the end by
# kill -9, and the second start; a filter that cannot be compiled.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/capture.sh"

host a b
lab() { # lab NAME CAPTURE...
	local name=$1
	shift
	cat <<-EOT
		name: $name
		switches:
		  lan:
		    ports:
		      a: {tap: eth0, netns: a}
		      b: {tap: eth0, netns: b}
		captures:
	EOT
	printf -- '- %s\n' "$@"
}
connect() {
	ip -n a addr add 10.0.0.1/24 dev eth0
	ip -n b addr add 10.0.0.2/24 dev eth0
	ip -n a link set eth0 up
	ip -n b link set eth0 up
	await ip netns exec a ping -q -c 1 -W 1 10.0.0.2
}

# --- What is in the way: each has its own message, none is touched -----------

mkdir -p files/dir real
echo secret >foreign
cp foreign files/foreign
ln -s ../foreign files/link
ln -s ../real files/linked
mkfifo files/fifo
mknod files/device c 1 3 2>/dev/null || rm -f files/device
echo other >files/other
chown 1234 files/other 2>/dev/null || rm files/other
rows=()
for file in link foreign dir fifo device other linked/x nowhere/x; do
	rows+=("{of: all, file: $file}")
done
lab ways "${rows[@]}" '{of: all, file: good}' >ways.yaml
refuse 1 switchd --strict ways.yaml --captures files 2>strict.log
start ways.yaml --captures files
connect
pings a 10.0.0.2
reason() { # reason FILE MESSAGE
	capture_is "$1" stopped || fail "$1 was not refused"
	capture_of "$1" reason | grep -q "$2" ||
		fail "$1: $(capture_of "$1" reason)"
	grep -q "error: capture '$1': .*$2" switchd.log || fail "no log of $1"
}
reason link "'link' is a symbolic link"
reason foreign "is there already and is no capture of ours"
reason dir "'dir' is a directory"
reason fifo "'fifo' is not a regular file"
[ ! -c files/device ] || reason device "'device' is not a regular file"
[ ! -s files/other ] || reason other "belongs to another user (uid 1234)"
reason linked/x "there is a symbolic link in 'linked/x'"
reason nowhere/x "cannot open the directory of 'nowhere/x': No such file"
capture_is good running || fail "the good one does not run"
switchctl apply ways.yaml >apply.log
grep -q '^not up: capture link: stopped (.link. is a symbolic' apply.log ||
	fail "apply says $(cat apply.log)"
stop
cmp foreign files/foreign || fail "foreign was touched"
sound files/good
[ "$(stat -c %a files/good)" = 600 ] || fail "mode of the file"

lab outside '{of: all, file: ../x}' >outside.yaml
refuse 2 switchd outside.yaml 2>outside.log
grep -q "^outside.yaml:8:19: .*'../x'" outside.log || fail "$(cat outside.log)"

# --- A filter that is none: with its place, and nothing changes --------------

lab words '{of: all, file: x, filter: arp}' >words.yaml
sed 's/filter: arp/filter: arp or/' words.yaml >wrong.yaml
refuse 2 switchd wrong.yaml 2>wrong.log
grep -q "^wrong.yaml:8:30: capture 'x': 'filter': " wrong.log ||
	fail "$(cat wrong.log)"
refuse 2 switchd -n wrong.yaml 2>wrong.log
refuse 2 switchctl validate wrong.yaml 2>wrong.log
[ ! -e captures ] || fail "a directory was made for nothing"
start words.yaml
[ "$(stat -c %a captures)" = 700 ] || fail "mode of ./captures"
refuse 2 switchctl apply wrong.yaml 2>apply.log
grep -q "^wrong.yaml:8:30: capture 'x': 'filter': " apply.log ||
	fail "apply says $(cat apply.log)"
cp words.yaml kept.yaml
cp wrong.yaml words.yaml
kill -HUP "$switchd"
await grep -q "error: words.yaml:8:30: capture 'x'" switchd.log
await grep -q 'reload: nothing is changed' switchd.log
sed 's/filter: arp/filter: icmp/' kept.yaml >words.yaml
kill -HUP "$switchd"
await grep -q 'reload: applied' switchd.log
await capture_is x running
[ "$(capture_of x filter)" = icmp ] || fail "the reload took another filter"
stop

# --- A disk that fills -------------------------------------------------------

mkdir small
mount -t tmpfs -o size=1m tmpfs small
lab full '{of: all, file: full.pcapng, buffer: 1MB}' >full.yaml
start full.yaml --captures small
connect
switchctl --json watch >events.log 2>watch.log &
watch=$!
await grep -q '"event":"watch"' events.log
filled() {
	ip netns exec a ping -q -c 20 -i 0.002 -s 1400 10.0.0.2 >ping.log
	capture_is full.pcapng stopped
}
await filled
await grep -q '"event":"capture".*"reason":".*No space left' events.log
kill $watch
pings a 10.0.0.2
stop
sound small/full.pcapng
umount small

# --- kill -9 in the middle, and again ---------------------------------------

lab killed '{of: all, file: killed.pcapng}' >killed.yaml
start killed.yaml --captures files
connect
ip netns exec a ping -q -f -s 1000 -w 20 10.0.0.2 >flood.log &
flood=$!
busy() {
	[ "$(stat -c %s files/killed.pcapng)" -gt 200000 ]
}
await busy
kill -9 "$switchd"
: >switchd.log
wait "$switchd" 2>/dev/null || true
kill $flood 2>/dev/null || true
wait $flood 2>/dev/null || true
frames=$(tshark -r files/killed.pcapng 2>tshark.log | wc -l)
[ "$frames" -gt 100 ] || fail "$frames frames after kill -9"
grep -v -e 'Running as' -e 'cut short' -e '^$' tshark.log &&
	fail "tshark says more than that the file is cut short"
[ "$(having files/killed.pcapng _ws.malformed)" -eq 0 ] || fail "malformed"
start killed.yaml --captures files
stop
start killed.yaml --captures files
stop
sound files/killed.pcapng
sound files/killed.pcapng.1
[ ! -e files/killed.pcapng.2 ] || fail "more than one generation"
