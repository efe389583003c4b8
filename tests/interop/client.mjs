// The independent brand: the whole way through a vault's API with stock libraries and no code of ours.
//   node client.mjs --issuer URL --key key.json --client-id URL --fields a,b --purpose delivery
//     [--optional c] [--reason TEXT] [--max-reads N] [--login-hint ppid:…] [--wait 60]
//     [--auth-req-id ID] [--dpop-alg Ed25519|ES256] [--save session.json] [--give-back revoke|delete]
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
    'give-back': { type: 'string' },
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

// How often the library was told to come again with a nonce, and did so by itself.
let toldNonce = 0;
async function countNonces(...request) {
  const answer = await fetch(...request);
  const told = await answer.clone().text();
  if (told.includes('use_dpop_nonce')) toldNonce++;
  return answer;
}

function mustBe(wanted, found, what) {
  if (wanted !== found) throw new Error(`${what}: ${found} in place of ${wanted}`);
}

async function discover(key) {
  const config = await client.discovery(
    new URL(option.issuer),
    option['client-id'],
    { token_endpoint_auth_method: 'private_key_jwt' },
    client.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }),
    { algorithm: 'oauth2', execute: insecure ? [client.allowInsecureRequests] : [] },
  );
  const resource = new URL(`${option.issuer}/v1`);
  config[client.customFetch] = countNonces;
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

// Whether the vault says of a token what the token says of itself, asked by the one library and by the other.
async function introspect(config, key, token, isActive) {
  const told = await client.tokenIntrospection(config, token);
  const other = await oauth.processIntrospectionResponse(config.serverMetadata(), own,
    await oauth.introspectionRequest(config.serverMetadata(), own, oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }), token, local));
  mustBe(isActive, told.active, 'active by openid-client');
  mustBe(JSON.stringify(told), JSON.stringify(other), 'what oauth4webapi is told');
  print({ step: 'introspection', told });
  if (!isActive) return mustBe(1, Object.keys(told).length, 'members of what is not active');
  const claims = jose.decodeJwt(token);
  for (const name of ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'grant_id']) mustBe(claims[name], told[name], name);
  mustBe(claims.cnf.jkt, told.cnf.jkt, 'cnf');
}

async function readRefused(config, token, resource, fields, proofs) {
  try {
    await read(config, token, resource, fields, proofs);
  } catch (error) {
    return mustBe(401, error.status, 'a read by what was given back');
  }
  throw new Error('what was given back still reads');
}

// Gives back one access token, then the grant: by its refresh token, or by the grant's own address.
async function giveBack(config, key, { first, fresh, resource, granted, proofs }) {
  const authentication = oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(config.serverMetadata(), own, authentication, first.access_token, local));
  await introspect(config, key, first.access_token, false);
  await readRefused(config, first.access_token, resource, granted, proofs);
  await read(config, fresh.access_token, resource, granted, proofs);
  if (option['give-back'] === 'delete') {
    const answer = await client.fetchProtectedResource(config, fresh.access_token, grantUrl(config, fresh), 'DELETE', null, new Headers(), { DPoP: proofs });
    mustBe(204, answer.status, 'DELETE');
  } else {
    await client.tokenRevocation(config, first.refresh_token, { token_type_hint: 'refresh_token' });
    await client.tokenRevocation(config, first.refresh_token); // again changes nothing
  }
  await introspect(config, key, fresh.access_token, false);
  await readRefused(config, fresh.access_token, resource, granted, proofs);
  const refused = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP: proofs }).catch((error) => error.error);
  mustBe('invalid_grant', refused, 'a refresh by what was given back');
  print({ step: 'given back', how: option['give-back'] });
}

const own = { client_id: option['client-id'] };
const grantUrl = (config, { grant_id }) => new URL(`${config.serverMetadata().grant_management_endpoint}/${grant_id}`);

async function showGrant(config, token, proofs) {
  const answer = await client.fetchProtectedResource(config, token.access_token, grantUrl(config, token), 'GET', null, new Headers(), { DPoP: proofs });
  const grant = await answer.json();
  mustBe('active', grant.state, 'state of the grant');
  print({ step: 'grant', grant });
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
  await introspect(config, key, fresh.access_token, true);
  await showGrant(config, fresh, proofs);
  mustBe(true, toldNonce > 0, 'a nonce was asked for');
  print({ step: 'nonce', retries: toldNonce });
  if (option['give-back']) await giveBack(config, key, { first, fresh, resource, granted, proofs });
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
