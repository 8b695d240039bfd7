# SPDX-License-Identifier: MIT
# Ways in through a NAT, to a guest that serves them by TCP, UDP and IPv6.
#
#	add, list, remove at run time	while others go on
#	bind error text, port in use	said in the log, by `forward add` and list
#	v4 -> v4, v6 -> v6, unix	and UDP
#	implicit guest address		is that of the first lease
#	source address seen by guest	of one outside; the gateway's for this
#					machine itself
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/system/nat.sh"

cat >forward.yaml <<'YAML'
name: forward
switches:
  lan:
    ports:
      bob: {host, mac: "02:00:00:00:00:0b"}
      out:
        nat:
        dhcp: .50 - .99
        hosts: {bob: "02:00:00:00:00:0b .50"}
        forward:
          - tcp 8080 -> .50:80
          - udp 8053 -> .50:53
          - tcp /run/web.sock -> .50:80
          - tcp [::1]:8080 -> [fec0::50]:80
          - udp [::1]:8053 -> [fec0::50]:53
          - tcp 198.51.100.1:8080 -> .50:80
          - tcp [2001:db8:1::1]:8080 -> [fec0::50]:80
          - tcp 8099 -> .50:80
          - tcp 203.0.113.1:8080 -> .50:80
          - tcp 127.0.0.1:79 -> .50:80
YAML

# The guest says to each who it is.
cat >who.py <<'PY'
import socket, threading

def stream():
    s = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        peer, address = s.accept()
        peer.sendall(address[0].removeprefix("::ffff:").encode())
        peer.close()

def datagrams(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", port))
    while True:
        data, address = s.recvfrom(65535)
        s.sendto(address[0].removeprefix("::ffff:").encode() + data, address)

threading.Thread(target=stream).start()
threading.Thread(target=datagrams, args=[53]).start()
datagrams(54)
PY
# who.py's client. usage: WAY WHERE [PORT], in the namespace it is run in
cat >ask.py <<'PY'
import socket, sys
way, where, *port = sys.argv[1:]
family = socket.AF_UNIX if way == "unix" else socket.AF_INET6 if ":" in where else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM if way == "udp" else socket.SOCK_STREAM)
s.settimeout(5)
s.connect((where, int(port[0])) if port else where)
if way == "udp":
    s.send(b"!")
print(s.recv(100).decode())
PY
ask() {
	timeout 20 python3 ask.py "$@"
}
is_told() {
	[ "$(ask "${@:2}")" = "$1" ]
}

python3 -c "
import socket, time
s = [socket.create_server(('127.0.0.1', port)) for port in (8098, 8099)]
time.sleep(300)" &
await grep -q ':1FA3 .* 0A ' /proc/net/tcp
start forward.yaml
await is_up
lease bob
switchctl exec bob ip addr add fec0::50/64 dev eth0 nodad
switchctl exec bob python3 "$tmp/who.py" >/dev/null 2>&1 &

await is_told 10.0.2.2 tcp 127.0.0.1 8080
await is_told 10.0.2.2! udp 127.0.0.1 8053
await is_told 10.0.2.2 unix /run/web.sock
await is_told fec0::2 tcp ::1 8080
await is_told fec0::2! udp ::1 8053
expect test "$(ip netns exec outside python3 ask.py tcp 198.51.100.1 8080)" = \
	198.51.100.2
expect test "$(ip netns exec outside python3 ask.py tcp 2001:db8:1::1 8080)" = \
	"$(ip -n outside -6 route get 2001:db8:1::1 |
		sed -n 's/.* src \([^ ]*\).*/\1/p')"

# What cannot be had is said, each; the rest stands.
lacks() {
	expect grep -qF "no forward tcp $1 -> 10.0.2.50:80: $2" switchd.log
}
lacks 127.0.0.1:8099 'port 8099 of 127.0.0.1 is in use'
lacks 203.0.113.1:8080 '203.0.113.1 is no address of this host'
lacks 127.0.0.1:79 'port 79 of 127.0.0.1 is for the superuser'
switchctl forward list out >listed
expect grep -q '8099 of 127.0.0.1 is in use' listed
expect grep -q '/run/web.sock' listed
expect test "$(json 'len(r["rows"])' forward list lan.out)" -eq 10

# At run time: more, one that is in use, one less.
expect switchctl forward add out 'tcp 8081 -> .50:80' >/dev/null
expect is_told 10.0.2.2 tcp 127.0.0.1 8081
expect switchctl forward add out 'udp [::1]:8054 -> [fec0::50]:54' >/dev/null
expect is_told fec0::2! udp ::1 8054
expect switchctl forward add out 'tcp /run/more.sock -> .50:80' >/dev/null
expect is_told 10.0.2.2 unix /run/more.sock
expect is_told 10.0.2.2 tcp 127.0.0.1 8080
expect switchctl forward add out 'tcp 8082 -> :80' >added
expect grep -qx 'open: tcp 127.0.0.1:8082 -> 10.0.2.50:80' added
expect is_told 10.0.2.2 tcp 127.0.0.1 8082
expect switchctl forward del out 'tcp 8082 -> :80' >/dev/null
refuse 1 switchctl forward add out 'tcp 127.0.0.2:80 -> 10.9.9.9:80' 2>why
refuse 1 switchctl forward add out 'udp 127.0.0.1:8053 -> .51:53' 2>why
expect grep -q 'delete that first' why
refuse 1 switchctl forward add out 'udp 8055 -> .50:53' 2>why
expect grep -q "there is 'udp 127.0.0.1:8053 -> 10.0.2.50:53' already: .* one UDP port" why
refuse 1 switchctl forward add out 'tcp 127.0.0.1:8098 -> .50:80' 2>why
expect grep -q 'port 8098 of 127.0.0.1 is in use' why
for way in 'tcp 8081 -> .50:80' 'udp [::1]:8054 -> [fec0::50]:54' \
	'tcp /run/more.sock -> .50:80'; do
	expect switchctl forward del out "$way" >/dev/null
done
refuse 1 ask tcp 127.0.0.1 8081 2>/dev/null
refuse 1 ask udp ::1 8054 2>/dev/null
refuse 1 ask unix /run/more.sock 2>/dev/null
expect test ! -e /run/more.sock
expect is_told 10.0.2.2 tcp 127.0.0.1 8080
expect is_told 10.0.2.2 unix /run/web.sock
stop
