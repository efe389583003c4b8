#!/usr/bin/env python3
"""A stranger's reader: opens the golden backup and the golden vault from docs/formats alone and checks all of it."""
import ctypes
import ctypes.util
import hashlib
import pathlib
import sqlite3
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent / "golden"
CREDENTIAL = bytes([7]) * 32
DIGEST_1 = "6e6a74f809b41ec6e2d4e53cfaebf7ef302f6531342d234bce4bcdc56c4e5035"  # of vault 1
DIGEST_2 = "b8a6c73a90661e3c419bdf8b51eccea04a4160cbea71575acf03f009ffd4ee53"  # of backup 1 and vault 2
DIGEST_3 = "8a10fde68b82144106903b1b2ce0f212bdda4231b839b63bde179c8bf1b37d34"  # of backup 2 and vault 3
DIGEST_4 = "c26753ddaf0dbdc2e7b0a444bbf65ac429754d10d57f724a4100d0605e7c9c90"  # of vault 4
DIGEST_5 = "53f9d8df2b784a85626d174e0a7bfe9c61d8f33574b865951ad1c5e7810211a3"  # of vault 5
TABLES = {1: 9, 2: 14, 3: 15, 4: 16, 5: 17}  # of each format of a vault
SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")


def h(*parts, key=b""):
    return hashlib.blake2b(b"".join(parts), digest_size=32, key=key).digest()


def derive(key, use, context=b""):
    return h(b"vrm.derive.1", bytes([len(use)]), use, context, key=key)


def unbox(key, box, context):
    out = ctypes.create_string_buffer(max(len(box) - 40, 1))
    done = SODIUM.crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, None, None, box[24:], ctypes.c_ulonglong(len(box) - 24), context,
        ctypes.c_ulonglong(len(context)), box[:24], key)
    return out.raw[:len(box) - 40] if done == 0 else None


