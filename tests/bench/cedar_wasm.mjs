// Times the reference on one question, for vrm-bench policy.
//
//   node --no-opt cedar_wasm.mjs FOLDER TASK_JSON ANSWER_JSON
//
// FOLDER has node_modules with @cedar-policy/cedar-wasm 4.10.0. The task has policies, entities, principal, action, resource,
// context and calls; the answer has medians in nanoseconds: decision_ns, and json_ns for the same call with no policy.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [, , folder, taskFile, answerFile] = process.argv;
const require = createRequire(path.join(path.resolve(folder), "package.json"));
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const { policies, calls, ...question } = JSON.parse(fs.readFileSync(taskFile, "utf8"));

function preparse(name, staticPolicies) {
  const answer = cedar.preparsePolicySet(name, { staticPolicies });
  if (answer.type !== "success") throw new Error(JSON.stringify(answer));
}

function median_ns(preparsedPolicySetId, decision) {
  const took = [];
  for (let i = 0; i < calls; ++i) {
    const from = process.hrtime.bigint();
    const answer = cedar.statefulIsAuthorized({ ...question, preparsedPolicySetId });
    took.push(Number(process.hrtime.bigint() - from));
    if (answer.type !== "success" || answer.response.decision !== decision) throw new Error(JSON.stringify(answer));
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)];
}

preparse("all", policies);
preparse("none", "");
const answer = { decision_ns: median_ns("all", "allow"), json_ns: median_ns("none", "deny") };
fs.writeFileSync(answerFile, JSON.stringify(answer));
