#!/usr/bin/env python3
"""Writes vault_1, a vault of format 1, from docs/formats alone: no program that still exists writes that format.

What it holds is vault_2's without table 14, which format 1 had not; it stands here by its plaintext. Every key and nonce is
drawn from a hash, so that the vault is the same each time; its credential is 32 bytes of 7.
"""
import ctypes
import hashlib
import pathlib
import sqlite3
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from stranger_test import CREDENTIAL, SODIUM, derive, h  # noqa: E402

DRAWN = 0


def draw(size):
    global DRAWN
    DRAWN += 1
    return hashlib.blake2b(b"vault_1" + bytes([DRAWN]), digest_size=size).digest()


def box(key, plain, context):
    nonce = draw(24)
    out = ctypes.create_string_buffer(len(plain) + 16)
    SODIUM.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, ctypes.c_ulonglong(len(plain)), context, ctypes.c_ulonglong(len(context)), None, nonce, key)
    return nonce + out.raw


def pad(record):
    need = len(record) + 4
    size = 64 if need <= 64 else 1 << (need - 1).bit_length() if need <= 65536 else -(-need // 65536) * 65536
    return record + bytes(size - need) + struct.pack("<I", len(record))


def row_id(number):
    return b"\x01" + bytes(7) + struct.pack(">Q", number)


def main(folder):
    vault, root, ring, own, gone = draw(16), draw(32), draw(32), draw(16), draw(16)
    keys = {bytes(16): draw(32), own: draw(32)}  # the vault's own; one field's; `gone` was destroyed
    salt = draw(16)
    opener = derive(CREDENTIAL, b"credential", vault + salt)
    start = struct.pack("<BQQ", 2, 0, 0) + salt + derive(opener, b"slot commitment", vault)
    slots = b"VRMSLOTS" + struct.pack("<H16sH", 1, vault, 1) + start
    slots += box(derive(opener, b"slot wrap", vault), root, vault + start)
    slots += h(slots, key=derive(root, b"slots mac", vault))

    plain = [(1, key_id, b"\xff" * 16, key) for key_id, key in keys.items()]
    plain += [(3, row_id(1), own, b"Lyon"), (2, row_id(1), bytes(16), b'{"at":1}'),
              (8, row_id(2), bytes(16), b"i" * 40_000), (4, row_id(3), gone, b"velo")]
    rows = []
    for version, (tbl, rid, key_id, record) in enumerate(plain, 1):
        key = ring if tbl == 1 else keys.get(key_id) or draw(32)
        context = vault + struct.pack("<B16sQ16s", tbl, rid, version, key_id)
        rows.append((tbl, rid, version, key_id, box(key, pad(record), context)))

    log, log_key, chain = [], derive(root, b"log", vault), h(b"vrm.log", vault)
    for n in range(1, 5):
        number = struct.pack("<Q", n)
        log.append(box(log_key, pad(f"record {n}".encode()), vault + number))
        chain, log_key = h(chain, number, log[-1]), derive(log_key, b"log next")

    ring_box = box(derive(root, b"ring", vault), ring, b"vrm.ring" + vault)
    head = struct.pack("<IIQQ32sq32s32s", 1, 0, len(rows), len(log), chain, 0, h(ring_box), bytes(32))
    for tbl in range(1, 10):
        for bucket in range(4):
            sums = [0] * 5
            for _, rid, version, key_id, sealed in (r for r in rows if r[0] == tbl and r[1][15] % 4 == bucket):
                leaf = h(struct.pack("<BQ", tbl, version), rid, key_id, sealed, key=derive(root, b"sums", vault))
                number = int.from_bytes(rid, "big")
                add = (int.from_bytes(leaf, "little"), 1, version, number, number * version)
                sums = [a + b for a, b in zip(sums, add)]
            for value, size in zip(sums, (32, 8, 8, 16, 16)):
                head += (value % (1 << 8 * size)).to_bytes(size, "little")
    assert len(head) == 3008
    head_box = box(derive(root, b"head", vault), head, b"vrm.head" + vault)

    folder.mkdir(exist_ok=True)
    (folder / "slots").write_bytes(slots)
    (folder / "vault.db").unlink(missing_ok=True)
    db = sqlite3.connect(folder / "vault.db")
    db.execute("PRAGMA journal_mode=WAL")
    for sql in ("CREATE TABLE meta(id INTEGER PRIMARY KEY, box BLOB NOT NULL)",
                "CREATE TABLE rows(place INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, id BLOB NOT NULL, "
                "version INTEGER NOT NULL, key BLOB NOT NULL, box BLOB NOT NULL)",
                "CREATE TABLE log(number INTEGER PRIMARY KEY, box BLOB NOT NULL)",
                "PRAGMA application_id=0x56524d31", "PRAGMA user_version=1"):
        db.execute(sql)
    db.executemany("INSERT INTO meta VALUES(?, ?)", [(1, head_box), (2, ring_box)])
    db.executemany("INSERT INTO rows(tbl, id, version, key, box) VALUES(?, ?, ?, ?, ?)", rows)
    db.executemany("INSERT INTO log VALUES(?, ?)", enumerate(log, 1))
    db.commit()
    db.close()


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent / "vault_1")
