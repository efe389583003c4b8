#!/usr/bin/env bash
# Terms: what the owner wants a brand to accept when it asks, named and signed, and the receipt that says so.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

door=127.0.0.1:$(free_port)
make_vault --brand-door "$door" --allow-loopback-brands --poll-interval 0
vrm set contact.email ana@example.org
open_shop velo
vrm brand add "$brand_url" --name velo
past_first_second

ask=(ask --dir "$shop_folder/velo" --fields contact.email --purpose delivery --reason 'order 42')
approve_last() {
  vrm request list
  id=$(first_id rq)
  vrm request show "$id"
  says "$1"
  vrm approve "$id"
  grant=$(first_id gr)
}
# The receipt of the last grant, as the shop kept it.
check_receipt() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
    "$shop_folder/velo/receipts.json" "$grant" >"$inputs/receipt"
  vrm receipt check "$inputs/receipt"
}

say '1. nothing is wanted at first'
vrm terms
says 'No terms are wanted'
says 'SD-BASE-ATP-S3P-DP'

say '2. wanted, a request without terms or under others is refused, and hears what to send'
vrm terms want sd-base --brand velo
says 'velo must accept SD-BASE'
shop_refused "${ask[@]}"
says 'invalid_authorization_details'
says '7012#SD-BASE and the digest sha-256:'
shop_refused "${ask[@]}" --terms SD-BASE-ATP
says 'invalid_authorization_details'
vrm request list
says 'No request waits'

say '3. under the terms it is asked, granted and read, and the receipt names them'
shop "${ask[@]}" --terms SD-BASE
approve_last 'SD-BASE: Your data only'
says 'SD-BASE'
shop collect --dir "$shop_folder/velo" --wait 20
shop read --dir "$shop_folder/velo"
says 'receipt checked'
check_receipt
says 'terms'
says 'SD-BASE'

say '4. signed, where the owner wants it so'
vrm terms want SD-BASE --all --signed
says 'velo must accept SD-BASE, signed'
shop_refused "${ask[@]}" --terms SD-BASE
says 'terms_jwt is missing'
shop "${ask[@]}" --terms SD-BASE --sign-terms
approve_last 'SD-BASE, signed by the brand'
vrm grants "$grant" --json
says '"jws":"eyJ'
kill_daemon
vrm daemon start
unlock
past_first_second
vrm grants "$grant" --json
says '"jws":"eyJ'
shop_refused "${ask[@]}"
says '7012#SD-BASE'

say '5. not wanted any more'
vrm terms unwant --all
says 'No terms are wanted'
shop "${ask[@]}"
vrm_refused 2 terms want SD-BASE
vrm_refused 3 terms want mine --all
say 'terms: all as it should be'
