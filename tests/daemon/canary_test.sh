#!/usr/bin/env bash
# Words that occur nowhere else are given to the vault as names, values, reason, card, brand and passphrase. Through a whole
# life of the vault none of them, nor its hexadecimal or base64 form, is in a file of the vault, in the daemon's log, in an
# argument or in an environment; and once the vault is locked, what is not served is not in the daemon's memory either.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

word() { echo "cnry$1$(od -An -N 9 -tx1 /dev/urandom | tr -d ' \n')"; }
passphrase=$(word pass)
served=note.$(word served) kept=note.$(word kept)            # two fields' names
served_value=$(word sv) kept_value=$(word kv) former_value=$(word fv)   # what the served field was before
brand_name=$(word brand) handle=$(word handle) reason=$(word why)
card_name=$(word card) card_town=$(word town)
secrets=("$passphrase" "$served_value" "$kept_value" "$former_value" "$reason" "$card_name" "$card_town" "$brand_name")
names=("${served#note.}" "${kept#note.}" "$handle")

# forms WORD...: as it is, in hexadecimal, and in base64 at each of the three alignments.
forms() {
  python3 -c '
import base64, sys
for word in sys.argv[1:]:
    raw = word.encode()
    print(word)
    print(raw.hex())
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        print(coded[(shift * 4 + 2) // 3:-1])
' "$@"
}
forms "${secrets[@]}" "${names[@]}" >"$test_folder/all.forms"
forms "${secrets[@]}" >"$test_folder/secret.forms"

stage=start
search() { grep -aiFq -f "$test_folder/$1.forms" "$2"; }
# What an owner's disk keeps: the vault's folder, the home, the temporary files; and what the daemon has open elsewhere.
nothing_planted() {
  local pid file
  if grep -raiFl -f "$test_folder/all.forms" "$test_folder/private" >"$answer"; then fail "$stage: a canary is in a file"; fi
  for file in "$test_folder"/private/vault/*; do
    if grep -iFq -f "$test_folder/all.forms" <<<"$file"; then fail "$stage: a canary is in a file's name"; fi
  done
  pid=$(daemon_pid)
  [[ -n $pid ]] || return 0
  unseen all "$pid"
  for file in "/proc/$pid/fd"/*; do
    file=$(readlink "$file" || true)
    [[ $file != /* || $file == /dev/null || $file == "$VRM_VAULT"/* ]] || fail "$stage: the daemon has $file open"
  done
}
unseen() { # FORMS PID: in neither its arguments nor its environment
  local place
  for place in cmdline environ; do
    if search "$1" "/proc/$2/$place" 2>/dev/null; then fail "$stage: a canary is in the $place of process $2"; fi
  done
}
at() {
  stage=$1
  say "$stage"
}

# seen_vrm SECRET WORDS...: vrm gets SECRET through descriptor 3 and its standard input, and is looked at while it waits for
# it and until it ends.
seen_vrm() {
  local secret=$1 pid status=0
  shift
  rm -f "$test_folder/pipe"
  mkfifo "$test_folder/pipe"
  "$VRM_BIN/vrm" "$@" <"$test_folder/pipe" 3<&0 >"$answer" 2>&1 &
  pid=$!
  exec 5>"$test_folder/pipe"
  wait_until 'vrm to start' is_vrm "$pid"
  unseen secret "$pid"
  printf '%s' "$secret" >&5
  exec 5>&-
  while ! gone "$pid"; do unseen secret "$pid"; done
  wait "$pid" || status=$?
  [[ $status == 0 ]] || fail "vrm $* ended with $status"
}
is_vrm() { [[ $(cat "/proc/$1/comm" 2>/dev/null) == vrm ]]; }

at 'the search finds what it should'
for planted in "$passphrase" "$(printf %s "$kept_value" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)" "$(printf 'a%s' "$reason!" | base64)" \
  "$(printf 'ab%s' "$card_town." | base64)" "$(printf %s "$handle" | base64)"; do
  printf 'x%s' "$planted" >"$test_folder/planted"
  search all "$test_folder/planted" || fail "the search does not find $planted"
done

at 'made'
vrm daemon start --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
seen_vrm "$passphrase" init --password-fd 3
nothing_planted

at 'fields set'
seen_vrm "$former_value" set "$served" --stdin
seen_vrm "$served_value" set "$served" --stdin
seen_vrm "$kept_value" set "$kept" --stdin
nothing_planted

at 'a card taken over'
printf 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:%s Martin\r\nN:Martin;%s;;;\r\nADR;TYPE=home:;;12 rue A;%s;;69002;France\r\nEND:VCARD\r\n' \
  "$card_name" "$card_name" "$card_town" >"$inputs/card.vcf"
vrm import "$inputs/card.vcf" --preview
vrm import "$inputs/card.vcf"
nothing_planted

at 'a brand added'
open_shop "$brand_name"
vrm brand add "$brand_url" --name "$handle"
wait_until 'the introduction' grep -q introduced "$shop_folder/$brand_name.log"
nothing_planted

at 'asked'
shop ask --dir "$shop_folder/$brand_name" --fields "$served" --purpose delivery --reason "$reason"
vrm request list
request=$(first_id rq)
vrm request show "$request"
says "$reason"
nothing_planted

at 'approved and read'
vrm approve "$request" --for 7d --served-while-locked --yes
grant=$(first_id gr)
shop collect --dir "$shop_folder/$brand_name" --wait 10
shop read --dir "$shop_folder/$brand_name"
says "$served_value"
shop_refused read --dir "$shop_folder/$brand_name" --fields "$kept"
vrm get "$kept"
says "$kept_value"
vrm history "$served"
says "$former_value"
vrm list
vrm log
nothing_planted

at 'locked and read'
vrm lock
shop read --dir "$shop_folder/$brand_name"
says "$served_value"
nothing_planted

if ! memory_tells; then
  say '(a sanitizer keeps freed memory as it was, so the memory is not looked at)'
elif [[ $(id -u) == 0 ]]; then
  at 'locked: what is not served is not in memory'
  found=0
  in_memory "$(daemon_pid)" "$VRM_VAULT" >"$answer" || found=$?   # its own folder it does know
  [[ $found == 0 ]] || fail "the memory cannot be searched ($found)"
  found=0
  in_memory "$(daemon_pid)" "$passphrase" "$kept_value" "$former_value" "$card_name" "$card_town" "${kept#note.}" >"$answer" || found=$?
  [[ $found == 3 ]] || fail 'a locked vault holds in memory what it does not serve'
else
  say 'skipped: only root may look into the daemon'\''s memory'
fi

at 'taken back'
vrm revoke "$grant"
shop_refused read --dir "$shop_folder/$brand_name"
nothing_planted

at 'killed'
kill_daemon
nothing_planted

at 'opened again'
vrm daemon start
seen_vrm "$passphrase" unlock --password-fd 3
vrm get "$kept"
says "$kept_value"
vrm history "$served" --restore 1
vrm get "$served"
says "$former_value"
nothing_planted

at 'a field deleted'
vrm unset "$served" -y
vrm verify
nothing_planted

at 'stopped'
vrm daemon stop
nothing_planted
say 'all as it should be'
