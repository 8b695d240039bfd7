# SPDX-License-Identifier: MIT
"""slow_client.py DIR SLOW: a client of port SLOW, which reads nothing until
the end, and 31 of ports of their own; the first of them sends 8,000 frames of
1,400 bytes to all. The 30 others must get all of them, in order: prints a
line. After a line from standard input SLOW must get, in order, what was kept
for it: prints how many those are, and ends with standard input."""
import os
import select
import socket
import struct
import sys

FRAMES, BURST, CLIENTS = 8000, 50, 31
directory, slow_port = sys.argv[1:]
streams = []


def join(name, number):
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = f"{directory}/.{os.getpid()}-{number}".encode()
    data.bind(path)
    stream.connect(f"{directory}/{name}")
    stream.send(struct.pack("=IIIH108s", 0xFEEDFACE, 3, 0, socket.AF_UNIX, path))
    address = struct.unpack("=H108s", stream.recv(110))[1]
    data.connect(address.rstrip(b"\0"))
    data.settimeout(20)
    os.unlink(path)
    streams.append(stream)
    return data


head = b"\xff" * 6 + b"\2\0\0\0\0\1\x88\xb5"
slow = join(slow_port, 0)
first, *others = [join("ctl", i + 1) for i in range(CLIENTS)]
for begin in range(0, FRAMES, BURST):
    for n in range(begin, begin + BURST):
        first.send(head + struct.pack(">I", n) + bytes(1382))
    for client in others:
        for n in range(begin, begin + BURST):
            frame = client.recv(2000)
            assert len(frame) == 1400 and frame[14:18] == struct.pack(">I", n), n

print("sent", flush=True)
sys.stdin.readline()
kept, last = 0, -1
while select.select([slow], [], [], 2)[0]:
    (n,) = struct.unpack(">I", slow.recv(2000)[14:18])
    assert n > last, (n, last)
    kept, last = kept + 1, n
print(kept, flush=True)
sys.stdin.readline()
