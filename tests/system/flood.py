# SPDX-License-Identifier: MIT
"""flood.py FIRST COUNT: each of COUNT processes sends broadcasts from UDP port
FIRST + 100 + i to FIRST + i of this machine, as fast as it can, until it is
ended. Prints a line when all are at it."""
import os
import signal
import socket
import sys

first, count = int(sys.argv[1]), int(sys.argv[2])


def flood(i):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", first + 100 + i))
    s.connect(("127.0.0.1", first + i))
    frame = b"\xff" * 6 + bytes([2, 0, 0, 0, 0, i]) + b"\x88\xb5" + bytes(46)
    while True:
        try:
            s.send(frame)
        except OSError:
            pass


children = []
for number in range(count):
    pid = os.fork()
    if pid == 0:
        flood(number)
    children.append(pid)
print("flooding", flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    signal.pause()
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
