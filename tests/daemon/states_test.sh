#!/usr/bin/env bash
# The states of a vault, and who may hold it, as its owner meets them on the command line.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

passphrase="states $RANDOM voile cumin"
mode_of() { stat -c %a "$1"; }
with_passphrase() { # EXIT PASSPHRASE WORDS...
  local wanted=$1 secret=$2
  shift 2
  expect "$wanted" vrm "$@" --password-fd 3 3< <(printf '%s' "$secret") </dev/null
}

say 'empty: every command that needs a vault says how to make one'
vrm daemon start --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
check_state empty
for words in 'get contact.email' 'set contact.email a@b.example' 'unset contact.email -y' 'list' 'import /dev/null' \
  'brand list' 'brand add https://velo.example/vrm.json' 'brand show velo' 'brand block velo' 'request list' \
  'request show rq_7F2K9QXD' 'approve rq_7F2K9QXD' 'deny rq_7F2K9QXD' 'grant velo contact.email --purpose delivery' \
  'grants' 'revoke --all -y' 'lock' 'seal' 'log' 'log verify' 'verify'; do
  [[ $words == import* ]] && { printf 'BEGIN:VCARD\nVERSION:4.0\nFN:A\nEND:VCARD\n' >"$inputs/a.vcf"; words="import $inputs/a.vcf"; }
  # shellcheck disable=SC2086  # the words are words
  vrm_refused 10 $words
  says 'vrm init'
done
with_passphrase 10 "$passphrase" unlock
says 'vrm init'

say 'folder and socket are for the owner alone'
[[ $(mode_of "$VRM_VAULT") == 700 ]] || fail "the vault's folder has mode $(mode_of "$VRM_VAULT")"
[[ $(mode_of "$VRM_VAULT/vrm.sock") == 600 ]] || fail "the socket has mode $(mode_of "$VRM_VAULT/vrm.sock")"

say 'open: made with a passphrase'
with_passphrase 0 "$passphrase" init
check_state open
for file in "$VRM_VAULT"/*; do
  [[ $(mode_of "$file") == 600 ]] || fail "$file has mode $(mode_of "$file")"
done
with_passphrase 8 "$passphrase" init
vrm set address.home.locality Lyon
vrm set contact.phone_number '+33612345678'

say 'no core file can hold a key'
pid=$(daemon_pid)
grep -Eq '^Max core file size +0 +0 ' "/proc/$pid/limits" || fail 'core files are possible'
[[ $(stat -c %u "/proc/$pid/environ") == 0 ]] || fail 'the process is dumpable'

say 'sealed: nothing is read, nothing is taken back'
vrm seal
check_state sealed
for words in 'get address.home.locality' 'set address.home.locality Paris' 'list' 'grants' 'revoke --all -y' 'log' 'verify'; do
  # shellcheck disable=SC2086  # the words are words
  vrm_refused 4 $words
  says 'vrm unlock'
done

vrm lock   # it is
check_state sealed

say 'a wrong passphrase'
with_passphrase 11 "not $passphrase" unlock
check_state sealed
with_passphrase 0 "$passphrase" unlock
says '1 wrong passphrase since'
check_state open
vrm log --kind guess
says 'bad_key 1'

say 'serving: locked, but taking back and sealing need no passphrase'
open_shop velo
vrm brand add "$brand_url" --name velo
vrm grant velo address.home.locality --purpose delivery --for 7d --served-while-locked
kept=$(first_id gr)
vrm lock
check_state serving
vrm_refused 4 get address.home.locality
vrm_refused 4 list
vrm_refused 4 set address.home.locality Paris
vrm_refused 4 grants
vrm revoke "$kept"
vrm seal
check_state sealed

say 'one vault, one daemon'
other_socket=$test_folder/private/other/vrm.sock
expect 1 vrmd --vault "$VRM_VAULT" --socket "$other_socket" </dev/null
says "$(daemon_pid)"
expect 1 vrmd --vault "$VRM_VAULT" --socket "$VRM_VAULT/vrm.sock" </dev/null
says "$(daemon_pid)"
check_state sealed

say 'a socket left behind by a killed daemon is replaced'
kill_daemon
[[ -S $VRM_VAULT/vrm.sock ]] || fail 'the killed daemon left no socket'
vrm_refused 5 daemon status
vrm daemon start
check_state sealed
vrm daemon status   # as it was started first
says '--allow-loopback-brands --brand-door 127.0.0.1:'

say 'a lock whose holder is about to end is waited for'
vrm daemon stop
flock "$VRM_VAULT/lock" sleep 1 &
sleep 0.2
vrm daemon start
check_state sealed
pid=$(daemon_pid)
vrm daemon stop
gone "$pid" || fail 'the daemon outlived vrm daemon stop'
[[ ! -e $VRM_VAULT/vrm.sock ]] || fail 'the socket outlived its daemon'

say 'a folder open to others is refused'
chmod 750 "$VRM_VAULT"
expect 1 vrmd --vault "$VRM_VAULT" --socket "$VRM_VAULT/vrm.sock" </dev/null
says 'mkdir -m 700'
chmod 700 "$VRM_VAULT"

# The rest needs no passphrase: a second vault, opened by a file.
export VRM_VAULT=$test_folder/private/vault-2

say 'SIGUSR1 locks'
make_vault
vrm set address.home.locality Lyon
kill -USR1 "$(daemon_pid)"
wait_until 'the lock by signal' state_is serving
vrm_refused 4 get address.home.locality
unlock
vrm get address.home.locality
says Lyon
vrm daemon stop

say 'an owner who is away locks'
"$VRM_BIN/vrmd" --vault "$VRM_VAULT" --socket "$VRM_VAULT/vrm.sock" --idle-lock 1s >"$answer" 2>&1 </dev/null &
started+=("$!")
disown
# Asked before its door is there, `vrm status` would start a daemon of its own.
wait_until 'the door' test -S "$VRM_VAULT/vrm.sock"
wait_until 'the daemon' state_is sealed
unlock
wait_until 'the lock of the idle' state_is serving
vrm daemon stop
say 'all as it should be'
