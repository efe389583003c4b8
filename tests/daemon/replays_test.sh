#!/usr/bin/env bash
# Requests that were heard on the wire, sent again to the real daemon: by sixty-four at once, after `kill -9`, and after a
# revocation that came between.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A wire that is listened to: hands on what it hears, keeps a copy, and while there is a file `hold` keeps back a request
# that has a nonce in its proof: what its sender meant to send stays unsent.
cat >"$inputs/wire.py" <<'PYTHON'
import base64
import json
import os
import socket
import sys
import threading

here, door, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def message(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.read(1)
        if not byte:
            return None
        head += byte
    size = 0
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            size = int(value)
    return head + stream.read(size)


def has_nonce(raw):
    for line in raw.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "dpop":
            part = value.strip().split(".")[1]
            return "nonce" in json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return False


def serve(client):
    heard = client.makefile("rb")
    while (raw := message(heard)) is not None:
        word = raw.split(b" ", 2)[1].split(b"?")[0].rsplit(b"/", 1)[1].decode()
        if has_nonce(raw):
            with open(f"{folder}/{word}.new", "wb") as copy:
                copy.write(raw)
            os.rename(f"{folder}/{word}.new", f"{folder}/{word}.raw")
            if os.path.exists(f"{folder}/hold"):
                break
        with socket.create_connection(("127.0.0.1", door)) as server:
            server.sendall(raw)
            client.sendall(message(server.makefile("rb")))
    client.close()


listener = socket.create_server(("127.0.0.1", here))
open(f"{folder}/ready", "w").close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON

# again FILE TIMES: sends it on as many connections at one moment; prints each answer and how often it came.
cat >"$inputs/again.py" <<'PYTHON'
import collections
import json
import socket
import sys
import threading

door, path, times = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
raw = open(path, "rb").read()
together = threading.Barrier(times)
answers = collections.Counter()


def send():
    with socket.create_connection(("127.0.0.1", door)) as server:
        server.sendall(raw[:-1])
        together.wait()
        server.sendall(raw[-1:])
        head, body = b"", b""
        stream = server.makefile("rb")
        while not head.endswith(b"\r\n\r\n"):
            head += stream.read(1)
        for line in head.decode("latin-1").split("\r\n"):
            if line.lower().startswith("content-length:"):
                body = stream.read(int(line.split(":")[1]))
    answers[head.split(b" ")[1].decode() + " " + json.loads(body).get("error", "served")] += 1


threads = [threading.Thread(target=send) for _ in range(times)]
for one in threads:
    one.start()
for one in threads:
    one.join()
for answer, count in sorted(answers.items()):
    print(answer, count)
PYTHON

wire=$test_folder/wire
mkdir "$wire"
door=$(free_port)
outside=$(free_port)
while [[ $outside == "$door" ]]; do outside=$(free_port); done
python3 "$inputs/wire.py" "$outside" "$door" "$wire" >"$inputs/wire.log" 2>&1 </dev/null &
started+=("$!")
disown
wait_until 'the wire' test -e "$wire/ready"
again() { python3 "$inputs/again.py" "$door" "$1" "$2" >"$answer" 2>&1 || fail "nothing came back for $1"; }
# A read that its sender signed and that never arrived.
held_read() {
  rm -f "$wire/data.raw"
  : >"$wire/hold"
  "$VRM_BIN/vrm-shop" read --dir "$shop_folder/Velo" >"$answer" 2>&1 </dev/null && fail 'the read arrived'
  rm "$wire/hold"
  [[ -s $wire/data.raw ]] || fail 'no read was heard'
}

make_vault --brand-door "127.0.0.1:$door" --base "http://127.0.0.1:$outside" --allow-loopback-brands --poll-interval 1
vrm set address.home.locality Lyon
past_first_second
open_shop Velo
vrm brand add "$brand_url" --name velo
wait_until 'the introduction' grep -q introduced "$shop_folder/Velo.log"
shop ask --dir "$shop_folder/Velo" --fields address.home.locality --purpose delivery --reason 'order 42'
vrm request list
vrm approve "$(first_id rq)" --for 7d
shop collect --dir "$shop_folder/Velo" --wait 10
cp "$wire/token.raw" "$wire/collection"
shop read --dir "$shop_folder/Velo"
says Lyon

say 'sixty-four times one read at once: one is served'
held_read
again "$wire/data.raw" 64
says '200 served 1'
says '401 invalid_dpop_proof 63'

say 'heard, served, and sent again after kill -9: a read and a collection'
held_read
cp "$wire/data.raw" "$wire/used"
again "$wire/used" 1
says '200 served 1'
held_read
cp "$wire/data.raw" "$wire/unused"
kill_daemon
vrm daemon start
unlock
for heard in used unused; do
  again "$wire/$heard" 1
  says '401 use_dpop_nonce 1'
done
again "$wire/collection" 1
says_not served
past_first_second
for heard in used unused collection; do
  again "$wire/$heard" 64
  says_not served
done
shop read --dir "$shop_folder/Velo"
says Lyon

say 'signed before a revocation and sent after it'
held_read
vrm revoke --all --yes
again "$wire/data.raw" 64
says_not served
says '401 invalid_token 1'
shop_refused read --dir "$shop_folder/Velo"
vrm log --brand velo
says 'the grant was taken back'
vrm verify
say 'all as it should be'
