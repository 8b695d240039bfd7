#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Moves bytes over one TCP connection and prints their digest.

usage: transfer.py take ADDRESS PORT | give ADDRESS PORT BYTES
take prints "ready" when it listens. give draws the bytes from a generator
with a fixed seed, in writes of all sizes.
"""
import hashlib
import random
import socket
import sys


def take(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as listener:
        print("ready", flush=True)
        listener.settimeout(20)
        peer, _ = listener.accept()
        digest = hashlib.sha256()
        peer.settimeout(20)
        while data := peer.recv(1 << 20):
            digest.update(data)
        peer.close()
    print(digest.hexdigest(), flush=True)


def give(address, port, size):
    draw = random.Random(1)
    digest = hashlib.sha256()
    with socket.create_connection((address, port), timeout=20) as peer:
        while size > 0:
            data = draw.randbytes(min(size, draw.randrange(1, 300000)))
            digest.update(data)
            peer.sendall(data)
            size -= len(data)
    print(digest.hexdigest(), flush=True)


if sys.argv[1] == "take":
    take(sys.argv[2], int(sys.argv[3]))
else:
    give(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
