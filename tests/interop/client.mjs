// The independent brand: the whole way through a vault's API with stock libraries and no code of ours.
//   node client.mjs --issuer URL --key key.json --client-id URL --fields a,b --purpose delivery
//     [--optional c] [--reason TEXT] [--max-reads N] [--login-hint ppid:…] [--wait 60]
//     [--auth-req-id ID] [--dpop-alg Ed25519|ES256] [--save session.json]
// Prints one JSON line a step; ends with 0 when every step did, 1 when the vault refused, 2 on misuse.
// The owner decides while this polls. --save keeps tokens and the DPoP key for attacks.mjs.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as client from 'openid-client';
import * as oauth from 'oauth4webapi';
import * as dpop from 'dpop';
import * as jose from 'jose';
import { loadKey, pairOf } from './keys.mjs';

const { values: option } = parseArgs({
  options: {
    issuer: { type: 'string' },
    key: { type: 'string' },
    'client-id': { type: 'string' },
    fields: { type: 'string' },
    optional: { type: 'string' },
    purpose: { type: 'string' },
    reason: { type: 'string', default: 'to show that a stock client works' },
    'max-reads': { type: 'string' },
    'login-hint': { type: 'string' },
    'auth-req-id': { type: 'string' },
    'dpop-alg': { type: 'string', default: 'Ed25519' },
    wait: { type: 'string', default: '60' },
    save: { type: 'string' },
  },
});
for (const name of ['issuer', 'key', 'client-id', 'fields', 'purpose']) {
  if (option[name]) continue;
  console.error(`usage: node client.mjs --${name} is missing`);
  process.exit(2);
}

const print = (line) => console.log(JSON.stringify(line));
const insecure = option.issuer.startsWith('http:');
const local = { [oauth.allowInsecureRequests]: insecure };

async function discover(key) {
  const config = await client.discovery(
    new URL(option.issuer),
    option['client-id'],
    { token_endpoint_auth_method: 'private_key_jwt' },
    client.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }),
    { algorithm: 'oauth2', execute: insecure ? [client.allowInsecureRequests] : [] },
  );
  const resource = new URL(`${option.issuer}/v1`);
  const answer = await oauth.resourceDiscoveryRequest(resource, local);
  const protectedResource = await oauth.processResourceDiscoveryResponse(resource, answer);
  print({ step: 'discovery', server: config.serverMetadata(), resource: protectedResource });
  return { config, resource: protectedResource.resource };
}

function wish() {
  const detail = {
    type: 'vrm_data', actions: ['read'], datatypes: option.fields.split(','), purpose: option.purpose,
    retention_days: 30, expires_in: 1209600, reason: option.reason,
  };
  if (option.optional) detail.optional = option.optional.split(',');
  if (option['max-reads']) detail.max_reads = Number(option['max-reads']);
  return JSON.stringify([detail]);
}

async function ask(config) {
  if (option['auth-req-id']) return { auth_req_id: option['auth-req-id'], expires_in: 300, interval: 1 };
  const parameters = { scope: 'vrm', authorization_details: wish(), binding_message: 'INTEROP-1' };
  if (option['login-hint']) parameters.login_hint = option['login-hint'];
  const asked = await client.initiateBackchannelAuthentication(config, parameters);
  print({ step: 'ask', ...asked });
  return asked;
}

async function read(config, token, resource, fields, proofs) {
  const url = new URL(`${resource}/data`);
  url.search = new URLSearchParams({ fields, purpose: option.purpose });
  const answer = await client.fetchProtectedResource(config, token, url, 'GET', null, new Headers(), { DPoP: proofs });
  const body = await answer.json();
  print({ step: 'read', status: answer.status, caching: answer.headers.get('cache-control'), body });
  if (body.receipt) await checkReceipt(config, body.receipt);
}

async function checkReceipt(config, receipt) {
  const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const rules = { typ: 'vrm-receipt+jwt', issuer: option.issuer, audience: option['client-id'] };
  const { payload, protectedHeader } = await jose.jwtVerify(receipt, keys, rules);
  print({ step: 'receipt', header: protectedHeader, payload });
}

// What a resource server of another make says about the vault's token.
async function checkToken(config, token, resource, pair) {
  const proof = await dpop.generateProof(pair, `${resource}/data`, 'GET', undefined, token);
  const request = new Request(`${resource}/data`, { headers: { authorization: `DPoP ${token}`, dpop: proof } });
  const claims = await oauth.validateJwtAccessToken(config.serverMetadata(), request, resource, { ...local, requireDPoP: true });
  print({ step: 'token-check', header: jose.decodeProtectedHeader(token), claims });
}

async function run() {
  const key = await loadKey(option.key);
  const { config, resource } = await discover(key);
  const made = await jose.generateKeyPair(option['dpop-alg'], { extractable: true });
  const jwk = await jose.exportJWK(made.privateKey);
  const pair = await pairOf(jwk);
  const proofs = client.getDPoPHandle(config, pair);

  const asked = await ask(config);
  const signal = AbortSignal.timeout(Number(option.wait) * 1000);
  const first = await client.pollBackchannelAuthenticationGrant(config, asked, undefined, { DPoP: proofs, signal });
  print({ step: 'token', ...first });
  const granted = first.authorization_details[0].datatypes.join(',');
  await checkToken(config, first.access_token, resource, pair);
  await read(config, first.access_token, resource, granted, proofs);

  const fresh = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP: proofs });
  print({ step: 'refresh', ...fresh });
  await read(config, fresh.access_token, resource, granted, proofs);
  if (option.save) {
    const session = { issuer: option.issuer, client_id: option['client-id'], resource, fields: granted, purpose: option.purpose,
      auth_req_id: asked.auth_req_id, first_refresh_token: first.refresh_token, dpop_jwk: jwk,
      access_token: fresh.access_token, refresh_token: fresh.refresh_token ?? first.refresh_token };
    await writeFile(option.save, JSON.stringify(session), { mode: 0o600 });
    print({ step: 'saved', file: option.save });
  }
}

try {
  await run();
} catch (error) {
  const challenge = Array.isArray(error.cause) ? error.cause[0]?.parameters : undefined;
  print({ step: 'refused', status: error.status ?? error.response?.status, code: error.code,
    error: error.error ?? challenge?.error, message: error.message, cause: error.cause?.message });
  process.exitCode = 1;
}
