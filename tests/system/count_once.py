# SPDX-License-Identifier: MIT
"""count_once.py IFNAME COUNT FROM TO...: sends COUNT broadcasts, each with a
number of its own, from IFNAME in the network namespace FROM, and waits until
each has come to IFNAME in every TO, for 10 seconds at most. Then it waits a
little for more. Ends with 1 and says what is wrong if one came twice or never.
"""
import ctypes
import os
import select
import socket
import sys
import time

ETHERTYPE = 0x88B5
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def open_in(namespace, ifname):
    fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET) != 0:
        sys.exit("cannot enter " + namespace)
    os.close(fd)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                      socket.htons(ETHERTYPE))
    s.bind((ifname, ETHERTYPE))
    return s


ifname, count = sys.argv[1], int(sys.argv[2])
sender = open_in(sys.argv[3], ifname)
receivers = {open_in(to, ifname): to for to in sys.argv[4:]}
run = os.urandom(4)
seen = {s: [0] * count for s in receivers}


def take(seconds):
    """Counts what comes until all has come, or for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select(list(receivers), [], [],
                                    max(0, end - time.monotonic()))
        for s in ready:
            frame = s.recv(2048)
            if frame[14:18] == run:
                seen[s][int.from_bytes(frame[18:22], "big")] += 1
        if ready and all(min(seen[s]) for s in receivers):
            return


for i in range(count):
    sender.send(b"\xff" * 6 + b"\2\0\0\0\1\1" + ETHERTYPE.to_bytes(2, "big") +
                run + i.to_bytes(4, "big") + bytes(38))
take(10)
settled = time.monotonic() + 0.3
while time.monotonic() < settled:
    ready, _, _ = select.select(list(receivers), [], [], 0.1)
    for s in ready:
        frame = s.recv(2048)
        if frame[14:18] == run:
            seen[s][int.from_bytes(frame[18:22], "big")] += 1
bad = ["%s: frame %d came %d times" % (to, i, n)
       for s, to in receivers.items() for i, n in enumerate(seen[s]) if n != 1]
print("\n".join(bad[:10]), end="\n" if bad else "")
sys.exit(bool(bad))
