// Writes tests/vectors/cedar/validation.tsv anew: what the reference says of each policy in it under validation.cedarschema.
//
//   CEDAR_WASM_DIR=FOLDER node --no-opt validation.mjs COLUMN VALIDATION_TSV
//
// FOLDER has node_modules with @cedar-policy/cedar-wasm: 4.10.0 for COLUMN 0, 4.13.0 for COLUMN 1. The last column is the policy.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.CEDAR_WASM_DIR, "package.json"));
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const [, , column, file] = process.argv;
const schema = fs.readFileSync(path.join(path.dirname(file), "validation.cedarschema"), "utf8");

function verdict(policy) {
  const policies = /\?(principal|resource)/.test(policy) ? { templates: { t: policy } } : { staticPolicies: policy };
  const answer = cedar.validate({ schema, policies, validationSettings: { mode: "strict" } });
  if (answer.type !== "success") throw new Error(`${policy}: ${answer.errors.map((each) => each.message).join("; ")}`);
  if (answer.validationErrors.length > 0) return "error";
  return answer.validationWarnings.length > 0 ? "warning" : "valid";
}

const rows = fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
for (const [i, line] of rows.entries()) {
  const cells = line.split("\t");
  cells[Number(column)] = verdict(cells[2]);
  rows[i] = cells.join("\t");
}
fs.writeFileSync(file, rows.join("\n") + "\n");
