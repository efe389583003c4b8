#pragma once
// Cedar's datetime and duration, both in whole milliseconds.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

struct Duration {
  std::int64_t ms = 0;

  // Text such as 1d2h3m4s5ms or -90s: each unit at most once, in this order, at least one.
  // Malformed: another shape, or a value beyond int64.
  static vrm::Result<Duration> parse(std::string_view text);

  // Whole units, cut towards zero.
  std::int64_t seconds() const { return ms / 1000; }
  std::int64_t minutes() const { return ms / 60'000; }
  std::int64_t hours() const { return ms / 3'600'000; }
  std::int64_t days() const { return ms / 86'400'000; }

  friend auto operator<=>(Duration, Duration) = default;
};

struct Datetime {
  std::int64_t ms = 0;  // since 1970-01-01T00:00:00Z, leap seconds not counted

  // YYYY-MM-DD alone or followed by Thh:mm:ss, perhaps .mmm, and Z or +hhmm or -hhmm.
  // Malformed: another shape, a day or a time of day that does not exist, or an offset of a day or
  // more.
  static vrm::Result<Datetime> parse(std::string_view text);

  // Nothing when int64 does not hold the answer.
  std::optional<Datetime> offset(Duration by) const;
  std::optional<Duration> since(Datetime earlier) const;
  // The midnight before, also before 1970.
  std::optional<Datetime> to_date() const;
  // The time since that midnight: 0 to 24 h.
  Duration to_time() const;

  friend auto operator<=>(Datetime, Datetime) = default;
};

}  // namespace cedar
