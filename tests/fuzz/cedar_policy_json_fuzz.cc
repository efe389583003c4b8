// Any bytes as the JSON of a policy and of a set: read or refused; what is read is the same policy by way of JSON and of text.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "policies/cedar/parser.h"
#include "policies/cedar/policy_json.h"
#include "policies/cedar/policy_text.h"
#include "vault/base/check.h"

namespace {

void check_policy(const cedar::PolicyBody& policy) {
  const auto json = cedar::policy_to_json(policy);
  if (!json.ok()) return;  // larger than what it was read from: chains of && nest to the left
  const auto again = cedar::policy_from_json(json.value());
  VRM_CHECK(again.ok());
  VRM_CHECK(cedar::policy_to_json(*again.value()).value() == json.value());
  const auto text = cedar::parse_policies(cedar::policy_text(policy));
  if (!text.ok()) return;  // nested more deeply than a text may be
  VRM_CHECK(text.value().size() == 1);
  VRM_CHECK(cedar::policy_to_json(*text.value()[0]).value() == json.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = vrm::read_json(text, cedar::kPolicyJsonLimits);
  if (!json.ok()) return 0;
  if (const auto policy = cedar::policy_from_json(json.value()); policy.ok())
    check_policy(*policy.value());
  if (const auto set = cedar::policy_set_from_json(json.value()); set.ok()) {
    for (const auto& each : set.value().policies()) check_policy(*each.body);
    for (const auto& each : set.value().templates()) check_policy(*each.body);
  }
  return 0;
}
