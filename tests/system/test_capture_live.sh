# SPDX-License-Identifier: MIT
# switchctl capture: to files, pipes and FIFOs, several at once, and all the
# ways in which one ends; switchctl wireshark.
. "$(dirname "$0")/lib.sh"
command -v tcpdump >/dev/null && command -v capinfos >/dev/null || exit 77
[ -c /dev/net/tun ] || exit 77

cat >lab.yaml <<'EOT'
name: live
switches:
  lan:
    ports: {alice: host 10.0.0.1/24, bob: host 10.0.0.2/24}
  other:
    ports: {bob: "null"}
EOT
start lab.yaml
export LABSWITCH=live

echoes() {
	switchctl exec alice ping -q -c "$1" -i 0.01 -W 2 10.0.0.2 >ping.log ||
		fail "ping: $(grep loss ping.log)"
}

# capture NAME WORDS...: runs until it is told to end; its pid is in $capture.
capture() {
	local name=$1
	shift
	switchctl capture "$@" 2>"$name.err" &
	capture=$!
	await grep -q capturing "$name.err"
}

# ended STATUS NAME: the last capture must end with it.
ended() {
	local got=0
	await gone "$capture"
	wait "$capture" || got=$?
	[ "$got" -eq "$1" ] || fail "capture: exit $got: $(cat "$2.err")"
}

# frames FILE: how many there are, which tcpdump reads without complaint.
frames() {
	tcpdump -nr "$1" 2>tcpdump.err | wc -l
	refuse 1 grep -Eqi 'bad|trunc|error' tcpdump.err
}

captures() {
	[ "$(json 'len(r["rows"])' capture list)" -eq "$1" ]
}

# To a file, until Ctrl-C: every frame once per port and direction.
capture file alice 'icmp[icmptype] == icmp-echo' or icmp -w file.pcapng
echoes 5
kill -INT "$capture"
ended 0 file
expect grep -q '^10 frames captured' file.err
expect grep -q '^0 frames dropped' file.err
expect test "$(frames file.pcapng)" -eq 10
expect capinfos file.pcapng >capinfos.log
expect captures 0

# Two at once on one port, with words of their own; listed, and ended by
# another.
capture rx lan.alice --direction rx -w rx.pcap --format pcap -- icmp
first=$capture
capture tx 'lan.*' other -w tx.pcapng --snaplen 60 icmp and src host 10.0.0.2
expect captures 2
echoes 7
expect test "$(json '",".join(x["filter"] for x in r["rows"])' capture list)" \
	= 'icmp,icmp and src host 10.0.0.2'
switchctl capture stop "$(json 'r["rows"][1]["id"]' capture list)" >stop.log
ended 0 tx
kill -TERM "$first"
capture=$first
ended 0 rx
expect test "$(frames rx.pcap)" -eq 7
expect test "$(frames tx.pcapng)" -eq 14
expect grep -q '^14 frames captured' tx.err
expect grep -q nanosecond <(capinfos -t rx.pcap)
expect capinfos -T -L tx.pcapng >capinfos.log

# Into a pipe, whose reader has enough at some time.
switchctl exec alice ping -q -i 0.05 10.0.0.2 >ping.log &
ping=$!
got=0
timeout 60 bash -o pipefail -c \
	'switchctl capture alice icmp | tcpdump -c 4 -nr -' >pipe.log \
	2>pipe.err || got=$?
[ "$got" -eq 0 ] || fail "exit $got: $(cat pipe.err)"
expect test "$(wc -l <pipe.log)" -eq 4
await captures 0

# Wireshark reads a pipe; it ends, and the capture with it.
mkdir bin
cat >bin/wireshark <<'EOT'
#!/bin/sh
echo "$@" >wireshark.words
exec tcpdump -c 4 -nr - >wireshark.log 2>&1
EOT
chmod +x bin/wireshark
expect env PATH="$PWD/bin:$PATH" timeout 60 switchctl wireshark alice icmp \
	2>wireshark.err
expect grep -qx -- '-k -i - -o gui.window_title:lan.alice' wireshark.words
expect grep -q 'ICMP echo' wireshark.log
refuse 1 env PATH="$(dirname "$(command -v switchctl)")" switchctl wireshark \
	alice 2>none.err
expect grep -q 'cannot run wireshark' none.err
kill "$ping"
await captures 0

# A reader that sleeps: frames are missing there, and nowhere else.
mkfifo fifo
sleep 1000 <fifo &
sleeper=$!
capture fifo alice -w fifo --buffer 512KB
dropping() {
	echoes 100
	[ "$(json 'r["rows"][0]["dropped"]' capture list)" -gt 0 ]
}
switchctl exec alice ping -q -f -c 3000 -s 1400 10.0.0.2 >flood.log
await dropping
expect grep -q ' 0% packet loss' flood.log ping.log
kill "$sleeper"
ended 0 fifo
refuse 1 grep -q '^0 frames dropped' fifo.err

# Nor does one keep the capture from its end, which has lost something then.
sleep 1000 <fifo &
sleeper=$!
capture asleep alice -w fifo
switchctl exec alice ping -q -f -c 300 -s 1400 10.0.0.2 >flood.log
kill -INT "$capture"
ended 1 asleep
expect grep -q 'the capture has ended: its reader' asleep.err
kill "$sleeper"

# A disk that is full is the capture's failure only.
mkdir small
mount -t tmpfs -o size=64k tmpfs small
capture full alice -w small/full.pcapng
switchctl exec alice ping -q -f -c 300 -s 1400 10.0.0.2 >flood.log
ended 1 full
expect grep -q 'the capture has ended: .*No space left' full.err
expect capinfos small/full.pcapng >capinfos.log
echoes 5
umount small

# Whoever is killed leaves nothing running.
capture killed all -w killed.pcapng
kill -KILL "$capture"
await captures 0
echoes 5

# For eyes: a line that tells how far it is, until Ctrl-C is typed. A terminal
# gets no frames.
mkfifo keys
script -qefc 'switchctl capture all icmp -w eyes.pcapng' eyes.log <keys \
	>eyes.out &
script=$!
exec 7>keys
await grep -q capturing eyes.log
echoes 5
await grep -q '20 frames, .*frames/s' eyes.log
printf '\003' >&7
await gone "$script"
expect wait "$script"
exec 7>&-
expect grep -q '20 frames captured' eyes.log
refuse 2 script -qefc 'switchctl capture all' terminal.log </dev/null >eyes.out
expect grep -q 'nothing for a terminal' terminal.log

# What cannot be.
refuse 1 switchctl capture bob -w x 2>bad.err
expect grep -q 'on more than one switch' bad.err
refuse 1 switchctl capture lan.carol -w x 2>bad.err
refuse 1 switchctl capture alice carol -w x -- arp 2>bad.err
expect grep -q "no port 'carol'" bad.err
refuse 2 switchctl capture alice carol -w x 2>bad.err
expect grep -q "filter 'carol': " bad.err
refuse 2 switchctl capture alice -w x --direction up 2>bad.err
refuse 1 test -e x
refuse 1 switchctl capture alice -w /dev/null 2>bad.err
refuse 1 switchctl capture alice -w . 2>bad.err
expect captures 0

# The lab ends, which is a failure.
capture last alice -w last.pcapng
stop
ended 1 last
expect capinfos last.pcapng >capinfos.log
