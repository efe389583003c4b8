#!/usr/bin/env bash
# A kill at each step of an acceptance, on real processes: the vault's daemon is killed on its way into the k-th system
# call of a kind, for k = 1, 2, … until a run is not killed any more. What the next start finds is nothing, everything,
# or "pending", which it finishes without a word of the owner but the unlock; never two grants, never a grant that is
# good without the brand's acknowledgement, never two acceptances at the brand.
#
# The brand acknowledges in its answer, or answers 202 and acknowledges by a call of its own: then the daemon is also
# killed between the acknowledgement's arrival and the answer to it.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

skip() {
  say "skipped: $*"
  exit 77
}
command -v strace >/dev/null || skip 'there is no strace'
# Whether one may attach to a process that is not one's child.
sleep 60 &
sleeper=$!
started+=("$sleeper")
disown
strace -qq -p "$sleeper" -o /dev/null 2>"$answer" &
tracer=$!
started+=("$tracer")
disown
is_traced() { grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"; }
traced_or_refused() { is_traced "$sleeper" || gone "$tracer"; }
wait_until 'strace to attach, or not' traced_or_refused
is_traced "$sleeper" || skip "strace may not attach to a process here: $(head -n 1 "$answer")"
kill "$sleeper" "$tracer" 2>/dev/null || true

canary=CANARYSTREET
door=127.0.0.1:$(free_port)
shop_door=127.0.0.1:$(free_port)
prepared=$test_folder/prepared
shop_dir=$shop_folder/velo
shop_pid=''

# The brand with the character of that name, at the same address each time.
start_shop() {
  : >"$shop_folder/velo.ready"
  "$VRM_BIN/vrm-shop" serve --name Velo --dir "$shop_dir" --rules "$inputs/$1.json" --address "$shop_door" --ready-fd 4 \
    4>"$shop_folder/velo.ready" >"$shop_folder/velo.log" 2>&1 </dev/null &
  shop_pid=$!
  started+=("$shop_pid")
  disown
  wait_until 'the shop to open' test -s "$shop_folder/velo.ready"
}
stop_shop() {
  kill -9 "$shop_pid" 2>/dev/null || true
  wait_until 'the end of the shop' gone "$shop_pid"
}
character() { # NAME MEMBERS
  cat >"$inputs/$1.json" <<EOF
{"tag_line": "One bike.", "currency": "EUR",
 "catalogue": [{"name": "Trail 7", "category": "mountain bike", "price": "849.00", "stock": 9}],
 "shipping": "0.00", "arrival_days": 1, "offer_valid": "72h", "answer_after_ms": 0,
 "required_data": [{"field": "address.home.street_address", "purpose": "delivery", "neededAt": "ship", "retention": "P14D"}],
 $2}
EOF
}
character prompt '"acknowledge": "at_once"'
character later '"acknowledge": "later", "acknowledge_after_ms": 1'

# What the vault and the brand say, in one word, and whether that may be; told apart by where in the journal the last
# unlock stands: nothing was accepted before it, or it was acknowledged before it too, or else it was pending.
cat >"$inputs/verdict.py" <<'EOF'
import json, sys

def read(name):
    with open(f"{sys.argv[1]}/{name}") as file:
        return json.load(file)

moment = sys.argv[2]  # "found" right after the unlock, or "end"
kinds = [item["kind"] for item in reversed(read("log.json")["items"])]
unlocked = len(kinds) - 1 - kinds[::-1].index("unlocked")
before = kinds[:unlocked]
word = ("nothing" if "offer_accepted" not in before else
        "everything" if "acceptance_acknowledged" in before else "pending")
intent = read("offers.json")["intent"]["state"]
offers = [item["state"] for item in read("offers.json")["items"]]
grants = [item["state"] for item in read("grants.json")["items"]]
heard = [one for offer in read("shop.json")["items"] for one in offer["acceptances"]]
states = [one["state"] for one in heard]

def check(holds, what):
    if not holds:
        sys.exit(f"{what}: found {word}; intent {intent}, offers {offers}, grants {grants}, the brand has {states}; {kinds}")

check(len({one["jti"] for one in heard}) <= 1 and len(heard) <= 1, "the brand heard two acceptances")
check(len(grants) <= 1, "two grants")
check(len(offers) == 1, "not one offer")
if any(state in ("waiting", "active") for state in grants):
    check(any(one["acknowledgement"] for one in heard), "a grant is good that the brand did not acknowledge")
check(kinds.count("offer_accepted") <= 1 and kinds.count("acceptance_acknowledged") <= 1, "the journal has it twice")
check("acceptance_cancelled" not in kinds, "the acceptance was cancelled")
if moment == "found":
    if word == "nothing":
        check((intent, offers, grants, states) == ("open", ["live"], [], []), "not nothing")
    if word == "pending":
        check((intent, grants) == ("accepting", ["held"]) or intent == "accepted", "not pending")
    if word == "everything":
        check(intent == "accepted", "not everything")
else:
    check(intent == "accepted" and offers == ["accepted"] and len(grants) == 1 and grants[0] in ("waiting", "active")
          and states == ["acknowledged"], "not accepted in the end")
print(word)
EOF

# Several answers, of one moment: nothing was recorded between the first and the last.
told() { # NAME WORDS...
  local file=$test_folder/said/$1.json
  shift
  "$VRM_BIN/vrm" "$@" --json >"$file" 2>"$answer" </dev/null || fail "vrm $*"
}
told_of_one_moment() {
  told before log --limit 1000
  told offers offers "$intent"
  told grants grants --all
  told log log --limit 1000
  cmp -s "$test_folder/said/before.json" "$test_folder/said/log.json"
}

# verdict MOMENT: the word in $word.
verdict() {
  mkdir -p "$test_folder/said"
  wait_until 'a moment in which nothing happens' told_of_one_moment
  cp "$shop_dir/offers.json" "$test_folder/said/shop.json"  # after the vault: what it has acknowledged stands there
  word=$(python3 "$inputs/verdict.py" "$test_folder/said" "$1" 2>"$answer") || fail "$round: $1"
}

say '-- one offer, told once'
mkdir -p "$shop_folder"
start_shop prompt
vrm daemon start --brand-door "$door" --allow-loopback-brands --poll-interval 1
vrm init --credential-file "$credential"
vrm set address.home.street_address "$canary 12"
vrm brand add "http://$shop_door/vrm-brand.json" --name velo --new
vrm intent 'mountain bike' --max 900EUR --to velo --no-jitter --yes
intent=$(first_id in)
offer_is_there() { "$VRM_BIN/vrm" offers --json 2>/dev/null >"$answer" && grep -q '"of_' "$answer"; }
wait_until 'the offer' offer_is_there
offer=$(first_id of)
vrm daemon stop
stop_shop
mkdir -p "$prepared"
cp -a "$VRM_VAULT" "$prepared/vault"
cp -a "$shop_dir" "$prepared/shop"

is_done() {
  grep -q '"acknowledged"' "$shop_dir/offers.json" &&
    "$VRM_BIN/vrm" offers "$intent" --json 2>/dev/null | tr -d ' \n' | grep -q '"state":"accepted"'
}
all_traced() { # every thread of the daemon has its tracer
  local task
  for task in "/proc/$1"/task/*; do
    grep -q '^TracerPid:[[:space:]]*[1-9]' "$task/status" 2>/dev/null || return 1
  done
}
quietly() {
  local program=$1
  shift
  "$VRM_BIN/$program" "$@" >"$answer" 2>&1 </dev/null
}
either_gone() { gone "$1" || gone "$2"; }
# Nothing of the acceptance is left to do for the daemon, or it was killed.
at_rest() { gone "$1" || grep -q '"acknowledged"' "$shop_dir/offers.json"; }

declare -A ended=([nothing]=0 [pending]=0 [everything]=0)

# one_round CHARACTER CALL K: whether the daemon was killed.
one_round() {
  local pid tracer owner killed=no
  round="$1, kill at $2 number $3"
  rm -rf "$VRM_VAULT" "$shop_dir"
  cp -a "$prepared/vault" "$VRM_VAULT"
  cp -a "$prepared/shop" "$shop_dir"
  start_shop "$1"
  vrm daemon start
  unlock
  pid=$(daemon_pid)
  strace -f -qq -p "$pid" -o /dev/null -e "trace=$2" -e "inject=$2:signal=KILL:when=$3" 2>"$answer" &
  tracer=$!
  started+=("$tracer")
  wait_until 'strace to hold the daemon' all_traced "$pid"
  "$VRM_BIN/vrm" accept "$offer" --yes --wait 10s >"$answer" 2>&1 </dev/null &
  owner=$!
  # It would wait a minute for the daemon to come back.
  wait_until "$round: the owner's command or the daemon to end" either_gone "$owner" "$pid"
  if gone "$pid"; then kill "$owner" 2>/dev/null || true; fi
  wait "$owner" || killed=yes
  if [[ $killed == no ]]; then
    wait_until "$round: the brand to hear the end of it" at_rest "$pid"
    kill -INT "$tracer" 2>/dev/null || true
  fi
  wait "$tracer" 2>/dev/null || true
  if gone "$pid"; then killed=yes; elif [[ $killed == yes ]]; then fail "$round: it failed, and nobody killed it"; fi
  if [[ $killed == yes ]]; then judge; else check_whole; fi
  vrm daemon stop
  stop_shop
  [[ $killed == yes ]]
}

# What the next start makes of what a kill left.
judge() {
  local word
  # The owner's command may just be starting one itself.
  wait_until "$round: the next start" quietly vrm daemon start
  unlock
  verdict found
  ended[$word]=$((ended[$word] + 1))
  local found=$word
  if [[ $found == nothing ]]; then vrm accept "$offer" --yes --wait 10s; fi
  wait_until "$round, found $found: the acceptance to hold" is_done
  verdict end
  vrm verify
  vrm log verify
  say "   $round: $found"
}
check_whole() {
  local word
  verdict end
  wait_until 'the winner to collect' grep -q '^granted' "$shop_folder/velo.log"
  shop read --dir "$shop_dir"
  says "$canary"
}

# Each step of the file, and of the network: to the brand (connect, sendto), what is heard (recvfrom), answers (sendmsg).
for step in prompt:{pwrite64,fdatasync,connect,sendto,sendmsg} later:{pwrite64,fdatasync,recvfrom,sendmsg}; do
  for ((k = 1; k <= 30; ++k)); do
    one_round "${step%:*}" "${step#*:}" "$k" || break
  done
  ((k > 1)) || fail "$step: nobody was killed"
  say "-- ${step%:*}, ${step#*:}: $((k - 1)) kills, then none"
done
((ended[nothing] > 0 && ended[pending] > 0 && ended[everything] > 0)) || fail 'not every end was met'
say "$((ended[nothing] + ended[pending] + ended[everything])) kills: ${ended[nothing]} left nothing, ${ended[pending]} pending, ${ended[everything]} everything"
