#include "policies/cedar/enumeration.h"

#include <algorithm>
#include <tuple>

#include "policies/cedar/outlook.h"
#include "policies/cedar/sample.h"

namespace cedar {

namespace {

using Pieces = std::vector<Piece>;

Box whole_box(std::span<const OpenValue> open) {
  Box box;
  for (const OpenValue& value : open) box.push_back({.values = value.range});
  return box;
}

void sort_once(std::vector<std::int64_t>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// A span with its cuts, as spans.
std::vector<Span> cut_span(const Span& span, const std::vector<std::int64_t>& cuts) {
  std::vector<Span> spans;
  std::int64_t from = span.first;
  for (const std::int64_t cut : cuts) {
    spans.push_back({from, cut - 1});
    from = cut;
  }
  spans.push_back({from, span.last});
  return spans;
}

// In at most two days, times of day are moments: what is cut there reads better, and is less.
bool is_short(const Span& span) {
  constexpr std::int64_t kFar = 9'000'000'000'000'000'000;
  if (span.first < -kFar || span.last > kFar) return false;
  return midnight_before(span.last) - midnight_before(span.first) <= kDayMs;
}

std::vector<std::int64_t> moments_of(const std::vector<std::int64_t>& times, const Span& span) {
  std::vector<std::int64_t> moments;
  for (auto day = midnight_before(span.first); day <= span.last; day += kDayMs) {
    moments.push_back(day);
    for (const std::int64_t time : times) moments.push_back(day + time);
  }
  std::erase_if(moments, [&](std::int64_t at) { return at <= span.first || at > span.last; });
  return moments;
}

// The extents that an extent falls into; those that no value lies in are left out.
std::vector<Extent> cut_extent(const Extent& extent, Cuts cuts) {
  if (is_short(extent.values) && !cuts.times_of_day.empty()) {
    const auto moments = moments_of(cuts.times_of_day, extent.values);
    cuts.values.insert(cuts.values.end(), moments.begin(), moments.end());
  }
  std::vector<Extent> parts;
  if (!cuts.values.empty()) {
    sort_once(cuts.values);
    for (const Span& span : cut_span(extent.values, cuts.values))
      parts.push_back({span, extent.time_of_day});
  } else {
    sort_once(cuts.times_of_day);
    const Span day = extent.time_of_day.value_or(Span{0, kDayMs - 1});
    for (const Span& times : cut_span(day, cuts.times_of_day))
      parts.push_back({extent.values, times});
  }
  std::erase_if(parts, [](const Extent& part) { return !first_in(part); });
  return parts;
}

bool same_policies(const std::vector<PolicyError>& a, const std::vector<PolicyError>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.policy_id == y.policy_id; });
}

bool same_answer(const Response& a, const Response& b) {
  return a.decision == b.decision && a.reasons == b.reasons && same_policies(a.errors, b.errors);
}

// The extent of both, where nothing lies between them.
std::optional<Extent> joined(const Extent& a, const Extent& b) {
  Extent both = a;
  if (a.time_of_day == b.time_of_day) {
    both.values.last = b.values.last;
    const bool next = a.values.last + 1 == b.values.first;
    const Span between{a.values.last + 1, b.values.first - 1};
    return next || !first_in({between, a.time_of_day}) ? std::optional(both) : std::nullopt;
  }
  const bool next = a.values == b.values && a.time_of_day && b.time_of_day &&
                    a.time_of_day->last + 1 == b.time_of_day->first;
  if (!next) return std::nullopt;
  both.time_of_day->last = b.time_of_day->last;
  if (both.time_of_day == Span{0, kDayMs - 1}) both.time_of_day.reset();
  return both;
}

bool takes_in(Piece& piece, const Piece& next, std::size_t axis) {
  for (std::size_t i = 0; i < piece.box.size(); ++i)
    if (i != axis && piece.box[i] != next.box[i]) return false;
  if (!same_answer(piece.response, next.response)) return false;
  const auto both = joined(piece.box[axis], next.box[axis]);
  if (both) piece.box[axis] = *both;
  return both.has_value();
}

enum class Along { Values, TimesOfDay };

// Pieces that differ along one axis only, in its values or its times of day, come to lie beside each
// other, in its order.
void order_along(Pieces& pieces, std::size_t axis, Along along) {
  std::sort(pieces.begin(), pieces.end(), [axis, along](const Piece& a, const Piece& b) {
    for (std::size_t i = 0; i < a.box.size(); ++i)
      if (i != axis && a.box[i] != b.box[i]) return a.box[i] < b.box[i];
    const auto& [values_a, times_a] = a.box[axis];
    const auto& [values_b, times_b] = b.box[axis];
    return along == Along::Values ? std::tie(times_a, values_a) < std::tie(times_b, values_b)
                                  : std::tie(values_a, times_a) < std::tie(values_b, times_b);
  });
}

void join_along(Pieces& pieces, std::size_t axis, Along along) {
  order_along(pieces, axis, along);
  Pieces joined;
  for (Piece& piece : pieces)
    if (joined.empty() || !takes_in(joined.back(), piece, axis)) joined.push_back(std::move(piece));
  pieces = std::move(joined);
}

void join_neighbours(Pieces& pieces) {
  if (pieces.size() < 2) return;
  for (std::size_t before = pieces.size() + 1; pieces.size() < before;) {
    before = pieces.size();
    for (std::size_t axis = pieces.front().box.size(); axis-- > 0;) {
      join_along(pieces, axis, Along::TimesOfDay);
      join_along(pieces, axis, Along::Values);
    }
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.box < b.box; });
}

