# SPDX-License-Identifier: MIT
"""A thousand clients of the control socket at once, of every bad kind.

usage: crowd.py FOLDER PID: of test_crowd.sh, and of its switchd

Of the crowd 64 are served; others are told why not. Meanwhile one that asks
now and then keeps its place, newcomers are answered, and between the ports a
and b no frame is lost. Afterwards switchd has no more descriptors than before,
and no more memory after a second crowd than after the first.
"""
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time

folder, pid = sys.argv[1], int(sys.argv[2])
SHOW = b'{"jsonrpc":"2.0","id":1,"method":"show"}\n'
WATCH = b'{"jsonrpc":"2.0","id":1,"method":"watch"}\n'
PLACES = 64
BAD_JSON, TOO_LARGE, TOO_MANY = -32700, -32000, -32001

# What each kind says, and the codes of all that it is answered, where that is
# sure: who reads nothing has an answer under way when it is turned out.
KINDS = {
    "silent": (b"", [TOO_MANY]),
    "partial": (SHOW[:20], [TOO_MANY]),
    "huge": (b"x" * 70000, [TOO_LARGE]),
    "deep": (b"[" * 60000 + b"\n", [BAD_JSON, TOO_MANY]),
    "not UTF-8": (b'{"id":1,"method":"\xff"}\n', [BAD_JSON, TOO_MANY]),
    "deaf": (SHOW * 1500, None),
    "watcher": (WATCH, None),
}


def dial():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.connect(folder + "/run/control")
    s.settimeout(20)
    return s


def ask(s):
    s.sendall(SHOW)
    data = b""
    while not data.endswith(b"\n"):
        more = s.recv(65536)
        assert more, "closed after %r" % data
        data += more
    assert json.loads(data)["result"]["lab"] == "crowd", data


def to_the_end(s):
    data = b""
    try:
        while more := s.recv(65536):
            data += more
    except ConnectionError:
        pass
    return data


def ordinary():
    subprocess.run(["switchctl", "show"], check=True, timeout=20,
                   stdout=subprocess.DEVNULL)


class Frames:
    """Sends frames to and fro, one at a time, so that none may be missing."""

    def __init__(self):
        self.ends = [self.end(name) for name in "ab"]
        self.count = 0
        self.error = None
        self.stop = False
        self.thread = threading.Thread(target=self.run)

    @staticmethod
    def end(name):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind("%s/q%s" % (folder, name))
        s.settimeout(20)
        s.connect("%s/s%s" % (folder, name))
        return s

    def one(self, way):
        macs = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
        frame = macs[not way] + macs[way] + b"\x88\xb5" + b"%050d" % self.count
        self.ends[way].send(frame)
        got = self.ends[not way].recv(2000)
        assert got == frame, (got, frame)
        self.count += 1

    def run(self):
        try:
            while not self.stop:
                self.one(self.count % 2)
        except Exception as e:
            self.error = e

    @staticmethod
    def both_up():
        """The ports have seen that there is somebody to send to."""
        with open(folder + "/switchd.log") as log:
            return log.read().count(" joined") == 2

    def __enter__(self):
        until = time.monotonic() + 20
        while not self.both_up():
            assert time.monotonic() < until
            time.sleep(0.1)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.stop = True
        self.thread.join()
        for s in self.ends:
            s.close()


def fds():
    return len(os.listdir("/proc/%d/fd" % pid))


def rss():
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def fds_return_to(count):
    until = time.monotonic() + 20
    while fds() > count and time.monotonic() < until:
        time.sleep(0.05)
    assert fds() <= count, (fds(), count)


def crowd(frames, before_fds):
    """A thousand come; then they go."""
    kept = dial()
    clients = []
    for i in range(1000):
        kind = list(KINDS)[i % len(KINDS)]
        s = dial()
        try:
            s.sendall(KINDS[kind][0])
        except ConnectionError:
            assert kind == "huge"
        clients.append((kind, s))
        ask(kept)
        if i % 100 == 0:
            with dial() as newcomer:
                ask(newcomer)
            assert fds() <= before_fds + PLACES + 1, (fds(), before_fds)
    count = frames.count
    ordinary()
    # The last have places yet: half of all for who watches, every seventh.
    for kind, s in clients[:1000 - len(KINDS) * PLACES // 2 - 16]:
        data = to_the_end(s)
        codes = KINDS[kind][1]
        got = [json.loads(l)["error"]["code"] for l in data.splitlines()] \
            if codes else None
        assert got == codes, (kind, got, data[:500])
    ask(kept)
    while frames.count < count + 100 and not frames.error:
        time.sleep(0.01)
    for s in [kept] + [s for _, s in clients]:
        s.close()
    fds_return_to(before_fds)
    ordinary()


limit = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
with Frames() as frames:
    before, alone = fds(), rss()
    crowd(frames, before)
    once = rss()
    crowd(frames, before)
    twice = rss()
assert not frames.error, frames.error
print("%d frames forwarded, RSS %d, %d and %d kB" %
      (frames.count, alone >> 10, once >> 10, twice >> 10))
assert once < alone + (32 << 20) and twice < once + (4 << 20)
