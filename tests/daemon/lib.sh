# shellcheck shell=bash disable=SC2034  # its variables are for the tests
# What the black-box tests share: real processes on a folder of their own, which ends with the test.
#
#   shop_folder, inputs   what is not the vault's: the brand's side, files the owner brings
#   answer                what the last program said, both streams
#
# VRM_BIN names the folder of vrm, vrmd and vrm-shop; ctest sets it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VRM_BIN=$(cd "${VRM_BIN:-$here/../../build/dev/bin}" && pwd)
test_folder=$(mktemp -d)
inputs=$test_folder/inputs shop_folder=$test_folder/shop answer=$test_folder/answer.txt
mkdir -p "$inputs" "$test_folder/private/tmp"
chmod 700 "$test_folder/private"
export VRM_VAULT=$test_folder/private/vault VRM_LANG=en NO_COLOR=1
export HOME=$test_folder/private TMPDIR=$test_folder/private/tmp
unset VRM_SOCKET XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME XDG_CONFIG_HOME
started=()   # process ids to end
: >"$answer"

say() { printf '%s\n' "$*"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  sed 's/^/    it said: /' "$answer" >&2
  [[ -s $VRM_VAULT/vrmd.log ]] && sed 's/^/    vrmd: /' "$VRM_VAULT/vrmd.log" >&2
  exit 1
}

# The daemon of $VRM_VAULT, or of the folder given; nothing when none runs.
daemon_pid() {
  local vault=${1:-$VRM_VAULT} process name words
  for process in /proc/[0-9]*; do
    name='' words=()
    { read -r name <"$process/comm"; } 2>/dev/null || true
    [[ $name == vrmd ]] || continue
    { mapfile -d '' words <"$process/cmdline"; } 2>/dev/null || true
    if [[ " ${words[*]} " == *" $vault "* ]]; then
      echo "${process#/proc/}"
      return
    fi
  done
}

clean_up() {
  local vault pid
  set +e
  for vault in "$test_folder"/*/vault*; do
    pid=$(daemon_pid "$vault")
    [[ -n $pid ]] && kill -9 "$pid" 2>/dev/null
  done
  for pid in "${started[@]}"; do kill -9 "$pid" 2>/dev/null; done
  rm -rf "$test_folder"
  return 0
}
trap clean_up EXIT

# wait_until WHAT COMMAND...: until it succeeds, a minute at most.
wait_until() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 1200; ++tries)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  fail "waited too long for: $what"
}

# Ended, though whoever started it may not have heard of it yet.
# The leader of a dead process is a zombie while its other threads still hold its sockets.
gone() {
  local tasks
  tasks=$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
  [[ $tasks == 0 ]] || { [[ $tasks == 1 ]] && grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; } || [[ ! -e /proc/$1 ]]
}

# expect EXIT PROGRAM WORDS...: the program, from VRM_BIN or a command of the system, ends with EXIT.
# Its standard input is the caller's.
expect() {
  local wanted=$1 program=$2 status=0
  shift 2
  [[ -x $VRM_BIN/$program ]] && program=$VRM_BIN/$program
  "$program" "$@" >"$answer" 2>&1 || status=$?
  [[ $status == "$wanted" ]] || fail "\`${program##*/} $*\` ended with $status instead of $wanted"
}
vrm() { expect 0 vrm "$@" </dev/null; }
vrm_refused() { # EXIT WORDS...
  local wanted=$1
  shift
  expect "$wanted" vrm "$@" </dev/null
}

# says TEXT: the last answer contains it.
says() { grep -qF -- "$1" "$answer" || fail "the answer does not say: $1"; }
says_not() { if grep -qF -- "$1" "$answer"; then fail "the answer says: $1"; fi; }

state_is() {
  "$VRM_BIN/vrm" status --json </dev/null >"$answer" 2>&1 && tr -d ' \n' <"$answer" | grep -q "\"state\":\"$1\""
}
check_state() { state_is "$1" || fail "the vault's state is not $1"; }

# A vault that a credential file opens: no key derivation.
credential=$test_folder/inputs/credential
# shellcheck disable=SC2120
make_vault() {
  expect 0 vrm daemon start "$@" </dev/null
  expect 0 vrm init --credential-file "$credential" </dev/null
}
# shellcheck disable=SC2120
unlock() { vrm unlock --credential-file "$credential" "$@"; }

kill_daemon() {
  local pid
  pid=$(daemon_pid)
  [[ -n $pid ]] || fail 'there is no daemon to kill'
  kill -9 "$pid"
  wait_until 'the end of a killed daemon' gone "$pid"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# open_shop NAME WORDS…: a shop on loopback in $shop_folder/NAME; its document's address is in $brand_url.
open_shop() {
  mkdir -p "$shop_folder"
  "$VRM_BIN/vrm-shop" serve --name "$1" --dir "$shop_folder/$1" --ready-fd 4 "${@:2}" \
    4>"$shop_folder/$1.ready" >"$shop_folder/$1.log" 2>&1 </dev/null &
  started+=("$!")
  disown
  wait_until 'the shop to open' test -s "$shop_folder/$1.ready"
  brand_url=$(head -n 1 "$shop_folder/$1.ready")
}

# A brand's assertion from before the daemon's start is refused, and it counts in whole seconds: waits for the next one.
past_first_second() {
  local second
  printf -v second '%(%s)T'
  wait_until 'the next second' later_than "$second"
}
later_than() {
  local now
  printf -v now '%(%s)T'
  ((now > $1))
}
shop() { expect 0 vrm-shop "$@" </dev/null; }
shop_refused() { expect 1 vrm-shop "$@" </dev/null; }

first_id() { grep -o "$1_[0-9A-Z]\{8\}" "$answer" | head -n 1; }

# flip_bit FILE BYTE: another byte stands there than before, whatever stood there.
flip_bit() {
  python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 1]))' "$1" "$2"
}

# in_memory PID WORD...: names what it finds, 3 when nothing, 4 when it may not look.
in_memory() {
  python3 - "$@" <<'PYTHON'
import sys
pid, words = sys.argv[1], sys.argv[2:]
found = {}
try:
    memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    maps = open(f"/proc/{pid}/maps").read().splitlines()
except OSError:
    sys.exit(4)
for line in maps:
    parts = line.split(None, 5)
    if "r" not in parts[1] or line.endswith(("[vvar]", "[vsyscall]")):
        continue
    begin, end = (int(edge, 16) for edge in parts[0].split("-"))
    place, held = begin, b""
    while place < end:
        try:
            memory.seek(place)
            held = held[-64:] + memory.read(min(1 << 22, end - place))
        except OSError:
            break
        place += 1 << 22
        for word in words:
            at = held.find(word.encode())
            while at >= 0:
                where = parts[5] if len(parts) > 5 else "unnamed"
                around = bytes(b if 32 <= b < 127 else 46 for b in held[max(0, at - 40):at + 60]).decode()
                found.setdefault((word, where), []).append(around)
                at = held.find(word.encode(), at + 1)
for (word, where), hits in found.items():
    print(word[:10], where, len(hits), hits[:3])
sys.exit(0 if found else 3)
PYTHON
}
# A sanitizer keeps freed memory as it was.
memory_tells() { ! grep -qaE '__(asan|tsan)_init' "$VRM_BIN/vrmd"; }
