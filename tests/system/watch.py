# SPDX-License-Identifier: MIT
"""A scripted exchange between three VDE clients, and what `watch` tells of it.

usage: watch.py VDE-DIR

The lab is that of test_watch.sh: ports p, q and r on a switch that forgets
addresses after 2 s. Each act says which events its frames imply, and waits for
them; nothing else may be told in between.
"""
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

directory = sys.argv[1]
ALL = "ff:ff:ff:ff:ff:ff"
GROUP = "01:00:5e:00:00:01"
A, B, C, NOBODY = ("02:00:00:00:00:0%d" % i for i in (1, 2, 3, 9))


class Client:
    """As the VDE protocol has it: a request on ctl, frames on a datagram."""

    def __init__(self, port):
        self.ctl = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.ctl.connect(directory + "/" + port)
        self.data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = b"%s/.%05d-%s" % (directory.encode(), os.getpid(), port.encode())
        self.data.bind(path)
        self.ctl.send(struct.pack("=IIIH108s", 0xFEEDFACE, 3, 0,
                                  socket.AF_UNIX, path) + port.encode())
        reply = self.ctl.recv(4096)
        self.data.connect(reply[2:].rstrip(b"\0"))

    def send(self, dst, src, size=60):
        octets = lambda mac: bytes.fromhex(mac.replace(":", ""))
        frame = octets(dst) + octets(src) + b"\x88\xb5"
        self.data.send(frame + bytes(size - len(frame)))

    def leave(self):
        self.ctl.close()


class Watch:
    def __init__(self, *names):
        self.process = subprocess.Popen(
            ["switchctl", "--json", "watch", *names], stdout=subprocess.PIPE)
        self.rest = b""
        first = self.next(10)
        assert (first["event"], first["lab"]) == ("watch", "watch"), first

    def next(self, timeout):
        """The next event, or None if there is none for so long."""
        until = time.monotonic() + timeout
        fd = self.process.stdout.fileno()
        while b"\n" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                return None
            more = os.read(fd, 65536)
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def expect(self, *want):
        """Exactly these, in this order; the time is of no interest."""
        for event in want:
            got = self.next(10)
            assert got, "nothing, in place of %s" % event
            now = time.time() * 1e6
            assert abs(now - got.pop("time_us")) < 60e6
            assert got == event, "%s, in place of %s" % (got, event)

    def quiet(self, seconds):
        got = self.next(seconds)
        assert got is None, got


def event(what, port, **fields):
    return dict(event=what, switch="lan", port="lan." + port, **fields)


def learn(port, mac):
    return event("learn", port, mac=mac, vlan=None)


def flood(port, src, dst, reason, size=60):
    to = ["lan." + other for other in "pqr" if other != port]
    return event("flood", port, src=src, dst=dst, vlan=None, bytes=size,
                 type="0x88b5", text="type 0x88b5", reason=reason, to=to,
                 ports=len(to))


watch = Watch()
only_q = Watch("q")

# Who joins, and who says so.
p = Client("p")
watch.expect(event("client", "p", text="client joined: p, uid 0"))
q = Client("q")
r = Client("r")
watch.expect(event("client", "q", text="client joined: q, uid 0"),
             event("client", "r", text="client joined: r, uid 0"))

# A broadcast, its answer, a multicast, and somebody that nobody knows.
p.send(ALL, A)
watch.expect(learn("p", A), flood("p", A, ALL, "broadcast"))
q.send(A, B)
watch.expect(learn("q", B))
p.send(B, A, 100)
p.send(GROUP, A, 64)
watch.expect(flood("p", A, GROUP, "multicast", 64))
q.send(NOBODY, B, 1514)
watch.expect(flood("q", B, NOBODY, "unknown", 1514))

# A station moves, and its next frame is no event.
r.send(A, B)
watch.expect(event("move", "r", mac=B, vlan=None, **{"from": "lan.q"}))
r.send(A, B)

# Drops are told once a second, with their number.
for _ in range(3):
    p.send(A, "03:00:00:00:00:01")
watch.expect(event("drop", "p", reason="rx_bad_source", count=3))

# Then nothing is heard, and both are forgotten, each once.
got = sorted((watch.next(10) for _ in range(2)), key=lambda e: e["mac"])
for e in got:
    del e["time_us"]
assert got == [event("age", "p", mac=A, vlan=None),
               event("age", "r", mac=B, vlan=None)], got

# A known address takes one port: no flood.
q.send(ALL, C)
watch.expect(learn("q", C), flood("q", C, ALL, "broadcast"))
p.send(C, A)
watch.expect(learn("p", A))
p.send(C, A)

# By hand.
subprocess.run(["switchctl", "fdb", "add", B, "lan.r"], check=True,
               stdout=subprocess.DEVNULL)
watch.expect(event("add", "r", mac=B, vlan=None))
subprocess.run(["switchctl", "fdb", "flush", "port", "q"], check=True,
               stdout=subprocess.DEVNULL)
watch.expect(event("flush", "q", mac=C, vlan=None))
subprocess.run(["switchctl", "fdb", "del", B], check=True,
               stdout=subprocess.DEVNULL)
watch.expect(event("del", "r", mac=B, vlan=None))
r.leave()
watch.expect(event("client", "r", text="client left: r, uid 0"))
watch.expect(event("age", "p", mac=A, vlan=None))
watch.quiet(1.5)

# Who asked for q alone was told of q, and of what moved away from it.
only_q.expect(event("client", "q", text="client joined: q, uid 0"),
              learn("q", B), flood("q", B, NOBODY, "unknown", 1514),
              event("move", "r", mac=B, vlan=None, **{"from": "lan.q"}),
              learn("q", C), flood("q", C, ALL, "broadcast"),
              event("flush", "q", mac=C, vlan=None))
only_q.quiet(0)

# A hub floods everything and learns nothing.
with open("lab.yaml") as f:
    text = f.read()
with open("hub.yaml", "w") as f:
    f.write(text.replace("lan:", "lan:\n    mode: hub"))
subprocess.run(["switchctl", "apply", "hub.yaml"], check=True,
               stdout=subprocess.DEVNULL)
watch.expect(dict(event="apply", switch="lan", port=None, op="change",
                  text="~ lan: mode switch -> hub, its FDB is flushed",
                  changes=[{"option": "mode", "from": "switch", "to": "hub"}],
                  flushes=True))
p.send(B, A)
watch.expect(flood("p", A, B, "hub"))

# The end of the lab is the end of watching.
subprocess.run(["switchctl", "stop"], check=True, stdout=subprocess.DEVNULL)
assert watch.process.wait(10) == 1
assert only_q.process.wait(10) == 1
