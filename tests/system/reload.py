# SPDX-License-Identifier: MIT
"""Applies two files in turn: usage: reload.py CONTROL PID TIMES FILE FILE

By SIGHUP (the first FILE is the one that switchd reads: it is replaced) and by `apply` on one
connection. Fails if descriptors or memory of switchd (PID) grow after a tenth
of it.
"""
import json
import os
import signal
import socket
import sys
import time

control, pid, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
files = sys.argv[4:6]
texts = [open(name, "rb").read() for name in files]
REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"apply","params":{"file":"x"}}\n'
GROWTH_KB = 4096


def fds():
    return len(os.listdir("/proc/%d/fd" % pid))


def rss_kb():
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * 4


def reply(s):
    data = b""
    while not data.endswith(b"\n"):
        more = s.recv(1 << 16)
        assert more, "switchd has closed the connection"
        data += more
    return json.loads(data)["result"]


def apply(s, text):
    fd = os.memfd_create("text")
    os.write(fd, text)
    socket.send_fds(s, [REQUEST], [fd])
    os.close(fd)
    return reply(s)


def ports(s):
    """The names of all ports that are up."""
    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"ports"}\n')
    return {r["port"] for r in reply(s)["rows"] if r["state"] == "up"}


def await_ports(s, want):
    until = time.monotonic() + 30
    while ports(s) != want:
        assert time.monotonic() < until, (ports(s), want)


def hup(text):
    with open(files[0] + ".new", "wb") as f:
        f.write(text)
    os.rename(files[0] + ".new", files[0])
    os.kill(pid, signal.SIGHUP)


def run(s, count, both):
    for i in range(count):
        assert apply(s, texts[i % 2])["more"] == 0
    await_ports(s, both[(count - 1) % 2])
    for i in range(count):
        hup(texts[i % 2])
    await_ports(s, both[(count - 1) % 2])


with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
    s.settimeout(30)
    s.connect(control)
    both = [set(), set()]
    for i in (1, 0):
        apply(s, texts[i])
        time.sleep(0.5)
        both[i] = ports(s)
    assert both[0] != both[1]
    run(s, times // 10, both)
    before = fds(), rss_kb()
    run(s, times, both)
    until = time.monotonic() + 10
    while fds() != before[0] and time.monotonic() < until:
        time.sleep(0.1)
    after = fds(), rss_kb()
    print("fds %d -> %d, RSS %d -> %d kB" % (before[0], after[0],
                                             before[1], after[1]))
    assert after[0] == before[0]
    assert after[1] < before[1] + GROWTH_KB
