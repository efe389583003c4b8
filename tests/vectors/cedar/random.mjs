// Writes the reference's `answers` to each scene of random.jsonl, or of another file of that form, anew.
//
//   build/dev/bin/cedar_random_cases text 1 250 10 > random.jsonl
//   CEDAR_WASM_DIR=FOLDER node --no-opt random.mjs random.jsonl
//
// FOLDER has node_modules with @cedar-policy/cedar-wasm 4.10.0. A line is a scene of tests/cedar_random/scene.h, with
// [allowed, [reason ...], [erring policy ...]] for each request in front.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.CEDAR_WASM_DIR, "package.json"));
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const [, , file] = process.argv;

// Numbers beyond 2^53 are read as BigInt, and written as numbers again where the reference asks JSON.stringify.
const mark = "__BIG__";
const parse = (text) =>
  JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (m) => (m[0] === '"' ? m : `"${mark}${m}"`)),
    (_, v) => (typeof v === "string" && v.startsWith(mark) ? BigInt(v.slice(mark.length)) : v),
  );
const stringify = JSON.stringify;
JSON.stringify = (value, replacer, space) =>
  stringify(value, (_, v) => (typeof v === "bigint" ? mark + v : v), space)?.replace(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");

function answer(scene, request) {
  const asked = { ...request, entities: scene.entities, preparsedPolicySetId: "set" };
  const { type, response, errors } = cedar.statefulIsAuthorized(asked);
  if (type !== "success") throw new Error(stringify(errors));
  const { reason, errors: erring } = response.diagnostics;
  return [response.decision === "allow", [...reason].sort(), [...new Set(erring.map((each) => each.policyId))].sort()];
}

let scenes = 0;
let cases = 0;
const out = fs
  .readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => {
    const asked = "{" + line.slice(line.indexOf('"entities":'));
    const scene = parse(asked);
    try {
      const parsed = cedar.preparsePolicySet("set", scene.policies);
      if (parsed.type !== "success") throw new Error(stringify(parsed.errors));
      const answers = scene.requests.map((request) => answer(scene, request));
      scenes += 1;
      cases += answers.length;
      return '{"answers":' + stringify(answers) + "," + asked.slice(1);
    } catch (error) {
      console.error(`line ${scenes + 1}: the reference refuses it: ${error.message}\n${asked}`);
      process.exit(1);
    }
  });
fs.writeFileSync(file, out.join("\n") + "\n");
console.log(`${cases} cases of ${scenes} scenes answered by ${cedar.getCedarSDKVersion?.() ?? cedar.getCedarVersion()}`);
