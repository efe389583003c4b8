#!/usr/bin/env bash
# The story of a mountain bike, on real processes: a vault, a shop that asks and reads, a theft, a revocation; then a
# wish sent to three shops, their offers, one acceptance and what it discloses; a curious shop; a crash.
#
#   ./examples/mountain_bike/run.sh               play it and compare it with expected.txt
#   ./examples/mountain_bike/run.sh --mailboxes   the same without an open door: every shop is reached by its mailbox
#   ./examples/mountain_bike/run.sh --keep        leave vault and shops running to play with
#
# VRM_BIN names the folder of vrm, vrmd and vrm-shop; without it they are built first.
# VRM_ACCEPT=1 writes expected.txt (or expected_mailboxes.txt) anew. Ends with 0 when everything went as told.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
keep=no carrier=doors
for word in "$@"; do
  case $word in
    --keep) keep=yes ;;
    --mailboxes) carrier=mailboxes ;;
    -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
expected=$here/expected.txt
[[ $carrier == mailboxes ]] && expected=$here/expected_mailboxes.txt

programs=${VRM_BIN:-}
if [[ -z $programs ]]; then
  echo 'Building vrm, vrmd and vrm-shop first; this takes some minutes, once: ten and more on a slow machine.' >&2
  "$root/.ci/deps.sh" >&2
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target vrm vrmd vrm-shop >/dev/null)
  programs=$root/build/release/bin
fi
programs=$(cd "$programs" && pwd)

folder=$(mktemp -d)
transcript=$folder/transcript.txt
shop_pids=()
passphrase='voile cumin tracteur balise nuage ortie'   # of an invented person
export XDG_STATE_HOME=$folder/state VRM_VAULT=$folder/vault VRM_LANG=en NO_COLOR=1
unset VRM_SOCKET
cp "$here/ana.vcf" "$folder/"
cd "$folder"

# --- telling -----------------------------------------------------------------------------------------
# No line is wider than a screen; what is longer goes on below, further in. The transcript keeps whole lines.
fitted() {
  LC_ALL=C awk '{
    line = $0; match(line, /^ */); lead = RLENGTH + 4; pad = substr("                                        ", 1, lead)
    while (length(line) > 100) {
      for (at = 100; at > lead && substr(line, at, 1) != " "; --at);
      if (at <= lead) break
      piece = substr(line, 1, at - 1); rest = substr(line, at + 1)
      sub(/ +$/, "", piece); sub(/^ +/, "", rest)
      print piece; line = pad rest
    }
    print line
  }'
}
shown() { tee -a "$transcript" | fitted; }
tell() { printf '%s\n' "$@" | shown; }
chapter() { tell '' "== $1" ''; }
note() { tell "$1"; }
indented() { sed -E 's/\t/  /g; s/^/    /; s/ *$//; s/([A-Za-z0-9_.-]{60})[A-Za-z0-9_.-]{60,}/\1.../' | shown; }

fail() {
  printf '\nThe story went wrong: %s\n' "$1" >&2
  [[ -s $folder/vault/vrmd.log ]] && sed 's/^/    vrmd: /' "$folder/vault/vrmd.log" >&2
  exit 1
}

# play WHO EXIT PROGRAM WORDS...: shows what is typed and what is answered, and insists on the exit code.
# Standard input is the passphrase's pipe where the words ask for it, so it is in no argument and no file.
play() {
  local who=$1 wanted=$2 program=$3 status=0
  shift 3
  tell "$who \$ $program$(printf ' %s' "${@@Q}" | sed "s/ '\([A-Za-z0-9_.,:\/=-]*\)'/ \1/g")"
  case " $* " in
    *' --password-fd '*) "$programs/$program" "$@" 3< <(printf '%s' "$passphrase") >answer.txt 2>&1 </dev/null || status=$? ;;
    *) "$programs/$program" "$@" >answer.txt 2>&1 </dev/null || status=$? ;;
  esac
  indented <answer.txt
  [[ $status == "$wanted" ]] || fail "$program $1 ended with $status instead of $wanted"
}
ana() { play Ana 0 vrm "$@"; }
# The same on a screen of a hundred columns, where tables have a headline.
ana_on_screen() {
  tell "Ana \$ vrm $*"
  script -qec "stty cols 100; $(printf '%q ' "$programs/vrm" "$@")" /dev/null </dev/null | tr -d '\r' >answer.txt || fail "vrm $1 failed"
  indented <answer.txt
}
ana_refused() { play Ana "$@"; }
shop() { play Velo 0 vrm-shop "$@"; }
shop_refused() { play Velo 1 vrm-shop "$@"; }

# hears SHOP TEXT: shows what the shop's web server has said since it was last listened to, once it says the text.
declare -A heard=([velo]=0 [decat]=0 [troc]=0)
hears() {
  local tries
  for ((tries = 0; tries < 300; ++tries)); do
    if tail -n +$((heard[$1] + 1)) "$1.log" | grep -q "$2"; then
      tail -n +$((heard[$1] + 1)) "$1.log" | sed "s/^/${1^}, aloud: /" | shown
      heard[$1]=$(wc -l <"$1.log")
      return
    fi
    sleep 0.1
  done
  fail "$1 never said: $2"
}

