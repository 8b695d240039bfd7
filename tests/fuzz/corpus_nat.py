#!/usr/bin/env python3
# Writes the corpora of fuzz_dhcp, fuzz_neigh and fuzz_nat; their heads say what
# an input is. usage: tests/fuzz/corpus_nat.py (again after a change of the layout)
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


# Without the mark that the checksums are right: fuzz_nat makes them so.
def bare(framed):
    return bytes((framed[0] & 0x7F,)) + framed[1:]


def packet(src, dst, protocol, payload, **more):
    if ":" in src:
        return bare(ip6(src, dst, payload, protocol))
    framed = bytearray(bare(ip4(src, dst, payload, **more)))
    framed[2 + 14 + 9] = protocol
    return bytes(framed)


def tcp(flags, seq, ack, data=b"", options=b"", port=80, src="10.0.2.15",
        dst="192.0.2.1", **more):
    size = 20 + len(options)
    head = struct.pack(">HHIIBBHHH", 1000, port, seq, ack, size // 4 << 4,
                       flags, 65535, 0, 1 if flags & 0x20 else 0)
    return packet(src, dst, 6, head + options + data, **more)


def udp(data, port=4000, src="10.0.2.15", dst="192.0.2.1", **more):
    head = struct.pack(">HHHH", 1000, port, 8 + len(data), 0)
    return packet(src, dst, 17, head + data, **more)


def nat_corpus():
    fin, syn, rst, psh, ack, urg = 1, 2, 4, 8, 16, 32
    mss = b"\x02\x04\x05\xb4"
    opened = tcp(syn, 100, 0, options=mss) + tcp(ack, 101, 2)
    v6 = {"src": "fd00::f", "dst": "2001:db8::1"}
    echo = bytes((8, 0, 0, 0, 1, 2, 0, 1)) + b"abcdefgh"
    query = struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"\x01a\x00\x00\x01" \
        b"\x00\x01"
    for label, data in {
        "open": opened,
        "data": opened + tcp(ack | psh, 101, 2, b"hello" * 200)
        + tcp(ack, 1101, 32770) + tcp(ack | fin, 1101, 40002)
        + tcp(ack, 1102, 40003),
        "holes": opened + tcp(ack, 601, 2, bytes(500))
        + tcp(ack, 101, 2, bytes(700)) + tcp(ack, 301, 2, bytes(10)),
        "urgent": opened + tcp(ack | urg, 101, 2, b"x" * 9)
        + tcp(ack | urg | psh, 110, 2, b""),
        "reset": opened + tcp(rst, 101, 2) + tcp(ack, 101, 2, b"x"),
        "small-mss": tcp(syn, 1, 0, options=b"\x02\x04\x00\x01")
        + tcp(ack, 2, 2),
        "stray": tcp(ack, 1, 1, b"x") + tcp(syn | fin, 1, 1) + tcp(0, 1, 1),
        "options": tcp(syn, 1, 0, options=b"\x01\x02\x04\x05\xb4\x00\x03\x00"),
        "many": b"".join(tcp(syn, i, 0, port=i) for i in range(15)),
        "six": tcp(syn, 100, 0, options=mss, **v6) + tcp(ack, 101, 2, **v6)
        + tcp(ack | psh, 101, 2, b"x" * 99, **v6),
        "ip-options": udp(b"x", options=b"\x07\x07\x04" + bytes(5)),
        "fragments": udp(b"x" * 24, fragment=0x2000)
        + packet("10.0.2.15", "192.0.2.1", 17, b"y" * 32, fragment=4)
        + packet("10.0.2.15", "192.0.2.1", 17, b"z" * 16, fragment=0x2002),
        "udp": udp(b"x" * 100) + udp(b"", 53) + udp(b"y", **v6),
        "tftp": udp(b"\x00\x01passwd\x00octet\x00", 69, dst="10.0.2.2"),
        "echo": packet("10.0.2.15", "192.0.2.1", 1, echo)
        + packet("fd00::f", "2001:db8::1", 58, b"\x80" + echo[1:]),
        "dns": udp(query, 53, dst="10.0.2.3")
        + udp(query, 53, src="fd00::f", dst="fd00::3")
        + tcp(syn, 1, 0, port=53, dst="10.0.2.3"),
        "host": udp(b"x", dst="10.0.2.2") + tcp(syn, 1, 0, dst="127.0.0.1")
        + tcp(syn, 1, 0, dst="0.0.0.0", options=mss),
        "router": bare(ip6("fe80::f", "ff02::2", bytes((133,)) + bytes(7)))
        + udp(b"\x0b\x01\x02\x03\x00\x01\x00\x04abcd", 547, src="fe80::f",
              dst="ff02::1:2"),
        "who": bare(arp(1, "10.0.2.15", "10.0.2.2")),
    }.items():
        write("nat", label, b"\x00" + data)
        write("nat", label + "-loopback", b"\x01" + data)


dhcp_corpus()
neigh_corpus()
nat_corpus()
