#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends and takes mixed frames on interfaces, and compares captures with them.

  send IFNAME SEED COUNT OUT   COUNT frames, appended to OUT as hex lines
  take IFNAME OUT              all that comes in, as hex lines; until SIGTERM
  compare FILE RX TX           FILE, a pcapng, has exactly these, in order
"""
import contextlib
import random
import signal
import socket
import struct
import subprocess
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
SO_RCVBUFFORCE = 33
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
TP_STATUS_VLAN_VALID = 0x10
TP_STATUS_VLAN_TPID_VALID = 0x40


def make(rng, source, number):
    """One frame: what it is goes round, its length is anything."""
    dst = b"\xff" * 6 if number % 5 == 0 else bytes([2, 0, 0, 0, 0, 1 + rng.randrange(3)])
    head = dst + bytes([2, 0, 0, 0, 0, source])
    kind = number % 4
    size = rng.choice([42, 60, 61, 64, 576, 1514, 1518, 4000, 9000, rng.randrange(42, 9001)])
    if kind == 1:
        head += struct.pack("!HH", 0x8100, rng.randrange(1, 4095)) + b"\x88\xb5"
    elif kind == 2:
        head += struct.pack("!HHHH", 0x88A8, 100, 0x8100, 200) + b"\x88\xb5"
    elif kind == 3:
        size = min(size, 1514)
        head += struct.pack("!H", size - 14)
    else:
        head += b"\x88\xb5"
    return head + rng.randbytes(size - len(head))


def raw_socket(ifname):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((ifname, ETH_P_ALL))
    return s


def send(ifname, seed, count, out):
    rng = random.Random(int(seed))
    s = raw_socket(ifname)
    with open(out, "a") as f:
        for number in range(int(count)):
            frame = make(rng, int(seed) % 3 + 1, number)
            s.send(frame)
            f.write(frame.hex() + "\n")


def with_tag(frame, ancillary):
    """The kernel takes the outer tag off and says so beside the frame."""
    for level, kind, data in ancillary:
        if level != SOL_PACKET or kind != PACKET_AUXDATA:
            continue
        status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
        if status & TP_STATUS_VLAN_VALID:
            if not status & TP_STATUS_VLAN_TPID_VALID:
                tpid = 0x8100
            return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def take(ifname, out):
    s = raw_socket(ifname)
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    with contextlib.suppress(PermissionError):
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    s.settimeout(0.2)
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("ready", flush=True)
    with open(out, "w") as f:
        while True:
            try:
                frame, ancillary, _, _ = s.recvmsg(70000, 1000)
            except socket.timeout:
                if ended:
                    break
                continue
            f.write(with_tag(frame, ancillary).hex() + "\n")


def lines(path):
    with open(path) as f:
        return f.read().split()


def frames_of(path):
    """All frames of a pcapng: (direction, bytes)."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("=II", data, at)
        if kind == 6:
            kept, length = struct.unpack_from("=II", data, at + 20)
            assert kept == length
            options = at + 28 + (kept + 3) // 4 * 4
            code, n, flags = struct.unpack_from("=HHI", data, options)
            assert (code, n) == (2, 4)
            yield flags & 3, data[at + 28 : at + 28 + kept]
        at += size


def compare(path, rx, tx):
    got = {1: [], 2: []}
    for direction, frame in frames_of(path):
        got[direction].append(frame.hex())
    for name, want, have in (("rx", lines(rx), got[1]), ("tx", lines(tx), got[2])):
        if want != have:
            where = next((i for i, (a, b) in enumerate(zip(want, have)) if a != b), -1)
            sys.exit(f"{path}: {name}: {len(have)} frames, wanted {len(want)}; differ at {where}")
    print(len(got[1]), len(got[2]))


if __name__ == "__main__":
    {"send": send, "take": take, "compare": compare}[sys.argv[1]](*sys.argv[2:])
