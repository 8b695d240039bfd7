#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP, with what is needed to compare what arrived.

usage: nat_web.py serve PORT FOLDER | get URL | put URL FILE
The server gives the files of FOLDER and answers what is put with its digest;
get and put print the digest of what came or went.
"""
import hashlib
import http.client
import http.server
import os
import socket
import sys
import urllib.parse

PIECE = 1 << 20
PATIENCE_S = 20


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_PUT(self):
        rest = int(self.headers["Content-Length"])
        digest = hashlib.sha256()
        while rest:
            data = self.rfile.read(min(rest, PIECE))
            rest -= len(data)
            digest.update(data)
        answer = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    address_family = socket.AF_INET6


def request(method, url, body=None, size=0):
    parts = urllib.parse.urlsplit(url)
    to = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_S)
    to.request(method, parts.path, body, {"Content-Length": str(size)})
    return to.getresponse()


def get(url):
    digest = hashlib.sha256()
    answer = request("GET", url)
    assert answer.status == 200, answer.status
    while data := answer.read(PIECE):
        digest.update(data)
    print(digest.hexdigest())


def put(url, name):
    with open(name, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        came = request("PUT", url, file, os.path.getsize(name)).read().decode()
    assert came == digest, (came, digest)
    print(digest)


if sys.argv[1] == "serve":
    os.chdir(sys.argv[3])
    server = Server(("", int(sys.argv[2])), Handler)
    print("ready", flush=True)
    server.serve_forever()
elif sys.argv[1] == "get":
    get(sys.argv[2])
else:
    put(sys.argv[2], sys.argv[3])
