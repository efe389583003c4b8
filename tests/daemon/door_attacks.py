#!/usr/bin/env python3
"""Attacks a running vrmd at its doors, and watches all along what that costs and whom it keeps waiting.

    door_attacks.py --door 127.0.0.1:PORT --path PATH --socket FILE --pid PID [--cert FILE] [--strict] [--sanitized]
                    [--only NAME]

PATH is a public one that answers 200. With --cert the door speaks TLS. While an attack runs, another process asks both
doors forty times a second, the brand door from an address that attacks nobody; each attack is one test. Always held:
what each attack says of itself, that the honest are served, that no descriptor stays, and that the daemon's resident
memory never grows by more than 32 MiB. --strict holds the waiting as well (it is printed either way) and sends 400 slow
ones of each kind, one kind after the other, instead of 400 of all kinds together. --sanitized is for a build whose memory is
a sanitizer's: memory is not held, and who must be gone after so many seconds may take thrice that, because answering what
was asked before is the door's work until then, and a sanitizer's work takes five to fifteen times as long.
"""

import argparse
import gzip
import multiprocessing
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings

MOST_GROWTH = 32 * 1024  # KiB
BRAND_P99, OWNER_P99 = 0.050, 0.030
HONEST = "127.0.0.200"
PATIENCE = 20.0

options = None
host = None
address = None
trust = None
daemon = None
failures = []


def patience(seconds):
    """How long the door may take to be rid of those who are to be cut after so long."""
    return 3 * seconds if options.sanitized else seconds


def fail(why):
    failures.append(why)
    print(f"    FAILED: {why}", flush=True)


def one_address(_):
    return "127.0.0.2"


def many_addresses(number):
    return f"127.0.1.{1 + number % 250}"


class Refused(Exception):
    """The door closed before anything could be asked."""


def knock(source, handshake=True, receive_buffer=None, context=None):
    """A connection to the brand door."""
    plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    plain.settimeout(PATIENCE)
    try:
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the port is chosen by connect()
        plain.bind((source, 0))
        plain.connect(address)
        if not options.cert or not handshake:
            return plain
        return (context or trust).wrap_socket(plain, server_hostname="127.0.0.1")
    except (OSError, ssl.SSLError) as why:
        plain.close()
        raise Refused(str(why)) from why


def get(path=None, more=""):
    return f"GET {path or options.path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


def answer_of(connection):
    """One whole answer; b"" when the connection ended first."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            return b""
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            return b""
        body += part
    return got


def all_of(connection):
    """Everything until the door closes. Nothing: it did not within PATIENCE."""
    got = b""
    try:
        while True:
            part = connection.recv(65536)
            if not part:
                return got
            got += part
    except (TimeoutError, socket.timeout):
        return None
    except OSError:
        return got


def has_ended(connection):
    """Whether the door has closed it; what came is thrown away."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
        return True
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return False
    except OSError:
        return True


def has_room_for(connection, data):
    """Sends what goes at once. False: the door has closed."""
    connection.setblocking(False)
    try:
        connection.send(data)
    except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
        pass
    except OSError:
        return False
    return True


def close_all(connections):
    for connection in connections:
        try:
            connection.close()
        except OSError:
            pass


# --- those who ask honestly, in a process of their own ------------------------------------------------------------

def ask_brand_door(held):
    """One request, on the kept connection or a new one; a stock client asks once more when that had been closed."""
    for _ in range(2):
        try:
            if held[0] is None:
                held[0] = knock(HONEST)
            held[0].sendall(get())
            answer = answer_of(held[0])
            if answer:
                return answer.startswith(b"HTTP/1.1 200")
        except (OSError, Refused):
            pass
        if held[0] is not None:
            held[0].close()
            held[0] = None
    return False


def ask_owner_door(held):
    for _ in range(2):
        try:
            if held[0] is None:
                held[0] = socket.socket(socket.AF_UNIX)
                held[0].settimeout(PATIENCE)
                held[0].connect(options.socket)
            held[0].sendall(b"GET /v1/status HTTP/1.1\r\nHost: vrm\r\n\r\n")
            answer = answer_of(held[0])
            if answer:
                return answer.startswith(b"HTTP/1.1 200")
        except OSError:
            pass
        if held[0] is not None:
            held[0].close()
            held[0] = None
    return False


