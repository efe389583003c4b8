// The independent brand's web site: its brand document and its inbox, checked with `jose`.
//   node brand.mjs --key key.json [--key-alg Ed25519|ES256] [--name "Interop Example"] [--port 0]
// Makes the key when the file is missing. Prints one JSON line for each thing that happens, the
// first of them {"step":"open","client_id":"http://127.0.0.1:PORT/vrm-brand.json"}.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as jose from 'jose';
import { loadKey, makeKey, publicPart } from './keys.mjs';

const { values: option } = parseArgs({
  options: {
    key: { type: 'string' },
    'key-alg': { type: 'string', default: 'Ed25519' },
    name: { type: 'string', default: 'Interop Example' },
    port: { type: 'string', default: '0' },
  },
});
if (!option.key) {
  console.error('usage: node brand.mjs --key key.json [--name NAME] [--port N]');
  process.exit(2);
}

const print = (line) => console.log(JSON.stringify(line));
if (!existsSync(option.key)) await makeKey(option.key, option['key-alg']);
const key = await loadKey(option.key);
const vaults = new Map(); // issuer -> jwks
const heard = new Set();

let base;
const document = () => ({
  client_id: `${base}/vrm-brand.json`,
  client_name: option.name,
  client_uri: base,
  token_endpoint_auth_method: 'private_key_jwt',
  dpop_bound_access_tokens: true,
  grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
  jwks: { keys: [{ ...publicPart(key.jwk), kid: key.kid, use: 'sig' }] },
  vrm: { introduction_endpoint: `${base}/vrm/introduction`, event_endpoint: `${base}/vrm/events` },
});

function once({ iss, jti }) {
  const name = `${iss} ${jti}`;
  if (!jti || heard.has(name)) throw new Error('heard before');
  heard.add(name);
}

async function takeIntroduction(text) {
  const claimed = jose.decodeJwt(text);
  const { payload, protectedHeader } = await jose.jwtVerify(text, jose.createLocalJWKSet(claimed.jwks), {
    typ: 'vrm-introduction+jwt',
    audience: document().client_id,
    requiredClaims: ['iss', 'sub', 'iat', 'exp', 'jti'],
  });
  if (typeof payload.aud !== 'string') throw new Error('aud is a list');
  once(payload);
  vaults.set(payload.iss, payload.jwks);
  print({ step: 'introduction', alg: protectedHeader.alg, issuer: payload.iss, sub: payload.sub, ref: payload.ref });
  return 204;
}

async function takeEvent(text) {
  const claimed = jose.decodeJwt(text);
  const jwks = vaults.get(claimed.iss);
  if (!jwks) throw new Error('from no vault that we know');
  const { payload } = await jose.jwtVerify(text, jose.createLocalJWKSet(jwks), {
    typ: 'secevent+jwt',
    audience: document().client_id,
    requiredClaims: ['iss', 'iat', 'jti', 'events'],
  });
  once(payload);
  print({ step: 'event', issuer: payload.iss, events: payload.events });
  return 202;
}

const inbox = {
  '/vrm/introduction': ['application/jwt', takeIntroduction],
  '/vrm/events': ['application/secevent+jwt', takeEvent],
};

async function post(request, response) {
  const [type, take] = inbox[request.url] ?? [];
  if (!take) return response.writeHead(404).end();
  let text = '';
  for await (const chunk of request) if ((text += chunk).length > 65536) return response.writeHead(413).end();
  try {
    if (request.headers['content-type'] !== type) throw new Error(`content type is not ${type}`);
    response.writeHead(await take(text)).end();
  } catch (error) {
    print({ step: 'refused', path: request.url, why: error.message });
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"err":"invalid_request"}');
  }
}

const server = createServer((request, response) => {
  if (request.method === 'POST') return void post(request, response);
  if (request.method !== 'GET' || request.url !== '/vrm-brand.json') return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document()));
});
server.listen(Number(option.port), '127.0.0.1', () => {
  base = `http://127.0.0.1:${server.address().port}`;
  print({ step: 'open', client_id: document().client_id });
});
process.on('SIGTERM', () => process.exit(0));
