#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""UDP between two ends.

usage: nat_udp.py serve | CASE ADDRESS
       nat_udp.py fill ADDRESS COUNT
The server sends every datagram back from port 9001 and from 9002; from 9003 it
answers with the sender's port, as it sees it.
"""
import resource
import select
import socket
import sys
import time

TRIES = 10


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def make(address):
    s = socket.socket(family_of(address), socket.SOCK_DGRAM)
    s.settimeout(2)
    return s


def ask(s, data, to):
    """What comes back; a datagram may get lost, but not all of them."""
    for _ in range(TRIES):
        s.sendto(data, to)
        try:
            while True:
                answer, sender = s.recvfrom(65536)
                if sender[:2] == to:
                    return answer
        except TimeoutError:
            continue
    raise AssertionError(f"no answer to {len(data)} bytes from {to}")


def sizes(address):
    with make(address) as s:
        for size in (1, 1472, 1473, 4000, 20000, 60000, 0):
            data = bytes(i * 7 & 255 for i in range(size))
            assert ask(s, data, (address, 9001)) == data, size


def empty(address):
    with make(address) as s:
        assert ask(s, b"", (address, 9001)) == b""
        assert ask(s, b"x", (address, 9001)) == b"x"


def one_port(address):
    """Flows of one port: one to the other end, too."""
    with make(address) as s:
        for _ in range(3):
            for port in 9001, 9002:
                data = str(port).encode()
                assert ask(s, data, (address, port)) == data
        first = ask(s, b"?", (address, 9003))
        ask(s, b"x", (address, 9001))
        assert ask(s, b"?", (address, 9003)) == first


def closed(address):
    """Nobody listens there, and the sender hears of it."""
    with make(address) as s:
        s.connect((address, 9080))
        for _ in range(TRIES):
            s.send(b"x")
            try:
                s.recv(1)
            except ConnectionRefusedError:
                return
            except TimeoutError:
                continue
    raise AssertionError("nothing said that the port is closed")


def fill(address, count):
    """As many flows as that, from a port each."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ends = []
    for i in range(count):
        ends.append(make(address))
        ends[-1].sendto(b"x", (address, 9001))
        if i % 50 == 49:
            time.sleep(0.01)
    assert ask(ends[0], b"y", (address, 9001)) in (b"x", b"y")


def serve():
    ends = {}
    for port in 9001, 9002, 9003:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", port))
        ends[s] = port
    print("ready", flush=True)
    while True:
        for s in select.select(list(ends), [], [])[0]:
            data, sender = s.recvfrom(65536)
            s.sendto(str(sender[1]).encode() if ends[s] == 9003 else data, sender)


if sys.argv[1] == "serve":
    serve()
elif sys.argv[1] == "fill":
    fill(sys.argv[2], int(sys.argv[3]))
else:
    {"sizes": sizes, "empty": empty, "one_port": one_port, "closed": closed}[
        sys.argv[1]
    ](sys.argv[2])
