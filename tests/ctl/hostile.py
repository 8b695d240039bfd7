# SPDX-License-Identifier: MIT
"""Clients that mean no good: usage: hostile.py CONTROL PID

After each of them a well-behaved one must be answered at once, and at the end
switchd (PID) has neither more descriptors nor much more memory than before.
"""
import json
import os
import socket
import sys
import time

path, pid = sys.argv[1], int(sys.argv[2])
SHOW = b'{"jsonrpc":"2.0","id":1,"method":"show"}\n'
MB = 1 << 20


def dial():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.connect(path)
    s.settimeout(10)
    return s


def line(s):
    """The next whole line, or what came before the end."""
    data = b""
    while not data.endswith(b"\n"):
        try:
            more = s.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            break
        data += more
    return data


def is_closed(s):
    try:
        while s.recv(65536):
            pass
    except ConnectionError:
        pass
    return True  # a timeout is an exception, and the end of the test


def good():
    with dial() as s:
        s.sendall(SHOW)
        assert json.loads(line(s))["result"]["lab"] == "hostile"


def error_of(data):
    with dial() as s:
        s.sendall(data)
        return json.loads(line(s))["error"]


def fds():
    return len(os.listdir("/proc/%d/fd" % pid))


def rss():
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def bad_lines():
    for data in (
        b"\n",
        b"\0" * 1000 + b"\n",
        b"[" * 60000 + b"\n",
        b'{"a":' * 10000 + b"\n",
        b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}\n',
        b'{"jsonrpc":"2.0","id":1,"id":1,"method":"show"}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"\\u0000"}\n',
    ):
        assert error_of(data)["code"] == -32700, data[:40]
        good()


def byte_at_a_time():
    with dial() as s:
        for i in range(len(SHOW)):
            s.sendall(SHOW[i:i + 1])
        assert json.loads(line(s))["result"]


def endless_line(data):
    """100 MB without a newline: refused after 64 KB."""
    with dial() as s:
        sent = 0
        try:
            while sent < 100 * MB:
                sent += s.send(data)
        except ConnectionError:
            pass
        assert sent < 10 * MB, sent
        assert b"too_large" in line(s)
        assert is_closed(s)


def crowd():
    """More than may be: the silent make room, the good one is served."""
    crowd = [dial() for _ in range(200)]
    good()
    for s in crowd[:100]:
        assert is_closed(s)
    good()
    for s in crowd:
        s.close()


def deaf():
    """Asks without end and reads nothing: it is not read either."""
    deaf = [dial() for _ in range(20)]
    for s in deaf:
        s.setblocking(False)
    sent = 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        for s in deaf:
            try:
                sent += s.send(SHOW * 1000)
            except BlockingIOError:
                pass
        good()
    assert sent < 20 * 2 * MB, sent
    for s in deaf:
        s.close()


def torn():
    """Gone in the middle of a request or of an answer."""
    for i in range(1, len(SHOW)):
        with dial() as s:
            s.sendall(SHOW * 20 + SHOW[:i])


def stranger():
    """Another user's process, even if the file's mode let it in."""
    folder = os.path.dirname(path)
    os.chmod(path, 0o666)
    os.chmod(folder, 0o711)
    os.chmod(os.path.dirname(folder), 0o711)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        s = dial()
        try:
            s.sendall(SHOW)
        except ConnectionError:
            pass
        os._exit(0 if line(s) == b"" else 1)
    assert os.waitpid(child, 0)[1] == 0


good()
before_fds, before_rss = fds(), rss()
bad_lines()
byte_at_a_time()
endless_line(b"x" * 65536)
endless_line(b"[" * 65536)
endless_line(b'{"a":"' + b"\xff" * 65530)
crowd()
deaf()
torn()
if os.getuid() == 0:
    stranger()
good()
until = time.monotonic() + 10
while fds() > before_fds and time.monotonic() < until:
    time.sleep(0.1)
assert fds() <= before_fds, (before_fds, fds())
assert rss() < before_rss + 64 * MB, (before_rss, rss())
