#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Questions from a certain port, by TCP and UDP at once, to port 7000.

usage: nat_ports.py serve | ask ADDRESS SOURCE-PORT [TIMES]
Every question is of one guest alone, and so must be its answer.
"""
import os
import socket
import sys
import threading

PATIENCE_S = 20


def echo(peer):
    with peer:
        while data := peer.recv(1 << 16):
            peer.sendall(data)


def echo_udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("", 7000))
        while True:
            data, sender = udp.recvfrom(1 << 16)
            udp.sendto(data, sender)


def serve():
    listener = socket.create_server(("", 7000))
    threading.Thread(target=echo_udp).start()
    print("ready", flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=echo, args=(peer,), daemon=True).start()


def ask(address, port, times):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", port))
    udp.settimeout(PATIENCE_S)
    with socket.create_connection(
        (address, 7000), PATIENCE_S, ("0.0.0.0", port)
    ) as tcp:
        for _ in range(times):
            question = os.urandom(16)
            tcp.sendall(question)
            udp.sendto(question, (address, 7000))
            assert tcp.recv(16, socket.MSG_WAITALL) == question
            assert udp.recv(1 << 16) == question


if sys.argv[1] == "serve":
    serve()
else:
    ask(sys.argv[2], int(sys.argv[3]), int((sys.argv + ["1"])[4]))
