#!/usr/bin/env python3
"""Plants each kind of violation in a copy of the tree, one at a time; .ci/floors.py, or CMake, must name it."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEPT = ("CMakeLists.txt", "CMakePresets.json", "vault", "cli", "policies", "examples", "docs", ".ci")

# (what it shows, file, what is appended to it, what must be said)
PLANTS = [
    ("an upward include", "vault/base/planted.cc", '#include "vault/crypto/aead.h"', "base may not know vault/crypto/aead.h"),
    ("an include across a floor", "policies/cedar/planted.h", '#include "vault/crypto/secret.h"', "cedar may not know"),
    ("an include that a room does not declare", "vault/http/planted.cc", '#include "vault/store/store.h"', "http may not know"),
    ("an include of a program", "vault/gate/planted.cc", '#include "cli/main.h"', "gate may not know cli/main.h"),
    ("an include of a test", "vault/gate/planted.cc", '#include "tests/support/x.h"', "gate may not know tests/support/x.h"),
    ("blanks in the directive", "vault/base/planted.cc", ' #  include <sodium.h>', "<sodium.h> is for vault/crypto alone"),
    ("a second includer of sodium", "vault/store/planted.cc", "#include <sodium.h>", "<sodium.h> is for vault/crypto alone"),
    ("a part of sodium", "vault/store/planted.h", "#include <sodium/utils.h>", "<sodium/utils.h> is for vault/crypto alone"),
    ("a second includer of OpenSSL", "vault/jose/planted.cc", "#include <openssl/evp.h>", "is for vault/crypto alone"),
    ("a second includer of SQLite", "vault/journal/planted.cc", "#include <sqlite3.h>", "is for vault/store alone"),
    ("a second includer of libmicrohttpd", "vault/routes/planted.cc", "#include <microhttpd.h>", "is for vault/http alone"),
    ("a second includer of curl", "vault/brands/planted.cc", "#include <curl/curl.h>", "is for vault/outbound alone"),
    ("a second includer of libidn2", "vault/gate/planted.cc", "#include <idn2.h>", "is for vault/brands alone"),
    ("cpp-httplib in the daemon", "vault/http/planted.cc", "#include <httplib.h>", "is for cli and examples alone"),
    ("the whole of JSON in a header", "vault/base/planted.h", "#include <nlohmann/json.hpp>", "takes <nlohmann/json_fwd.hpp>"),
    ("the CLI in the store", "cli/planted.cc", '#include "vault/store/store.h"', "cli may not know vault/store/store.h"),
    ("the CLI in the engine", "cli/planted.cc", '#include "policies/cedar/value.h"', "cli may not know policies/cedar"),
    ("the shop in the gate", "examples/shop/planted.cc", '#include "vault/gate/gate.h"', "examples may not know vault/gate"),
    ("the shop in the CLI", "examples/shop/planted.cc", '#include "cli/client.h"', "examples may not know cli/client.h"),
    ("a folder that is no room", "vault/attic/planted.cc", "int planted();", "vault/attic is a room without a vrm_library call"),
    ("a read of the environment", "vault/gate/planted.cc", 'auto x = std::getenv("HOME");', "the environment is read in cli"),
    ("the material beside the tree", "docs/planted.md", "see ../" + "shared/samples", "is named outside tests"),
]


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def floors(tree):
    return run(sys.executable, str(tree / ".ci/floors.py"), str(tree))


def configure(tree):
    shutil.rmtree(tree / "build", ignore_errors=True)
    return run("cmake", "--preset", "dev", "-S", str(tree), "-B", str(tree / "build"), "-DBUILD_TESTING=OFF")


def planted(tree):
    """What was not named, as lines."""
    missed = []
    for shows, name, line, wanted in PLANTS:
        path = tree / name
        fresh = not path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// planted\n" + line + "\n", encoding="utf-8")
        status, said = floors(tree)
        named = [one for one in said.splitlines() if name in one and wanted in one]
        if status == 0 or not named:
            missed.append(f"{shows}: not named; it said: {said.strip()}")
        path.unlink()
        if fresh:
            shutil.rmtree(path.parent)
    return missed


def refused_list(tree):
    """An upward DEPS is refused by the floors and stops CMake."""
    missed = []
    rooms = tree / "vault/CMakeLists.txt"
    honest = rooms.read_text(encoding="utf-8")
    upward = honest.replace("vrm_library(crypto  DEPS base", "vrm_library(crypto  DEPS base gate")
    if upward == honest:
        return ["vault/CMakeLists.txt no longer declares crypto as this test expects"]
    status, said = configure(tree)
    if status != 0:
        missed.append(f"CMake refuses the tree as it is: {said}")
    rooms.write_text(upward, encoding="utf-8")
    status, said = floors(tree)
    if status == 0 or "crypto names gate, which is not declared above it" not in said:
        missed.append(f"an upward DEPS: the floors said: {said}")
    status, said = configure(tree)
    if status == 0 or "vault/crypto names vrm_gate, which stands on a higher floor" not in " ".join(said.split()):
        missed.append(f"an upward DEPS: CMake said: {said}")
    rooms.write_text(honest, encoding="utf-8")
    return missed


def main():
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        tree.mkdir()
        for name in KEPT:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name)
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, tree / name)
        status, said = floors(tree)
        missed = [] if status == 0 else [f"the tree as it is: {said}"]
        missed += planted(tree)
        missed += refused_list(tree)
    print("\n".join(missed) or f"{len(PLANTS) + 1} violations planted, each named")
    sys.exit(bool(missed))


main()
