# SPDX-License-Identifier: MIT
"""bpdus.py IFNAME HOW SECONDS: sends BPDUs to IFNAME as fast as it can. HOW:

rubbish	lengths, types and versions that no BPDU has
lying	each from another bridge, better and worse roots, topology changes
same	one and the same, sound, of a bridge that is worse than any
one	a single one of those, and then nothing

Prints how many it has sent.
"""
import random
import socket
import sys
import time

HEAD = bytes.fromhex("0180c2000000 0200000000ee".replace(" ", ""))
ifname, how, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
rng = random.Random(1)


def frame(bpdu):
    llc = b"\x42\x42\x03" + bpdu
    return (HEAD + len(llc).to_bytes(2, "big") + llc).ljust(60, b"\0")


def rst(priority, mac, flags, cost=0, kind=2, version=2, age=0):
    bridge = priority.to_bytes(2, "big") + mac
    return (bytes([0, 0, version, kind, flags]) + bridge +
            cost.to_bytes(4, "big") + bridge + b"\x80\x01" +
            age.to_bytes(2, "big") + b"\x14\0\2\0\x0f\0\0")


def lies():
    mac = b"\2" + rng.randbytes(5)
    return rst(rng.choice([0, 4096, 61440]), mac, rng.randrange(256),
               rng.randrange(1 << 20), *rng.choice([(2, 2), (0, 0), (128, 0)]),
               age=rng.choice([0, 256, 0x1300, 0xffff]))


def rubbish():
    text = bytearray(rst(0, b"\2\0\0\0\0\1", 0x7c))
    for _ in range(rng.randrange(1, 4)):
        text[rng.randrange(5)] = rng.randrange(256)
    return bytes(text[:rng.randrange(len(text) + 1)])


make = {"rubbish": rubbish, "lying": lies}.get(
    how, lambda: rst(61440, b"\2\xff\xff\xff\xff\xff", 0x7c))
frames = [frame(make()) for _ in range(1000)]
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind((ifname, 0))
    sent = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for f in frames[:1] if how == "one" else frames:
            try:
                s.send(f)
                sent += 1
            except OSError:
                pass
        if how == "one":
            break
print(sent)
