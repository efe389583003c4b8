#!/usr/bin/env bash
# The doors, knocked at with plain tools: who is let in, and what a request may look like.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

port=$(free_port)
door=127.0.0.1:$port
vrmd_refused() { # WORDS...: it does not start
  expect 1 timeout 10 "$VRM_BIN/vrmd" --vault "$VRM_VAULT" --socket "$VRM_VAULT/vrm.sock" "$@" </dev/null
}
# knock STATUS CURL'S WORDS...
knock() {
  local wanted=$1 got
  shift
  got=$(curl -sS --max-time 10 -o "$answer" -w '%{http_code}' "$@" 2>>"$answer.curl" </dev/null) || got="none, curl ended with $?"
  [[ $got == "$wanted" ]] || fail "curl ${*: -1} was answered with $got instead of $wanted"
}

say 'plain HTTP stays on this machine'
vrmd_refused --brand-door "0.0.0.0:$port"
says 'without a certificate'
vrmd_refused --brand-door "[::]:$port"
vrmd_refused --brand-door "localhost:$port" --tls-cert "$inputs/none.pem" --tls-key "$inputs/none.key"

say 'TLS, with a certificate of our own making'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=vault \
  -addext 'subjectAltName=IP:127.0.0.1' -keyout "$inputs/key.pem" -out "$inputs/cert.pem" 2>"$answer" || fail 'no certificate'
chmod 644 "$inputs/key.pem"
vrmd_refused --brand-door "$door" --tls-cert "$inputs/cert.pem" --tls-key "$inputs/key.pem"
says key.pem
vrmd_refused --brand-door "$door" --tls-cert "$inputs/cert.pem"
chmod 600 "$inputs/key.pem"
make_vault --brand-door "$door" --tls-cert "$inputs/cert.pem" --tls-key "$inputs/key.pem"
tls=(--cacert "$inputs/cert.pem")
knock 404 "${tls[@]}" "https://$door/"
says not_found
knock 404 "${tls[@]}" --tls-max 1.2 "https://$door/"
if curl -s --max-time 10 "https://$door/" >"$answer" 2>&1; then fail 'the certificate is trusted without reason'; fi
if curl -s --max-time 10 "${tls[@]}" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "https://$door/" >"$answer" 2>&1; then fail 'TLS 1.1 is spoken'; fi
if curl -s --max-time 10 "http://$door/" >"$answer" 2>&1; then fail 'the TLS door speaks plain HTTP'; fi
vrm status --json
says '"tls":true'
vrm daemon stop

say 'TLS 1.2 with an RSA certificate: no key exchange without forward secrecy, no CBC'
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vault -addext 'subjectAltName=IP:127.0.0.1' \
  -keyout "$inputs/rsa.pem" -out "$inputs/rsa_cert.pem" 2>"$answer" || fail 'no certificate'
chmod 600 "$inputs/rsa.pem"
vrm daemon start --forget --brand-door "$door" --tls-cert "$inputs/rsa_cert.pem" --tls-key "$inputs/rsa.pem"
tls=(--cacert "$inputs/rsa_cert.pem")
knock 404 "${tls[@]}" "https://$door/"
for cipher in ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305; do
  knock 404 "${tls[@]}" --tls-max 1.2 --ciphers "$cipher" "https://$door/"
done
for cipher in AES128-GCM-SHA256 AES256-SHA ECDHE-RSA-AES128-SHA ECDHE-RSA-AES256-SHA384; do
  if curl -s --max-time 10 "${tls[@]}" --tls-max 1.2 --ciphers "$cipher:@SECLEVEL=0" "https://$door/" >"$answer" 2>&1; then
    fail "$cipher is spoken"
  fi
done
vrm daemon stop

# --- a brand of openssl and curl, known from a file ---------------------------------------------------
b64url() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }
openssl genpkey -algorithm ed25519 -out "$inputs/brand.key"
x=$(openssl pkey -in "$inputs/brand.key" -pubout -outform DER | tail -c 32 | b64url)
client=https://troc.example/vrm-brand.json
printf '{"client_id":"%s","client_name":"Troc","jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"%s"}]}}' \
  "$client" "$x" >"$inputs/troc.json"
assertion() { # SECONDS AGO
  local now text
  printf -v now '%(%s)T'
  text=$(printf '{"alg":"EdDSA","kid":"k"}' | b64url).$(printf '{"iss":"%s","sub":"%s","aud":"%s","iat":%d,"exp":%d,"jti":"%s"}' \
    "$client" "$client" "$issuer" "$((now - $1))" "$((now + 30))" "$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')" | b64url)
  printf '%s' "$text" >"$inputs/to_sign"
  echo "$text.$(openssl pkeyutl -sign -inkey "$inputs/brand.key" -rawin -in "$inputs/to_sign" | b64url)"
}
# ask STATUS AUTHORIZATION_DETAILS [CURL'S WORDS...]
ask() {
  local wanted=$1 details=$2
  shift 2
  knock "$wanted" --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion=$(assertion "${age:-0}")" --data-urlencode scope=vrm \
    --data-urlencode "authorization_details=$details" "$@" "$issuer/grants/request"
}
details() { # MEMBERS to add or repeat
  printf '[{"type":"vrm_data","actions":["read"],"datatypes":["contact.email"],"purpose":"delivery","reason":"order 42"%s}]' "$1"
}

vrm daemon start --forget --brand-door "$door" --allow-loopback-brands --poll-interval 1
unlock
vrm brand add "$inputs/troc.json" --name troc --json
issuer=$(grep -o "http://$door/v/[A-Za-z0-9_-]*" "$answer" | head -n 1)
[[ -n $issuer ]] || fail 'the brand has no issuer'

