#!/usr/bin/env bash
# A kill at each step of an acceptance, on real processes: the vault's daemon is killed on its way into the k-th system
# call of a kind, for k = 1, 2, … until a run is not killed any more. What the next start finds is nothing, everything,
# or "pending", which it finishes without a word of the owner but the unlock; never two grants, never a grant that is
# good without the brand's acknowledgement, never two acceptances at the brand.
#
# Three lives of one acceptance: the brand acknowledges in its answer; the brand answers 202 and acknowledges by a call of
# its own; and no strace, no test: then this ends with 77.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

skip() {
  say "skipped: $*"
  exit 77
}
command -v strace >/dev/null || skip 'there is no strace'
strace -o /dev/null true 2>"$answer" || skip "strace may not trace here: $(tail -n 1 "$answer")"

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
heard = [one for offer in read("shop.json")["offers"] for one in offer["acceptances"]]
states = [one["state"] for one in heard]

def check(holds, what):
    if not holds:
        sys.exit(f"{what}: found {word}; intent {intent}, offers {offers}, grants {grants}, the brand has {states}; {kinds}")

check(len({one["jti"] for one in heard}) <= 1 and len(heard) <= 1, "the brand heard two acceptances")
check(len(grants) <= 1, "two grants")
check(len(offers) == 1, "not one offer")
if any(state in ("waiting", "active") for state in grants):
    check("acknowledged" in states, "a grant is good that the brand did not acknowledge")
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

# verdict MOMENT: the word in $word.
verdict() {
  local name
  mkdir -p "$test_folder/said"
  "$VRM_BIN/vrm" offers --json >"$test_folder/said/offers.json" 2>"$answer" </dev/null || fail 'vrm offers'
  "$VRM_BIN/vrm" grants --all --json >"$test_folder/said/grants.json" 2>"$answer" </dev/null || fail 'vrm grants'
  "$VRM_BIN/vrm" log --limit 1000 --json >"$test_folder/said/log.json" 2>"$answer" </dev/null || fail 'vrm log'
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
vrm intent 'mountain bike' --max 900EUR --to velo --no-jitter
offer_is_there() { "$VRM_BIN/vrm" offers --json 2>/dev/null >"$answer" && grep -q '"of_' "$answer"; }
wait_until 'the offer' offer_is_there
offer=$(first_id of)
vrm daemon stop
stop_shop
mkdir -p "$prepared"
cp -a "$VRM_VAULT" "$prepared/vault"
cp -a "$shop_dir" "$prepared/shop"

is_accepted() { "$VRM_BIN/vrm" offers --json 2>/dev/null | tr -d ' \n' | grep -q '"state":"accepted","id"\|"state":"accepted"'; }
brand_acknowledged() { grep -q '"acknowledged"' "$shop_dir/offers.json"; }
all_traced() { # every thread of the daemon has its tracer
  local task
  for task in "/proc/$1"/task/*; do
    grep -qv '^TracerPid:[[:space:]]*0$' <(grep '^TracerPid' "$task/status" 2>/dev/null) || return 1
  done
}

nothing=0 pending=0 everything=0 rounds=0

# one_round CHARACTER CALL K: true when the daemon was killed.
one_round() {
  local pid tracer killed=no
  round="kill at $2 number $3, the brand is $1"
  rm -rf "$VRM_VAULT" "$shop_dir"
  cp -a "$prepared/vault" "$VRM_VAULT"
  cp -a "$prepared/shop" "$shop_dir"
  start_shop "$1"
  vrm daemon start
  unlock
  pid=$(daemon_pid)
  strace -f -qq -p "$pid" -o /dev/null -e "trace=$2" -e "inject=$2:signal=KILL:when=$3" 2>"$test_folder/strace.log" &
  tracer=$!
  started+=("$tracer")
  wait_until 'strace to attach' all_traced "$pid"
  "$VRM_BIN/vrm" accept "$offer" --yes --wait 10s >"$test_folder/accept.txt" 2>&1 </dev/null || true
  if gone "$pid"; then
    killed=yes
  else
    wait_until 'an acceptance that nobody killed' accepted_or_gone "$pid"
    gone "$pid" && killed=yes
  fi
  kill -INT "$tracer" 2>/dev/null || true
  wait "$tracer" 2>/dev/null || true
  if [[ $killed == yes ]]; then
    wait_until 'the end of a killed daemon' gone "$pid"
    judge
  fi
  expect 0 vrm daemon stop </dev/null
  stop_shop
  [[ $killed == yes ]]
}
accepted_or_gone() { gone "$1" || { is_accepted && brand_acknowledged; }; }

# What the next start makes of it.
judge() {
  vrm daemon start
  unlock
  verdict found
  case $word in
    nothing) nothing=$((nothing + 1)) && vrm accept "$offer" --yes --wait 10s ;;
    pending) pending=$((pending + 1)) ;;
    everything) everything=$((everything + 1)) ;;
  esac
  wait_until "$round ($word): the acceptance holds" accepted_or_gone "$(daemon_pid)"
  verdict end
  vrm verify
  vrm log verify
  say "  $round: $word"
}

for_each_step() { # CHARACTER CALL
  local k=1
  while one_round "$1" "$2" "$k"; do
    k=$((k + 1))
    rounds=$((rounds + 1))
  done
  say "-- $1, $2: $((k - 1)) kills, then none"
}
for who in prompt later; do
rm -rf "$VRM_VAULT" "$shop_dir"; cp -a "$prepared/vault" "$VRM_VAULT"; cp -a "$prepared/shop" "$shop_dir"
start_shop $who; vrm daemon start; unlock; pid=$(daemon_pid)
strace -f -qq -tt -p "$pid" -o /tmp/strace_$who.txt 2>/tmp/strace.err & tracer=$!
wait_until attach all_traced "$pid"
time "$VRM_BIN/vrm" accept "$offer" --yes --wait 10s
wait_until 'acc' accepted_or_gone "$pid"
kill -INT $tracer; wait $tracer || true
word=; verdict end; say $word
cat "$test_folder/said/log.json" | grep kind
expect 0 vrm daemon stop </dev/null; stop_shop
done
