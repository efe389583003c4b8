// Everything a vault must refuse, tried on a live one.
//   node attacks.mjs --session session.json --key key.json [--only TEXT]
// session.json comes from client.mjs --save and holds a token for at least three more reads.
// Prints one JSON line an attack: name, status, error, ok. Ends with 0 when each was refused as the contract says and an honest read
// still works afterwards, else 1.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ath, asForm, assertionParts, fresh, jose, jws, proofParts, seconds, send } from './forge.mjs';
import { loadKey, pairOf } from './keys.mjs';

const { values: option } = parseArgs({
  options: { session: { type: 'string' }, key: { type: 'string' }, only: { type: 'string', default: '' } },
});
if (!option.session || !option.key) {
  console.error('usage: node attacks.mjs --session session.json --key key.json [--only TEXT]');
  process.exit(2);
}
const session = JSON.parse(await readFile(option.session, 'utf8'));
const key = await loadKey(option.key);
const dpop = { jwk: session.dpop_jwk, ...(await pairOf(session.dpop_jwk)) };
const stranger = await makeStranger();
const data = `${session.resource}/data`;
const tokenUrl = `${session.issuer}/token`;
const askUrl = `${session.issuer}/grants/request`;
const token = session.access_token;
const ciba = 'urn:openid:params:grant-type:ciba';
const formType = ['Content-Type', 'application/x-www-form-urlencoded'];
const honestQuery = `fields=${session.fields}&purpose=${session.purpose}`;

async function makeStranger() {
  const made = await jose.generateKeyPair('Ed25519', { extractable: true });
  const jwk = await jose.exportJWK(made.privateKey);
  return { jwk, kid: await jose.calculateJwkThumbprint(jwk), ...(await pairOf(jwk)) };
}

let lastNonce;
async function nonce() {
  const answer = await send({ url: `${data}?${honestQuery}`, headers: [['Authorization', `DPoP ${token}`]] });
  return (lastNonce = answer.nonce ?? lastNonce);
}

// --- honest requests, each with one thing to bend -------------------------------------------------
async function proofFor(bend = () => {}, { method = 'GET', url = data, withToken = true, signer = dpop } = {}) {
  const parts = proofParts(dpop, dpop.jwk, { method, url, nonce: await nonce(), token: withToken ? token : undefined });
  bend(parts);
  return jws(parts.header, parts.claims, parts.unsigned ? null : (parts.signer ?? signer));
}

async function read({ query = honestQuery, proof, proofs, authorization = `DPoP ${token}`, method, url = data, headers = [] } = {}) {
  const list = proofs ?? [proof ?? (await proofFor())];
  const all = [...headers, ...list.map((one) => ['DPoP', one])];
  if (authorization) all.push(['Authorization', authorization]);
  return send({ url: query ? `${url}?${query}` : url, method, headers: all });
}

const readWith = (bend) => async () => read({ proof: await proofFor(bend) });
// A token of our making, with an honest proof over it.
const readAs = (make) => async () => {
  const forged = await make();
  return read({ authorization: `DPoP ${forged}`, proof: await proofFor((parts) => (parts.claims.ath = ath(forged))) });
};

async function assertion(bend = () => {}) {
  const parts = assertionParts(key, session.client_id, session.issuer);
  bend(parts);
  return jws(parts.header, parts.claims, parts.unsigned ? null : (parts.signer ?? key));
}

async function form(more, client_assertion) {
  return { client_id: session.client_id, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: client_assertion ?? (await assertion()), ...more };
}

async function callToken({ fields, proofs, body, type = formType } = {}) {
  const list = proofs ?? [await proofFor(undefined, { method: 'POST', url: tokenUrl, withToken: false })];
  const sent = body ?? asForm(fields ?? (await form({ grant_type: ciba, auth_req_id: fresh() })));
  return send({ method: 'POST', url: tokenUrl, headers: [type, ...list.map((one) => ['DPoP', one])], body: sent });
}

const pollAs = (bend) => async () =>
  callToken({ fields: await form({ grant_type: ciba, auth_req_id: fresh() }, await assertion(bend)) });
