#!/usr/bin/env python3
"""Checks that who includes whom follows vault/CMakeLists.txt, and that things with one home stay there.

usage: floors.py ROOT

A room is a folder vault/NAME (or the FOLDER its vrm_library call names). It may include itself, the rooms its call names
under DEPS, and nothing else of ours. DEPS may name only rooms declared above.
"""
import os
import pathlib
import re
import sys

# A third-party header, and the only folders that may include it. Tests may include any.
HOMES = {
    r"sodium(\.h|/.*)": ("vault/crypto",),
    r"openssl/.*": ("vault/crypto",),
    r"sqlite3\.h": ("vault/store",),
    r"microhttpd\.h": ("vault/http",),
    r"curl/.*": ("vault/outbound",),
    r"idn2\.h": ("vault/brands",),
    r"httplib\.h": ("cli", "examples"),
    r"qrcodegen/.*": ("cli",),
}
# Programs beside the rooms, and the rooms they may know, each with its reason.
BESIDE = {
    "cli": ({"base", "api", "words"}, "so that no command can bypass the gate or the journal"),
    "examples": ({"base", "crypto", "jose"}, "because a brand knows nothing of a vault but its wire"),
}
MAY_READ_ENVIRONMENT = ("cli/", "vault/daemon/main.cc")
SHARED = "../" + "shared"
SKIP = {"build", "node_modules", ".git"}

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^">]+)[">]')
GETENV = re.compile(r"\b(secure_)?getenv\s*\(")


def read_rooms(root):
    """Rooms in the order declared: {name: (folder, deps)}, and what is wrong with the list itself."""
    text = re.sub(r"#.*", "", (root / "vault/CMakeLists.txt").read_text(encoding="utf-8"))
    rooms, wrong = {}, []
    for name, body in re.findall(r"vrm_library\(\s*(\w+)([^)]*)\)", text):
        words = {"": []}
        keyword = ""
        for word in body.split():
            if word in ("FOLDER", "DEPS", "PRIVATE_LIBS", "EMBEDS"):
                keyword = word
                words[keyword] = []
            else:
                words[keyword].append(word)
        folder = words.get("FOLDER", [f"vault/{name}"])[0]
        deps = words.get("DEPS", [])
        wrong += [
            f"vault/CMakeLists.txt: {name} names {dep}, which is not declared above it"
            for dep in deps
            if dep not in rooms
        ]
        rooms[name] = (folder, deps)
    return rooms, wrong


def walk(root):
    """Every file of the tree, relative, in order; not what is built or fetched."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(set(names) - SKIP)
        for name in sorted(files):
            yield (pathlib.Path(folder) / name).relative_to(root)


def inside(path, folder):
    return str(path).startswith(folder + "/")


class Checker:
    def __init__(self, root):
        self.root = root
        self.rooms, self.wrong = read_rooms(root)

    def room_of(self, path):
        """The room whose folder holds the path, or None."""
        holding = [(len(folder), name) for name, (folder, _) in self.rooms.items() if inside(path, folder)]
        return max(holding)[1] if holding else None

    def may_know(self, path):
        """(who, the rooms it may include, why no more) of a source file."""
        room = self.room_of(path)
        if room:
            deps = self.rooms[room][1]
            return room, {room, *deps}, f"its DEPS are {' '.join(deps) or 'none'}"
        beside = BESIDE[path.parts[0]]
        return path.parts[0], *beside

    def check_include(self, place, path, header):
        who, may, why = self.may_know(path)
        if re.match(r"(vault|policies|cli|examples|tests)/", header):
            room = self.room_of(pathlib.Path(header))
            own_program = path.parts[0] in BESIDE and inside(header, path.parts[0])
            if room not in may and not own_program:
                self.wrong.append(f"{place}: {who} may not know {header} ({why})")
        for pattern, homes in HOMES.items():
            if re.fullmatch(pattern, header) and not any(inside(path, home) for home in homes):
                self.wrong.append(f"{place}: <{header}> is for {' and '.join(homes)} alone")
        if header == "nlohmann/json.hpp" and path.suffix == ".h":
            self.wrong.append(f"{place}: a header takes <nlohmann/json_fwd.hpp>; the whole of it costs every includer")

    def check_source(self, path):
        if path.parts[0] not in BESIDE and self.room_of(path) is None:
            self.wrong.append(f"{path}: {path.parent} is a room without a vrm_library call")
            return
        for number, line in enumerate((self.root / path).read_text(encoding="utf-8").splitlines(), 1):
            place = f"{path}:{number}"
            included = INCLUDE.match(line)
            if included:
                self.check_include(place, path, included.group(1))
            if GETENV.search(line) and not str(path).startswith(MAY_READ_ENVIRONMENT):
                self.wrong.append(f"{place}: the environment is read in cli and the daemon's main alone; pass the value")

    def check(self):
        for path in walk(self.root):
            top = path.parts[0]
            if path.suffix in (".h", ".cc") and top in ("vault", "policies", *BESIDE):
                self.check_source(path)
            if top != "tests":
                self.check_words(path)
        return self.wrong

    def check_words(self, path):
        """The material beside the tree is for tests: no program, page or build step may need it."""
        if (self.root / path).is_symlink():
            return
        for number, line in enumerate((self.root / path).read_bytes().splitlines(), 1):
            if SHARED.encode() in line:
                self.wrong.append(f"{path}:{number}: {SHARED} is named outside tests")


def main():
    checker = Checker(pathlib.Path(sys.argv[1]).resolve())
    wrong = checker.check()
    print("\n".join(wrong) or f"{len(checker.rooms)} rooms, every include goes down")
    sys.exit(bool(wrong))


main()
