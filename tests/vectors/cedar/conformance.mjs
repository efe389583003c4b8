// Writes `conforms` of each case of conformance.json anew: whether the reference takes these entities, this context or this request
// under conformance.cedarschema.
//
//   CEDAR_WASM_DIR=FOLDER node --no-opt conformance.mjs CONFORMANCE_JSON
//
// FOLDER has node_modules with @cedar-policy/cedar-wasm 4.10.0.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.CEDAR_WASM_DIR, "package.json"));
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const [, , file] = process.argv;
const schema = fs.readFileSync(path.join(path.dirname(file), "conformance.cedarschema"), "utf8");
const base = {
  policies: { staticPolicies: "permit(principal, action, resource);" },
  schema,
  validateRequest: true,
  entities: [],
  principal: { type: "User", id: "a" },
  action: { type: "Action", id: "view" },
  resource: { type: "Photo", id: "p" },
  context: { s: "x" },
};
const cases = JSON.parse(fs.readFileSync(file, "utf8"));
for (const each of cases) {
  const { name, conforms, ...given } = each;
  each.conforms = cedar.isAuthorized({ ...base, ...given }).type === "success";
}
fs.writeFileSync(file, "[\n" + cases.map((each) => "  " + JSON.stringify(each)).join(",\n") + "\n]\n");
