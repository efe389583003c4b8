#pragma once
// Points in time and lengths of time, to the millisecond, and their text forms.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace vrm {

using Duration = std::chrono::milliseconds;

// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
struct Instant {
  std::int64_t ms = 0;

  std::int64_t seconds() const { return ms / 1000; }
  friend auto operator<=>(Instant, Instant) = default;
  friend Instant operator+(Instant at, Duration by) { return {at.ms + by.count()}; }
  friend Instant operator-(Instant at, Duration by) { return {at.ms - by.count()}; }
  friend Duration operator-(Instant late, Instant early) { return Duration(late.ms - early.ms); }
};

// RFC 3339 in UTC: 2026-11-21T13:32:00Z, with .mmm only when milliseconds are not zero.
// A moment outside the years 0000 to 9999 is written as the nearest one inside.
std::string to_rfc3339(Instant at);

// RFC 3339 with Z or a numeric offset. Malformed: another shape, a day that does not exist,
// a leap second, or a moment that its offset carries out of the years 0000 to 9999.
Result<Instant> instant_from_rfc3339(std::string_view text);

// A date of the calendar, YYYY-MM-DD, as the Instant of its midnight in UTC. Malformed: no such
// day.
Result<Instant> date_from_text(std::string_view text);

// A positive length: a number and one of s m h d w, as `30d`. Malformed: anything else, or more
// than 100 years.
Result<Duration> duration_from_text(std::string_view text);

}  // namespace vrm