const callOwn = (what, fields) =>
  send({ method: 'POST', url: `${session.issuer}/${what}`, headers: [formType], body: asForm(fields) });
async function callGrant(method, grant, signer = dpop) {
  const url = `${session.issuer}/grants/${grant}`;
  const parts = proofParts(signer, signer.jwk, { method, url, nonce: await nonce(), token });
  return read({ method, url, query: '', proof: await jws(parts.header, parts.claims, signer) });
}
const grantWith = (more) => async () => callToken({ fields: await form(more) });

const detail = { type: 'vrm_data', actions: ['read'], datatypes: ['person.given_name'], purpose: session.purpose, reason: 'attack' };
const askRaw = (text, more = {}) => async () =>
  send({ method: 'POST', url: askUrl, headers: [formType], body: asForm(await form({ scope: 'vrm', authorization_details: text, ...more })) });
const askWith = (change) => askRaw(JSON.stringify([{ ...detail, ...change }]));

const tampered = (text) => text.slice(0, -6) + (text.at(-6) === 'A' ? 'B' : 'A') + text.slice(-5);
const claimsOf = (jwt) => jose.decodeJwt(jwt);
const [tokenHeader, tokenClaims] = [jose.decodeProtectedHeader(token), claimsOf(token)];
const nested = `[${'['.repeat(200)}${']'.repeat(200)}]`;

// --- the list: name, statuses, errors, what is sent -----------------------------------------------
const proofBad = [[401], ['invalid_dpop_proof']];
const tokenBad = [[401], ['invalid_token']];
const clientBad = [[401], ['invalid_client']];
const requestBad = [[400], ['invalid_request']];
const detailsBad = [[400], ['invalid_authorization_details', 'invalid_request']];
const outside = [[403], ['insufficient_scope']];

