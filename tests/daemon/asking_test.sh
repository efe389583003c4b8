#!/usr/bin/env bash
# What brands ask and the owner's answers that stand: rules across a kill, and the owner's own command told what waits.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

door=127.0.0.1:$(free_port)
told=$inputs/told
make_vault --brand-door "$door" --allow-loopback-brands --poll-interval 0 \
  --notify-command "cat >>'$told'; env >'$told.environment'; test ! -e '$told.fails'"
vrm set contact.email ana@example.org
open_shop velo
vrm brand add "$brand_url" --name velo
past_first_second

ask() { # [REASON]
  shop ask --dir "$shop_folder/velo" --fields contact.email --purpose delivery --reason "${1:-as before}"
}
last_request() {
  vrm request list --all --json
  id=$(first_id rq)
}

say '1. what waits is told to the command, by the handle that the owner gave'
# shellcheck disable=SC2016  # nobody is to expand it
ask 'come and look $(touch evil)'
wait_until 'the owner to be told' grep -qs 'velo' "$told"
grep -q '^1 request waits for you: velo\.$' "$told" || fail "it was told: $(cat "$told")"
if grep -q 'come and look' "$told" "$told.environment"; then fail "a brand's words reached the command"; fi

say '2. a remembered answer outlives a kill, and what it answers is not told'
last_request
vrm approve "$id" --remember
rule=$(first_id ru)
kill_daemon
vrm daemon start
unlock
past_first_second
ask
last_request
vrm request show "$id"
says "$rule"
vrm request list
says 'No request waits'

say '3. a command that fails is told by the status, until it works again'
vrm rule remove "$rule"
touch "$told.fails"
ask
wait_until 'the warning' sh -c "'$VRM_BIN/vrm' status | grep -q 'notify command failed'"
rm "$told.fails"
last_request
vrm deny "$id"
ask
wait_until 'the end of the warning' sh -c "! '$VRM_BIN/vrm' status | grep -q 'notify command failed'"

say '4. nobody is told of a muted brand'
vrm brand mute velo
lines=$(wc -l <"$told")
last_request
vrm deny "$id"
ask
sleep 7  # it looks every five seconds
[[ $(wc -l <"$told") == "$lines" ]] || fail 'the owner was told of a muted brand'
vrm brand unmute velo
wait_until 'the owner to be told of it' sh -c "test \$(wc -l <'$told') -gt $lines"
say 'asking: all as it should be'
