// What a dishonest or broken brand can send: proofs, assertions and whole requests with any part wrong.
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import * as jose from 'jose';
import { publicPart } from './keys.mjs';

export const seconds = () => Math.floor(Date.now() / 1000);
export const fresh = () => randomBytes(16).toString('base64url');
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const drop = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

// A compact JWS of exactly these parts; header and claims may be raw text, to spell JSON that no library writes.
export async function jws(header, claims, pair) {
  const signed = `${encode(header)}.${encode(claims)}`;
  if (!pair) return `${signed}.`;
  const name = pair.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : 'Ed25519';
  const signature = await crypto.subtle.sign(name, pair.privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

export const ath = (token) => createHash('sha256').update(token).digest('base64url');

// The parts of an honest proof, which an attack then bends.
export function proofParts(pair, jwk, { method = 'GET', url, nonce, token }) {
  return {
    header: { typ: 'dpop+jwt', alg: pair.alg, jwk: publicPart(jwk) },
    claims: drop({ htm: method, htu: url, iat: seconds(), jti: fresh(), nonce, ath: token && ath(token) }),
  };
}

export function assertionParts(key, clientId, issuer) {
  return {
    header: { typ: 'JWT', alg: key.alg, kid: key.kid },
    claims: { iss: clientId, sub: clientId, aud: issuer, iat: seconds(), exp: seconds() + 60, jti: fresh() },
  };
}

// One request on a connection of its own. `headers` is a list, so that a name may stand twice.
export function send({ method = 'GET', url, headers = [], body }) {
  const target = new URL(url);
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const raw = url.slice(target.origin.length); // the path as written: URL would tidy it
  const flat = [['Host', target.host], ['Connection', 'close'], ...headers];
  if (body !== undefined) flat.push(['Content-Length', String(Buffer.byteLength(body))]);
  return new Promise((resolve, reject) => {
    const call = start({ host: target.hostname, port: target.port, path: raw, method, setHost: false, headers: flat.flat() }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve(answered(answer, text)));
      answer.on('error', reject);
    });
    // A door that refuses early may close while we still write: that is its answer.
    call.on('error', (error) => resolve({ status: 0, error: error.code, nonce: undefined, text: '', headers: {} }));
    call.end(body);
  });
}

function answered(answer, text) {
  let error = '';
  try {
    error = JSON.parse(text).error ?? '';
  } catch {
    error = '';
  }
  return { status: answer.statusCode, error, nonce: answer.headers['dpop-nonce'], text, headers: answer.headers };
}

export const asForm = (fields) => new URLSearchParams(drop(fields)).toString();
export { jose };
