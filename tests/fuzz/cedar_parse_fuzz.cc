// Any bytes as a policy text: they parse or are refused, and what parses parses again from its own
// source.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "policies/cedar/parser.h"

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
  return 0;
}
