#!/usr/bin/env bash
# A backup as its owner makes it, reads it back and restores it.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

backups=$test_folder/backups
mkdir "$backups"
street="12 rue du Canari $RANDOM"
digest() { sed -n 's/^ *digest *//p' "$answer"; }
with_credential() { local wanted=$1; shift; expect "$wanted" vrm "$@" --credential-file "$credential" </dev/null; }

say 'without a vault there is nothing to back up'
vrm daemon start
vrm_refused 10 backup -o "$backups/none"
[[ ! -e $backups/none ]] || fail 'a backup of nothing was written'

say 'a backup is one private file that holds no plaintext'
with_credential 0 init
vrm set address.home.street_address "$street"
vrm set address.home.locality Lyon
vrm status
says 'none yet'
vrm backup -o "$backups/a.vrmbak" --verify
says 'read back whole'
first=$(digest)
[[ ${#first} == 32 ]] || fail 'no digest is shown'
[[ $(stat -c %a "$backups/a.vrmbak") == 600 ]] || fail 'others may read the backup'
for text in "$street" Canari Lyon street_address; do
  if grep -qaF "$text" "$backups/a.vrmbak"; then fail "the backup holds $text"; fi
done
vrm log --kind backed_up
says backup
vrm status
says_not 'none yet'

say 'its name says the day, and no file is replaced unasked'
(cd "$backups" && "$VRM_BIN/vrm" backup </dev/null >"$answer" 2>&1) || fail 'no backup under the usual name'
[[ -s $backups/vrm-$(date +%F).vrmbak ]] || fail 'the usual name is another'
vrm_refused 8 backup -o "$backups/a.vrmbak"
says 'left as it is'
vrm_refused 2 backup "$backups/a.vrmbak"
vrm_refused 2 backup -o "$VRM_VAULT/b.vrmbak"
vrm_refused 3 backup -o "$backups/no/b.vrmbak"
vrm backup -o "$backups/b.vrmbak"
vrm backup -o "$backups/b.vrmbak" --force

say 'an export is asked for, private and in the clear'
vrm_refused 7 export -o "$backups/all.json"
[[ ! -e $backups/all.json ]] || fail 'an export was written unasked'
vrm export -o "$backups/all.json" --yes
grep -qF "$street" "$backups/all.json" || fail 'the export lacks a value'
[[ $(stat -c %a "$backups/all.json") == 600 ]] || fail 'others may read the export'
vrm_refused 8 export -o "$backups/all.json" --yes
vrm log --kind exported
says export

say 'it is read back by the open vault, and by a key while the vault is locked'
vrm backup --verify "$backups/a.vrmbak"
says "$first"
vrm set address.home.locality Paris
vrm lock
vrm_refused 4 backup -o "$backups/c.vrmbak"
vrm_refused 7 backup --verify "$backups/a.vrmbak"
with_credential 0 backup --verify "$backups/a.vrmbak"
says "$first"
with_credential 0 restore "$backups/a.vrmbak" --dry-run
says 'nothing was written'
says '2 fields'
says "$first"
head -c 32 /dev/urandom >"$inputs/other"
chmod 600 "$inputs/other"
vrm_refused 11 restore "$backups/a.vrmbak" --dry-run --credential-file "$inputs/other"
vrm_refused 3 restore "$backups/none" --dry-run --credential-file "$credential"

say 'one wrong byte is refused, and what is missing is named'
size=$(stat -c %s "$backups/a.vrmbak")
cp "$backups/a.vrmbak" "$backups/bad.vrmbak"
byte=$(od -An -tu1 -j "$((size - 100))" -N 1 "$backups/bad.vrmbak")
# shellcheck disable=SC2059  # the format is the byte
printf "\\x$(printf '%02x' "$(((byte + 1) % 256))")" |
  dd of="$backups/bad.vrmbak" bs=1 seek="$((size - 100))" conv=notrunc status=none
with_credential 12 restore "$backups/bad.vrmbak" --into "$test_folder/private/vault_bad"
says 'chunk'
[[ ! -e $test_folder/private/vault_bad ]] || fail 'a damaged backup was restored'
head -c "$((size / 2))" "$backups/a.vrmbak" >"$backups/half.vrmbak"
with_credential 12 restore "$backups/half.vrmbak" --dry-run

say 'it is restored beside the vault, and never over one'
with_credential 8 restore "$backups/a.vrmbak"
says 'left as it is'
with_credential 0 restore "$backups/a.vrmbak" --into "$test_folder/private/vault_again"
says "$first"
says "--vault $test_folder/private/vault_again"
with_credential 8 restore "$backups/a.vrmbak" --into "$test_folder/private/vault_again"
with_credential 0 unlock --vault "$test_folder/private/vault_again"
vrm get address.home.locality --vault "$test_folder/private/vault_again" --raw
says Lyon
vrm verify --vault "$test_folder/private/vault_again"
vrm status --vault "$test_folder/private/vault_again"
says 'restored from a backup'
with_credential 0 unlock
vrm get address.home.locality --raw
says Paris

say 'on a machine without a vault it becomes the vault'
export VRM_VAULT=$test_folder/private/vault_new
with_credential 0 restore "$backups/a.vrmbak"
check_state sealed
with_credential 0 unlock
check_state open
vrm get address.home.street_address --raw
says "$street"
vrm set address.home.locality Nantes
vrm backup -o "$backups/new.vrmbak" --verify
says_not "$first"
