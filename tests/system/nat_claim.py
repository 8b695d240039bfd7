#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Claims an address for eth0, as a guest does that was given it by mistake.

usage: nat_claim.py ADDRESS
An ARP announcement, or an unsolicited neighbour advertisement.
"""
import socket
import struct
import sys

with open("/sys/class/net/eth0/address", encoding="ascii") as file:
    MAC = bytes.fromhex(file.read().strip().replace(":", ""))
ALL = socket.inet_pton(socket.AF_INET6, "ff02::1")


def sum16(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp(address):
    head = struct.pack("!HHBBH", 1, 0x800, 6, 4, 1)
    body = head + MAC + address + bytes(6) + address
    return b"\xff" * 6 + MAC + b"\x08\x06" + body


def advertisement(address):
    icmp = bytearray(struct.pack("!BBHB3x", 136, 0, 0, 0x20))
    icmp += address + b"\x02\x01" + MAC
    pseudo = address + ALL + struct.pack("!II", len(icmp), 58)
    struct.pack_into("!H", icmp, 2, sum16(pseudo + bytes(icmp)))
    ip = struct.pack("!IHBB", 6 << 28, len(icmp), 58, 255) + address + ALL
    return b"\x33\x33\0\0\0\x01" + MAC + b"\x86\xdd" + ip + icmp


def main():
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("eth0", 0))
    if ":" in sys.argv[1]:
        link.send(advertisement(socket.inet_pton(socket.AF_INET6, sys.argv[1])))
    else:
        link.send(arp(socket.inet_aton(sys.argv[1])))


main()