# --- the two processes -------------------------------------------------------------------------------
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
door=127.0.0.1:$(free_port)
start_vault() {
  if [[ $carrier == doors ]]; then
    ana daemon start --brand-door "$door" --allow-loopback-brands --poll-interval 1
  else
    ana daemon start --allow-loopback-brands --poll-interval 1
  fi
}
# open_shop SHOP NAME CHARACTER: its document's address is then in $brand.
open_shop() {
  local flags=(--name "$2" --dir "$1" --rules "$root/examples/shop/characters/$3.json")
  [[ $carrier == mailboxes ]] && flags+=(--mailbox)
  "$programs/vrm-shop" serve "${flags[@]}" --ready-fd 4 4>"$1.ready" >"$1.log" 2>&1 &
  shop_pids+=($!)
  hears "$1" 'is open'
  brand=$(head -n 1 "$1.ready")
}
vault_pid() { "$programs/vrm" status --json 2>/dev/null | tr -d ' \n' | sed -n 's/.*"pid":\([0-9]*\).*/\1/p'; }
# The threads of a killed process end one by one, and its socket is there until the last has; what is left is a zombie.
is_over() {
  local tasks
  tasks=$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
  ((tasks == 0)) || { ((tasks == 1)) && grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }
}
first_id() { grep -o "$1_[0-9A-Z]\{8\}" answer.txt | head -n 1; }

