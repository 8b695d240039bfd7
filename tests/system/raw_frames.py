#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends and takes frames as they are, tags included.

  send IFNAME HEX...    these frames
  take IFNAME COUNT     so many that others have sent, as hex lines, within
                        10 seconds; without IP and ARP, which the kernels on
                        both ends send
"""
import socket
import sys
import time

from capture_frames import PACKET_AUXDATA, PACKET_IGNORE_OUTGOING
from capture_frames import SOL_PACKET, raw_socket, with_tag

KERNELS = (b"\x86\xdd", b"\x08\x00", b"\x08\x06")
TAGS = (b"\x81\x00", b"\x88\xa8")
PATIENCE_S = 10


def kind(frame):
    """Its type behind all tags."""
    at = 12
    while frame[at : at + 2] in TAGS:
        at += 4
    return frame[at : at + 2]


def send(ifname, *frames):
    s = raw_socket(ifname)
    for frame in frames:
        s.send(bytes.fromhex(frame))


def take(ifname, count):
    s = raw_socket(ifname)
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    print("ready", file=sys.stderr, flush=True)
    left, end = int(count), time.monotonic() + PATIENCE_S
    while left:
        s.settimeout(max(end - time.monotonic(), 0.001))
        frame, ancillary, _, _ = s.recvmsg(70000, 1000)
        frame = with_tag(frame, ancillary)
        if kind(frame) not in KERNELS:
            print(frame.hex())
            left -= 1


if __name__ == "__main__":
    {"send": send, "take": take}[sys.argv[1]](*sys.argv[2:])
