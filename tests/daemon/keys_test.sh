#!/usr/bin/env bash
# The owner's keys on real processes: a passphrase made, changed and forgotten, recovery words made, tried and used; what
# the former ones open is an older copy of the vault and nothing else; no word stays in a file or in memory.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

first="first $RANDOM voile cumin" second="second $RANDOM tracteur" third="third $RANDOM balise"
with() { # EXIT PASSPHRASE WORDS...
  local wanted=$1 secret=$2
  shift 2
  expect "$wanted" vrm "$@" --password-fd 3 3< <(printf '%s' "$secret") </dev/null
}
passwd() { # EXIT OLD NEW
  expect "$1" vrm passwd --password-fd 3 --new-password-fd 4 3< <(printf '%s' "$2") 4< <(printf '%s' "$3") </dev/null
}
vrm_quietly() { # COMMAND PASSPHRASE: whatever becomes of it
  "$VRM_BIN/vrm" "$1" --yes --print --password-fd 3 3< <(printf '%s' "$2") </dev/null >/dev/null 2>&1 || true
}
opens_with() { # EXIT PASSPHRASE
  vrm seal
  with "$1" "$2" unlock
}

say 'made: no words yet, and it is said'
vrm daemon start
with 0 "$first" init
says 'vrm recovery sheet'
vrm status
says 'no recovery words'
vrm_refused 3 recovery check --words-fd 0
vrm set contact.email ana@example.org
mkdir "$test_folder/older"
cp -a "$VRM_VAULT" "$test_folder/older/vault"

say 'passwd'
passwd 11 "$second" "$second"
passwd 2 "$first" ''
passwd 0 "$first" "$second"
says 'older copies'
opens_with 11 "$first"
opens_with 0 "$second"
passwd 0 "$second" "$second"
opens_with 0 "$second"
vrm log --kind new-passphrase
says passphrase

say 'words on a sheet'
sheet=$inputs/sheet.txt
with 2 "$second" recovery sheet
with 11 "$first" recovery sheet --print
with 0 "$second" recovery sheet -o "$sheet"
[[ $(stat -c %a "$sheet") == 600 ]] || fail 'others may read the sheet'
vrm recovery check --words-file "$sheet"
vrm status
says_not 'no recovery words'
mapfile -t words < <(sed -n '/^ /p' "$sheet" | grep -oE '[a-z]+')
[[ ${#words[@]} == 12 ]] || fail "the sheet has ${#words[@]} words"
# The checksum has four bits, so of four swaps one or two may pass it; those are wrong words then.
noticed=0
for at in {0..3}; do
  swapped=("${words[@]}")
  swapped[at]=${words[at + 1]} swapped[at + 1]=${words[at]}
  status=0
  "$VRM_BIN/vrm" recovery check --words-fd 3 3< <(printf '%s ' "${swapped[@]}") </dev/null >"$answer" 2>&1 || status=$?
  says_not "${words[10]} ${words[11]}"
  case $status in
    2) noticed=$((noticed + 1)) ;;
    0) [[ ${words[at]} == "${words[at + 1]}" ]] || fail 'swapped words were taken' ;;
    11) ;;
    *) fail "swapped words: $status" ;;
  esac
done
[[ $noticed -gt 0 ]] || fail 'no swap of words was noticed'
expect 2 vrm recovery check --words-fd 3 3< <(printf '%s ' "${words[@]:1}" qwertz) </dev/null
says 'word 12'
expect 11 vrm recovery check --words-fd 3 3< <(printf 'zoo %.0s' {1..11}; echo wrong) </dev/null
expect 0 vrm recovery check --words-fd 3 3< <(printf '%s\n' "${words[@]^^}") </dev/null

say 'sealed: no word and no passphrase is in memory or in a file of the vault'
vrm seal
for pair in "${words[0]} ${words[1]} ${words[2]}" "\"${words[0]}\",\"${words[1]}\"" "$second"; do
  if grep -raFq -- "$pair" "$test_folder/private"; then fail 'a secret is in a file'; fi
done
if memory_tells && [[ $(id -u) == 0 ]]; then
  found=0
  in_memory "$(daemon_pid)" "${words[0]} ${words[1]} ${words[2]}" "\"${words[0]}\",\"${words[1]}\"" "$first" "$second" \
    >"$answer" || found=$?
  [[ $found == 3 ]] || fail 'a secret is in the memory of a sealed vault'
fi

say 'forgotten: the words and a new passphrase'
kill_daemon
vrm daemon start
expect 0 vrm recover --words-file "$sheet" --new-password-fd 4 4< <(printf '%s' "$third") </dev/null
check_state open
vrm get contact.email
says ana@example.org
vrm verify
opens_with 11 "$second"
opens_with 0 "$third"
vrm log --kind failed-unlock
says 'wrong tr'

say 'new words: the former open nothing any more'
cp "$sheet" "$inputs/former.txt"
with 7 "$third" recovery sheet --print
with 0 "$third" recovery sheet --print --yes
cp "$answer" "$inputs/newer.txt"
chmod 600 "$inputs/newer.txt"
vrm_refused 11 recovery check --words-file "$inputs/former.txt"
vrm recovery check --words-file "$inputs/newer.txt"
vrm seal
vrm unlock --words-file "$inputs/newer.txt"

say 'rekey: new keys for all of it, and new words'
cp -a "$VRM_VAULT/slots" "$inputs/slots"
with 7 "$third" rekey --print
says '--yes'
with 11 "$first" rekey --print --yes
with 2 "$third" rekey --yes
expect 2 vrm rekey --words-file "$inputs/newer.txt" --print --yes </dev/null
says 'new-passphrase'
with 0 "$third" rekey -o "$inputs/newest.txt" --yes
says 'new keys'
vrm get contact.email
says ana@example.org
vrm log --kind new-keys
says passphrase
vrm verify
vrm_refused 11 recovery check --words-file "$inputs/newer.txt"
vrm recovery check --words-file "$inputs/newest.txt"
opens_with 0 "$third"
vrm status
says_not 'older copy'
fourth="fourth $RANDOM cigale"
expect 0 vrm rekey --words-file "$inputs/newest.txt" --new-password-fd 4 --print --yes 4< <(printf '%s' "$fourth") </dev/null
opens_with 11 "$third"
opens_with 0 "$fourth"

say 'rekey, and the daemon killed in the midst: the vault is whole each time'
for delay in 0.3 0.6 0.9 1.2 1.5; do
  vrm_quietly rekey "$fourth" &
  caller=$!
  sleep "$delay"
  kill_daemon
  wait "$caller" || true
  vrm daemon start
  with 0 "$fourth" unlock
  vrm get contact.email
  says ana@example.org
  vrm verify
done
vrm daemon stop
[[ $(ls "$VRM_VAULT") != *new* && $(ls "$VRM_VAULT") != *rekeyed* ]] || fail "a rekey left $(ls "$VRM_VAULT")"

say 'the former slots put back open nothing'
cp -a "$VRM_VAULT/slots" "$inputs/slots.now"
cp -a "$inputs/slots" "$VRM_VAULT/slots"
vrm daemon start
with 12 "$third" unlock
vrm daemon stop
cp -a "$inputs/slots.now" "$VRM_VAULT/slots"

say 'an older copy still opens with the older passphrase, as was said'
export VRM_VAULT=$test_folder/older/vault
rm -f "$VRM_VAULT/vrm.sock"
with 0 "$first" unlock
vrm get contact.email
vrm daemon stop
say 'all as it should be'
