#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends datagrams of UDP, many in one call, for the system to segment.

usage: datagrams.py known | take ADDRESS PORT | give ADDRESS PORT
known ends with 0 if TAPs of this kernel hand over such calls as super-frames.
give sends 5 times 20 datagrams of 1200 bytes, the last of each 20 of 500. take
prints "ready" when it listens, and "right" when all have come as they were.
"""
import fcntl
import socket
import struct
import sys
import time

UDP_SEGMENT = 103  # linux/udp.h
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
CSUM_USO = 0x1 | 0x20 | 0x40
CALLS, EACH, SIZE, LAST = 5, 20, 1200, 500


def payload(number):
    size = LAST if number % EACH == EACH - 1 else SIZE
    return struct.pack("!I", number) * (size // 4)


def known():
    with open("/dev/net/tun", "r+b", buffering=0) as tun:
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"uso", 0x5002))
        try:
            fcntl.ioctl(tun, TUNSETOFFLOAD, CSUM_USO)
        except OSError:
            sys.exit(1)


def end(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.socket(family, socket.SOCK_DGRAM)


def take(address, port):
    with end(address) as s:
        s.bind((address, port))
        print("ready", flush=True)
        s.settimeout(20)
        for number in range(CALLS * EACH):
            if s.recv(2000) != payload(number):
                sys.exit(f"datagram {number} is not right")
    print("right", flush=True)


def give(address, port):
    with end(address) as s:
        s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
        for call in range(CALLS):
            numbers = range(call * EACH, (call + 1) * EACH)
            s.sendto(b"".join(map(payload, numbers)), (address, port))
            time.sleep(0.05)  # the receiver's buffer is not what is tested


if sys.argv[1] == "known":
    known()
elif sys.argv[1] == "take":
    take(sys.argv[2], int(sys.argv[3]))
else:
    give(sys.argv[2], int(sys.argv[3]))
