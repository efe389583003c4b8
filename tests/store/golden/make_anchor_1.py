#!/usr/bin/env python3
"""Writes anchor_1 and anchor_1_later, anchors of format 1 for vault_3, from docs/formats alone: no program that still
exists writes that format. The first is of the vault as it lies here, the second of a moment after it."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from stranger_test import HERE, derive, h, read_vault, unbox  # noqa: E402

VAULT, ROOT, HEAD = read_vault(HERE / "vault_3")[:3]
EPOCH, COUNTER = struct.unpack_from("<4xIQ", unbox(derive(ROOT, b"head", VAULT), HEAD, b"vrm.head" + VAULT))
for name, counter in (("anchor_1", COUNTER), ("anchor_1_later", COUNTER + 1)):
    said = struct.pack("<8sH16sIQ", b"VRMANCHR", 1, VAULT, EPOCH, counter) + h(HEAD)
    (HERE / name).write_bytes(said + h(said, key=derive(ROOT, b"anchor mac", VAULT)))
