// Any bytes as one condition while a moment and a number of the request are open: the enumeration ends, what it says of a place
// is what the engine says there, and what is said to be impossible is so everywhere.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "policies/cedar/enumeration.h"
#include "policies/cedar/parser.h"
#include "vault/base/check.h"

namespace {

using cedar::EntityUid;
using cedar::Record;

cedar::Entities world() {
  const cedar::Entity user{EntityUid("User", "a"),
                           Record::of({{"n", 1}, {"since", cedar::Datetime{500}}}),
                           {},
                           {EntityUid("Group", "g")}};
  const cedar::Entity group{EntityUid("Group", "g"), {}, {}, {EntityUid("Group", "top")}};
  const cedar::Entity file{
      EntityUid("File", "f"), Record::of({{"level", 2}}), {}, {EntityUid("Group", "g")}};
  return cedar::Entities::make({user, group, file}).value();
}

cedar::Request asked_at(std::int64_t now, std::int64_t count) {
  return {EntityUid("User", "a"), EntityUid("Action", "v"), EntityUid("File", "f"),
          Record::of({{"now", cedar::Datetime{now}}, {"count", count}, {"o", "text"}})};
}

bool lies_in(const cedar::Extent& extent, std::int64_t value) {
  if (value < extent.values.first || value > extent.values.last) return false;
  if (!extent.time_of_day) return true;
  const std::int64_t time = cedar::time_of_day(value);
  return time >= extent.time_of_day->first && time <= extent.time_of_day->last;
}

bool same_errors(const cedar::Response& a, const cedar::Response& b) {
  return std::equal(a.errors.begin(), a.errors.end(), b.errors.begin(), b.errors.end(),
                    [](const auto& x, const auto& y) { return x.policy_id == y.policy_id; });
}

// The one piece that has the place says what the engine says there.
void check_place(const std::vector<cedar::Piece>& pieces, std::int64_t now, std::int64_t count,
                 const cedar::Response& there) {
  int found = 0;
  for (const auto& piece : pieces) {
    if (!lies_in(piece.box[0], now) || !lies_in(piece.box[1], count)) continue;
    ++found;
    VRM_CHECK(piece.response.decision == there.decision);
    VRM_CHECK(piece.response.reasons == there.reasons);
    VRM_CHECK(same_errors(piece.response, there));
  }
  VRM_CHECK(found == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cedar::Entities kStore = world();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!cedar::parse_expression(text).ok()) return 0;
  const std::string condition = " when { " + std::string(text) + "\n};";
  const auto set = cedar::PolicySet::parse(
      "permit(principal, action, resource); forbid(principal, action, resource)" + condition +
      "permit(principal, action, resource)" + condition);
  VRM_CHECK(set.ok());
  const auto lone = cedar::PolicySet::parse("permit(principal, action, resource)" + condition);

  constexpr std::array<std::int64_t, 6> kMoments{0, 1, 499, 500, 1200, 2000};
  constexpr std::array<std::int64_t, 4> kCounts{0, 1, 2, 3};
  const std::array<cedar::OpenValue, 2> open{
      cedar::OpenValue{{}, "now", cedar::OpenValue::Kind::Datetime, {0, 2000}},
      cedar::OpenValue{{}, "count", cedar::OpenValue::Kind::Long, {0, 3}}};
  const cedar::Request any = asked_at(7, 1);
  const auto pieces = cedar::enumerate(any, set.value(), kStore, open);
  const bool may = cedar::may_allow(any, set.value(), kStore, open);
  const bool lone_may = cedar::may_allow(any, lone.value(), kStore, open);
  const bool lone_may_some = cedar::may_allow_some(any, lone.value(), kStore, open);
  for (const std::int64_t now : kMoments)
    for (const std::int64_t count : kCounts) {
      const auto request = asked_at(now, count);
      const auto there = cedar::is_authorized(request, set.value(), kStore);
      VRM_CHECK(may || there.decision == cedar::Decision::Deny);
      const auto alone = cedar::is_authorized(request, lone.value(), kStore);
      VRM_CHECK((lone_may && lone_may_some) || alone.decision == cedar::Decision::Deny);
      if (pieces.ok()) check_place(pieces.value(), now, count, there);
    }
  return 0;
}