end() {
  local status=$?
  if [[ $keep == yes && $status == 0 ]]; then
    cat <<TEXT

All are still running. To play on:
    cd $folder && export VRM_VAULT=$VRM_VAULT PATH=$programs:\$PATH
    vrm status          vrm grants --all          vrm-shop read --dir velo
The passphrase: $passphrase
To end:
    vrm daemon stop; kill ${shop_pids[*]}; rm -r $folder
TEXT
    return
  fi
  ((${#shop_pids[@]} == 0)) || kill "${shop_pids[@]}" 2>/dev/null
  "$programs/vrm" daemon stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap end EXIT

# --- the story ---------------------------------------------------------------------------------------
chapter 'Ana makes a vault'
note 'It is a folder on her own machine. Everything in it is sealed, names of fields too.'
start_vault
ana init --password-fd 3
note 'Her address book knows most of it already.'
ana import ana.vcf --preview
ana import ana.vcf
ana list address

chapter 'A shop she likes'
note 'Velo Lyon has a brand document with its keys. Nobody can find Ana; she introduces herself, under a name for this shop alone.'
open_shop velo 'Velo Lyon' dear_and_discreet
ana brand add "$brand" --name velo
hears velo 'introduced'

chapter 'The shop asks for three things'
note 'She has ordered a helmet. The shop wants to deliver it, and would like to know her birthday.'
shop ask --dir velo --fields address.home.street_address,address.home.postal_code,person.birthdate \
  --purpose delivery --reason 'to deliver your helmet, order 42'
shop_refused collect --dir velo
ana request list
request=$(first_id rq)
[[ -n $request ]] || fail 'no request is listed'
ana request show "$request"
note 'A helmet can be delivered without a birthday. She gives two of the three, for a week.'
ana approve "$request" --only address.home.street_address,address.home.postal_code --for 7d --max-reads 10 --served-while-locked
grant=$(first_id gr)
[[ -n $grant ]] || fail 'the answer names no grant'
shop collect --dir velo --wait 30
shop read --dir velo

chapter 'What the shop may not do'
note 'The birthday, which was not given:'
shop_refused read --dir velo --fields person.birthdate
note 'The address, for something else than the delivery:'
shop_refused read --dir velo --purpose marketing
note 'A thief has copied the token, but the shop'"'"'s key never left its machine:'
play Thief 1 vrm-shop misuse steal --dir thief --from velo
note 'A listener has recorded a request and sends it again:'
shop_refused misuse replay --dir velo

chapter 'Ana locks her vault and goes to sleep'
ana grants
note 'Only what she promised to keep serving stays open; the keys of everything else are wiped from memory.'
ana lock
ana_refused 4 vrm get contact.email
shop read --dir velo

chapter 'She takes it back'
note 'Taking back needs no passphrase: it must be easy.'
ana revoke "$grant"
hears velo 'taken back'
shop_refused read --dir velo

chapter 'Ana speaks first'
note 'She wants a mountain bike, at most 900 EUR, in Lyon within three days. Three shops may hear of it, and none of them who
asks or what the others are told: each knows her under another name.'
ana unlock --password-fd 3
open_shop decat 'Decat' cheap_and_curious
ana brand add "$brand" --name decat
hears decat 'introduced'
open_shop troc 'Troc' quick_and_overasking
ana brand add "$brand" --name troc
hears troc 'introduced'
wish=('mountain bike' --max 900EUR --by "$(date -u -d '+3 days' +%F)" --near Lyon --must frame=L)
note 'First, to the byte, what a shop would get. Her real limit and her real day are not in it, nor anything of hers.'
ana intent "${wish[@]}" --to velo --dry-run
note 'So be it.'
ana intent "${wish[@]}" --to velo,decat,troc --no-jitter --yes
intent=$(first_id in)
[[ -n $intent ]] || fail 'the answer names no intent'
hears velo '^offered'
hears decat '^offered'
hears troc '^asked besides'

chapter 'She compares'
note 'By the whole price, the day, the terms, and by what each costs her in data.'
ana_on_screen offers
offer_of() { "$programs/vrm" offers --json | python3 -c 'import json, sys
print(next(o["id"] for o in json.load(sys.stdin)["items"] if o["brand"] == sys.argv[1]))' "$1"; }
ana offer show "$(offer_of velo)"
note 'Decat sees no answer and lowers its price; the table follows.'
play Decat 0 vrm-shop offer revise --dir decat --offer "$(grep -o -m 1 'bo_[0-9A-Z]*' decat.log)"
ana_on_screen offers --sort price

chapter 'She accepts one'
chosen=$(offer_of velo)
note 'What would leave, and what stays:'
ana accept "$chosen" --dry-run
ana accept "$chosen" --yes
note 'The others hear that it is over, and nothing else.'
hears velo '^granted'
hears decat '^closed'
hears troc '^closed'
note 'Asleep again: Velo Lyon alone can read what its offer needs, twice at most.'
ana lock
shop read --dir velo
play Decat 1 vrm-shop read --dir decat
ana unlock --password-fd 3
ana intent show "$intent"

chapter 'A curious shop'
note 'Troc had asked besides, for the delivery of a bike that nobody ordered from it.'
ana request list
request=$(first_id rq)
[[ -n $request ]] || fail 'no request is listed'
ana request show "$request"
ana approve "$request" --only address.home.postal_code --for 7d
grant=$(first_id gr)
[[ -n $grant ]] || fail 'the answer names no grant'
play Troc 0 vrm-shop collect --dir troc --wait 30
play Troc 0 vrm-shop read --dir troc
note 'On second thoughts:'
ana revoke "$grant"
hears troc 'taken back'
play Troc 1 vrm-shop read --dir troc

chapter 'The power fails'
pid=$(vault_pid)
[[ -n $pid ]] || fail 'the daemon tells no pid'
tell "Ana \$ kill -9 $pid"
kill -9 "$pid"
for ((tries = 0; tries < 200; ++tries)); do
  is_over "$pid" && break
  sleep 0.05
done
start_vault
if [[ $carrier == doors ]]; then
  note 'Sealed again: without the passphrase not even a promise is kept.'
  shop_refused read --dir velo
else
  note 'Sealed again: without the passphrase it has not even the keys to look into its mailboxes.'
fi
ana unlock --password-fd 3
ana grants --all
note 'What was taken back stays taken back, what was promised is kept, and nothing was lost or altered.'
play Troc 1 vrm-shop read --dir troc
shop read --dir velo
shop_refused read --dir velo
ana verify
ana log verify
ana log --brand velo

# --- the same as last time? --------------------------------------------------------------------------
# Ids, ports, addresses, keys, moments and numbers of processes differ from run to run.
stable() {
  sed -E -e "s#$folder#FOLDER#g" -e 's/\b([a-z]{2})_[0-9A-HJKMNP-TV-Z]{2,8}\b/\1_ID/g' \
    -e 's/((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b[0-9]{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/DAY/g' \
    -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e 's#/v/[A-Za-z0-9_-]{16,}#/v/VID#g' \
    -e 's/"(auth_req_id|jti)": "[^"]*"/"\1": "RANDOM"/' -e 's/"(exp|iat)": [0-9]+/"\1": MOMENT/' \
    -e 's/^( *)eyJ[A-Za-z0-9_.-]*$/\1JWS.../' -e 's/^( *)(velo|decat|troc)( +has it)$/\1BRAND\3/' \
    -e 's/ppid:[A-Za-z0-9_-]+/ppid:SUBJECT/g' -e 's/SHA256:[A-Za-z0-9+\/:_=-]+/SHA256:KEY/g' \
    -e 's/asked: [A-Za-z0-9_-]+/asked: AUTH_REQ_ID/' -e 's/, about [A-Za-z0-9_-]+/, about REF/' -e 's/kill -9 [0-9]+/kill -9 PID/' \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+Z?)?/DAY/g' -e 's/\b[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\b/TIME/g' \
    -e 's/\bpid [0-9]+/pid PID/g' -e 's/ +/ /g' "$transcript" | fitted
}
if [[ ${VRM_ACCEPT:-} == 1 ]]; then
  stable >"$expected"
elif ! diff -u "$expected" <(stable); then
  fail 'the transcript differs from what is expected (VRM_ACCEPT=1 takes the new one)'
fi
printf '\nEverything went as told.\n'
