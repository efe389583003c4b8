#!/usr/bin/env python3
"""kill -9 of the daemon in the midst of what it is told: what was acknowledged stands, nothing stands half.

  kill_test.py [--times N]         at random moments of a life of all verbs (100, or VRM_KILLS), and on until half of
                                   the verbs were met in their midst
  kill_test.py --every-write [N]   at each system call that writes, of each verb, until a round is not killed any more;
                                   all again, the vault having grown, until there were N kills

Needs VRM_BIN; --every-write strace that may attach. Ends with 77 when it was skipped.
"""
import argparse
import collections
import hashlib
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from living_vault import Broken, Killed, Place, free_port, wait_until  # noqa: E402

OLDER = pathlib.Path(__file__).resolve().parent / "golden" / "vault_2"  # fields, a brand, grants, an intent, an offer
READ_FIELD = "contact.email"
SERVED_WITHIN = 1.0  # seconds after a kill, from the unlock on
WRITES = ("pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "unlinkat")
MOST_OF_A_KIND = 80


class Life:
    """A vault and what was said of it: of each thing, all that it may be."""

    def __init__(self, place):
        self.place = place
        self.vault = place.vault("vault", free_port())
        self.seller = place.new_shop("velo")
        self.reader = place.new_shop("troc")
        self.fields = {}
        self.grants = {}  # id -> may be revoked: no, maybe, yes
        self.intents = {}  # id -> may be cancelled
        self.accepted = {}  # offer -> accepted: maybe, yes
        self.unknown = collections.Counter()  # grants and intents that may have been made
        self.reads = [0, 0]  # that the brand got, that it may have got
        self.files = []  # backups: (path, whether it was said to be there)
        self.folders = []  # restored vaults, alike
        self.papers = {}  # documents: may be there: no, maybe, yes
        self.bytes = {}  # of these, that were sent
        self.older = None  # a vault of an older format, about to be unlocked
        self.made = 0

    def begin(self):
        self.vault.start()
        self.vault.init()
        self.set_field(READ_FIELD, "ana@example.org")
        self.set_field("address.home.street_address", "12 rue Merciere")
        for shop in (self.seller, self.reader):
            self.vault.must("POST", "/v1/brands", {"url": shop.start(), "name": shop.folder.name, "new": True})
            wait_until("the introduction", (shop.folder / "vaults.json").exists)
        # A brand's assertion from before the daemon's start is refused, and it counts in whole seconds.
        time.sleep(1.1)
        if not self.reader.does("ask", "--fields", READ_FIELD, "--purpose", "delivery", "--reason", "to write"):
            raise Broken(f"the shop cannot ask: {self.reader.said}")
        asked = self.vault.must("GET", "/v1/requests")["items"][0]["id"]
        self.read_grant = self.vault.must("POST", f"/v1/requests/{asked}/approve", {"served_while_locked": True})["id"]
        self.grants[self.read_grant] = "no"
        wait_until("the grant's token", lambda: self.reader.does("collect", "--wait", "5"))

    # The verbs. Each notes what may be before it asks, and what is when it was told.

    def new_name(self, kind):
        self.made += 1
        return f"{kind}{self.made}"

    def set_field(self, field=None, value=None):
        field = field or f"person.{random.choice(['given_name', 'family_name', 'middle_name', 'nickname'])}"
        value = value or self.new_name("Ana")
        self.fields[field] = self.fields.get(field, {None}) | {value}
        self.vault.must("PUT", f"/v1/fields/{field}", {"value": value})
        self.fields[field] = {value}

    def unset_field(self):
        there = [name for name, may in self.fields.items() if None not in may and name.startswith("person.")]
        if not there:
            return self.set_field()
        field = random.choice(there)
        self.fields[field] = self.fields[field] | {None}
        self.vault.must("DELETE", f"/v1/fields/{field}")
        self.fields[field] = {None}

    def grant(self):
        self.unknown["grant"] += 1
        made = self.vault.must("POST", "/v1/grants", {"brand": "velo", "fields": ["person.given_name"], "purpose": "delivery"})
        self.unknown["grant"] -= 1
        self.grants[made["id"]] = "no"

    def revoke(self):
        good = [one for one, revoked in self.grants.items() if revoked == "no" and one != self.read_grant]
        if not good:
            return self.grant()
        chosen = random.choice(good)
        self.grants[chosen] = "maybe"
        self.vault.must("POST", "/v1/grants/revoke", {"ids": [chosen]})
        self.grants[chosen] = "yes"

    def read(self):
        self.reads[1] += 1
        if self.reader.does("read", "--fields", READ_FIELD):
            self.reads[0] += 1
        else:  # it may just be dying
            wait_until(f"the end of a daemon that refused a read: {self.reader.said}", self.vault.is_dead)
            raise Killed("a read")

    def intent(self):
        self.unknown["intent"] += 1
        made = self.vault.must("POST", "/v1/intents", {"text": "mountain bike", "max": "900EUR", "to": ["velo"], "jitter": False})
        self.unknown["intent"] -= 1
        self.intents[made["id"]] = "no"

    def offers(self):
        """Offers of an intent that nobody accepted or cancelled; waits for one."""
        for intent in [one for one, cancelled in self.intents.items() if cancelled == "no"][-1:]:
            items = self.vault.must("POST", f"/v1/intents/{intent}/offers", {})["items"]
            live = [item for item in items if item["state"] == "live" and item["id"] not in self.accepted]
            if live:
                return intent, live[0]["id"]
        return None, None

    def offer(self):
        """The brand's own: it offers once it heard of an intent."""
        self.intent()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if self.vault.is_dead():
                raise Killed("an offer")
            if self.offers()[1]:
                return
            time.sleep(0.01)
        raise Broken("the shop does not offer")

    def accept(self):
        intent, offer = self.offers()
        if not offer:
            return self.offer()
        self.accepted[offer] = "maybe"
        self.intents[intent] = "accepted"
        self.vault.must("POST", f"/v1/offers/{offer}/accept", {})
        self.accepted[offer] = "yes"

    def cancel(self):
        open_ones = [one for one, cancelled in self.intents.items() if cancelled == "no"]
        if not open_ones:
            return self.intent()
        chosen = random.choice(open_ones)
        self.intents[chosen] = "maybe"
        self.vault.must("POST", f"/v1/intents/{chosen}/cancel")
        self.intents[chosen] = "yes"

    def lock(self):
        self.vault.must("POST", "/v1/lock")
        self.vault.unlock()

    def backup(self):
        path = self.place.root / self.new_name("backup")
        self.files.append([path, False])
        self.vault.must("POST", f"/v1/backup?file={path}")
        self.files[-1][1] = True

    def restore(self):
        whole = [path for path, told in self.files if told]
        if not whole:
            return self.backup()
        folder = self.place.root / self.new_name("restored")
        self.folders.append([folder, False])
        self.vault.must("POST", f"/v1/restore?file={whole[-1]}&into={folder}&slot=credential", self.vault.credential)
        self.folders[-1][1] = True

    def add_document(self):
        name = self.new_name("ticket")
        bytes_ = self.bytes[name] = random.randbytes(70_000)
        upload = self.vault.must("POST", "/v1/uploads", {"file": name, "size": len(bytes_), "name": name})["id"]
        self.vault.must("PUT", f"/v1/uploads/{upload}/parts/1", bytes_)
        self.papers[name] = "maybe"
        self.vault.must("POST", f"/v1/uploads/{upload}/finish", {"sha-256": hashlib.sha256(bytes_).hexdigest()})
        self.papers[name] = "yes"

    def remove_document(self):
        there = [name for name, is_there in self.papers.items() if is_there == "yes"]
        if not there:
            return self.add_document()
        self.papers[there[0]] = "maybe"
        self.vault.must("DELETE", f"/v1/documents/{there[0]}")
        self.papers[there[0]] = "no"

    def rekey(self):
        self.vault.must("POST", "/v1/rekey?slot=credential", self.vault.credential)

    def migrate(self):
        self.older.unlock()

    def victim_of(self, verb):
        """The vault that the verb changes; of an older format when it is to be brought to the present one."""
        if verb != "migrate":
            return self.vault
        folder = self.place.root / self.new_name("older")
        shutil.copytree(OLDER, folder)
        folder.chmod(0o700)
        self.older = self.place.vault(folder.name)
        self.older.start()
        return self.older

    VERBS = ("set_field", "unset_field", "grant", "revoke", "read", "intent", "offer", "accept", "cancel", "lock", "backup",
             "restore", "add_document", "remove_document", "rekey", "migrate")

    # What the vault says, against what was said of it.

    def look(self):
        self.look_at_fields()
        self.look_at_grants()
        self.look_at_intents()
        self.look_at_copies()
        self.look_at_documents()
        self.vault.check()

    def look_at_fields(self):
        held = {item["field"]: item["value"] for item in self.vault.must("GET", "/v1/fields")["items"] if not item["claim"]}
        for field, may in self.fields.items():
            if held.get(field) not in may:
                raise Broken(f"{field} is {held.get(field)!r} and can only be one of {may}")
            self.fields[field] = {held.get(field)}
        if strange := set(held) - set(self.fields):
            raise Broken(f"fields that nobody set: {strange}")

    def look_at_grants(self):
        held = {item["id"]: item for item in self.vault.must("GET", "/v1/grants?all=1")["items"]}
        accepted = [item for item in held.values() if item["purpose"] != "delivery" or item["fields"] != ["person.given_name"]]
        for grant, revoked in self.grants.items():
            if grant not in held:
                raise Broken(f"grant {grant} was acknowledged and is not there")
            is_revoked = held[grant]["state"] == "revoked"
            if revoked == ("yes", "no")[is_revoked]:
                raise Broken(f"grant {grant} is {held[grant]['state']}; told to be revoked: {revoked}")
            self.grants[grant] = "yes" if is_revoked else "no"
        used = held[self.read_grant]["reads"]["used"]
        if not self.reads[0] <= used <= self.reads[1]:
            raise Broken(f"{used} reads, and the brand had {self.reads[0]} of {self.reads[1]}")
        self.reads = [used, used]
        recorded = [item for item in self.vault.must("GET", f"/v1/log?kind=read&limit=1000")["items"] if item["outcome"] == "allowed"]
        if len(recorded) < min(used, 1000):
            raise Broken(f"{used} reads and {len(recorded)} records of them")
        strange = [one for one in held if one not in self.grants and held[one] not in accepted]
        if len(strange) > self.unknown["grant"]:
            raise Broken(f"{len(strange)} grants that nobody made")
        for one in strange:
            self.grants[one] = "yes" if held[one]["state"] == "revoked" else "no"
        self.unknown["grant"] = 0
        if len(accepted) - 1 > len(self.accepted):
            raise Broken(f"{len(accepted) - 1} grants of {len(self.accepted)} acceptances")

    def look_at_intents(self):
        held = {item["id"]: item["state"] for item in self.vault.must("GET", "/v1/intents?all=1")["items"]}
        for intent, cancelled in self.intents.items():
            state = held.get(intent)
            good = {"no": {"open"}, "maybe": {"open", "cancelled"}, "yes": {"cancelled"},
                    "accepted": {"open", "accepting", "accepted"}}[cancelled]
            if state not in good:
                raise Broken(f"intent {intent} is {state}; it can only be one of {good}")
            if cancelled == "maybe":
                self.intents[intent] = "yes" if state == "cancelled" else "no"
        strange = [one for one in held if one not in self.intents]
        if len(strange) > self.unknown["intent"]:
            raise Broken(f"{len(strange)} intents that nobody made")
        for one in strange:
            self.intents[one] = "no"
        self.unknown["intent"] = 0
        for offer, told in self.accepted.items():
            state = self.vault.must("GET", f"/v1/offers/{offer}")["state"]
            if told == "yes" and state not in ("accepting", "accepted"):
                raise Broken(f"offer {offer} was accepted and is {state}")
            if state == "live":
                del self.accepted[offer]
                intent = self.vault.must("GET", f"/v1/offers/{offer}")["intent"]
                self.intents[intent] = "no"
                break
            self.accepted[offer] = "yes"

    def look_at_copies(self):
        for path, told in self.files:
            if path.exists():
                self.vault.must("POST", f"/v1/backup/check?file={path}&slot=credential", self.vault.credential)
            elif told:
                raise Broken(f"backup {path.name} was acknowledged and is not there")
        whole = [path for path, _ in self.files if path.exists()][-1:]
        self.files = [[path, True] for path in whole]
        for folder, told in self.folders:
            if (folder / "vault.db").exists():
                copy = self.place.vault(folder.name)
                copy.start()
                copy.unlock()
                copy.check()
                copy.kill()
            elif told:
                raise Broken(f"{folder.name} was said to be restored and is not")
            shutil.rmtree(folder, ignore_errors=True)
        self.folders = []

    def look_at_documents(self):
        held = {item["name"].removeprefix("document.") for item in self.vault.must("GET", "/v1/documents")["items"]}
        for name, is_there in self.papers.items():
            if is_there == ("yes", "no")[name in held]:
                raise Broken(f"document {name} is there: {name in held}; it was told {is_there}")
        if strange := held - set(self.papers):
            raise Broken(f"documents that nobody added: {strange}")
        self.papers = {name: "yes" for name in held}
        for name in held:
            if self.vault.must("GET", f"/v1/documents/{name}/parts/1") != self.bytes[name]:
                raise Broken(f"document {name} is not what was sent")
        files = list((self.vault.folder / "documents").glob("*"))
        if len(files) != len(held):
            raise Broken(f"{len(files)} files of {len(held)} documents")

    def rise(self, victim):
        """A killed daemon starts again, and all is looked at. Gives the seconds until it served."""
        victim.start()
        took = victim.unlock()
        if victim is self.older:
            victim.check()
            victim.kill()
            shutil.rmtree(victim.folder)
        else:
            self.look()
        return took


def rehearse(life):
    """Each verb once, not killed: how long it lasts here."""
    lasted = {}
    for verb in Life.VERBS:
        victim = life.victim_of(verb)
        begun = time.monotonic()
        getattr(life, verb)()
        lasted[verb] = time.monotonic() - begun
        if victim is not life.vault:
            victim.kill()
            shutil.rmtree(victim.folder)
    return lasted


def at_random(times):
    """A life that is killed again and again, each time at some moment of the next verb."""
    seed = int(os.environ.get("VRM_SEED", "20261122"))
    random.seed(seed)
    midst, behind, served = collections.Counter(), 0, []
    enough = len(Life.VERBS) / 2
    with Place() as place:
        life = Life(place)
        life.begin()
        lasted = rehearse(life)
        number = 0
        # How many verbs a few kills meet is luck: a verb may end before its kill, above all on a loaded machine.
        while number < times or (len(midst) < enough and number < times + 8 * len(Life.VERBS)):
            verb = Life.VERBS[number % len(Life.VERBS)]
            victim = life.victim_of(verb)
            timer = threading.Timer(random.uniform(0.0, 1.2 * lasted[verb]), victim.process.kill)
            number += 1
            begun = time.monotonic()
            timer.start()
            try:
                getattr(life, verb)()
                lasted[verb] = time.monotonic() - begun
                behind += 1
            except Killed:
                midst[verb] += 1
                lasted[verb] = max(lasted[verb], time.monotonic() - begun)
            timer.join()
            victim.kill()
            served.append(rise(life, victim, f"kill {number} (seed {seed}) in the midst of {verb}"))
    if len(midst) < enough:
        raise Broken(f"the kills met too few verbs: {dict(midst)}")
    told = ", ".join(f"{verb} {count}" for verb, count in sorted(midst.items()))
    print(f"{number} kills: in the midst of {told}; right behind one {behind}")
    return served


def rise(life, victim, what):
    try:
        return life.rise(victim)
    except Broken as why:
        raise Broken(f"{what}: {why}") from why


class Tracer:
    """strace, which kills the daemon on its way into the k-th system call of a kind."""

    def __init__(self, pid, call, number):
        self.pid = pid
        words = ["strace", "-f", "-qq", "-p", str(pid), "-o", "/dev/null", "-e", f"trace={call}", "-e",
                 f"inject={call}:signal=KILL:when={number}"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("strace to hold the daemon", lambda: self.is_over() or self.holds_all())

    def is_over(self):
        return self.process.poll() is not None

    def holds_all(self):
        try:
            states = [path.read_text() for path in pathlib.Path(f"/proc/{self.pid}/task").glob("*/status")]
        except OSError:
            return False
        return bool(states) and all("\nTracerPid:\t0\n" not in state for state in states)

    def let_go(self):
        if not self.is_over():
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:  # now and then it waits for a thread that is dead, and nobody can bury it
            self.process.kill()
            self.process.wait()


def may_trace():
    if not shutil.which("strace"):
        return False
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        tracer = Tracer(sleeper.pid, "write", 1)
        allowed = not tracer.is_over()
        tracer.let_go()
        sleeper.kill()
    return allowed


def is_killed(life, victim, verb, call, number):
    """Whether the verb came to that system call."""
    tracer = Tracer(victim.process.pid, call, number)
    try:
        getattr(life, verb)()
        told = True
    except Killed:
        told = False
    finally:
        tracer.let_go()
    if not told:
        wait_until("the end of a killed daemon", victim.is_dead)
    return victim.is_dead()


def every_write(least):
    """Each verb, killed at its first write, its second, … of each kind, until it is not killed any more."""
    random.seed(1)
    served, points = [], collections.Counter()
    with Place() as place:
        life = Life(place)
        life.begin()
        while len(served) < least:
            for verb in Life.VERBS:
                for call in WRITES:
                    for number in range(1, MOST_OF_A_KIND + 1):
                        victim = life.victim_of(verb)
                        if not is_killed(life, victim, verb, call, number):
                            if victim is not life.vault:
                                victim.kill()
                            break
                        points[verb] += 1
                        served.append(rise(life, victim, f"{verb}, killed at {call} number {number}"))
            print(f"-- {len(served)} kills", flush=True)
    told = ", ".join(f"{verb} {count}" for verb, count in sorted(points.items()))
    print(f"{len(served)} kills at writes: {told}")
    if len(points) < len(Life.VERBS):
        raise Broken("a verb was never killed")
    return served


def main():
    read = argparse.ArgumentParser()
    read.add_argument("--times", type=int, default=int(os.environ.get("VRM_KILLS", "100")))
    read.add_argument("--every-write", type=int, nargs="?", const=1)
    wanted = read.parse_args()
    if wanted.every_write and not may_trace():
        print("skipped: there is no strace, or it may not attach to a process here")
        return 77
    try:
        served = every_write(wanted.every_write) if wanted.every_write else at_random(wanted.times)
    except Broken as why:
        print(f"FAILED: {why}")
        return 1
    print(f"serving again after the unlock: median {statistics.median(served) * 1000:.0f} ms, at most {max(served) * 1000:.0f} ms")
    if max(served) > SERVED_WITHIN:
        print("FAILED: it took too long until the vault served again")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
