#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends garbage to a lab: usage: garbage.py VDE-DIR CONTROL UDP-PORT

Every client here must be refused or ignored; the script fails only if the
switch holds one of them for longer than it may. Seeded: the same every time.
"""
import os
import random
import socket
import struct
import sys
import time

random.seed(1)


def stream(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(8)
    s.connect(path)
    return s


def must_close(s, what):
    try:
        while s.recv(65536):
            pass
    except ConnectionError:
        pass
    except socket.timeout:
        sys.exit("still open after 8 s: " + what)
    s.close()


def send(s, data):
    try:
        s.sendall(data)
    except OSError:
        pass


def vde_request(path, version=3, kind=0, magic=0xFEEDFACE):
    return struct.pack("=IIIH108s", magic, version, kind, 1, path)


def vde(directory):
    ctl = directory + "/ctl"
    bad = [
        b"",
        random.randbytes(12),
        random.randbytes(4096),
        vde_request(b"/tmp/x", magic=0xCEFAEDFE),
        vde_request(b"/tmp/x", version=2),
        vde_request(b"/tmp/x", version=4),
        vde_request(b"/tmp/x", kind=0xFFFFFF00),
        vde_request(b"relative"),
        vde_request(b"/run/../etc/passwd"),
        vde_request(b"/etc/passwd"),
        vde_request(b"/" + b"x" * 107),
        vde_request(b"/nonexistent") + b"d" * 1000,
        vde_request(directory.encode() + b"/ctl"),
        vde_request(b""),
    ]
    for data in bad:
        s = stream(ctl)
        send(s, data)
        must_close(s, "vde request %r" % data[:40])
    silent = [stream(ctl) for _ in range(40)]
    for s in silent:
        must_close(s, "a silent VDE client")


def control(path):
    bad = [
        b"\0" * 100 + b"\n",
        random.randbytes(3000).replace(b"\n", b"") + b"\n",
        b"[" * 30000 + b"\n",
        b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}\n',
        b'{"jsonrpc":"2.0","id":1,"id":1,"method":"show"}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 60000 + b'"}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"fdb","params":{"from":-1}}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"trace","params":{"port":7}}\n',
    ]
    for data in bad:
        s = stream(path)
        send(s, data)
        answer = s.recv(65536)
        assert b'"error"' in answer, (data[:40], answer[:200])
        s.close()
    s = stream(path)
    send(s, b"x" * 1000000)
    must_close(s, "a line of 1 MB")
    flood = stream(path)
    flood.setblocking(False)
    line = b'{"jsonrpc":"2.0","id":1,"method":"show"}\n' * 100
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            flood.send(line)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            break
    flood.close()
    many = []
    for _ in range(100):
        try:
            many.append(stream(path))
        except OSError:
            break
    for s in many:
        s.close()


def udp(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for size in (0, 1, 13, 14, 1500, 65507):
        s.sendto(random.randbytes(size), ("127.0.0.1", port))


def frames(directory):
    """A client that joined properly sends every sort of frame."""
    s = stream(directory + "/v")
    data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = directory.encode() + b"/.%05d-%05d" % (os.getpid(), 0)
    data.bind(path)
    data.setblocking(False)
    s.sendall(vde_request(path))
    reply = s.recv(4096)
    assert len(reply) == 110, len(reply)
    data.connect(reply[2:].rstrip(b"\0"))
    for i in range(20000):
        size = random.choice((0, 1, 13, 14, 15, 16, 17, 18, 60, 1514, 9000))
        frame = bytearray(random.randbytes(size))
        if i % 3 == 0 and size > 14:
            frame[12:14] = b"\x81\x00"
        if i % 2 == 0 and size > 12:
            frame[0:6] = b"\xff" * 6
        try:
            data.send(frame)
        except BlockingIOError:
            time.sleep(0.001)
    s.send(b"one more byte")
    must_close(s, "a client that talks on after joining")


def comings_and_goings(directory):
    """Each makes a port of its own, and takes it along."""
    for i in range(300):
        path = directory.encode() + b"/.%05d-%05d" % (os.getpid(), 1 + i)
        s = stream(directory + "/ctl")
        data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        data.bind(path)
        s.sendall(vde_request(path))
        assert len(s.recv(4096)) == 110
        os.unlink(path)
        s.close()
        data.close()


directory, control_path, udp_port = sys.argv[1:4]
vde(directory)
control(control_path)
udp(int(udp_port))
frames(directory)
comings_and_goings(directory)