const attacks = [
  // the proof
  ['a read without a proof', [401], ['invalid_dpop_proof', 'use_dpop_nonce', 'invalid_token'], () => read({ proofs: [] })],
  ['a proof without a nonce', [401], ['use_dpop_nonce'], readWith((p) => delete p.claims.nonce)],
  ['a proof with an invented nonce', [401], ['use_dpop_nonce'], readWith((p) => (p.claims.nonce = fresh()))],
  ['a proof used twice', ...proofBad, async () => {
    const proof = await proofFor();
    const first = await read({ proof });
    if (first.status !== 200) return { status: first.status, error: `the first read failed: ${first.error}` };
    return read({ proof });
  }],
  ['a proof used twice, for other fields', ...proofBad, async () => {
    const proof = await proofFor();
    await read({ proof, query: `fields=person.birthdate&purpose=${session.purpose}` });
    return read({ proof });
  }],
  ['a stolen token with the thief\'s key', [401], ['invalid_token', 'invalid_dpop_proof'],
    async () => read({ proof: await jws(...Object.values(proofParts(stranger, stranger.jwk, { url: data, nonce: await nonce(), token })), stranger) })],
  ['the brand\'s key shown, the thief\'s key used', ...proofBad, readWith((p) => (p.signer = stranger))],
  ['a proof with alg none', ...proofBad, readWith((p) => { p.header.alg = 'none'; p.unsigned = true; })],
  ['a proof with alg HS256', ...proofBad, readWith((p) => (p.header.alg = 'HS256'))],
  ['a proof with typ JWT', ...proofBad, readWith((p) => (p.header.typ = 'JWT'))],
  ['a proof without a key', ...proofBad, readWith((p) => delete p.header.jwk)],
  ['a proof that shows its private key', ...proofBad, readWith((p) => (p.header.jwk = dpop.jwk))],
  ['a proof with crit', ...proofBad, readWith((p) => (p.header.crit = ['exp']))],
  ['a proof for POST', ...proofBad, readWith((p) => (p.claims.htm = 'POST'))],
  ['a proof for the token endpoint', ...proofBad, readWith((p) => (p.claims.htu = tokenUrl))],
  ['a proof for another host', ...proofBad, readWith((p) => (p.claims.htu = data.replace(/\/\/[^/]+/, '//vault.example')))],
  ['a proof an hour old', ...proofBad, readWith((p) => (p.claims.iat -= 3600))],
  ['a proof from the future', ...proofBad, readWith((p) => (p.claims.iat += 3600))],
  ['a proof without iat', ...proofBad, readWith((p) => delete p.claims.iat)],
  ['a proof without jti', ...proofBad, readWith((p) => delete p.claims.jti)],
  ['a proof without ath', ...proofBad, readWith((p) => delete p.claims.ath)],
  ['a proof over another token', ...proofBad, readWith((p) => (p.claims.ath = ath('another')))],
  ['two proofs', ...proofBad, async () => read({ proofs: [await proofFor(), await proofFor()] })],
  ['a proof of 6 KiB', [400, 401, 431], ['invalid_dpop_proof', 'invalid_request', ''], readWith((p) => (p.claims.pad = 'x'.repeat(4600)))],
  ['a proof header with a key twice', ...proofBad,
    readWith((p) => (p.header = JSON.stringify(p.header).replace('{', '{"alg":"none",')))],
  ['proof claims with a key twice', ...proofBad,
    readWith((p) => (p.claims = JSON.stringify(p.claims).replace('{', '{"htm":"POST",')))],
  ['a proof that is no JWS', ...proofBad, () => read({ proof: 'rubbish' })],
  // the token
  ['a read without a token', [401], ['invalid_token', 'invalid_request', ''], () => read({ authorization: null })],
  ['a token as Bearer', [401], ['invalid_token', 'invalid_request', ''], () => read({ authorization: `Bearer ${token}` })],
  ['a token in the query', [400, 401], ['invalid_token', 'invalid_request', ''],
    () => read({ authorization: null, query: `${honestQuery}&access_token=${token}` })],
  ['a token with one letter changed', ...tokenBad, readAs(() => tampered(token))],
  ['a token with alg none', ...tokenBad, readAs(() => jws({ ...tokenHeader, alg: 'none' }, tokenClaims, null))],
  ['a token signed by the brand', ...tokenBad, readAs(() => jws({ ...tokenHeader, alg: key.alg, kid: key.kid }, tokenClaims, key))],
  ['a token signed by the brand under the vault\'s kid', ...tokenBad, readAs(() => jws({ ...tokenHeader, alg: key.alg }, tokenClaims, key))],
  ['a token for another audience', ...tokenBad, readAs(() => jws(tokenHeader, { ...tokenClaims, aud: session.issuer }, stranger))],
  ['a receipt as a token', ...tokenBad, readAs(async () => JSON.parse((await read()).text).receipt ?? 'no receipt came')],
  ['a refresh token as a token', ...tokenBad, readAs(() => session.refresh_token)],
  ['a client assertion as a token', ...tokenBad, readAs(() => assertion())],
  ['a token of 9 KiB', [400, 401, 431], ['invalid_token', 'invalid_request', ''], readAs(() => `${token}${'A'.repeat(8500)}`)],
  // the question
  ['a field outside the grant', ...outside, () => read({ query: `fields=person.birthdate&purpose=${session.purpose}` })],
  ['an unknown field', ...outside, () => read({ query: `fields=no.such_field&purpose=${session.purpose}` })],
  ['one field inside and one outside', ...outside, () => read({ query: `fields=${session.fields},person.birthdate&purpose=${session.purpose}` })],
  ['a purpose outside the grant', ...outside, () => read({ query: `fields=${session.fields}&purpose=marketing` })],
  ['no purpose', ...requestBad, () => read({ query: `fields=${session.fields}` })],
  ['no fields', ...requestBad, () => read({ query: `purpose=${session.purpose}` })],
  ['fields twice', ...requestBad, () => read({ query: `fields=${session.fields}&fields=person.birthdate&purpose=${session.purpose}` })],
  ['a malformed field name', ...requestBad, () => read({ query: `fields=..%2Fetc&purpose=${session.purpose}` })],
  ['another method', [404, 405, 400], ['not_found', 'invalid_request', 'method_not_allowed', ''],
    async () => read({ method: 'DELETE', proof: await proofFor((p) => (p.claims.htm = 'DELETE')) })],
  ['an issuer that never was', [404], ['not_found'], () => send({ url: `${session.issuer.slice(0, -4)}AAAA/jwks.json` })],
  ['a path with dots', [400, 404], ['invalid_request', 'not_found', ''], () => read({ url: `${session.resource}/../v1/data` })],
  // the client assertion
  ['no assertion', [400, 401], ['invalid_client', 'invalid_request'],
    async () => callToken({ fields: { ...(await form({ grant_type: ciba, auth_req_id: fresh() })), client_assertion: undefined } })],
  ['an assertion with alg none', ...clientBad, pollAs((a) => { a.header.alg = 'none'; a.unsigned = true; })],
  ['an assertion of a stranger', ...clientBad, pollAs((a) => (a.signer = stranger))],
  ['an assertion with an unknown kid', ...clientBad, pollAs((a) => (a.header.kid = 'nobody'))],
  ['an assertion for the token endpoint', ...clientBad, pollAs((a) => (a.claims.aud = tokenUrl))],
  ['an assertion for two audiences', ...clientBad, pollAs((a) => (a.claims.aud = [session.issuer, 'https://other.example']))],
  ['an assertion for another vault', ...clientBad, pollAs((a) => (a.claims.aud = 'https://other.example'))],
  ['an assertion that has expired', ...clientBad, pollAs((a) => { a.claims.exp = seconds() - 120; a.claims.iat -= 200; })],
  ['an assertion good for an hour', ...clientBad, pollAs((a) => (a.claims.exp += 3600))],
  ['an assertion about another', ...clientBad, pollAs((a) => (a.claims.sub = 'https://other.example/vrm-brand.json'))],
  ['an assertion without jti', ...clientBad, pollAs((a) => delete a.claims.jti)],
  ['an assertion with a proof\'s typ', ...clientBad, pollAs((a) => (a.header.typ = 'dpop+jwt'))],
  ['an assertion that brings its key', ...clientBad, pollAs((a) => { a.header.jwk = { kty: stranger.jwk.kty, crv: stranger.jwk.crv, x: stranger.jwk.x }; delete a.header.kid; a.signer = stranger; })],
  ['an assertion used twice', ...clientBad, async () => {
    const once = await assertion();
    await callToken({ fields: await form({ grant_type: ciba, auth_req_id: fresh() }, once) });
    return callToken({ fields: await form({ grant_type: ciba, auth_req_id: fresh() }, once) });
  }],
  ['another brand\'s client_id', [400, 401], ['invalid_client', 'invalid_request'], async () =>
    callToken({ fields: { ...(await form({ grant_type: ciba, auth_req_id: fresh() })), client_id: 'https://other.example/vrm-brand.json' } })],
  // the token endpoint
  ['a poll without a proof', [400, 401], ['invalid_dpop_proof', 'use_dpop_nonce', 'invalid_request'], () => callToken({ proofs: [] })],
  ['a poll without a nonce', [400], ['use_dpop_nonce'], async () =>
    callToken({ proofs: [await proofFor((p) => delete p.claims.nonce, { method: 'POST', url: tokenUrl, withToken: false })] })],
  ['an auth_req_id that never was', [400], ['invalid_grant'], grantWith({ grant_type: ciba, auth_req_id: fresh() })],
  // Within a minute the same client may hear a lost answer once more, by the same key; not twice.
  ['an auth_req_id used before', [400], ['invalid_grant'], async () => {
    const again = grantWith({ grant_type: ciba, auth_req_id: session.auth_req_id });
    await again();
    return again();
  }],
  ['a refresh token that never was', [400], ['invalid_grant'], grantWith({ grant_type: 'refresh_token', refresh_token: fresh() })],
  ['an access token as a refresh token', [400], ['invalid_grant', 'invalid_request'], grantWith({ grant_type: 'refresh_token', refresh_token: token })],
  ['another grant type', [400], ['unsupported_grant_type', 'invalid_request'], grantWith({ grant_type: 'client_credentials' })],
  ['a parameter twice', ...requestBad, async () =>
    callToken({ body: `${asForm(await form({ grant_type: ciba, auth_req_id: fresh() }))}&auth_req_id=${fresh()}` })],
  ['a JSON body', [400, 415], ['invalid_request', 'unsupported_media_type', ''], async () =>
    callToken({ body: JSON.stringify(await form({ grant_type: ciba, auth_req_id: fresh() })), type: ['Content-Type', 'application/json'] })],
  ['a body of 70 KiB', [0, 400, 413], ['invalid_request', 'too_large', '', 'ECONNRESET', 'EPIPE'], async () =>
    callToken({ body: `${asForm(await form({ grant_type: ciba, auth_req_id: fresh() }))}&pad=${'x'.repeat(70000)}` })],
  // giving back and asking how a token stands
  ['a revocation without an assertion', ...clientBad, () => callOwn('revoke', { token })],
  ['an introspection without an assertion', ...clientBad, () => callOwn('introspect', { token })],
  ['an introspection by a stranger', ...clientBad, async () =>
    callOwn('introspect', await form({ token }, await assertion((a) => (a.signer = stranger))))],
  ['a revocation of nothing', ...requestBad, async () => callOwn('revoke', await form({}))],
  ['a grant of another, to be given back', [404], ['not_found'], () => callGrant('DELETE', 'gr_00000000')],
  ['a grant given back by a stranger\'s key', [401], ['invalid_token', 'invalid_dpop_proof'], () =>
    callGrant('DELETE', claimsOf(token).grant_id, stranger)],
  // asking
  ['a question without an assertion', [400, 401], ['invalid_client', 'invalid_request'], askRaw(JSON.stringify([detail]), { client_assertion: undefined })],
  ['a question of another type', ...detailsBad, askWith({ type: 'payment' })],
  ['a question without fields', ...detailsBad, askWith({ datatypes: [] })],
  ['a question without a purpose', ...detailsBad, askWith({ purpose: undefined })],
  ['a question for an unknown purpose', ...detailsBad, askWith({ purpose: 'world_domination' })],
  ['a question with a malformed field', ...detailsBad, askWith({ datatypes: ['../etc/passwd'] })],
  ['a question to write', ...detailsBad, askWith({ actions: ['write'] })],
  ['two questions at once', ...detailsBad, askRaw(JSON.stringify([detail, detail]))],
  ['a question that is no JSON', ...detailsBad, askRaw('rubbish')],
  ['a question with a key twice', ...detailsBad, askRaw(JSON.stringify([detail]).replace('{', '{"purpose":"marketing",'))],
  ['a question nested 200 deep', ...detailsBad, askRaw(nested)],
  ['a question with bytes after it', ...detailsBad, askRaw(`${JSON.stringify([detail])}x`)],
  ['a question that lasts for ever', ...detailsBad, askWith({ expires_in: 1e15 })],
];

let failed = 0;
let passed = 0;
function judge(name, statuses, errors, answer) {
  const ok = statuses.includes(answer.status) && errors.includes(answer.error);
  ok ? passed++ : failed++;
  const line = { name, status: answer.status, error: answer.error, ok };
  console.log(JSON.stringify(ok ? line : { ...line, wanted: { statuses, errors } }));
}

for (const [name, statuses, errors, attack] of attacks) {
  if (name.includes(option.only)) judge(name, statuses, errors, await attack());
}
judge('after all this, an honest read', [200], [''], await read());
// Last, for a vault may take the whole grant back. A vault that gives no new one keeps the old one good.
if (session.first_refresh_token !== session.refresh_token) {
  const again = grantWith({ grant_type: 'refresh_token', refresh_token: session.first_refresh_token });
  judge('a refresh token used before', [400], ['invalid_grant'], await again());
}
console.log(JSON.stringify({ attacks: passed + failed, passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
