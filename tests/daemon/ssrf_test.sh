#!/usr/bin/env bash
# Where a brand's URL may lead the vault: in a network of its own, in which every address and every name leads to listeners
# of this test (ssrf_world.py), nothing but the checked public address is ever knocked at.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add

if [[ -z ${VRM_IN_OWN_NETWORK:-} ]]; then
  own=(unshare --net --mount --propagation private)
  [[ $(id -u) == 0 ]] || own+=(--map-root-user)
  if ! "${own[@]}" true 2>/dev/null || ! command -v ip >/dev/null; then
    echo 'skipped: this user may not make a network namespace, or there is no ip'
    exit 77
  fi
  VRM_IN_OWN_NETWORK=yes exec "${own[@]}" "${BASH_SOURCE[0]}" "$@"
fi
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# --- a network where everything is here ------------------------------------------------------------------------------
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
cover() { # FILE: what this test has written to $inputs/its name stands in its place, in this namespace alone
  mount --bind "$inputs/$(basename "$1")" "$1"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=brands.example \
  -addext 'subjectAltName=DNS:*.brands.example,DNS:localhost,IP:127.0.0.1,IP:10.0.0.1,IP:::1' \
  -keyout "$inputs/key.pem" -out "$inputs/ca-certificates.crt" 2>"$answer" || fail 'no certificate'
printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' >"$inputs/resolv.conf"
printf '127.0.0.1 localhost\n' >"$inputs/hosts"
printf 'hosts: files dns\n' >"$inputs/nsswitch.conf"
for file in /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf /etc/hosts /etc/nsswitch.conf; do cover "$file"; done
log=$test_folder/world.log
: >"$log"
python3 "$here/ssrf_world.py" "$inputs/ca-certificates.crt" "$inputs/key.pem" "$log" \
  11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo >"$test_folder/world.out" 2>&1 &
started+=("$!")
disown
wait_until 'the world' grep -q '^ready ' "$log"
read -r _ insides places < <(grep '^ready ' "$log")

make_vault --brand-door "127.0.0.1:$(free_port)"
unlock
socket=$VRM_VAULT/vrm.sock
# offer [--mailbox] STATUSES URL...: the owner's door is asked itself, so that no friendlier program stands before the daemon.
# Each is answered with a status that begins as one of STATUSES does.
offer() {
  python3 - "$socket" "$@" >"$answer" 2>&1 <<'PYTHON' || fail 'a URL was answered otherwise'
import http.client, json, socket, sys
path, words = sys.argv[1], sys.argv[2:]
mailbox = words[0] == "--mailbox"
wanted = tuple(words[mailbox].split(","))
wrong = 0
for url in words[mailbox + 1:]:
    door = http.client.HTTPConnection("vrm")
    door.sock = socket.socket(socket.AF_UNIX)
    door.sock.settimeout(30)
    door.sock.connect(path)
    door.request("POST", "/v1/brands", json.dumps({"url": url, "new": True, "mailbox": mailbox}), {"Content-Type": "application/json"})
    answer = door.getresponse()
    said = answer.read()
    door.close()
    if not str(answer.status).startswith(wanted):
        wrong = 1
        print(ascii(url), answer.status, said)
sys.exit(wrong)
PYTHON
}
refused() { offer 4,502,503 "$@"; }
# numbered KIND FROM STEP UPTO: URLs of such names, in $urls.
numbered() {
  local number
  urls=()
  for ((number = $2; number < $4; number += $3)); do urls+=("https://$1-$number.brands.example/vrm-brand.json"); done
}
# nobody_but WHAT [PLACE...]: since the last call nobody was knocked at but these.
seen=$(wc -l <"$log")   # what starting took is none of it
nobody_but() {
  local what=$1 place upto
  shift
  sleep 0.3   # the log is written by another process
  upto=$(wc -l <"$log")
  while read -r place; do
    [[ " $* " == *" ${place/ /:} "* ]] || fail "$what: somebody knocked at $place"
  done < <(sed -n "$((seen + 1)),${upto}s/^knock //p" "$log" | sort -u)
  seen=$upto
}
public=(93.184.216.34:443 2606:2800:220:1:248:1893:25c8:1946:443)

say 'a public brand is fetched: this network works'
offer 2 https://good.brands.example/vrm-brand.json
grep -q '^request GET good.brands.example /vrm-brand.json' "$log" || fail 'nobody asked for the document'
grep -q '^knock ' "$log" || fail 'no knock was seen'
nobody_but 'a public brand' "${public[@]}"
[[ $(grep -c '^request POST good.brands.example /introduction' "$log") -ge 1 ]] || fail 'it was not introduced'

say 'forms of an address'
forms=(
  https://127.0.0.1/ https://127.1/ https://127.0.1/ https://127.0.0.1:443/ https://127.0.0.1:8443/ https://127.255.255.254/
  https://2130706433/ https://0x7f000001/ https://0x7F.0x0.0x0.0x1/ https://0x7f.1/ https://017700000001/ https://0177.0.0.1/
  https://0177.0.0.01/ https://00000177.0.0.1/ https://127.000.000.001/ https://127.0.0.1./ https://4294967295/ https://0/
  https://0.0.0.0/ https://00.0.0.0/ https://10.0.0.1/ https://167772161/ https://0xa000001/ https://012.0.0.1/ https://10.1/
  https://172.16.0.1/ https://192.168.0.1/ https://192.168.1/ https://0xc0a80001/ https://169.254.169.254/ https://2852039166/
  https://0xA9FEA9FE/ https://0251.0376.0251.0376/ https://169.254.43518/ https://100.64.0.1/ https://198.18.0.1/
  https://192.0.2.1/ https://198.51.100.1/ https://203.0.113.1/ https://224.0.0.1/ https://240.0.0.1/ https://255.255.255.255/
  https://93.184.216.34/ https://1572395042/ https://256.256.256.256/ https://127.0.0.1.1/ https://1.2.3.4.5/
  'https://[::1]/' 'https://[::]/' 'https://[0:0:0:0:0:0:0:1]/' 'https://[0000::1]/' 'https://[::ffff:127.0.0.1]/'
  'https://[::ffff:7f00:1]/' 'https://[::FFFF:10.0.0.1]/' 'https://[::127.0.0.1]/' 'https://[::ffff:0:127.0.0.1]/'
  'https://[64:ff9b::127.0.0.1]/' 'https://[64:ff9b::a9fe:a9fe]/' 'https://[64:ff9b:1::10.0.0.1]/' 'https://[2002:7f00:1::]/'
  'https://[2002:a00:1::]/' 'https://[2001::1]/' 'https://[2001:db8::1]/' 'https://[fe80::1]/' 'https://[fe80::1%25lo]/'
  'https://[fe80::1%lo]/' 'https://[::1%25lo]/' 'https://[fc00::1]/' 'https://[fd00:ec2::254]/' 'https://[fec0::1]/'
  'https://[ff02::1]/' 'https://[100::1]/' 'https://[v1.1]/' 'https://[127.0.0.1]/' 'https://[::1' 'https://::1/'
  https://localhost/ https://LOCALHOST/ https://LocalHost/ https://localhost./ https://localhost:443/ https://a.localhost/
  https://good.brands.example@127.0.0.1/ https://good.brands.example:443@127.0.0.1/ https://127.0.0.1@good.brands.example/
  'https://good.brands.example\@127.0.0.1/' 'https://127.0.0.1\.brands.example/' 'https://good.brands.example#@127.0.0.1/'
  'https://127.0.0.1#.brands.example/' 'https://127.0.0.1?.brands.example/' 'https://127.0.0.1%2f.brands.example/'
  'https://127.0.0.1%00.brands.example/' https://127%2e0%2e0%2e1/ https://%31%32%37.0.0.1/ 'https://127.0.0.1 .brands.example/'
  https://①②⑦.⓪.⓪.①/ https://127。0。0。1/ https://１２７.0.0.1/ https://ⓛocalhost/ https://loc%61lhost/
  https://good.brands.example:22/ https://good.brands.example:80/ https://good.brands.example:8443/ https://good.brands.example:/
  http://good.brands.example/ http://127.0.0.1/ HTTPS://127.0.0.1/ https:127.0.0.1 https:/127.0.0.1/ //127.0.0.1/ ///127.0.0.1/
  ftp://127.0.0.1/ gopher://127.0.0.1/ file:///etc/passwd dict://127.0.0.1:22/ ldap://127.0.0.1/ 'unix:///tmp/s' jar:https://127.0.0.1/
  https://metadata.google.internal/ https://metadata/ https://instance-data.ec2.internal/ https://router.lan/ https://printer.local/
  https://1.0.0.127.in-addr.arpa/ https://127.0.0.1.test/ $'https://127.0.0.1\r\nHost: good.brands.example/' $'https://good.brands.example\t@127.0.0.1/'
)
((${#forms[@]} >= 60)) || fail 'too few forms'
refused "${forms[@]}"
nobody_but "${#forms[@]} forms"

say 'names that lead inside, wholly or by half'
for kind in at half; do
  numbered "$kind" 0 1 "$insides"
  refused "${urls[@]}"
done
nobody_but "$((2 * insides)) names"
[[ $(grep -c '^asked at-' "$log") -ge $insides ]] || fail 'the names were not even asked for, so this would show nothing'

say 'redirects'
numbered redirect 0 1 "$places"
refused "${urls[@]}"
nobody_but "$places redirects" "${public[@]}"
[[ $(grep -c '^request GET redirect-' "$log") == "$places" ]] || fail 'not all were asked, so this would show nothing'
[[ $(grep -c '^request GET good.brands.example' "$log") == 1 ]] || fail 'a redirect to another brand was followed'

say 'names that turn: public when they are checked, inside when they are asked for again'
numbered turn 0 4 "$insides"
offer 2,4,502,503 "${urls[@]}"   # what is known of it stands, though it could not be introduced
nobody_but 'names that turn' "${public[@]}"
[[ $(grep -c '^request GET turn-' "$log") == "${#urls[@]}" ]] || fail 'they were not fetched while they were public'

say 'a mailbox whose name turns while it is polled'
offer --mailbox 2 https://later-{6,9,26}.brands.example/vrm-brand.json
polled() { [[ $(grep -c "^request POST later-$1.brands.example /mailbox/poll" "$log") -ge 1 ]]; }
for number in 6 9 26; do wait_until 'a poll' polled "$number"; done
python3 -c 'import socket; socket.getaddrinfo("now.brands.example", 443)'
before=$(grep -c '^asked later-' "$log")
asked_again() { [[ $(grep -c '^asked later-' "$log") -gt $before ]]; }
wait_until 'the next poll' asked_again
sleep 2
nobody_but 'a mailbox that turned' "${public[@]}"
say "all as it should be: ${#forms[@]} forms, $((2 * insides)) names, $places redirects"