def unpad(plain):
    size = struct.unpack("<I", plain[-4:])[0]
    need = size + 4
    padded = 64 if need <= 64 else 1 << (need - 1).bit_length() if need <= 65536 else -(-need // 65536) * 65536
    assert padded == len(plain) and not any(plain[size:-4])
    return plain[:size]


def open_slots(slots):
    magic, form, vault, count = struct.unpack_from("<8sH16sH", slots)
    assert magic == b"VRMSLOTS" and form in (1, 2)
    root = None
    for i in range(count):
        slot = slots[28 + 137 * i:28 + 137 * (i + 1)]
        if slot[0] != 2:
            continue
        key = derive(CREDENTIAL, b"credential", vault + slot[17:33])
        if derive(key, b"slot commitment", vault) == slot[33:65]:
            root = unbox(derive(key, b"slot wrap", vault), slot[65:], vault + slot[:65])
    assert root and h(slots[:-32], key=derive(root, b"slots mac", vault)) == slots[-32:]
    return vault, root


def read_backup(data):
    magic, form, vault_form, vault, size = struct.unpack_from("<8sHH16sI", data)
    assert magic == b"VRMBAKUP" and form in (1, 2) and vault_form in TABLES
    end = 32 + size + 72
    assert h(data[:end]) == data[end:end + 32]
    same, root = open_slots(data[32:32 + size])
    assert same == vault
    key = unbox(derive(root, b"backup", vault), data[end - 72:end], data[:end - 72])
    chunks = [data[at:at + 65576] for at in range(end + 32, len(data), 65576)]
    stream = b"".join(unbox(key, chunk, b"vrm.backup" + vault + struct.pack("<QB", i + 1, i + 1 == len(chunks)))
                      for i, chunk in enumerate(chunks))
    at = 8

    def box():
        nonlocal at
        size = struct.unpack_from("<I", stream, at)[0]
        at += 4 + size
        return stream[at - size:at]

    head, ring = box(), box()
    rows, records = struct.unpack_from("<QQ", stream, at)
    at += 16
    read = []
    for _ in range(rows):
        start = struct.unpack_from("<B16sQ16s", stream, at)
        at += 41
        read.append((*start, box()))
    log = [box() for _ in range(records)]
    files = {}
    if form >= 2:
        count = struct.unpack_from("<Q", stream, at)[0]
        at += 8
        for _ in range(count):
            name, size = struct.unpack_from("<16sQ", stream, at)
            files[name] = stream[at + 24:at + 24 + size]
            at += 24 + size
    assert at == len(stream)
    return vault, root, head, ring, read, log, files


def read_vault(folder):
    vault, root = open_slots((folder / "slots").read_bytes())
    db = sqlite3.connect(f"file:{folder / 'vault.db'}?mode=ro&immutable=1", uri=True)
    meta = dict(db.execute("SELECT id, box FROM meta"))
    rows = list(db.execute("SELECT tbl, id, version, key, box FROM rows"))
    log = [box for _, box in db.execute("SELECT number, box FROM log ORDER BY number")]
    files = {bytes.fromhex(file.name): file.read_bytes() for file in (folder / "documents").glob("*")}
    return vault, root, meta[1], meta[2], rows, log, files


def read_document(vault, name, record, sealed):
    """The bytes of a document, out of its row's record and its file."""
    form, size, digest, key = struct.unpack_from("<BQ32s32s", record)
    chunks = [sealed[at:at + 65576] for at in range(0, len(sealed), 65576)]
    plain = b"".join(unbox(key, chunk, b"vrm.document" + vault + name + struct.pack("<QB", i + 1, i + 1 == len(chunks)))
                     for i, chunk in enumerate(chunks))
    assert form == 1 and len(plain) == size and hashlib.sha256(plain).digest() == digest
    return plain


def read_history(record):
    """What a field was before, the oldest first: the values."""
    values, at = [], 17
    assert record[0] == 1
    while at < len(record):
        undone, size = struct.unpack_from(">BI", record, at)
        field, at = record[at + 5:at + 5 + size], at + 5 + size
        assert undone in (0, 1) and field[0] == 1 and field[18] == 0  # names nothing: it is the field's row that has it
        values.append(field[21 + sum(field[18:21]):].decode())
    return values


def check(vault, root, head, ring, rows, log, files):
    """Every row, record and document opens, sums and chain are the head's; gives the digest and the records."""
    plain = unbox(derive(root, b"head", vault), head, b"vrm.head" + vault)
    form, _, _, records, chain, _, ring_hash, _ = struct.unpack_from("<IIQQ32sq32s32s", plain)
    assert len(plain) == 128 + 320 * TABLES[form] and ring_hash == h(ring)
    ring = unbox(derive(root, b"ring", vault), ring, b"vrm.ring" + vault)
    sums_key, sums = derive(root, b"sums", vault), {}
    context = {row[1]: vault + struct.pack("<B16sQ16s", *row[:4]) for row in rows if row[0] == 1}
    keys = {row[1]: unpad(unbox(ring, row[4], context[row[1]]))[:32] for row in rows if row[0] == 1}
    found = {}
    for tbl, rid, version, key, box in rows:
        leaf = h(struct.pack("<BQ", tbl, version), rid, key, box, key=sums_key)
        number = int.from_bytes(rid, "big")
        add = (int.from_bytes(leaf, "little"), 1, version, number, number * version)
        sums[tbl, rid[15] % 4] = [a + b for a, b in zip(sums.get((tbl, rid[15] % 4), [0] * 5), add)]
        if tbl > 1 and key in keys:
            found[tbl, rid] = unpad(unbox(keys[key], box, vault + struct.pack("<B16sQ16s", tbl, rid, version, key)))
    at = 128
    for tbl in range(1, TABLES[form] + 1):
        for bucket in range(4):
            for value, size in zip(sums.get((tbl, bucket), [0] * 5), (32, 8, 8, 16, 16)):
                assert int.from_bytes(plain[at:at + size], "little") == value % (1 << 8 * size), (tbl, bucket)
                at += size
    assert len(log) == records
    key, walked, told = derive(root, b"log", vault), h(b"vrm.log", vault), h(b"vrm.digest")
    for n, box in enumerate(log, 1):
        number = struct.pack("<Q", n)
        told = h(told, number, unpad(unbox(key, box, vault + number)))
        walked, key = h(walked, number, box), derive(key, b"log next")
    assert walked == chain
    for (tbl, rid), record in sorted(found.items()):
        told = h(told, bytes([tbl]), rid, h(record))
    papers = {rid: read_document(vault, rid, record, files.pop(rid)) for (tbl, rid), record in found.items() if tbl == 15}
    assert not files
    return told.hex(), found, papers


def main():
    for name, parts, wanted, records in (
            ("backup_1", read_backup((HERE / "backup_1.vrmbak").read_bytes()), DIGEST_2, 4),
            ("backup_2", read_backup((HERE / "backup_2.vrmbak").read_bytes()), DIGEST_3, 5),
            ("vault_1", read_vault(HERE / "vault_1"), DIGEST_1, 3),
            ("vault_2", read_vault(HERE / "vault_2"), DIGEST_2, 4),
            ("vault_2_rekeyed", read_vault(HERE / "vault_2_rekeyed"), DIGEST_2, 4),
            ("vault_3", read_vault(HERE / "vault_3"), DIGEST_3, 5),
            ("vault_4", read_vault(HERE / "vault_4"), DIGEST_4, 7),
            ("vault_5", read_vault(HERE / "vault_5"), DIGEST_5, 10)):
        digest, found, papers = check(*parts)
        assert digest == wanted, (name, digest)
        assert any(record.endswith(b"Lyon") for record in found.values()) and len(found) == records, (name, len(found))
        assert [len(paper) for paper in papers.values()] == ([70000] if wanted in (DIGEST_3, DIGEST_4, DIGEST_5) else []), name
        before = [read_history(record) for (tbl, _), record in found.items() if tbl == 16]
        assert before == ([["ana@example.org", "ana@example.net"]] if name in ("vault_4", "vault_5") else []), (name, before)
        print(f"the golden {name} opens: {len(found)} records, {len(papers)} documents, digest {digest[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
