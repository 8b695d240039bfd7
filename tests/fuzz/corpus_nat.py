#!/usr/bin/env python3
# Writes the corpora of fuzz_dhcp and fuzz_neigh; their heads say what an input
# is. usage: tests/fuzz/corpus_nat.py (again after a change of the layout)
# SPDX-License-Identifier: MIT
import ipaddress
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
NAT = bytes((0x52, 0x55, 10, 0, 2, 2))
GUEST = bytes((2, 0, 0, 0, 0, 7))
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)


def write(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as f:
        f.write(data)


def ip(text):
    return ipaddress.ip_address(text).packed


def opt(code, value):
    return bytes((code, len(value))) + value


def dhcp(client, kind, *options, ciaddr=0, flags=0, minutes=0):
    body = bytes((client, ciaddr, flags)) + opt(53, bytes((kind,)))
    body += b"".join(options) + b"\xff"
    body += bytes(-len(body) % 4)
    return bytes((len(body) // 4, minutes)) + body


def wanted(last):
    return opt(50, bytes((10, 0, 2, last)))


SERVER = opt(54, ip("10.0.2.2"))


def lease(client, last, *options):
    return dhcp(client, DISCOVER) + dhcp(client, REQUEST, SERVER, wanted(last),
                                         *options)


def dhcp_corpus():
    def name(text):
        return opt(12, text)

    full = b"".join(lease(i, last) for i, last in
                    enumerate((15, 17, 18, 19, 20), 20))
    for label, data in {
        "lease": lease(1, 15, name(b"alice")),
        "names": lease(1, 15, name(b"pc")) + lease(2, 17, name(b"pc.lan"))
        + lease(3, 18, name(b"a_b")),
        "fixed": lease(9, 40, name(b"other")) + dhcp(9, RELEASE, ciaddr=40),
        "renew": lease(1, 15) + dhcp(1, REQUEST, ciaddr=15, minutes=30),
        "late": lease(1, 15) + dhcp(1, REQUEST, ciaddr=15, minutes=90),
        "reboot": dhcp(1, REQUEST, wanted(18)) + dhcp(2, REQUEST, wanted(18)),
        "unknown": dhcp(1, REQUEST, ciaddr=19) + dhcp(2, REQUEST, ciaddr=99),
        "release": lease(1, 15) + dhcp(1, RELEASE, SERVER, ciaddr=15)
        + lease(2, 17),
        "decline": lease(1, 15) + dhcp(1, DECLINE, SERVER, wanted(15))
        + lease(1, 17) + lease(2, 15),
        "inform": dhcp(1, INFORM, opt(55, bytes((1, 3, 6, 15, 119))),
                       ciaddr=99),
        "other": dhcp(1, DISCOVER)
        + dhcp(1, REQUEST, opt(54, ip("10.0.2.9")), wanted(15)),
        "full": full + dhcp(1, DISCOVER) + dhcp(1, DISCOVER, minutes=61),
        "wishes": dhcp(1, DISCOVER, opt(55, bytes((1, 26, 119))),
                       opt(57, b"\x05\xdc"), opt(61, b"\x01" + GUEST),
                       flags=0x80),
        "overload": dhcp(1, DISCOVER, opt(52, b"\x03")),
        "short": dhcp(1, DISCOVER)[:-6] + b"\x0c\xff",
        "raw": bytes(2) + NAT + GUEST + b"\x08\x00"
        + struct.pack(">BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 17, 0)
        + ip("10.0.2.15") + ip("10.0.2.2")
        + struct.pack(">HHHH", 68, 67, 8, 0),
    }.items():
        write("dhcp", label, data)


def frame(ethertype, payload, right=True):
    data = NAT + GUEST + struct.pack(">H", ethertype) + payload
    return struct.pack(">H", len(data) | (0x8000 if right else 0)) + data


def arp(op, spa, tpa):
    return frame(0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, op) + GUEST
                 + ip(spa) + bytes(6) + ip(tpa))


def ip4(src, dst, payload, options=b"", fragment=0):
    header = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0,
                         20 + len(options) + len(payload), 1, fragment, 64, 1,
                         0)
    return frame(0x0800, header + ip(src) + ip(dst) + options + payload)


def ip6(src, dst, payload, following=58, right=True):
    header = struct.pack(">IHBB", 6 << 28, len(payload), following, 255)
    return frame(0x86DD, header + ip(src) + ip(dst) + payload, right)


def nd(kind, target, option):
    return bytes((kind,)) + bytes(7) + ip(target) + option


def neigh_corpus():
    mac1 = b"\x01\x01" + GUEST
    mac2 = b"\x02\x01" + GUEST
    echo4 = bytes((8, 0, 0, 0, 1, 2, 0, 1)) + b"abcdefgh"
    echo6 = bytes((128,)) + echo4[1:]
    for label, data in {
        "arp": arp(1, "10.0.2.15", "10.0.2.2"),
        "arp-probe": arp(1, "0.0.0.0", "10.0.2.3"),
        "arp-claim": arp(2, "10.0.2.2", "10.0.2.15"),
        "arp-reply": arp(2, "10.0.2.15", "10.0.2.2"),
        "arp-others": arp(1, "10.0.2.15", "10.0.2.16")
        + arp(1, "10.0.2.255", "10.0.2.0"),
        "ns": ip6("fd00::f", "ff02::1:ff00:2", nd(135, "fd00::2", mac1)),
        "ns-link": ip6("fe80::f", "fe80::2", nd(135, "fe80::2", b"")),
        "ns-dad": ip6("::", "ff02::1:ff00:3", nd(135, "fd00::3", b"")),
        "ns-option": ip6("fd00::f", "fd00::2",
                         nd(135, "fd00::2", bytes(8) + mac1)),
        "na": ip6("fe80::f", "fe80::2", nd(136, "fe80::f", mac2)),
        "na-claim": ip6("fe80::f", "ff02::1", nd(136, "fd00::2", mac2)),
        "echo4": ip4("10.0.2.15", "10.0.2.2", echo4),
        "echo4-options": ip4("10.0.2.15", "10.0.2.3", echo4, b"\x01" * 8),
        "echo4-fragment": ip4("10.0.2.15", "10.0.2.2", echo4,
                              fragment=0x2000),
        "echo6": ip6("fd00::f", "fd00::3", echo6),
        "echo6-wrong": ip6("fd00::f", "fd00::3", echo6, right=False),
        "echo6-headers": ip6("fd00::f", "fd00::2",
                             bytes((60, 0)) + bytes(6)
                             + bytes((44, 0)) + bytes(6)
                             + bytes((58, 0)) + bytes(6) + echo6, 0),
        "row": arp(1, "10.0.2.15", "10.0.2.2")
        + ip4("10.0.2.15", "10.0.2.2", echo4)
        + ip6("fd00::f", "fd00::2", echo6),
    }.items():
        write("neigh", label, data)


dhcp_corpus()
neigh_corpus()
