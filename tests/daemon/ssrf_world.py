#!/usr/bin/env python3
"""The whole internet, for a network namespace in which every address leads here.

    ssrf_world.py CERTIFICATE KEY LOG PUBLIC_KEY

Answers names on 127.0.0.1:53, serves brands' documents over TLS on port 443 and listens on other ports, on every address,
and writes one line to LOG for each thing that happens:

    knock ADDRESS PORT      somebody began a connection (the packet itself was seen, whether anybody listens or not)
    asked NAME              a name was resolved
    request METHOD HOST PATH

What names answer is in their first label: good; at-N, the N-th address that is not public; half-N, a public one and that;
turn-N, a public one the first time and that one afterwards; later-N, a public one until `now.brands.example` was asked
for, and that one afterwards; redirect-N, a public one, whose answer points to the N-th place.
"""

import http.server
import ipaddress
import json
import socket
import socketserver
import ssl
import struct
import sys
import threading

PUBLIC4, PUBLIC6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"
INSIDE = ["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8",
          "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.2.1", "192.88.99.1",
          "192.168.0.1", "192.168.255.254", "198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1",
          "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:7f00:1", "::ffff:a00:1",
          "::ffff:5db8:d822", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
          "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::",
          "2002:a00:1::1", "2002:c0a8:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1",
          "fec0::1", "ff02::1", "ff0e::1"]
PLACES = ["https://127.0.0.1/", "http://127.0.0.1/", "https://10.0.0.1/vrm-brand.json", "http://169.254.169.254/latest/meta-data/",
          "https://[::1]/", "https://localhost/", "https://at-2.brands.example/vrm-brand.json", "//127.0.0.1/", "file:///etc/passwd",
          "gopher://127.0.0.1:22/_", "https://2130706433/", "https://good.brands.example/vrm-brand.json", "/elsewhere"]
REDIRECTS = [301, 302, 303, 307, 308]

certificate, key, log_path, public_key = sys.argv[1:]
log = open(log_path, "a", buffering=1, encoding="utf-8")
log_lock = threading.Lock()
asked = {}
has_turned = threading.Event()


def note(*words):
    with log_lock:
        log.write(" ".join(words) + "\n")


def addresses_of(name, time):
    if not name.endswith(".brands.example"):
        return []
    kind, _, number = name.split(".")[0].partition("-")
    public = [PUBLIC4, PUBLIC6]
    inside = [INSIDE[int(number) % len(INSIDE)]] if number else []
    if kind == "now":
        has_turned.set()
    if kind == "at":
        return inside
    if kind == "half":
        return public + inside
    if kind == "turn":
        return public if time == 1 else inside
    if kind == "later":
        return inside if has_turned.is_set() else public
    return public


def answer(query):
    number = query[:2]
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12:at + 5]
    kind = struct.unpack(">H", query[at + 1:at + 3])[0]
    name = ".".join(labels).lower()
    note("asked", name)
    # A look-up asks once for A and once for AAAA, in any order: the second time that one of them comes is the second look-up.
    asked[name, kind] = asked.get((name, kind), 0) + 1
    found = [ipaddress.ip_address(each) for each in addresses_of(name, asked[name, kind])]
    records = b""
    count = 0
    for address in found:
        if (kind == 1 and address.version == 4) or (kind == 28 and address.version == 6):
            records += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(address.packed)) + address.packed
            count += 1
    return number + struct.pack(">HHHHH", 0x8580, 1, count, 0, 0) + question + records


def names():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.bind(("127.0.0.1", 53))
        ready.release()
        while True:
            query, who = desk.recvfrom(4096)
            desk.sendto(answer(query), who)


def knocks():
    """Every packet that begins a TCP connection, seen on its way."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)) as wire:
        wire.bind(("lo", 0))
        ready.release()
        while True:
            packet, where = wire.recvfrom(65536)
            if where[2] == 4:  # on its way out; it comes in as well
                continue
            if where[1] == 0x0800 and packet[9] == 6:
                to, segment = socket.inet_ntop(socket.AF_INET, packet[16:20]), packet[(packet[0] & 15) * 4:]
            elif where[1] == 0x86DD and packet[6] == 6:
                to, segment = socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[40:]
            else:
                continue
            if segment[13] & 0x12 == 0x02:
                note("knock", to, str(struct.unpack(">H", segment[2:4])[0]))


class Brand(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def tell(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        host = self.headers.get("Host", "")
        note("request", "GET", host, self.path)
        kind, _, number = host.split(".")[0].partition("-")
        if kind == "redirect":
            return self.tell(REDIRECTS[int(number) % len(REDIRECTS)], Location=PLACES[int(number) % len(PLACES)])
        at = f"https://{host}"
        document = {"client_id": at + self.path, "client_name": host.split(".")[0],
                    "vrm": {"introduction_endpoint": at + "/introduction", "mailbox_endpoint": at + "/mailbox"},
                    "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": public_key}]}}
        return self.tell(200, json.dumps(document).encode(), **{"Content-Type": "application/json"})

    def do_POST(self):
        note("request", "POST", self.headers.get("Host", ""), self.path)
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.tell(204)  # also of a mailbox with nothing in it


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_):
        pass

    def finish_request(self, request, client_address):
        request.settimeout(20)
        if self.server_address[1] == 443:
            request = trust.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)


class Listener6(Listener):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
trust.load_cert_chain(certificate, key)
ready = threading.Semaphore(0)
for port in (22, 80, 443, 8080, 8443):
    for server in (Listener(("0.0.0.0", port), Brand), Listener6(("::", port), Brand)):
        threading.Thread(target=server.serve_forever, daemon=True).start()
for each in (names, knocks):
    threading.Thread(target=each, daemon=True).start()
for each in range(2):
    ready.acquire()
note("ready", str(len(INSIDE)), str(len(PLACES)))
threading.Event().wait()
