#!/usr/bin/env bash
# An older copy of the vault put back in its place: nothing that was taken back since is read with it.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

anchors=$HOME/.local/state/vrm
copies=$test_folder/private/copies
mkdir "$copies"
door="127.0.0.1:$(free_port)"
make_vault --brand-door "$door" --allow-loopback-brands --poll-interval 1
vrm set address.home.locality Lyon
vrm set contact.email moi@exemple.fr
open_shop velo
velo=$shop_folder/velo
vrm brand add "$brand_url" --name velo
past_first_second

copy_vault() { # NAME: of the folder, and of the anchors beside it
  vrm daemon stop
  rm -rf "${copies:?}/$1"
  mkdir "$copies/$1"
  cp -a "$VRM_VAULT" "$copies/$1/vault"
  cp -a "$anchors" "$copies/$1/anchors"
  come_back
}
put_vault_back() { # NAME
  vrm daemon stop
  rm -rf "$VRM_VAULT"
  cp -a "$copies/$1/vault" "$VRM_VAULT"
}
put_anchor_back() {
  rm -rf "$anchors"
  cp -a "$copies/$1/anchors" "$anchors"
}
come_back() {
  vrm daemon start
  unlock
  past_first_second
}
grant() { # FIELD: velo asks, is let, collects and reads
  shop ask --dir "$velo" --fields "$1" --purpose delivery --reason 'order 42'
  vrm request
  vrm approve "$(first_id rq)" --for 7d -y
  granted=$(first_id gr)
  shop collect --dir "$velo" --wait 10
  shop read --dir "$velo"
}
warns() { vrm status; says "$1"; }

say 'the anchor lies outside the folder, for the owner alone'
[[ $(find "$anchors" -name '*.anchor' | wc -l) == 1 ]] || fail 'there is no anchor'
[[ $(stat -c %a "$anchors") == 700 ]] || fail 'the folder of the anchors is open to others'
[[ $(find "$anchors" -name '*.anchor' -perm 600 | wc -l) == 1 ]] || fail 'the anchor is open to others'

say 'a grant taken back does not come back with an older copy'
grant address.home.locality
copy_vault granted
shop read --dir "$velo"
vrm revoke "$granted"
shop_refused read --dir "$velo"
put_vault_back granted
come_back
warns 'an older copy of this vault'
says 'Suspended grants: 1'
shop_refused read --dir "$velo"
says_not Lyon
vrm grants
says 'suspended'
vrm log --kind older-copy
says further than this copy
vrm status --json
says '"grants_suspended":1'

say 'the owner looks: what is confirmed goes on, what is taken back does not'
vrm daemon stop # what was noticed stays noticed
come_back
warns 'an older copy of this vault'
shop_refused read --dir "$velo"
vrm confirm "$granted"
says 'goes on'
vrm confirm "$granted"
says 'was not suspended'
vrm status
says_not 'older copy'
shop read --dir "$velo"
says Lyon
vrm log --kind grant-confirmed
says address.home.locality
vrm confirm --all -y
says 'No grant waits'

say 'the same copy put back again is noticed again'
put_vault_back granted
come_back
warns 'an older copy of this vault'
shop_refused read --dir "$velo"
vrm revoke --all -y
vrm confirm --all -y
vrm status
says_not 'older copy'

say 'with the anchor put back too, the first newer refresh token tells'
grant contact.email
copy_vault both
grant address.home.locality
says Lyon
vrm revoke "$granted"
put_vault_back both
put_anchor_back both
come_back
vrm status
says_not 'older copy'
shop_refused read --dir "$velo" # refreshes with what it was given later
warns 'a brand holds what this vault gave out later'
says 'Suspended grants: 1'
vrm log --kind older-copy
says a brand holds something newer
vrm grants
says suspended

say 'with the anchor put back too, a newer receipt tells as well, before any brand comes'
vrm confirm --all -y
vrm revoke --all -y
copy_vault receipt
grant contact.email
receipt=$inputs/receipt.jwt
sed -n "s/.*\"$granted\": \"\([^\"]*\)\".*/\1/p" "$velo/receipts.json" >"$receipt"
vrm receipt check "$receipt"
says 'The log has this read'
says contact.email
vrm grant velo address.home.locality --purpose delivery --for 7d
put_vault_back receipt
put_anchor_back receipt
come_back
vrm grant velo address.home.locality --purpose delivery --for 7d
vrm status
says_not 'older copy'
vrm_refused 12 receipt check "$receipt"
says 'newer than the vault'
says 'Suspended grants: 1'
warns 'a receipt that is newer'
vrm log --kind older-copy
says receipt newer than
vrm confirm --all -y
vrm status
says_not 'older copy'
tr 'A-Za-z' 'B-ZAb-za' <"$receipt" >"$receipt.changed"
vrm_refused 2 receipt check "$receipt.changed"
says 'no receipt'

say 'a copy in another folder goes its own way, and the vault it was copied from its own'
copy=$test_folder/private/vault-copy
in_copy() { VRM_VAULT=$copy "$@"; }
vrm daemon stop
cp -a "$VRM_VAULT" "$copy"
for round in 1 2; do
  in_copy vrm daemon start
  in_copy unlock
  in_copy warns 'no recovery words'
  says_not 'older copy'
  in_copy vrm grant velo contact.email --purpose delivery --for "${round}d"
  in_copy vrm daemon stop
  come_back
  vrm status
  says_not 'older copy'
  vrm grant velo contact.email --purpose delivery --for "${round}d"
  vrm daemon stop
done
[[ $(find "$anchors" -name '*.anchor' | wc -l) == 2 ]] || fail 'there is not one anchor for each folder'

say 'moved to another folder it is still itself, and an older copy in that folder is noticed'
rm -rf "$copy"
copy=$test_folder/private/vault-moved
mv "$VRM_VAULT" "$copy"
in_copy vrm daemon start
in_copy unlock
in_copy vrm status
says_not 'older copy'
in_copy vrm daemon stop
[[ $(find "$anchors" -name '*.anchor' | wc -l) == 1 ]] || fail 'the anchor of the folder that was left is still there'
rm -rf "$copy"
cp -a "$copies/receipt/vault" "$copy"
in_copy vrm daemon start
in_copy unlock
in_copy warns 'an older copy of this vault'
in_copy vrm confirm --all -y
in_copy vrm daemon stop
mv "$copy" "$VRM_VAULT"
come_back

say 'without its anchor, or with a foreign one, a vault is not believed either'
vrm confirm --all -y
vrm daemon stop
rm -r "$anchors"
come_back
warns 'nothing here says how far'
vrm confirm --all -y
vrm daemon stop
printf 'x' >>"$(find "$anchors" -name '*.anchor')"
come_back
warns 'damaged or forged'
vrm confirm --all -y

say 'an anchor that cannot be written is told, and hinders nobody'
chmod 755 "$anchors"
vrm grant velo contact.email --purpose delivery --for 7d
granted=$(first_id gr)
vrm revoke "$granted"
warns "$anchors"
chmod 700 "$anchors"
vrm set address.home.locality Paris
vrm status
says_not "$anchors"
say 'all as it should be'
