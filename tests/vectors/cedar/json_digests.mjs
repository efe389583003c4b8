// What the reference writes as the JSON of each distinct policy or schema of a corpus: SHA-256 of text and of canonical JSON,
// 32 hex digits each.
// usage: CEDAR_WASM_DIR=folder-with-node_modules node --no-opt json_digests.mjs policy|schema FOLDER > policy_json.digests
import { createRequire } from 'module';
import { createHash } from 'crypto';
import fs from 'fs'; import path from 'path';
const require = createRequire(process.env.CEDAR_WASM_DIR + '/');
const cedar = require('@cedar-policy/cedar-wasm/nodejs');
// Integers beyond 2^53 stay what they are.
const plainParse = JSON.parse;
JSON.parse = (text, reviver) => plainParse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, m => m[0] === '"' ? m : `"@@big${m}"`), reviver);
const canonical = v => Array.isArray(v) ? '[' + v.map(canonical).join(',') + ']'
  : v && typeof v === 'object' ? '{' + Object.keys(v).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(k => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}'
  : typeof v === 'string' && v.startsWith('@@big') ? v.slice(5) : JSON.stringify(v);
const hash = text => createHash('sha256').update(text).digest('hex').slice(0, 32);
const [, , kind, folder] = process.argv;
const [extension, toJson] = { policy: ['.cedar', cedar.policyToJson], schema: ['.cedarschema', cedar.schemaToJson] }[kind];
const files = fs.readdirSync(folder, { recursive: true }).filter(f => f.endsWith(extension)).map(f => path.join(folder, f));
const out = new Map();
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8');
  const key = hash(text);
  if (out.has(key)) continue;
  const answer = toJson(text);
  if (answer.type !== 'success') { console.error(file, JSON.stringify(answer)); process.exit(1); }
  out.set(key, hash(canonical(answer.json)));
}
for (const key of [...out.keys()].sort()) console.log(key, out.get(key));
