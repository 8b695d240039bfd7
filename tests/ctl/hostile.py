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
    """C2: no JSON, too deep, not UTF-8, NUL, a key twice."""
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
    """C1. (Silence for 30 s: see half_a_request.)"""
    with dial() as s:
        for i in range(len(SHOW)):
            s.sendall(SHOW[i:i + 1])
        assert json.loads(line(s))["result"]


def endless_line(data):
    """C2: 100 MB without a newline: refused after 64 KB."""
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


def deaf():
    """C3, C4: asks without end and reads nothing: it is not read either."""
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


def half_a_request():
    """C1: part of a request, and then nothing: closed after 30 s."""
    s = dial()
    s.sendall(SHOW[:20])
    s.settimeout(40)
    return s


def deaf_watchers():
    """C3: watch, and read nothing while much happens."""
    deaf = [dial() for _ in range(20)]
    for s in deaf:
        s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"watch"}\n')
    for i in range(2000):
        with dial() as s:
            s.sendall(
                b'{"jsonrpc":"2.0","id":1,"method":"fdb add",'
                b'"params":{"mac":"02:00:00:00:00:01","port":"a"}}\n')
            assert json.loads(line(s))["result"], i
    good()
    for s in deaf:
        s.close()


def descriptors():
    """What comes along and is of no use is closed, however it comes."""
    for count in (1, 2, 64, 253):
        with dial() as s:
            socket.send_fds(s, [SHOW], [0] * count)
            assert json.loads(line(s))["result"]
            socket.send_fds(s, [b"half"], [0] * count)
            socket.send_fds(s, [b"half"], [0] * count)
    pipe = os.pipe()
    with dial() as s:
        socket.send_fds(
            s, [b'{"jsonrpc":"2.0","id":1,"method":"apply",'
                b'"params":{"file":"pipe"}}\n'], [pipe[0]])
        assert "regular" in json.loads(line(s))["error"]["message"]
    os.close(pipe[0])
    os.close(pipe[1])


def torn():
    """Gone in the middle of a request or of an answer."""
    for i in range(1, len(SHOW)):
        with dial() as s:
            s.sendall(SHOW * 20 + SHOW[:i])


def stranger():
    """C5: another user's process, even if the file's mode let it in."""
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
half = half_a_request()
deaf()
deaf_watchers()
descriptors()
torn()
assert is_closed(half)
if os.getuid() == 0:
    stranger()
good()
until = time.monotonic() + 10
while fds() > before_fds and time.monotonic() < until:
    time.sleep(0.1)
assert fds() <= before_fds, (before_fds, fds())
assert rss() < before_rss + 64 * MB, (before_rss, rss())
