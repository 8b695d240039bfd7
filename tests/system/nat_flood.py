#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""UDP flows and pings of guests that do not exist, on eth0.

usage: nat_flood.py NAT_MAC ADDRESS COUNT udp|echo
Each is of another MAC address, another address of 10.0.2.0/24 and another
port; the same ones, however often it is run.
"""
import random
import socket
import struct
import sys
import time

BURST = 50


def sum16(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame_of(draw, to_mac, to, what):
    mac = b"\x02" + draw.randbytes(5)
    source = bytes([10, 0, 2, draw.randrange(50, 250)])
    port = draw.randrange(1024, 65536)
    if what == "udp":  # without a checksum
        payload = struct.pack("!HHHH", port, 9001, 10, 0) + b"hi"
    else:
        payload = struct.pack("!BBHHH", 8, 0, 0, port, 1)
        payload = payload[:2] + struct.pack("!H", sum16(payload)) + payload[4:]
    protocol = 17 if what == "udp" else 1
    ip = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, source, to
    )
    ip = ip[:10] + struct.pack("!H", sum16(ip)) + ip[12:]
    return to_mac + mac + b"\x08\x00" + ip + payload


def main():
    to_mac = bytes.fromhex(sys.argv[1].replace(":", ""))
    to = socket.inet_aton(sys.argv[2])
    draw = random.Random(1)
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("eth0", 0x800))
    for i in range(int(sys.argv[3])):
        link.send(frame_of(draw, to_mac, to, sys.argv[4]))
        if i % BURST == BURST - 1:
            time.sleep(0.005)


main()
