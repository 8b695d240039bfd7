#!/usr/bin/env python3
# Writes the corpus of fuzz_dns; its head says what an input is.
# usage: tests/fuzz/corpus_dns.py (again after a change of the layout)
# SPDX-License-Identifier: MIT
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus/dns")
A, PTR, AAAA, ANY = 1, 12, 28, 255
LATE = 0x80


def name(text):
    return b"".join(bytes((len(label),)) + label.encode()
                    for label in text.split(".") if label) + b"\0"


def opt(size=1232, data=b""):
    return b"\0" + struct.pack(">HHIH", 41, size, 0, len(data)) + data


def ask(text, kind=A, extra=(), flags=0x0100, questions=1):
    return (struct.pack(">6H", 0x1234, flags, questions, 0, 0, len(extra))
            + name(text) + struct.pack(">HH", kind, 1) + b"".join(extra))


def stream(*messages):
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


own = [ask("alice.lab"), ask("ALICE"), ask("alice.lab", AAAA),
       ask("bob.lab"), ask("gateway.lab", AAAA), ask("dns", ANY),
       ask("33.2.0.10.in-addr.arpa", PTR), ask("9.2.0.10.in-addr.arpa", PTR)]
cookie = opt(4096, struct.pack(">HH", 10, 8) + bytes(8))
inputs = {
    "own": bytes((127,)) + stream(*own),
    "bytewise": bytes((0,)) + stream(*own),
    "late": bytes((LATE | 40,)) + stream(*own),
    "edns": bytes((30,)) + stream(ask("alice.lab", extra=[opt()]),
                                  ask("a.example", extra=[cookie])),
    "world": bytes((LATE | 9,)) + stream(ask("www.example"), ask(""),
                                         ask("lab", 6)),
    "two_opt": bytes((99,)) + stream(ask("alice.lab", extra=[opt(), opt()])),
    "pointer": bytes((99,)) + stream(
        ask("").replace(b"\0\0\1\0\1", b"\xc0\x0c\0\1\0\1")),
    "long_name": bytes((99,)) + stream(
        ask(".".join(["x" * 63] * 3 + ["y" * 61])),
        ask(".".join(["x" * 63] * 3 + ["y" * 62]))),
    "no_question": bytes((99,)) + stream(ask("a", questions=0),
                                         ask("a", questions=2)),
    "opcodes": bytes((99,)) + stream(ask("a", flags=0x2800),
                                     ask("a", flags=0x8000), ask("alice")),
    "tail": bytes((99,)) + stream(ask("alice") + b"x"),
    "lengths": bytes((99,)) + stream(ask("alice")) + b"\xff\xff" + ask("a"),
    "short": bytes((LATE | 1,)) + stream(ask("alice"))[:-3],
    "message": bytes((99,)) + ask("alice.lab"),
}
os.makedirs(HERE, exist_ok=True)
for label, data in inputs.items():
    with open(os.path.join(HERE, label), "wb") as f:
        f.write(data)