def keep_asking(ask, times, unserved, ending):
    held, number = [None], 0
    while not ending.is_set():
        number += 1
        if number % 10 == 0 and held[0] is not None:  # every tenth comes newly
            held[0].close()
            held[0] = None
        began = time.monotonic()
        if ask(held):
            times.append(time.monotonic() - began)
        else:
            unserved.append(time.monotonic() - began)
        time.sleep(0.025)
    if held[0] is not None:
        held[0].close()


def honest(pipe):
    """Asks both doors until the pipe says so, and sends what it found."""
    while pipe.recv() == "begin":
        found, ending, threads = [], threading.Event(), []
        for ask in (ask_brand_door, ask_owner_door):
            lists = ([], [])
            found.append(lists)
            threads.append(threading.Thread(target=keep_asking, args=(ask, *lists, ending)))
        for thread in threads:
            thread.start()
        pipe.recv()
        ending.set()
        for thread in threads:
            thread.join()
        pipe.send(found)


def p99(times):
    return sorted(times)[min(len(times) - 1, len(times) * 99 // 100)]


class Daemon:
    """What /proc tells of it."""

    def __init__(self, pid):
        self.proc = f"/proc/{pid}"
        self.idle, self.idle_descriptors = self.memory("VmRSS"), self.descriptors()

    def memory(self, what):
        with open(f"{self.proc}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) for line in status if line.startswith(what)), 0)

    def forget_peak(self):
        with open(f"{self.proc}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def descriptors(self):
        return len(os.listdir(f"{self.proc}/fd"))


# --- the attacks --------------------------------------------------------------------------------------------------

def smuggled():
    return get(more="X-VRM: forged\r\n")


def two_readings():
    """Requests that somebody could read differently, each with another one behind or inside it."""
    inner = smuggled()
    size = len(inner)

    def post(headers, body=inner):
        return f"POST {options.path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode("latin-1") + body

    chunked = b"0\r\n\r\n" + inner
    for line in (f"Content-Length: {size}\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
                 "Transfer-Encoding: chunked", "TRANSFER-ENCODING: CHUNKED", "Transfer-Encoding: xchunked",
                 "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity", "Transfer-Encoding:\tchunked",
                 "Transfer-Encoding: \x0bchunked", "Transfer-Encoding : chunked", " Transfer-Encoding: chunked",
                 "X: a\r\n Transfer-Encoding: chunked", "Transfer-Encoding\t: chunked", "Transfer_Encoding: chunked",
                 "Transfer-Encoding: \"chunked\"", "TE: trailers\r\nTransfer-Encoding: chunked"):
        yield f"chunks: {line!r}", post(line + "\r\n", chunked)
    for line in ("0", "+5", "-1", "0x5", "5 6", "5, 5", "5,6", "005", "\"5\"", "5\t6", "1e1", "5;a", "", "\xb2",
                 str(2**63), str(2**64 - 1), str(2**64 + 5), "9" * 400):
        yield f"length {line[:24]!r}", post(f"Content-Length: {line}\r\n") if line != "0" else post(
            f"Content-Length: 0\r\nContent-Length: {size}\r\n")
    yield "two lengths alike", post(f"Content-Length: {size}\r\nContent-Length: {size}\r\n")
    yield "a blank before the length's colon", post(f"Content-Length : {size}\r\n")
    yield "a GET with a body", get(more=f"Content-Length: {size}\r\n") + inner
    yield "expect", post(f"Expect: 100-continue\r\nContent-Length: {size}\r\n")
    yield "upgrade", get(more="Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n")
    line = f"GET {options.path} HTTP/1.1"
    for name, bytes_ in (
            ("bare LF", f"{line}\nHost: {host}\n\n"), ("bare LF behind a header", f"{line}\r\nHost: {host}\nX: a\r\n\r\n"),
            ("bare LF at the end", f"{line}\r\nHost: {host}\r\n\n"), ("bare CR", f"{line}\r\nHost: {host}\r\nX: a\rY: b\r\n\r\n"),
            ("a fold", f"{line}\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n"), ("a fold at once", f"{line}\r\n Host: {host}\r\n\r\n"),
            ("NUL in a value", f"{line}\r\nHost: {host}\r\nX: a\0b\r\n\r\n"), ("NUL in a name", f"{line}\r\nHost: {host}\r\nX\0: a\r\n\r\n"),
            ("NUL in the path", f"GET {options.path}\0 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("two blanks", f"GET  {options.path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("a tab", f"GET\t{options.path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("a blank in the path", f"GET {options.path} x HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("HTTP/1.0", f"GET {options.path} HTTP/1.0\r\nHost: {host}\r\n\r\n"),
            ("HTTP/0.9", f"GET {options.path}\r\n\r\n"), ("HTTP/9.9", f"GET {options.path} HTTP/9.9\r\nHost: {host}\r\n\r\n"),
            ("http/1.1", f"GET {options.path} http/1.1\r\nHost: {host}\r\n\r\n"),
            ("HTTP/1.1 and more", f"{line}x\r\nHost: {host}\r\n\r\n"), ("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            ("no Host", f"{line}\r\nX: a\r\n\r\n"), ("two Hosts", f"{line}\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
            ("another Host", f"{line}\r\nHost: evil.example\r\n\r\n"), ("Host with a user", f"{line}\r\nHost: a@{host}\r\n\r\n"),
            ("a whole URL", f"GET http://{host}{options.path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("an encoded path", f"GET {options.path.replace('v', '%76', 1)} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("a dot segment", f"GET /v/..{options.path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("lower case", f"get {options.path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("CONNECT", f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            ("no colon", f"{line}\r\nHost: {host}\r\nX\r\n\r\n"), ("an empty name", f"{line}\r\nHost: {host}\r\n: a\r\n\r\n")):
        yield name, bytes_.encode("latin-1") + inner


def framing():
    """No bytes with two readings are served, nor anything behind them."""
    tried = 0
    for where in (one_address, many_addresses):
        for number, (name, bytes_) in enumerate(two_readings()):
            connection = knock(where(number))
            try:
                connection.sendall(bytes_)
            except OSError:
                pass
            got = all_of(connection)
            connection.close()
            tried += 1
            if got is None:
                fail(f"{name}: left open")
            elif b"HTTP/1.1 2" in got or not got.startswith(b"HTTP/1.1 "):
                fail(f"{name}: answered {got[:200]!r}")
    return f"{tried} requests"


def stream(name, beginning, piece, most=64 * 1024 * 1024):
    """Sixteen send without end, from one address and from many; the door takes little of it."""
    taken = []

    def pour(source):
        try:
            connection = knock(source)
        except Refused as why:
            fail(f"{name}: {why}")
            return
        sent = 0
        try:
            connection.sendall(beginning)
            while sent < most:
                sent += connection.send(piece)
        except OSError:
            pass
        taken.append(sent)
        connection.close()

    threads = [threading.Thread(target=pour, args=(where(number),))
               for number in range(8) for where in (one_address, many_addresses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What lies in the buffers of both ends counts as sent.
    if not taken or max(taken) > 12 * 1024 * 1024:
        fail(f"{name}: {max(taken, default=0)} bytes were taken")
    return f"at most {max(taken, default=0) // 1024} KiB taken each"


def million_headers():
    """A head of a million lines."""
    lines = b"".join(b"X-%06d: a\r\n" % number for number in range(4096))
    return stream("headers", f"GET {options.path} HTTP/1.1\r\nHost: {host}\r\n".encode(), lines, 1_000_000 * 13)


def endless_lines():
    """A request line without end, and a header without end."""
    first = stream("line", b"GET /", b"a" * 65536)
    return first + "; " + stream("header", f"GET {options.path} HTTP/1.1\r\nHost: {host}\r\nX: ".encode(), b"a" * 65536)


def endless_bodies():
    """Chunks without end, and more than was announced."""
    head = f"POST {options.path} HTTP/1.1\r\nHost: {host}\r\n"
    first = stream("chunks", (head + "Transfer-Encoding: chunked\r\n\r\n").encode(), b"1000\r\n" + b"a" * 4096 + b"\r\n")
    return first + "; " + stream("length", (head + "Content-Length: 4000000000\r\n\r\n").encode(), b"a" * 65536)


def gzip_bomb():
    """Thirty kilobytes that would become thirty megabytes."""
    body = gzip.compress(bytes(30 * 1024 * 1024))
    path = options.path.rsplit("/", 1)[0] + "/token"
    for number in range(50):
        connection = knock(many_addresses(number))
        try:
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                               f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        except OSError:
            pass
        got = all_of(connection)
        connection.close()
        if got is None or not got.startswith(b"HTTP/1.1 415"):
            fail(f"answered {got and got[:60]!r}")
    return f"50 of {len(body)} bytes"


def full_house():
    """As many as the door lets in, each served once and then with a body that lacks one byte: the most that they cost."""
    path = options.path.rsplit("/", 1)[0] + "/token"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 30000\r\n\r\n".encode()
    connections = []
    for number in range(450):
        try:
            connections.append(knock(many_addresses(number)))
            connections[-1].sendall(get())
            answer_of(connections[-1])
            connections[-1].sendall(head + b"a" * 29_999)
        except (OSError, Refused):
            pass
    time.sleep(0.5)
    close_all(connections)
    return f"{len(connections)} asked"


def until_closed(connections, seconds, drip=None):
    """Drips on until the door has closed them all; those that stay open after so long."""
    began = time.monotonic()
    while connections and time.monotonic() - began < seconds:
        staying = []
        for connection, byte in connections:
            ended = has_ended(connection) or (drip is not None and byte and not has_room_for(connection, byte))
            if ended:
                connection.close()
            else:
                staying.append((connection, byte))
        connections = staying
        time.sleep(0.25)
    return connections


SLOW = {
    # kind: what is sent at once, what is dripped, after how long the door may still have it
    "says nothing": (b"", b"", 5),
    "drips its head": ("head", b"a", 5),
    "drips its body": ("body", b"a", 10),
    "says nothing more": ("served", b"", 15),
    "drips the next head": ("served", b"G", 15),
}


def begin_slowly(kind, number, where):
    first = SLOW[kind][0]
    connection = knock(where(number))
    if first == "head":
        connection.sendall(f"GET {options.path} HTTP/1.1\r\nHost: {host}\r\nX: ".encode())
    elif first == "body":
        path = options.path.rsplit("/", 1)[0] + "/token"
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 30000\r\n\r\n".encode())
    elif first == "served":
        connection.sendall(get())
        if not answer_of(connection).startswith(b"HTTP/1.1 200"):
            fail(f"{kind}: the first request was not served")
    return connection, SLOW[kind][1]


def slow_senders_of(kinds, count):
    connections = []
    for number in range(count):
        where = one_address if number % 2 else many_addresses
        try:
            connections.append(begin_slowly(kinds[number % len(kinds)], number, where))
        except (OSError, Refused) as why:
            fail(f"{kinds[number % len(kinds)]}: {why}")
            break
    most = max(SLOW[kind][2] for kind in kinds)
    left = until_closed(connections, patience(most + 4), drip=True)
    if left:
        fail(f"{'/'.join(kinds)}: {len(left)} of {count} were open after {patience(most + 4)} s")
    close_all(connection for connection, _ in left)


def slow_senders():
    """Four hundred that send a byte now and then, or none; four hundred at the owner's door beside them, to save time."""
    if not options.strict:
        owners = threading.Thread(target=owner_slow)
        owners.start()
        slow_senders_of(list(SLOW), 400)
        owners.join()
        return "400, a fifth of each kind"
    for kind in SLOW:
        slow_senders_of([kind], 400)
    return "400 of each of five kinds"


def slow_readers():
    """Four hundred that ask and ask, and never read."""
    connections, requests = [], get() * 64
    for number in range(400):
        try:
            connections.append(knock(one_address(0) if number % 2 else many_addresses(number), receive_buffer=4096))
        except Refused as why:
            fail(str(why))
            break
    for _ in range(16):  # more would be told to wait, for their pace
        for connection in connections:
            connection.setblocking(False)
            try:
                connection.send(requests)
            except OSError:  # it takes no more, or is closed
                pass
    # Who never reads does not hear that the door has cut it: its descriptors tell.
    began, most = time.monotonic(), daemon.idle_descriptors + 20
    while daemon.descriptors() > most and time.monotonic() - began < patience(14):
        time.sleep(0.25)
    if daemon.descriptors() > most:
        fail(f"{daemon.descriptors() - daemon.idle_descriptors} of 400 were still held after {patience(14)} s")
    close_all(connections)
    return f"400, gone after {time.monotonic() - began:.1f} s more"


def pipelining():
    """Two hundred requests in one piece get two hundred answers, or the rate's."""
    said = []
    for number in range(10):
        connection = knock(many_addresses(number))
        connection.sendall(get() * 199 + get(more="Connection: close\r\n"))
        got = all_of(connection) or b""
        connection.close()
        served, paced = got.count(b"HTTP/1.1 200 "), got.count(b"HTTP/1.1 429 ")
        said.append(served)
        if served + paced != 200 and not (paced >= 1 and b"connection: close" in got.lower()):
            fail(f"{served} served and {paced} told to wait, of 200")
    return f"{sum(said)} of 2000 served"


def ten_thousand_connects():
    """Ten thousand connections as fast as they go, as many open as may be, from one address and from many."""
    most = min(1500, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
    for where in (one_address, many_addresses):
        held, refused = [], 0
        for number in range(5000):
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            connection.setsockopt(socket.IPPROTO_IP, 24, 1)
            connection.bind((where(number), 0))
            connection.setblocking(False)
            try:
                connection.connect(address)
            except BlockingIOError:
                pass
            except OSError:
                refused += 1
            held.append(connection)
            if len(held) > most:
                held.pop(0).close()
        time.sleep(0.5)
        close_all(held)
        if refused:
            fail(f"{refused} could not even be begun")
    return f"10000, {most} open at once"


def pace_of_one():
    """One address that asks without pause is told to wait; another is not."""
    connection, told = knock("127.0.0.3"), b""
    for _ in range(options.pace + 2000):
        connection.sendall(get())
        answer = answer_of(connection)
        if answer.startswith(b"HTTP/1.1 429"):
            told = answer
            break
        if not answer.startswith(b"HTTP/1.1 200"):
            fail(f"answered {answer[:60]!r}")
            break
    connection.close()
    if b"\r\nretry-after: " not in told.lower():
        fail(f"nobody was told to wait: {told[:300]!r}")
    return f"at most {options.pace} a minute"


# --- TLS alone ----------------------------------------------------------------------------------------------------

def hello():
    """A ClientHello, as openssl writes it."""
    out = ssl.MemoryBIO()
    try:
        trust.wrap_bio(ssl.MemoryBIO(), out, server_hostname="127.0.0.1").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def half_handshakes():
    """Four hundred handshakes that stop: before, within and behind the ClientHello."""
    whole = hello()
    connections = []
    for number in range(400):
        where = one_address if number % 2 else many_addresses
        connection = knock(where(number), handshake=False)
        part = (b"", whole[:1], whole[:60], whole)[number % 4]
        if part:
            connection.sendall(part)
        connections.append((connection, b""))
    left = until_closed(connections, 9)
    if left:
        fail(f"{len(left)} of 400 were open after 9 s")
    close_all(connection for connection, _ in left)
    return "400"


def old_versions():
    """TLS 1.0 and 1.1 are not spoken, 1.2 and 1.3 are."""
    for version, spoken in ((ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                            (ssl.TLSVersion.TLSv1_3, True)):
        context = ssl.create_default_context(cafile=options.cert)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions are what is asked for
            context.minimum_version = context.maximum_version = version
        try:
            knock(one_address(0), context=context).close()
            was = True
        except Refused:
            was = False
        if was != spoken:
            fail(f"{version.name} is {'spoken' if was else 'not spoken'}")
    weak = ssl.create_default_context(cafile=options.cert)
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    for cipher in ("NULL", "RC4", "3DES", "aNULL", "EXPORT", "kRSA"):
        try:
            weak.set_ciphers(f"{cipher}:@SECLEVEL=0")
        except ssl.SSLError:
            continue  # this openssl does not have it
        try:
            knock(one_address(0), context=weak).close()
            fail(f"{cipher} is spoken")
        except Refused:
            pass
    return "1.2 and 1.3"


def renegotiation():
    """A client that wants the handshake anew, within TLS 1.2, is not followed."""
    words = ["openssl", "s_client", "-connect", options.door, "-CAfile", options.cert, "-tls1_2", "-legacy_renegotiation"]
    client = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
    try:
        time.sleep(0.3)
        client.stdin.write(b"R\n")
        time.sleep(0.7)
        client.stdin.write(get(more="Connection: close\r\n"))
    except BrokenPipeError:
        pass  # it has given up
    try:
        client.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        client.kill()
        fail("the connection stays open")
    said = client.stdout.read()
    try:
        client.stdin.close()
    except BrokenPipeError:
        pass
    if b"RENEGOTIATING" not in said:
        fail(f"openssl did not try: {said[-300:]!r}")
    elif said.count(b"Server certificate") + said.split(b"RENEGOTIATING")[1].count(b"verify return") > 1:
        fail("the handshake was made anew")
    return "not followed"


def no_tls():
    """Bytes that are no TLS, on the TLS port: closed, in plain nothing is answered."""
    endless = b"\x16\x03\x01\x40\x00\x01\xff\xff\xff\x03\x03" + b"a" * (0x4000 - 6)
    kinds = {"plain HTTP": get(), "rubbish": os.urandom(4096), "a hello of 16 MiB": endless + endless * 64,
             "a record of 64 KiB": b"\x16\x03\x01\xff\xff" + b"a" * 65535, "SSL 2": b"\x80\x2e\x01\x00\x02" + b"a" * 43,
             "empty records": b"\x16\x03\x03\x00\x00" * 20000, "alerts": b"\x15\x03\x03\x00\x02\x01\x5a" * 20000,
             "data before the handshake": b"\x17\x03\x03\x00\x10" + b"a" * 16}

    def attempt(name, source):
        connection = knock(source, handshake=False)
        connection.settimeout(9)
        try:
            connection.sendall(kinds[name])
        except OSError:
            pass
        got = all_of(connection)
        connection.close()
        if got is None:
            fail(f"{name}: left open")
        elif b"HTTP/" in got:
            fail(f"{name}: answered {got[:60]!r}")

    threads = [threading.Thread(target=attempt, args=(name, where(7))) for name in kinds for where in (one_address, many_addresses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "8 kinds"


# --- the owner's door ---------------------------------------------------------------------------------------------

def owner_slow():
    """Four hundred of the owner's own programs that are slow, in sending and in reading, are cut as well."""
    connections = []
    request = b"GET /v1/status HTTP/1.1\r\nHost: vrm\r\n\r\n"
    readers = []
    for number in range(400):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(options.socket)
        if number % 4 == 0:
            connections.append((connection, b""))
        elif number % 4 == 1:
            connection.sendall(b"GET /v1/status HTTP/1.1\r\nHost: vrm\r\nX: ")
            connections.append((connection, b"a"))
        elif number % 4 == 2:
            connection.sendall(b"POST /v1/lock HTTP/1.1\r\nHost: vrm\r\nContent-Length: 1000\r\n\r\n")
            connections.append((connection, b"a"))
        else:
            connection.setblocking(False)
            try:
                while True:
                    connection.send(request * 64)
            except OSError:
                pass
            readers.append(connection)
    left = until_closed(connections, patience(14), drip=True)
    began = time.monotonic()
    while readers and time.monotonic() - began < patience(14):  # a Unix socket tells at once
        readers = [one for one in readers if has_room_for(one, request) or one.close()]
        time.sleep(0.25)
    if left or readers:
        fail(f"{len(left)} senders and {len(readers)} readers were left open")
    close_all([connection for connection, _ in left] + readers)
    return "400"


ATTACKS = [framing, million_headers, endless_lines, endless_bodies, gzip_bomb, pipelining, pace_of_one,
           ten_thousand_connects, full_house]
TLS_ATTACKS = [old_versions, renegotiation, no_tls, half_handshakes]
# What takes as long as the door's deadlines. In the short run each kind is sent to one of the doors.
SLOW_ATTACKS = {"plain": [slow_senders], "tls": [slow_readers]}
LONG_ATTACKS = [slow_senders, slow_readers, owner_slow]


def run(attack, pipe):
    before = len(failures)
    pipe.send("begin")
    began = time.monotonic()
    try:
        said = attack()
    except (OSError, Refused) as why:
        said = ""
        fail(f"{attack.__name__}: {why!r}")
    took = time.monotonic() - began
    time.sleep(max(0, 0.3 - took))
    pipe.send("end")
    grown = daemon.memory("VmHWM") - daemon.idle
    waits = []
    for name, (times, unserved), most in zip(("brand", "owner"), pipe.recv(), (BRAND_P99, OWNER_P99)):
        if unserved or not times:
            fail(f"{len(unserved)} honest requests at the {name} door were not served, {len(times)} were")
            continue
        waits.append(f"{name} p99 {p99(times) * 1000:.1f} ms of {len(times)}, worst {max(times) * 1000:.0f}")
        if options.strict and p99(times) > most:
            fail(f"honest requests at the {name} door waited {p99(times) * 1000:.1f} ms (p99)")
    if not options.sanitized and grown > MOST_GROWTH:
        fail(f"memory grew by {grown} KiB")
    verdict = "ok" if len(failures) == before else "FAILED"
    print(f"  {attack.__name__}: {verdict} in {took:.1f} s ({said}); {'; '.join(waits)}; memory +{grown} KiB", flush=True)


def main():
    global options, host, address, trust, daemon
    parser = argparse.ArgumentParser()
    parser.add_argument("--door", required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--pid", required=True)
    parser.add_argument("--pace", type=int, default=3000)
    parser.add_argument("--cert")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("--only", action="append")
    options = parser.parse_args()
    host = options.door
    address = (options.door.rsplit(":", 1)[0], int(options.door.rsplit(":", 1)[1]))
    if options.cert:
        trust = ssl.create_default_context(cafile=options.cert)
    here, there = multiprocessing.get_context("fork").Pipe()
    watcher = multiprocessing.get_context("fork").Process(target=honest, args=(there,), daemon=True)
    watcher.start()
    here.send("begin")
    time.sleep(0.5)
    here.send("end")
    calm = here.recv()
    daemon = Daemon(options.pid)
    daemon.forget_peak()
    print(f"  calm: brand p99 {p99(calm[0][0]) * 1000:.1f} ms, owner p99 {p99(calm[1][0]) * 1000:.1f} ms; "
          f"{daemon.idle} KiB, {daemon.idle_descriptors} descriptors", flush=True)
    slow = LONG_ATTACKS if options.strict else SLOW_ATTACKS["tls" if options.cert else "plain"]
    for attack in ATTACKS + slow + (TLS_ATTACKS if options.cert else []):
        if not options.only or attack.__name__ in options.only:
            run(attack, here)
    here.send("over")
    watcher.join()
    for _ in range(patience(80)):
        if daemon.descriptors() <= daemon.idle_descriptors:
            break
        time.sleep(0.25)
    else:
        fail(f"{daemon.descriptors()} descriptors are open, {daemon.idle_descriptors} were")
    print(f"  after: {daemon.memory('VmRSS')} KiB, at most {daemon.memory('VmHWM')}; {daemon.descriptors()} descriptors", flush=True)
    sys.exit(1 if failures else 0)


main()
