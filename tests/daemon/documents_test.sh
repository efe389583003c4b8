#!/usr/bin/env bash
# Documents through the real programs: in parts, in bounded memory, back the same, erased, in a backup.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

large=$inputs/scan.pdf
head -c $((30 * 1024 * 1024)) /dev/urandom >"$large"
hash=$(sha256sum <"$large" | cut -d ' ' -f 1)
canary=canary-$RANDOM-$RANDOM
printf '%s' "$canary" >"$inputs/Billet d'$canary.txt"
files() { find "$VRM_VAULT/documents" -type f | wc -l; }
# The most that the daemon ever had in memory, in KiB.
peak() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"; }
no_trace() {
  if grep -rqaF -- "$canary" "$VRM_VAULT"; then fail 'the canary lies on the disk'; fi
}

make_vault
vrm doc
says 'No document yet'

say 'what goes in comes out, and the daemon needs a few parts of memory for it'
vrm doc add "$inputs/Billet d'$canary.txt" --name ticket
before=$(peak)
vrm doc add "$large" --name scan
says "$hash"
says 'application/pdf'
vrm doc open scan -o "$inputs/copy.pdf"
cmp "$large" "$inputs/copy.pdf" || fail 'the copy is another'
[[ $(stat -c %a "$inputs/copy.pdf") == 600 ]] || fail 'others may read the copy'
vrm verify
after=$(peak)
[[ $before -gt 0 ]] || fail 'the memory of the daemon is not known'
say "  memory: $before KiB before, $after KiB after 30 MiB in, out and verified"
# A sanitizer keeps what was freed for a while.
if [[ ${VRM_BIN} != *asan* && ${VRM_BIN} != *tsan* ]]; then
  ((after - before < 8 * 1024)) || fail "the daemon grew by $((after - before)) KiB"
fi
vrm_refused 8 doc open scan -o "$inputs/copy.pdf"
vrm doc list
says scan
says '30720 KiB'
vrm_refused 8 doc add "$large" --name scan
[[ $(files) == 2 ]] || fail 'there are other files than documents'
no_trace

say 'a ticket can be drawn, and a scan cannot'
vrm doc show ticket --qr
says '█'
says_not "$canary-"
vrm_refused 2 doc show scan --qr
vrm_refused 2 doc open ticket
vrm log --kind document_read
says document.ticket

say 'a backup brings them with it, and restores them'
vrm backup -o "$inputs/a.vrmbak" --verify
expect 0 vrm restore "$inputs/a.vrmbak" --into "$test_folder/private/vault2" --credential-file "$credential" </dev/null
cmp <(cd "$VRM_VAULT/documents" && sha256sum -- * | sort) <(cd "$test_folder/private/vault2/documents" && sha256sum -- * | sort) ||
  fail 'the restored documents are others'
vrm export -o "$inputs/all.json" --yes
cmp "$large" "$inputs/all.json.documents/scan.pdf" || fail 'the exported document is another'

say 'a kill in the middle leaves nothing behind'
("$VRM_BIN/vrm" doc add "$large" --name again </dev/null >/dev/null 2>&1 || true) &
adding=$!
begun() { (($(files) >= 3)) || ! kill -0 "$adding" 2>/dev/null; }
wait_until 'an upload to begin' begun
kill_daemon
wait "$adding" || true
vrm daemon start
unlock
found=$(files)
vrm doc list
if grep -q again "$answer"; then
  [[ $found == 3 ]] || fail 'the document that was in has no file'
  vrm doc rm again --yes
else
  [[ $found == 2 ]] || fail 'the kill left a file behind'
fi

say 'a locked vault shows nothing, and one that lacks a document does not open'
vrm lock
vrm_refused 4 doc list
unlock
vrm seal
first=$(find "$VRM_VAULT/documents" -type f | sort | head -n 1)
mv "$first" "$inputs/hidden"
vrm_refused 12 unlock --credential-file "$credential"
says 'is missing'
mv "$inputs/hidden" "$first"
unlock
flip_bit "$first" 40
vrm_refused 12 verify
says 'chunk 1 of'

say 'what is removed is gone'
vrm_refused 7 doc rm scan
vrm doc rm scan --yes
vrm doc rm ticket --yes
[[ $(files) == 0 ]] || fail 'a removed document left its file'
vrm verify
no_trace
