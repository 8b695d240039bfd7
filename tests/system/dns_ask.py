#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks a name server (RFC 1035).

usage: dns_ask.py SERVER NAME [A|AAAA|TXT] [udp|tcp|any]
Prints addresses, or the bytes of all texts; "any" asks by TCP what UDP cuts
off, and then prints "cut" first. The exit status is the RCODE, or 99: none.
"""
import socket
import struct
import sys

KINDS = {"A": 1, "TXT": 16, "AAAA": 28}


def question(name, kind):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack("!6H", 77, 0x100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, 1)


def by_udp(server, message):
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.connect((server, 53))
        s.send(message)
        return s.recv(65535)


def by_tcp(server, message):
    with socket.create_connection((server, 53), timeout=10) as s, s.makefile("rb") as f:
        s.sendall(struct.pack("!H", len(message)) + message)
        return f.read(struct.unpack("!H", f.read(2))[0])


def skip_name(message, at):
    while message[at] and message[at] < 0xC0:
        at += 1 + message[at]
    return at + (2 if message[at] else 1)


def answers(message, kind):
    at = skip_name(message, 12) + 4
    for _ in range(struct.unpack("!H", message[6:8])[0]):
        at = skip_name(message, at)
        found, _, _, size = struct.unpack("!HHIH", message[at : at + 10])
        at += 10 + size
        if found == kind:
            yield message[at - size : at]


def main(server, name, kind="A", way="udp"):
    message = question(name, KINDS[kind])
    try:
        got = (by_tcp if way == "tcp" else by_udp)(server, message)
        if way == "any" and got[2] & 2:
            print("cut")
            got = by_tcp(server, message)
    except OSError as error:
        print(error)
        return 99
    for data in answers(got, KINDS[kind]):
        if kind == "TXT":
            print(len(data))
        else:
            print(socket.inet_ntop(socket.AF_INET if kind == "A" else socket.AF_INET6, data))
    return got[3] & 15


sys.exit(main(*sys.argv[1:]))
