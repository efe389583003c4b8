// Any bytes as one condition over a fixed store: evaluation ends, and a decision follows from
// reasons alone.

#include <cstddef>
#include <cstdint>
#include <string>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/parser.h"

namespace {

using cedar::EntityUid;
using cedar::Record;
using cedar::Set;

cedar::Entities store() {
  const Record attributes = Record::of({{"n", 1},
                                        {"s", "text"},
                                        {"r", Record::of({{"x", Record::of({{"y", INT64_MIN}})}})},
                                        {"set", Set::of({1, "a", EntityUid("Group", "g")})},
                                        {"friend", EntityUid("User", "ghost")}});
  const cedar::Entity user{
      EntityUid("User", "a"), attributes, Record::of({{"t", "v"}}), {EntityUid("Group", "g")}};
  const cedar::Entity group{EntityUid("Group", "g"), {}, {}, {EntityUid("Group", "top")}};
  return cedar::Entities::make({user, group}).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cedar::Entities kStore = store();
  static const cedar::Request kRequest{
      EntityUid("User", "a"), EntityUid("Action", "v"), EntityUid("User", "ghost"),
      Record::of({{"now", cedar::Datetime{1000}}, {"o", Record::of({{"a", 1}})}})};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto condition = cedar::parse_expression(text);
  if (!condition.ok()) return 0;
  const auto outcome = cedar::Evaluator(kRequest, kStore).value(*condition.value());
  const auto* value = std::get_if<cedar::Value>(&outcome);
  if (value != nullptr) VRM_CHECK(*value == *value && (*value <=> *value) == 0);

  std::string policy = "permit(principal, action, resource) when { ";
  policy.append(text).append("\n};");
  const auto set = cedar::PolicySet::parse(policy);
  VRM_CHECK(set.ok());
  const auto response = cedar::is_authorized(kRequest, set.value(), kStore);
  const bool* truth = value == nullptr ? nullptr : value->get<bool>();
  VRM_CHECK((response.decision == cedar::Decision::Allow) == (truth != nullptr && *truth));
  VRM_CHECK(response.errors.size() == (truth == nullptr ? 1 : 0));
  return 0;
}
