// Any bytes as a policy text: they parse or are refused; what parses parses again from its own source, and laid out it is the same
// policies with the same comments.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "policies/cedar/lexer.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/policy_format.h"
#include "policies/cedar/policy_json.h"
#include "vault/base/check.h"

namespace {

void check_layout(std::string_view text,
                  const std::vector<std::shared_ptr<const cedar::PolicyBody>>& policies) {
  const auto formatted = cedar::format_policies(text);
  VRM_CHECK(formatted.ok());
  const auto again = cedar::parse_policies(formatted.value());
  VRM_CHECK(again.ok() && again.value().size() == policies.size());
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const auto json = cedar::policy_to_json(*policies[i]);
    if (json.ok()) VRM_CHECK(cedar::policy_to_json(*again.value()[i]).value() == json.value());
  }
  const auto comments = cedar::comments_of(text).value();
  VRM_CHECK(cedar::comments_of(formatted.value()).value().size() == comments.size());
  VRM_CHECK(cedar::format_policies(formatted.value()).value() == formatted.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policies = cedar::parse_policies(text);
  if (!policies.ok()) return 0;
  for (const auto& policy : policies.value()) {
    const auto again = cedar::parse_policies(policy->source);
    VRM_CHECK(again.ok() && again.value().size() == 1);
    VRM_CHECK(again.value()[0]->source == policy->source);
    VRM_CHECK(again.value()[0]->conditions.size() == policy->conditions.size());
  }
  check_layout(text, policies.value());
  return 0;
}
