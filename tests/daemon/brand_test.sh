#!/usr/bin/env bash
# Brands as the owner meets them: who is let in, who is refused and why, and what blocking does.
set -euo pipefail
# shellcheck disable=SC2119  # functions of lib.sh with nothing to add
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A web server whose pages are what a brand should not serve: the path says what comes.
web=127.0.0.1:$(free_port)
cat >"$inputs/web.py" <<'PYTHON'
import http.server
import json
import os
import sys

host, port = sys.argv[1].rsplit(":", 1)
KEYS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}


def document(path, **more):
    here = f"http://{host}:{port}"
    return json.dumps({"client_id": here + path, "client_name": "Brand " + path.strip("/"), "jwks": KEYS, **more})


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, kind, body = 200, "application/json", document(self.path)
        if self.path == "/elsewhere":
            body = document("/good")
        elif self.path == "/large":
            body = document(self.path, padding="x" * 65536)
        elif self.path == "/just-fits":
            body = document(self.path, padding="")
            body = document(self.path, padding="x" * (65536 - len(body)))
        elif self.path == "/redirect":
            status = 302
        elif self.path == "/page":
            kind, body = "text/html", "<html>Welcome</html>"
        elif self.path == "/cut":
            body = body[:-20]
        elif self.path == "/twice":
            body = body[:-1] + ', "client_name": "Another"}'
        elif self.path == "/no-keys":
            body = json.dumps({"client_id": f"http://{host}:{port}{self.path}", "client_name": "Keyless"})
        elif self.path == "/foreign-inbox":
            body = document(self.path, vrm={"introduction_endpoint": "http://127.0.0.2:1/inbox"})
        elif self.path == "/gone":
            status = 404
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", f"http://{host}:{port}/good")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        print(self.path, flush=True)


server = http.server.ThreadingHTTPServer((host, int(port)), Pages)
open(sys.argv[2], "w").write(f"{os.getpid()}\n")
server.serve_forever()
PYTHON
python3 "$inputs/web.py" "$web" "$inputs/web.ready" >"$inputs/web.log" 2>&1 </dev/null &
started+=("$!")
disown
wait_until 'the web server' test -s "$inputs/web.ready"

make_vault --brand-door "127.0.0.1:$(free_port)" --allow-loopback-brands --poll-interval 1
vrm set address.home.locality Lyon

say 'documents that are refused'
refused() { # EXIT PATH WORDS: and nothing is kept of it
  vrm_refused "$1" brand add "http://$web/$2"
  grep -qF -- "$3" "$answer" || fail "$2 is not refused for: $3"
}
refused 6 elsewhere "says that it belongs to"
refused 2 large '64 KiB'
refused 6 redirect 'does not follow'
refused 13 page JSON
refused 2 cut 'a mistake at byte'
refused 2 twice 'twice'
refused 2 no-keys jwks
refused 2 foreign-inbox introduction_endpoint
refused 13 gone 404
vrm brand list --json
says '"items":[]'
grep -qx /good "$inputs/web.log" && fail 'the redirect was followed'

say 'addresses that are not called'
for address in 'http://velo.example/b.json' 'https://10.0.0.1/b.json' 'https://user@velo.example/b.json' \
  'ftp://velo.example/b.json' 'https://velo.example:8443/b.json' 'https://localhost/b.json' 'file:///etc/passwd'; do
  if "$VRM_BIN/vrm" brand add "$address" >"$answer" 2>&1 </dev/null; then fail "$address was added"; fi
done

say 'a document of exactly 64 KiB'
vrm brand add "http://$web/just-fits" --name fits

say 'a brand is added once'
open_shop 'Velo Lyon'
vrm brand add "$brand_url" --name velo --tag bike
wait_until 'the introduction' grep -q introduced "$shop_folder/Velo Lyon.log"
vrm_refused 8 brand add "$brand_url"
vrm_refused 8 brand add "$brand_url" --name another --new
vrm brand add "http://$web/good" --name velo   # a name that is taken gets a number
vrm brand show velo-2
says 'Brand good'
vrm brand show velo
says 'Velo Lyon'
says 'SHA256:'
vrm_refused 3 brand show nobody

say 'one that looks like it is refused, unless the owner insists'
alike=$brand_url
open_shop 'VeIo Lyon'   # a capital i
vrm_refused 6 brand add "$brand_url" --name vel0
says velo
says --new
vrm_refused 3 brand show vel0
vrm brand add "$brand_url" --name vel0 --new
[[ $alike != "$brand_url" ]] || fail 'the two shops are one'

say 'a document from a file: pinned, its address not checked, its introduction to be pasted'
cat >"$inputs/troc.json" <<'JSON'
{"client_id":"https://troc.example/vrm-brand.json","client_name":"Troc & Fils",
 "jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}
JSON
vrm brand add "$inputs/troc.json" --name troc
says 'not checked'
grep -Eq 'eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+' "$answer" || fail 'no introduction to paste is printed'
vrm brand show troc
says 'not checked'
vrm brand show velo
says_not 'not checked'
alike=$(python3 -c 'print("tr\u043ec".encode("idna").decode())')   # with a Cyrillic o
sed "s/troc.example/$alike.example/; s/Troc & Fils/Another/" "$inputs/troc.json" >"$inputs/alike.json"
vrm_refused 6 brand add "$inputs/alike.json" --name another
says troc
printf '{"client_id":' >"$inputs/broken.json"
vrm_refused 2 brand add "$inputs/broken.json"

say 'blocked: nothing more is given; unblocked: as before'
shop ask --dir "$shop_folder/Velo Lyon" --fields address.home.locality --purpose delivery --reason 'order 42'
vrm request list
vrm approve "$(first_id rq)" --for 7d
shop collect --dir "$shop_folder/Velo Lyon" --wait 10
shop read --dir "$shop_folder/Velo Lyon"
says Lyon
vrm brand block velo
vrm brand show velo
says blocked
shop_refused read --dir "$shop_folder/Velo Lyon"
says policy_denied
vrm brand unblock velo
shop read --dir "$shop_folder/Velo Lyon"
says Lyon

say 'what a brand gives back is over, and the owner sees who did it'
shop give-back --dir "$shop_folder/Velo Lyon"
says 'given back: gr_'
shop_refused read --dir "$shop_folder/Velo Lyon"
vrm grants --all
says 'given back by the brand'
vrm log --kind grant-given-back
says velo

say 'a question of a blocked brand looks to it as if it waited, and never comes to the owner'
vrm brand block velo
shop ask --dir "$shop_folder/Velo Lyon" --fields contact.email --purpose delivery --reason 'order 43'
vrm request list
says 'No request'
vrm brand unblock velo
vrm request list
says 'No request'
say 'all as it should be'
