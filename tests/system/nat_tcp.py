#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What TCP has to do between two ends, whichever of them began.

usage: nat_tcp.py serve FOLDER | hold ADDRESS PORT
       nat_tcp.py CASE ADDRESS FOLDER
The server has a port for each case, on all addresses; what it has seen is
left in FOLDER, which both ends see, too.
"""
import hashlib
import os
import socket
import struct
import sys
import threading
import time

PATIENCE_S = 20
HALF = 1_000_000
FAST = 30_000_000
CASES = {}


def case(port):
    """A case: the client's side of what has servers from that port on."""

    def add(client):
        CASES[client.__name__] = (port, client)
        return client

    return add


def path(name):
    return os.path.join(sys.argv[-1], name)


def leave(name, text=""):
    with open(path(name) + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(path(name) + ".new", path(name))


def wait_for(name):
    for _ in range(PATIENCE_S * 20):
        if os.path.exists(path(name)):
            with open(path(name), encoding="ascii") as file:
                text = file.read()
            os.unlink(path(name))
            return text
        time.sleep(0.05)
    raise TimeoutError(name)


def stick(peer):
    """Sends until that has not been possible for a second."""
    data = bytes(1 << 16)
    peer.settimeout(1)
    try:
        while peer.send(data):
            pass
    except TimeoutError:
        peer.settimeout(PATIENCE_S)


def read_all(peer):
    parts = []
    while data := peer.recv(1 << 20):
        parts.append(data)
    return b"".join(parts)


def bytes_of(seed, size):
    """Any bytes, the same on both sides."""
    word = hashlib.sha256(str(seed).encode()).digest()
    return word * (size // len(word))


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def expect_reset(peer):
    try:
        while peer.recv(1 << 16):
            pass
    except ConnectionResetError:
        return
    raise AssertionError("the end came, but not as a reset")


# --- Servers: each gets a connection ---------------------------------------


def serve_digest(peer):
    """Says what came, once the other side has said all."""
    peer.sendall(hashlib.sha256(read_all(peer)).digest())


def serve_half(peer):
    """Says all first, and hears what comes after."""
    peer.sendall(bytes_of("half", HALF))
    peer.shutdown(socket.SHUT_WR)
    leave("heard", hashlib.sha256(read_all(peer)).hexdigest())


def serve_reset(peer):
    peer.recv(1)
    reset(peer)


def serve_is_reset(peer):
    peer.sendall(peer.recv(1))
    expect_reset(peer)
    leave("was reset")


def serve_cut(peer):
    """Resets in the middle of what comes."""
    peer.recv(1 << 16)
    reset(peer)


def serve_stuck(peer):
    """Sends and does not read, as the other side; when both wait, resets."""
    stick(peer)
    reset(peer)
    leave("was stuck")


def serve_fast(peer):
    """Sends until the other side takes no more, says so, and sends on."""
    data = memoryview(bytes_of("fast", FAST))
    told = False
    peer.settimeout(1)
    while data:
        try:
            data = data[peer.send(data[: 1 << 16]) :]
        except TimeoutError:
            if not told:
                leave("stalled", str(len(data)))
            told = True


def serve_slow(peer):
    """Takes nothing until the other side could not send any more."""
    wait_for("may read")
    serve_digest(peer)


def serve_echo(peer):
    while data := peer.recv(1 << 16):
        peer.sendall(data)


# --- Clients ---------------------------------------------------------------


def at_once(one, count, times=1):
    """So many threads, each of which does it so often."""
    failures = []

    def repeat(number):
        try:
            for _ in range(times):
                one(number)
        except (OSError, AssertionError) as problem:
            failures.append((number, problem))

    threads = [threading.Thread(target=repeat, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:5]


@case(7001)
def half(address):
    """This side closes first, then the other one."""
    with connect(address, 7001) as peer:
        data = bytes_of("up", HALF)
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == hashlib.sha256(data).digest()
    with connect(address, 7002) as peer:
        assert read_all(peer) == bytes_of("half", HALF)
        peer.sendall(data)
    assert wait_for("heard") == hashlib.sha256(data).hexdigest()


@case(7003)
def resets(address):
    with connect(address, 7003) as peer:
        peer.sendall(b"x")
        expect_reset(peer)
    peer = connect(address, 7004)
    peer.sendall(b"x")
    assert peer.recv(1) == b"x"
    reset(peer)
    wait_for("was reset")


@case(7008)
def cut(address):
    """The other end resets while this one sends, which then ends; 300 times."""
    data = bytes_of("cut", FAST)

    def one(_):
        try:
            with connect(address, 7008) as peer:
                peer.sendall(data)
                expect_reset(peer)
        except (ConnectionResetError, BrokenPipeError):
            pass

    at_once(one, 6, 50)


@case(7009)
def stuck(address):
    """Reset while both ends send and none reads, which is heard after all that
    was on its way."""
    with connect(address, 7009) as peer:
        stick(peer)
        wait_for("was stuck")
        expect_reset(peer)


@case(7005)
def window(address):
    """A receiver that does not read: the sender waits, and goes on later."""
    with connect(address, 7005) as peer:
        assert int(wait_for("stalled")) > 0
        assert read_all(peer) == bytes_of("fast", FAST)
    with connect(address, 7006) as peer:
        data = bytes_of("slow", FAST)
        rest = memoryview(data)
        told = False
        peer.settimeout(1)
        while rest:
            try:
                rest = rest[peer.send(rest[: 1 << 16]) :]
            except TimeoutError:
                if not told:
                    leave("may read")
                told = True
        assert told, "nothing ever filled"
        peer.settimeout(PATIENCE_S)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == hashlib.sha256(data).digest()


@case(7007)
def parallel(address):
    """200 at once, each of them answered."""

    def one(number):
        with connect(address, 7007) as peer:
            word = f"{number:08}".encode()
            peer.sendall(word)
            assert peer.recv(8, socket.MSG_WAITALL) == word

    at_once(one, 200)


@case(7007)
def small(address):
    with connect(address, 7007) as peer:
        peer.sendall(b"y")
        assert peer.recv(1) == b"y"


@case(7007)
def urgent(address):
    """Urgent data: one byte as the system sends it, then a segment whose
    pointer is far beyond its end. What is sent next arrives, and no more."""
    with connect(address, 7007) as peer:
        peer.sendall(b"a")
        assert peer.recv(1) == b"a"
        peer.send(b"b", socket.MSG_OOB)
        assert peer.recv(1) == b"b"
        send_bad_urgent(peer)
        peer.sendall(b"cd")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"cd"


@case(7080)
def refused(address):
    refusal(address, 7080, ConnectionRefusedError)


@case(7080)
def refused_behind(address):
    """Of a forward, that nobody listens behind it shows afterwards."""
    try:
        with connect(address, 7080) as peer:
            assert not peer.recv(1)
    except ConnectionResetError:
        pass


@case(7080)
def unreachable(address):
    refusal(address, 7080, OSError)


SERVERS = {
    7001: serve_digest,
    7002: serve_half,
    7003: serve_reset,
    7004: serve_is_reset,
    7005: serve_fast,
    7006: serve_slow,
    7007: serve_echo,
    7008: serve_cut,
    7009: serve_stuck,
}


def refusal(address, port, kind):
    try:
        connect(address, port).close()
    except TimeoutError as problem:
        raise AssertionError("nothing said so") from problem
    except kind:
        return
    raise AssertionError("it was taken")


def sum16(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send_bad_urgent(peer):
    """The next byte that this end would send, urgent, beside the system."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.bind(("eth0", 3))
    wire.settimeout(PATIENCE_S)
    peer.sendall(b"e")
    port = peer.getsockname()[1]
    while True:
        frame, info = wire.recvfrom(65536)
        header = 14 + 4 * (frame[14] & 15)
        if (
            info[2] == socket.PACKET_OUTGOING
            and frame[12:14] == b"\x08\0"
            and frame[23] == socket.IPPROTO_TCP
            and struct.unpack_from("!H", frame, header)[0] == port
            and frame[header + 13] & 8
        ):
            break
    assert peer.recv(1) == b"e"
    seq, ack = struct.unpack_from("!II", frame, header + 4)
    tcp = bytearray(
        frame[header : header + 4]
        + struct.pack("!IIBBHHH", seq + 1, ack + 1, 5 << 4, 0x38, 60000, 0, 0xFFFF)
        + b"c"
    )
    pseudo = frame[26:34] + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp))
    struct.pack_into("!H", tcp, 16, sum16(pseudo + tcp))
    ip = bytearray(frame[14:34])
    ip[0] = 0x45
    struct.pack_into("!H", ip, 2, 20 + len(tcp))
    struct.pack_into("!H", ip, 10, 0)
    struct.pack_into("!H", ip, 10, sum16(bytes(ip)))
    wire.send(frame[:14] + ip + tcp)
    wire.close()


def connect(address, port):
    return socket.create_connection((address, port), timeout=PATIENCE_S)


def with_peer(serve_one, peer):
    peer.settimeout(PATIENCE_S)
    try:
        with peer:
            serve_one(peer)
    except OSError as problem:
        print(serve_one.__name__, problem, flush=True)


def accept_all(listener, serve_one):
    while True:
        peer, _ = listener.accept()
        threading.Thread(
            target=with_peer, args=(serve_one, peer), daemon=True
        ).start()


def serve():
    threads = []
    for port, serve_one in SERVERS.items():
        listener = socket.create_server(
            ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512
        )
        threads.append(
            threading.Thread(target=accept_all, args=(listener, serve_one))
        )
        threads[-1].start()
    print("ready", flush=True)


if sys.argv[1] == "serve":
    serve()
elif sys.argv[1] == "hold":
    with connect(sys.argv[2], int(sys.argv[3])) as held:
        held.sendall(b"x")
        assert held.recv(1) == b"x"
        print("ready", flush=True)
        time.sleep(200)
else:
    CASES[sys.argv[1]][1](sys.argv[2])
