#pragma once
// The JSON form of policies, templates and policy sets ("EST"), both ways.
//
//   policy      {"effect": "permit", "principal": SCOPE, "action": SCOPE, "resource": SCOPE,
//                "conditions": [{"kind": "when", "body": EXPR}], "annotations": {"id": "x", "flag": null}}
//   SCOPE       {"op": "All"}, {"op": "==", "entity": UID}, {"op": "in", "slot": "?resource"},
//               {"op": "in", "entities": [UID]} of an action, {"op": "is", "entity_type": "T", "in": {"entity": UID}}
//   EXPR        {"Value": 1}, {"Var": "principal"}, {"&&": {"left": EXPR, "right": EXPR}}, {"ip": [EXPR]} ...
//   policy set  {"staticPolicies": {"id": POLICY}, "templates": {"id": POLICY},
//                "templateLinks": [{"templateId": "t", "newId": "l", "values": {"?principal": UID}}]}
//
// Source: docs.cedarpolicy.com/policies/json-format.html, and the answers of the reference where that is silent.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "policies/cedar/policy.h"
#include "policies/cedar/policy_set.h"
#include "vault/base/json.h"
#include "vault/base/result.h"

namespace cedar {

// Levels of JSON, each of an expression being two of them.
inline constexpr std::size_t kMaxPolicyJsonDepth = 2200;
// Values of JSON in one policy.
inline constexpr std::size_t kMaxPolicyJsonNodes = 1'000'000;
inline constexpr vrm::JsonLimits kPolicyJsonLimits{64 * 1024 * 1024, kMaxPolicyJsonDepth, true};

// Malformed: the JSON would have more levels or values than these bounds.
vrm::Result<nlohmann::json> policy_to_json(const PolicyBody& policy);
vrm::Result<nlohmann::json> policy_set_to_json(const PolicySet& policies);

// Malformed: not of this form; nested more deeply than an expression may be. The message names the place. The source of the
// policy is its text, as format_policy writes it.
vrm::Result<std::shared_ptr<const PolicyBody>> policy_from_json(const nlohmann::json& policy);
// Malformed: the same, or a link without its template or slots. Conflict: an id twice.
vrm::Result<PolicySet> policy_set_from_json(const nlohmann::json& policies);

}  // namespace cedar
