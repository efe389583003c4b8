#!/usr/bin/env bash
# A brand changes its keys: its grants rest until the owner has looked, and the former key is worth nothing afterwards.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_vault --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
vrm set address.home.locality Lyon
open_shop 'Velo Lyon'
velo="$shop_folder/Velo Lyon"
vrm brand add "$brand_url" --name velo
says 'Velo Lyon SAS'
wait_until 'the introduction' grep -q introduced "$velo.log"
past_first_second
vrm --json grant velo address.home.locality --purpose delivery --for 7d
code=$(tr -d ' \n' <"$answer" | sed 's/.*"auth_req_id":"\([^"]*\)".*/\1/')
shop collect --dir "$velo" --auth-req-id "$code" --wait 10
shop read --dir "$velo"
says Lyon

say 'the same keys: nothing changes'
vrm brand refresh velo
says 'nothing new'
vrm brand keys velo
says 'SHA256:'

say 'a key that is not pinned: the vault looks by itself, and the grants rest'
cp -r "$velo" "$shop_folder/former"
shop keys --dir "$velo" --rotate
shop_refused ask --dir "$velo" --fields address.home.locality --purpose delivery --reason 'order 43'
says invalid_client
changed() { "$VRM_BIN/vrm" brand show velo >"$answer" 2>&1 </dev/null && grep -q 'shows other keys' "$answer"; }
wait_until 'the change to be noticed' changed
says '--accept'
vrm status
says 'its grants rest'
vrm log --brand velo
says 'keys changed'
shop_refused read --dir "$velo"
says policy_denied
shop_refused read --dir "$shop_folder/former"
says policy_denied

say 'it holds across a restart, and while the vault is locked'
vrm lock
shop_refused read --dir "$velo"
kill_daemon
vrm daemon start
unlock
changed || fail 'the change was forgotten'
past_first_second

say 'unblocking is no leave'
vrm brand block velo
vrm brand unblock velo
shop_refused read --dir "$velo"

say 'the owner accepts: reads go again, by the new key alone'
vrm_refused 7 brand keys velo --accept
vrm --yes brand keys velo --accept
says 'good again'
vrm brand show velo
says_not 'shows other keys'
shop read --dir "$velo"
says Lyon
shop_refused read --dir "$shop_folder/former"
shop_refused ask --dir "$shop_folder/former" --fields address.home.locality --purpose delivery --reason 'order 44'
says invalid_client
vrm brand refresh velo
says 'nothing new'

say 'introduced once more, and printed'
vrm brand introduce velo
says 'knows where to reach'
vrm brand introduce velo --paste
grep -Eq '^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' "$answer" || fail 'no introduction to paste is printed'

say 'what its own document does not say is marked, and given only by a person who saw it'
shop ask --dir "$velo" --fields address.home.locality --purpose marketing --reason 'news'
vrm request list
says '! marketing'
rq=$(first_id rq)
vrm request show "$rq"
says 'does not say that it asks anything for this purpose'
vrm_refused 7 approve "$rq"
vrm --yes approve "$rq" --for 7d
say 'all as it should be'
