#!/usr/bin/env bash
# What a hand in the database meets: each change of a stopped vault is refused at unlock with exit 12 and its place,
# and `vrm unlock --rescue` still shows the owner what is whole, changes nothing and serves nobody.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

door=127.0.0.1:$(free_port)
daemon_options=(--brand-door "$door" --allow-loopback-brands --poll-interval 1)
sql() { sqlite3 -batch -bail "$VRM_VAULT/vault.db" "$@"; }
whole=$test_folder/private/whole

say 'a vault with a grant that was taken back'
open_shop velo
make_vault "${daemon_options[@]}"
vrm brand add "$brand_url" --name velo
wait_until 'the introduction' grep -q introduced "$shop_folder/velo.log"
vrm set address.home.locality Lyon
vrm set contact.email ana@example.org
shop ask --dir "$shop_folder/velo" --fields address.home.locality --purpose delivery --reason 'order 42'
vrm request list
vrm approve "$(first_id rq)" --for 7d
grant=$(first_id gr)
shop collect --dir "$shop_folder/velo" --wait 10
shop read --dir "$shop_folder/velo"
says Lyon
vrm daemon stop
before=$(sql "SELECT tbl||','||quote(id)||','||version||','||quote(key)||','||quote(box) FROM rows WHERE tbl=5")
[[ $(wc -l <<<"$before") == 1 ]] || fail 'not one row of one grant'
meta_before=$(sql 'SELECT quote(box) FROM meta WHERE id=1')
vrm daemon start "${daemon_options[@]}"
unlock
vrm revoke "$grant"
shop_refused read --dir "$shop_folder/velo"

say 'whole, it verifies'
vrm verify
vrm log verify
vrm daemon stop
cp -a "$VRM_VAULT" "$whole"

# damaged WHAT PLACE SQL: on a fresh copy of the whole vault.
damaged() {
  say "$1"
  rm -rf "$VRM_VAULT"
  cp -a "$whole" "$VRM_VAULT"
  sql "$3"
  [[ $(sql 'PRAGMA integrity_check') == ok ]] || fail 'the test broke the database itself'
  vrm daemon start "${daemon_options[@]}"
  vrm_refused 12 unlock --credential-file "$credential"
  grep -qE -- "$2" "$answer" || fail "the place is not named: $2"
  says 'vrm unlock --rescue'
  check_state sealed
  vrm_refused 4 get contact.email
  shop_refused read --dir "$shop_folder/velo"
}

# rescued FIELD VALUE: reads it, changes nothing, serves nobody, and is refused again afterwards.
rescued() {
  local sum
  unlock --rescue
  check_state rescue
  vrm status
  says rescue
  sum=$(sha256sum <"$VRM_VAULT/vault.db")
  vrm get "$1"
  says "$2"
  vrm_refused 6 set address.home.locality Paris
  vrm_refused 6 unset contact.email -y
  vrm_refused 6 revoke --all -y
  vrm_refused 12 verify
  shop_refused read --dir "$shop_folder/velo"
  says 503
  [[ $(sha256sum <"$VRM_VAULT/vault.db") == "$sum" ]] || fail 'rescue changed the file'
  vrm seal
  check_state sealed
  vrm_refused 12 unlock --credential-file "$credential"
  vrm daemon stop
}

now_grant=$(sqlite3 "$whole/vault.db" 'SELECT version FROM rows WHERE tbl=5')
IFS=, read -r table id version key box <<<"$before"
[[ $version != "$now_grant" ]] || fail 'the revocation did not change the row'

damaged 'the grant rolled back to before its revocation: un-revoking' 'grants.*rolled back' \
  "UPDATE rows SET version=$version, key=$key, box=$box WHERE tbl=$table AND id=$id"
rescued contact.email ana@example.org

damaged 'the same, with the head of that time' 'log, record [0-9]+: one too many' \
  "UPDATE rows SET version=$version, key=$key, box=$box WHERE tbl=$table AND id=$id; UPDATE meta SET box=$meta_before WHERE id=1"
vrm daemon stop

damaged 'the revoked grant deleted' 'grants.*missing' 'DELETE FROM rows WHERE tbl=5'
rescued contact.email ana@example.org

damaged 'a field deleted' 'fields.*missing' 'DELETE FROM rows WHERE place=(SELECT max(place) FROM rows WHERE tbl=3)'
vrm daemon stop

damaged 'a key deleted' 'keys.*missing' 'DELETE FROM rows WHERE place=(SELECT max(place) FROM rows WHERE tbl=1)'
vrm daemon stop

damaged 'a row doubled' 'grants.*too many' \
  'INSERT INTO rows SELECT (SELECT max(place) FROM rows)+1, tbl, id, version, key, box FROM rows WHERE tbl=5'
rescued address.home.locality Lyon

damaged 'the boxes of two fields exchanged' 'fields.*(does not open|changed)' \
  'CREATE TEMP TABLE two AS SELECT place, box FROM rows WHERE tbl=3 ORDER BY place LIMIT 2;
   UPDATE rows SET box=(SELECT box FROM two WHERE two.place<>rows.place) WHERE place IN (SELECT place FROM two)'
unlock --rescue
check_state rescue
vrm daemon stop

damaged 'a record of the log changed' 'log, record 2: does not open' \
  "UPDATE log SET box=substr(box,1,30)||x'00ff00ff'||substr(box,35) WHERE number=2"
rescued address.home.locality Lyon

damaged 'the last record of the log cut off' 'log, record [0-9]+: missing' 'DELETE FROM log WHERE number=(SELECT max(number) FROM log)'
vrm daemon stop

damaged 'two records of the log exchanged' 'log, record 1: does not open' \
  'UPDATE log SET number=-1 WHERE number=1; UPDATE log SET number=1 WHERE number=2; UPDATE log SET number=2 WHERE number=-1'
vrm daemon stop

damaged 'the head taken out' 'head' 'DELETE FROM meta WHERE id=1'
vrm daemon stop

say 'the whole copy opens as ever'
rm -rf "$VRM_VAULT"
cp -a "$whole" "$VRM_VAULT"
vrm daemon start "${daemon_options[@]}"
unlock
vrm verify
vrm grants --all
says 'taken back'
shop_refused read --dir "$shop_folder/velo"

say 'while the daemon has the vault, no other program gets into the database, nor takes away its log'
for words in 'SELECT count(*) FROM rows' 'DELETE FROM rows WHERE tbl=5'; do
  expect 5 sqlite3 -batch "$VRM_VAULT/vault.db" "$words" </dev/null
  says locked
done
[[ -e $VRM_VAULT/vault.db-wal ]] || fail 'the write-ahead log is gone'
vrm set contact.email acknowledged@example.org
kill_daemon
vrm daemon start
unlock
vrm get contact.email
says acknowledged@example.org
vrm verify
vrm daemon stop

say 'and it does not open what another program is changing'
exec 6> >(exec sqlite3 -batch "$VRM_VAULT/vault.db" >"$test_folder/other")
other=$!
started+=("$other")
echo "BEGIN EXCLUSIVE; SELECT 'begun';" >&6
wait_until 'the other program' grep -qs begun "$test_folder/other"
if "$VRM_BIN/vrm" unlock --credential-file "$credential" >"$answer" 2>&1 </dev/null 6>&-; then fail 'it opened'; fi
says 'another program'
exec 6>&-
wait_until 'the other program to leave' gone "$other"
unlock
vrm get contact.email
say 'all as it should be'
