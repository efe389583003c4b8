#pragma once
// A part of a request that is left open, and the part of its range that one looks at.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policies/cedar/entity_uid.h"

namespace cedar {

inline constexpr std::int64_t kDayMs = 86'400'000;

// From `first` to `last`, both included.
struct Span {
  std::int64_t first;
  std::int64_t last;

  friend auto operator<=>(const Span&, const Span&) = default;
};

// A long or a datetime (in milliseconds) that may be anything within its range.
struct OpenValue {
  enum class Kind { Long, Datetime };

  std::optional<EntityUid> owner;  // the entity whose attribute it is; nothing: the context
  std::string name;                // of the attribute
  Kind kind;
  Span range;  // REQUIRES: first <= last

  // As `context.now` or `VRM::Grant::"a".reads`.
  std::string to_string() const;
};

// The part of one open value's range: these values and, of a datetime, only at these times of day
// (milliseconds since midnight in UTC; nothing: at any).
struct Extent {
  Span values;
  std::optional<Span> time_of_day = {};

  friend auto operator<=>(const Extent&, const Extent&) = default;
};

// An extent for each open value, in their order.
using Box = std::vector<Extent>;

// The midnight at `ms` or before, and the time since then. REQUIRES: int64 holds that midnight.
std::int64_t midnight_before(std::int64_t ms);
std::int64_t time_of_day(std::int64_t ms);

// The first value of an extent. Nothing: no value lies in it, because no moment of its span has such
// a time of day.
std::optional<std::int64_t> first_in(const Extent& extent);

}  // namespace cedar
