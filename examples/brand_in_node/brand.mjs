// A brand on openid-client. It waits for a vault to introduce itself, asks for two fields, reads what is granted,
// reads once more with a renewed token, and hears when the grant is taken back (docs/api/brand.md).
//   node brand.mjs [PORT]      the key is kept in client-key.json: vaults pin it, so do not lose it
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import * as client from 'openid-client';
import * as jose from 'jose';

const port = Number(process.argv[2] ?? 8080);
const origin = `http://127.0.0.1:${port}`; // in production the public https origin
const clientId = `${origin}/vrm-brand.json`;
const ownKey = await loadKey('client-key.json');
const vaults = new Map(); // issuer -> { jwks, config, DPoP, refreshToken, grant }
const heard = new Set(); // "issuer jti": deliveries may come twice

async function loadKey(file) {
  let text = await readFile(file, 'utf8').catch(() => '');
  if (!text) {
    const { privateKey } = await jose.generateKeyPair('Ed25519', { extractable: true });
    text = JSON.stringify(await jose.exportJWK(privateKey));
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  }
  const { d, ...publicJwk } = JSON.parse(text);
  const kid = await jose.calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk: { ...publicJwk, kid }, key: await jose.importJWK({ ...publicJwk, d }, 'Ed25519') };
}

const brandDocument = {
  client_id: clientId, client_name: 'Brand in Node', client_uri: origin,
  token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true,
  grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
  jwks: { keys: [ownKey.publicJwk] },
  vrm: { introduction_endpoint: `${origin}/vrm/introduction`, event_endpoint: `${origin}/vrm/events` },
};

const check = async (jws, jwks, typ) =>
  (await jose.jwtVerify(jws, jose.createLocalJWKSet(jwks), { typ, audience: clientId })).payload;
const isNews = ({ iss, jti }) => !heard.has(`${iss} ${jti}`) && heard.add(`${iss} ${jti}`);

// An introduction brings the key that signed it: deal() asks at the issuer that it names whether the key is that one's.
async function onIntroduction(jws) {
  const letter = await check(jws, jose.decodeJwt(jws).jwks, 'vrm-introduction+jwt');
  const isLocal = letter.iss.startsWith('http://127.0.0.1:'); // for trying
  if (!isLocal && !letter.iss.startsWith('https://')) throw new Error('not an https issuer');
  if (!isNews(letter)) return 204;
  deal(jws, letter, isLocal).catch((error) => console.error('gave up:', error.error ?? error.message));
  return 204; // the vault does not wait for what follows
}

async function onEvent(jws) {
  const vault = vaults.get(jose.decodeJwt(jws).iss);
  if (!vault) throw new Error('no vault that we know');
  const event = await check(jws, vault.jwks, 'secevent+jwt');
  const revoked = event.events['https://vrm.example/events/grant-revoked'];
  if (isNews(event) && revoked?.grant_id === vault.grant) {
    vault.refreshToken = vault.grant = undefined; // and delete here what was kept of that grant's data
    console.log('revoked', revoked.grant_id);
  }
  return 202;
}

async function deal(jws, { iss, sub }, isLocal) {
  const config = await client.discovery(new URL(iss), clientId, {}, client.PrivateKeyJwt(ownKey),
    { algorithm: 'oauth2', execute: isLocal ? [client.allowInsecureRequests] : [] });
  const keys = await fetch(`${iss}/jwks.json`, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
  const jwks = await keys.json();
  await check(jws, jwks, 'vrm-introduction+jwt');
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')); // keeps the nonces too
  const vault = { jwks, config, DPoP };
  vaults.set(iss, vault);

  const asked = await client.initiateBackchannelAuthentication(config, {
    scope: 'vrm', login_hint: sub, binding_message: 'order 42',
    authorization_details: JSON.stringify([{ type: 'vrm_data', actions: ['read'], datatypes: ['address.home.locality'],
      optional: ['contact.email'], purpose: 'delivery', retention_days: 30, max_reads: 3, reason: 'to deliver order 42' }]),
  });
  console.log('asked', asked);
  const token = await client.pollBackchannelAuthenticationGrant(config, asked, undefined, { DPoP });
  vault.grant = token.grant_id;
  vault.refreshToken = token.refresh_token; // comes once and stays the same: a refresh brings none
  console.log('granted', token.grant_id, token.authorization_details);
  console.log('read', await read(iss, vault, token));
  const renewed = await client.refreshTokenGrant(config, vault.refreshToken, undefined, { DPoP });
  console.log('renewed, read', await read(iss, vault, renewed));
}

// Reads all that was granted, which is often less than was asked.
async function read(iss, { config, DPoP, jwks }, token) {
  const [{ datatypes, purpose }] = token.authorization_details;
  const url = new URL(`${iss}/v1/data?${new URLSearchParams({ fields: datatypes.join(), purpose })}`);
  const answer = await client.fetchProtectedResource(config, token.access_token, url, 'GET', null, new Headers(), { DPoP });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${body.error}, again in ${answer.headers.get('retry-after')} s`);
  await check(body.receipt, jwks, 'vrm-receipt+jwt'); // keep it: the vault's word that this was allowed
  return { data: body.data, retention_until: body.retention_until };
}

const inbox = { '/vrm/introduction': onIntroduction, '/vrm/events': onEvent };
createServer(async (request, response) => {
  if (request.url === '/vrm-brand.json')
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(brandDocument));
  if (request.method !== 'POST' || !inbox[request.url]) return response.writeHead(404).end();
  let text = '';
  for await (const chunk of request)
    if ((text += chunk).length > 65536) return response.writeHead(413).end();
  const status = await inbox[request.url](text).catch((error) => (console.error('refused:', error.message), 400));
  response.writeHead(status).end();
}).listen(port, '127.0.0.1', () => console.log('vrm brand add', clientId));
