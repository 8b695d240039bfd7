#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A DHCP client with any MAC address, on eth0 (RFC 2131).

usage: dhcp_client.py discover|silence MAC | many N
       request|renew|release MAC ADDRESS
Prints what comes: "offer ADDRESS", "ack ADDRESS" or "nak", then each option as
"NUMBER HEX". Nothing is broadcast to it, if that can be helped: the flag is 0.
"""
import os
import select
import socket
import struct
import sys
import time

COOKIE = b"\x63\x82\x53\x63"
TYPES = {2: "offer", 5: "ack", 6: "nak"}
DISCOVER, REQUEST, RELEASE = 1, 3, 7
WISHES = bytes([1, 3, 6, 12, 15, 26, 51, 119])

link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
link.bind(("eth0", 0x800))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def option(number, value):
    return bytes([number, len(value)]) + value


def send(kind, mac, xid, ciaddr="0.0.0.0", options=b""):
    source = socket.inet_aton(ciaddr)
    body = struct.pack("!BBBBIHH4s12x6s202x", 1, 1, 6, 0, xid, 0, 0, source, mac)
    body += COOKIE + option(53, bytes([kind])) + options
    body += option(55, WISHES) + b"\xff"
    udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
    ip = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source, b"\xff" * 4
    )
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    link.send(b"\xff" * 6 + mac + b"\x08\x00" + ip + udp)


def parse(frame, mac, xid):
    """The kind, the address and the options, or None if it is not for us."""
    if frame[23] != 17 or frame[:6] not in (mac, b"\xff" * 6):
        return None
    dhcp = frame[14 + 20 + 8 :]
    if frame[34:38] != b"\x00\x43\x00\x44" or dhcp[236:240] != COOKIE:
        return None
    if struct.unpack("!I", dhcp[4:8])[0] != xid or dhcp[28:34] != mac:
        return None
    options, rest = {}, dhcp[240:]
    while rest and rest[0] != 255:
        options[rest[0]] = rest[2 : 2 + rest[1]]
        rest = rest[2 + rest[1] :]
    return TYPES[options[53][0]], socket.inet_ntoa(dhcp[16:20]), options


def ask(kind, mac, seconds=10, **words):
    """The answer, to a question that is asked again every other second."""
    xid = int.from_bytes(os.urandom(4), "big")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        send(kind, mac, xid, **words)
        again = time.monotonic() + 2
        while (left := min(again, end) - time.monotonic()) > 0:
            if select.select([link], [], [], left)[0]:
                if answer := parse(link.recv(2048), mac, xid):
                    return answer
    return None


def get_lease(mac):
    _, address, options = ask(DISCOVER, mac)
    wish = option(50, socket.inet_aton(address)) + option(54, options[54])
    kind, given, _ = ask(REQUEST, mac, options=wish)
    assert (kind, given) == ("ack", address), (kind, given, address)
    return address


def show(answer):
    kind, address, options = answer
    print(kind if kind == "nak" else f"{kind} {address}")
    for number, value in sorted(options.items()):
        print(number, value.hex())


word, who, *addresses = sys.argv[1:]
if word == "many":
    macs = [b"\x02\xaa\x00\x00" + struct.pack("!H", i) for i in range(int(who))]
    print("\n".join(get_lease(mac) for mac in macs))
    sys.exit()
client = bytes.fromhex(who.replace(":", ""))
if word == "discover":
    show(ask(DISCOVER, client))
elif word == "silence":
    assert ask(DISCOVER, client, seconds=3) is None
elif word == "request":  # as one that has been restarted
    wanted = option(50, socket.inet_aton(addresses[0]))
    show(ask(REQUEST, client, options=wanted))
elif word == "renew":
    show(ask(REQUEST, client, ciaddr=addresses[0]))
elif word == "release":
    server = option(54, socket.inet_aton(addresses[1]))
    send(RELEASE, client, 1, ciaddr=addresses[0], options=server)
