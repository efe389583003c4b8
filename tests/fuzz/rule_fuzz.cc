// A stored decision that stands for the next time. What is accepted is the same rule when it was written and read again,
// and covers no request that names another field, brand or purpose.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "vault/grants/rule.h"

namespace {

using namespace vrm;  // tests only

void must_be(bool condition) {
  if (!condition) std::abort();
}

// What asks for just what was decided on.
grants::AccessRequest asking(const grants::Rule& rule) {
  grants::AccessRequest request;
  request.brand = rule.brand;
  request.purpose = rule.purpose;
  request.needed = rule.decided;
  request.expires_in_s = rule.asked_s;
  request.retention_days = rule.retention_days;
  request.max_reads = rule.asked_reads;
  return request;
}

void check_covering(const grants::Rule& rule) {
  const auto same = asking(rule);
  if (rule.says == grants::Says::Deny) must_be(rule.covers(same));
  auto other = same;
  other.brand += "x";
  must_be(!rule.covers(other));
  other = same;
  other.purpose += "x";
  must_be(!rule.covers(other));
  other = same;
  std::string longest;
  for (const auto& name : rule.decided)
    if (name.size() >= longest.size()) longest = name;
  other.optional.push_back(longest + "x");  // longer than any, so none of them
  must_be(!rule.covers(other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rule = grants::read_rule(std::span(data, size));
  if (!rule.ok()) return 0;
  const Bytes written = grants::write_rule(rule.value());
  const auto again = grants::read_rule(written);
  must_be(again.ok() && grants::write_rule(again.value()) == written);
  check_covering(rule.value());
  return 0;
}