class Enumeration {
 public:
  Enumeration(const Request& request, const PolicySet& policies, const Entities& entities,
              std::span<const OpenValue> open)
      : policies_(policies),
        candidates_(policies.index().candidates(request, entities)),
        open_(open),
        outlook_(request, entities, open) {}

  vrm::Result<Pieces> all() {
    TRY(look_into(whole_box(open_)));
    join_neighbours(pieces_);
    return std::move(pieces_);
  }

 private:
  // Adds the pieces of the box.
  vrm::Result<void> look_into(Box box) {
    outlook_.look_at(box);
    for (const std::uint32_t position : candidates_) outlook_.of(policies_.policies()[position]);
    if (outlook_.departure()) return *outlook_.departure();
    for (std::size_t axis = 0; axis < box.size(); ++axis)
      if (!outlook_.cuts()[axis].empty()) return look_into_parts(box, axis);
    if (pieces_.size() == kMostPieces)
      return vrm::Error{vrm::ErrorCode::Malformed,
                        "the policies cut what is open into too many pieces"};
    const Sample& sample = outlook_.sample();
    pieces_.push_back(
        {std::move(box), is_authorized(sample.request(), policies_, sample.entities())});
    return {};
  }

  vrm::Result<void> look_into_parts(Box& box, std::size_t axis) {
    for (const Extent& part : cut_extent(box[axis], outlook_.cuts()[axis])) {
      box[axis] = part;
      TRY(look_into(box));
    }
    return {};
  }

  const PolicySet& policies_;
  const PolicyIndex::Candidates candidates_;
  std::span<const OpenValue> open_;
  Outlook outlook_;
  Pieces pieces_;
};

}  // namespace

vrm::Result<std::vector<Piece>> enumerate(const Request& request, const PolicySet& policies,
                                          const Entities& entities,
                                          std::span<const OpenValue> open) {
  for (const OpenValue& value : open)
    if (!stands(request, entities, value))
      return vrm::Error{vrm::ErrorCode::NotFound,
                        "there is no `" + value.to_string() + "` to leave open"};
  return Enumeration(request, policies, entities, open).all();
}

namespace {

bool may_be_allowed(const Request& request, const PolicySet& policies, const Entities& entities,
                    std::span<const OpenValue> open, ResourceKnown known) {
  Outlook outlook(request, entities, open, known);
  const Box box = whole_box(open);
  outlook.look_at(box);
  bool permitted = false;
  for (const Policy& policy : policies.policies()) {
    const Outcomes outcomes = outlook.of(policy);
    const bool permit = policy.body->effect == Effect::Permit;
    if (permit) permitted |= outcomes.holds;
    if (!permit && outcomes.holds && outcomes.sure()) return false;
  }
  return permitted;
}

}  // namespace

bool may_allow(const Request& request, const PolicySet& policies, const Entities& entities,
               std::span<const OpenValue> open) {
  return may_be_allowed(request, policies, entities, open, ResourceKnown::All);
}

bool may_allow_some(const Request& request, const PolicySet& policies, const Entities& entities,
                    std::span<const OpenValue> open) {
  return may_be_allowed(request, policies, entities, open, ResourceKnown::TypeOnly);
}

}  // namespace cedar
