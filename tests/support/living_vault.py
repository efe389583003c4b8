"""A vault and a brand as real processes that a test may kill, and what the owner and the brand were told of them."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = pathlib.Path(os.environ["VRM_BIN"])
PATIENCE = 20  # seconds until something that must happen counts as never


class Broken(Exception):
    """The vault does not keep its word."""


def wait_until(what, is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise Broken(f"waited too long for: {what}")
        time.sleep(0.005)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Call(http.client.HTTPConnection):
    """One connection to the owner's door."""

    def __init__(self, path):
        super().__init__("vrm", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self.path))


class Killed(Exception):
    """Nobody answered: it may be done or not."""


class Vault:
    """A vault's folder with its daemon, opened by a credential."""

    def __init__(self, folder, door=None):
        self.folder = folder
        self.door = door
        self.credential = b"\x07" * 32
        self.socket = folder.parent / (folder.name + ".sock")
        # One for each: two living copies of a vault make each other look old.
        self.anchors = folder.parent / (folder.name + ".anchors")
        self.process = None

    def start(self):
        ready, write = os.pipe()
        words = [BIN / "vrmd", "--vault", self.folder, "--socket", self.socket, "--anchors", self.anchors,
                 "--allow-loopback-brands", "--poll-interval", "1", "--rate-limit-per-minute", "1000000",
                 "--ready-fd", str(write)]
        if self.door:
            words += ["--brand-door", f"127.0.0.1:{self.door}"]
        said = self.folder.parent / (self.folder.name + ".log")
        log = open(said, "ab")
        self.process = subprocess.Popen(words, pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(write)
        with os.fdopen(ready) as line:
            if not line.readline():
                raise Broken(f"vrmd does not start: it ended with {self.process.wait()}: {said.read_text()[-500:]}")

    def call(self, method, path, body=None):
        """What was answered, as (status, document or bytes). Killed: nothing was."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        try:
            wire = Call(self.socket)
            wire.request(method, path, raw)
            answer = wire.getresponse()
            text = answer.read()
            wire.close()
        except (OSError, http.client.HTTPException) as why:
            raise Killed(str(why)) from why
        if answer.getheader("Content-Type") == "application/octet-stream":
            return answer.status, text
        return answer.status, json.loads(text or b"{}")

    def must(self, method, path, body=None):
        status, said = self.call(method, path, body)
        if status >= 300:
            raise Broken(f"{method} {path}: {status} {said}")
        return said

    def init(self):
        self.must("POST", "/v1/init?slot=credential", self.credential)

    def unlock(self):
        """How long it took until the vault served again."""
        begun = time.monotonic()
        self.must("POST", "/v1/unlock?slot=credential", self.credential)
        return time.monotonic() - begun

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_dead(self):
        return self.process.poll() is not None

    def check(self):
        """Everything verifies."""
        if not self.must("POST", "/v1/verify")["ok"] or not self.must("POST", "/v1/log/verify")["ok"]:
            raise Broken("the vault does not verify")


class Shop:
    """A brand that offers at once, acknowledges at once and is never killed."""

    RULES = {
        "tag_line": "One bike.", "currency": "EUR",
        "catalogue": [{"name": "Trail 7", "category": "mountain bike", "price": "849.00", "stock": 100000}],
        "shipping": "0.00", "arrival_days": 1, "offer_valid": "72h", "answer_after_ms": 0, "acknowledge": "at_once",
        "required_data": [{"field": "address.home.street_address", "purpose": "delivery", "neededAt": "ship",
                           "retention": "P14D"}],
    }

    def __init__(self, folder):
        self.folder = folder
        self.rules = folder.parent / (folder.name + ".json")
        self.rules.write_text(json.dumps(self.RULES))
        self.port = free_port()
        self.process = None
        self.said = ""

    def start(self):
        ready, write = os.pipe()
        log = open(self.folder.parent / (self.folder.name + ".log"), "ab")
        self.process = subprocess.Popen(
            [BIN / "vrm-shop", "serve", "--name", self.folder.name, "--dir", self.folder, "--rules", self.rules, "--address",
             f"127.0.0.1:{self.port}", "--ready-fd", str(write)],
            pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(write)
        with os.fdopen(ready) as line:
            return line.readline().strip()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def does(self, *words):
        """Whether the shop got what it wanted; what it said is in `said`."""
        done = subprocess.run([BIN / "vrm-shop", *words, "--dir", self.folder], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
        self.said = done.stdout.decode(errors="replace")
        return done.returncode == 0

    def offers(self):
        try:
            return json.loads((self.folder / "offers.json").read_text())["items"]
        except (OSError, ValueError):
            return []


class Place:
    """A folder for it all, which ends with the test."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="vrm-kills-"))
        self.root.chmod(0o700)
        self.vaults = []
        self.shops = []

    def __enter__(self):
        return self

    def vault(self, name, door=None):
        self.vaults.append(Vault(self.root / name, door))
        return self.vaults[-1]

    def new_shop(self, name):
        self.shops.append(Shop(self.root / name))
        return self.shops[-1]

    def __exit__(self, *_):
        for vault in self.vaults:
            if vault.process and not vault.is_dead():
                vault.process.send_signal(signal.SIGKILL)
                vault.process.wait()
        for shop in self.shops:
            shop.stop()
        shutil.rmtree(self.root, ignore_errors=True)
