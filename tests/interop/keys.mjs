// Keys as files: a private JWK (RFC 8037) each, as vrm-shop keeps them.
import { readFile, writeFile } from 'node:fs/promises';
import * as jose from 'jose';

export async function makeKey(file, alg = 'Ed25519') {
  const pair = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = await jose.exportJWK(pair.privateKey);
  delete jwk.alg;
  jwk.kid = await jose.calculateJwkThumbprint(jwk);
  await writeFile(file, JSON.stringify(jwk), { mode: 0o600, flag: 'wx' });
  return jwk;
}

export async function loadKey(file) {
  const jwk = JSON.parse(await readFile(file, 'utf8'));
  return { jwk, ...(await pairOf(jwk)), kid: jwk.kid };
}

export function publicPart({ kty, crv, x, y }) {
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y };
}

export async function pairOf(jwk) {
  const alg = jwk.kty === 'EC' ? 'ES256' : 'Ed25519';
  return {
    alg,
    privateKey: await jose.importJWK(jwk, alg),
    publicKey: await jose.importJWK(publicPart(jwk), alg, { extractable: true }),
  };
}
