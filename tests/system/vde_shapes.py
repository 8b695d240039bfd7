#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins a VDE switch the way that each family of clients does, and answers.

usage: vde_shapes.py SHAPE CTL [NUMBER]

Shapes: v3 (122 bytes), text (with a description), unpacked (124 bytes,
sendto on an unconnected socket: dynamips, Bochs, UML), v1, abstract (UML's
daemon transport). Sends one broadcast frame of type 0x88b5, waits for one
such frame from somebody else, prints its payload and leaves by closing;
exits 3 if the switch refuses, 4 if no frame comes.
"""
import os
import socket
import struct
import sys

MAGIC = 0xFEEDFACE


def request(shape, path, number):
    family_path = struct.pack("=H108s", socket.AF_UNIX, path)
    if shape == "v1":
        return struct.pack("=II6s", MAGIC, 0, b"\2\0\0\0\0\1") + family_path
    head = struct.pack("=III", MAGIC, 3, number << 8)
    tail = {"unpacked": b"\xde\xad", "text": b"shape: user=me pid=1"}
    return head + family_path + tail.get(shape, b"")


def main():
    shape, ctl = sys.argv[1:3]
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stream.settimeout(5)
    data.settimeout(10)
    stream.connect(ctl)
    if shape == "abstract":
        path = b"\0" + struct.pack("=II", os.getpid(), 1) + b"\0" * 99
        data.bind(path)
    else:
        path = b"%s/.%05d-%05d" % (os.path.dirname(ctl).encode(), os.getpid(), 0)
        data.bind(path)
    stream.send(request(shape, path, number))
    reply = stream.recv(4096)
    if not reply:
        sys.exit(3)
    assert len(reply) == 110, len(reply)
    family, address = struct.unpack("=H108s", reply)
    assert family == socket.AF_UNIX
    address = address.rstrip(b"\0")
    mac = b"\2" + struct.pack(">IB", os.getpid(), 1)
    frame = b"\xff" * 6 + mac + b"\x88\xb5" + b"hello from " + shape.encode()
    if shape != "unpacked":
        data.connect(address)
        os.unlink(path) if shape != "abstract" else None
    send = (lambda b: data.sendto(b, address)) if shape == "unpacked" else data.send
    send(b"")  # libvdeplug 2 does so when it leaves
    send(frame)
    try:
        while True:
            got = data.recv(65536)
            if got[12:14] == b"\x88\xb5":
                break
    except socket.timeout:
        sys.exit(4)
    print(got[14:].decode())


main()