say 'an assertion from before the start: later, not never'
age=30 ask 503 "$(details '')" -D "$test_folder/head.txt"
grep -qi '^retry-after: 1' "$test_folder/head.txt" || fail 'no Retry-After'
past_first_second
ask 200 "$(details '')"
says auth_req_id

say 'JSON with two readings, or none'
ask 400 "$(details ',"purpose":"marketing"')"
says invalid_authorization_details
ask 400 "$(details ',"x":{"a":1,"a":2}')"
says invalid_authorization_details
for broken in '' '[]' '{}' 'null' '[' '[{"type":"vrm_data"}]' "$(details '') " "$(details '')x" "$(details ',"max_reads":1e99')" \
  "$(details ',"max_reads":-1')" "$(details ',"x":"\ud800"')" "$(printf '\357\273\277%s' "$(details '')")" \
  "$(printf '[%.0s' {1..40})$(printf ']%.0s' {1..40})"; do
  [[ $broken == *' ' ]] && continue   # blanks behind the value have one reading
  ask 400 "$broken"
  says '"error":"invalid_'
done

say 'forms with two readings, or none'
ask 400 "$(details '')" --data-urlencode scope=vrm
says invalid_request
knock 400 -d 'scope=vrm&scope=vrm' "$issuer/grants/request"
knock 400 -d 'scope=%zz' "$issuer/grants/request"
knock 400 -H 'Content-Type: application/json' -d '{}' "$issuer/grants/request"
knock 401 -d 'scope=vrm' "$issuer/grants/request"
says invalid_client

say 'too much'
head -c 40000 /dev/zero | tr '\0' a >"$inputs/large"
ask 413 "$(details '')" --data-urlencode "binding_message@$inputs/large"
knock 431 -H "X-Long: $(head -c 17000 "$inputs/large")" "$issuer/jwks.json"
knock 413 -X POST --data-binary "@$inputs/large" "$issuer/token"

say 'requests that could be read in two ways'
knock 400 -H 'Host: evil.example' "$issuer/jwks.json"
knock 400 -H "Host: $door.evil.example" "$issuer/jwks.json"
# raw STATUS HEAD: bytes as they are, with \\r and \\n
raw() {
  local line=
  exec 6<>"/dev/tcp/127.0.0.1/$port"
  printf '%b' "$2" >&6
  read -r -t 10 line <&6 || true
  exec 6>&-
  [[ $line == "HTTP/1.1 $1 "* ]] || fail "${2@Q} was answered with ${line@Q} instead of $1"
}
path=${issuer#"http://$door"}/jwks.json
raw 200 "GET $path HTTP/1.1\r\nHost: $door\r\n\r\n"
raw 400 "GET $path HTTP/1.1\r\nHost: $door\r\nHost: $door\r\n\r\n"
raw 400 "GET $path HTTP/1.1\r\n\r\n"
raw 400 "GET $path HTTP/1.1\nHost: $door\n\n"
raw 400 "GET $path HTTP/1.1\r\nHost: $door\r\nX-A: 1\r\n folded\r\n\r\n"
raw 400 "GET http://$door$path HTTP/1.1\r\nHost: $door\r\n\r\n"
raw 400 "POST ${path%jwks.json}token HTTP/1.1\r\nHost: $door\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n"
raw 411 "POST ${path%jwks.json}token HTTP/1.1\r\nHost: $door\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
knock 411 -H 'Transfer-Encoding: chunked' -d 'scope=vrm' "$issuer/grants/request"
knock 400 --path-as-is "http://$door/v/../v/x/jwks.json"
knock 404 -X DELETE "$issuer/jwks.json"
knock 405 -X PATCH "$issuer/jwks.json"

say 'paths that nobody was introduced to'
knock 200 "$issuer/jwks.json"
knock 404 "$issuer/nothing"
says not_found
unknown=http://$door/v/AAAAAAAAAAAAAAAAAAAAAA
for path in "$unknown/jwks.json" "http://$door/v/x/jwks.json" "http://$door/v1/status" \
  "http://$door/.well-known/oauth-authorization-server/v/AAAAAAAAAAAAAAAAAAAAAA"; do
  knock 404 "$path"
done
data='v1/data?fields=contact.email&purpose=delivery'
knock 404 -H 'Authorization: DPoP a.b.c' -H 'DPoP: a.b.c' "$unknown/$data"
knock 404 "$unknown/$data"   # nor is a token asked for where nobody was introduced
knock 401 "$issuer/$data"
says invalid_token
knock 404 -d 'scope=vrm' "$unknown/grants/request"
knock 404 -d 'scope=vrm' "$unknown/token"

say "the owner's door takes its owner alone"
socket=(--unix-socket "$VRM_VAULT/vrm.sock")
knock 200 "${socket[@]}" http://vrm/v1/status
knock 400 "${socket[@]}" http://evil.example/v1/status
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
  chmod 711 "$test_folder" "$test_folder/private" "$VRM_VAULT"   # so that the peer's uid alone decides
  chmod 666 "$VRM_VAULT/vrm.sock"
  knock 200 "${socket[@]}" http://vrm/v1/status
  nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  "${nobody[@]}" test -w "$VRM_VAULT/vrm.sock" || fail 'another user cannot come to the door, so this would show nothing'
  status=0
  "${nobody[@]}" curl -s --max-time 10 "${socket[@]}" http://vrm/v1/status >"$answer" 2>&1 || status=$?
  [[ $status != 0 && ! -s $answer ]] || fail "another user was answered ($status)"
  knock 200 "${socket[@]}" http://vrm/v1/status
else
  say 'skipped: only root can knock as somebody else'
fi
say 'all as it should be'
