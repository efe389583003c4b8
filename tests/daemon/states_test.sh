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
[[ $(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status") == 1 ]] || fail 'the process may gain privileges'

say 'keys lie in memory that is never swapped out, and the status says so'
locked_kib() { awk '$1 == "VmLck:" { print $2 }' "/proc/$(daemon_pid)/status"; }
vrm status
says 'Key memory'
if memory_tells; then
  says 'locked: keys are never written to swap'
  [[ $(locked_kib) -gt 0 ]] || fail 'no memory of the daemon is locked'
fi

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
says '1 failed try to open it since'
check_state open
vrm log --kind failed-unlock
says '1 wrong try'

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

say 'what is served is listed without a passphrase, in two languages, and names no field and no purpose'
for language in en fr; do
  vrm status --served --lang "$language"
  says "velo ("
  says "$kept"
  says "vrm revoke $kept"
  for word in address locality Lyon delivery livrer; do says_not "$word"; done
done
vrm status --served --json
says '"vrm.served/1"'
vrm revoke "$kept"
says "$kept"
for word in address locality Lyon delivery; do says_not "$word"; done
vrm status --served
says 'Nothing is served'
with_passphrase 0 "$passphrase" unlock
vrm grant velo address.home.locality --purpose delivery --for 7d --served-while-locked
vrm grant velo contact.phone_number --purpose delivery --max-reads 2 --served-while-locked
first=$(first_id gr)
vrm lock
vrm status --served --lang fr
says "$first"
vrm revoke --brand velo --lang fr
vrm status --served --lang fr
says 'est servi quand le coffre'
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
says 'by a signal (SIGUSR1)'
vrm status
says 'the signal SIGUSR1'
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
wait_until 'the lock of the idle' state_is serving   # asking for the status is no person's doing
vrm_refused 4 get address.home.locality
says 'nobody had been there for too long'
says 'vrm unlock'
unlock
program_is_refused() { ! "$VRM_BIN/vrm" --no-input get address.home.locality </dev/null >"$answer" 2>&1; }
wait_until 'the lock of the idle in spite of a program that asks' program_is_refused
says 'nobody had been there for too long'
vrm daemon stop

say 'an owner who is there keeps it open, until the hard limit'
vrm daemon start --idle-lock 2s --hard-lock 5s --forget
unlock
vrm status
says 'at the latest'
owner_is_refused() { ! "$VRM_BIN/vrm" get address.home.locality </dev/null >"$answer" 2>&1; }
wait_until 'the hard limit' owner_is_refused
says 'it had been open for as long as it may'
vrm status
says 'open for as long as it may'
vrm daemon stop

say 'a limit can be off, and is shown'
vrm daemon start --idle-lock off --hard-lock off
unlock
vrm status
says '--hard-lock off'
says_not 'at the latest'
vrm daemon stop

if memory_tells; then
  say 'without room for locked memory the daemon starts, and says so'
  : >"$VRM_VAULT/vrmd.log"
  little=(prlimit --memlock=0:0)
  [[ $(id -u) == 0 ]] && little+=(setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock)
  expect 0 "${little[@]}" "$VRM_BIN/vrm" daemon start </dev/null
  unlock
  vrm status
  says 'may be swapped to disk'
  vrm status --json
  tr -d ' \n' <"$answer" | grep -q '"memory_locked":false' || fail 'the document says that memory is locked'
  grep -q 'keys may be written to swap' "$VRM_VAULT/vrmd.log" || fail 'the daemon said nothing of it'
  [[ $(locked_kib) == 0 ]] || fail 'memory is locked against the limit'
  vrm daemon stop
fi
say 'all as it should be'
