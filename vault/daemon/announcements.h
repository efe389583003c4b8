#pragma once
// When the owner is told of what waits: at once, but not in the quiet hours; or once a day, at the hour of the digest.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace vrm::daemon {

// On the owner's own clock.
struct LocalTime {
  std::int64_t day = 0;  // whole days, rising
  int minute = 0;        // of the day, 0 to 1439
};

struct QuietHours {
  int from =
      0;  // minutes of the day; those from `from` to before `to`, over midnight where `to` is the earlier
  int to = 0;

  bool hold(int minute) const;
};

struct AnnouncementOptions {
  std::optional<QuietHours> quiet;
  std::optional<int> digest;  // minute of the day
};

// "07:30" as a minute of the day; "22:00-07:30". Nothing: not that, or a span of no length.
std::optional<int> minute_from_text(std::string_view text);
std::optional<QuietHours> quiet_hours_from_text(std::string_view text);

// Not safe from several threads.
class Announcements {
 public:
  explicit Announcements(AnnouncementOptions options) : options_(options) {}

  // Whether the owner is to be told now that these wait. True counts as told: not again before something new waits, or
  // before the next digest. What the quiet hours held back is due when they end, a digest that was missed as soon as it
  // can be.
  bool are_due(const std::set<std::string>& waiting, LocalTime now);

 private:
  const AnnouncementOptions options_;
  std::set<std::string> told_;
  std::optional<std::int64_t> digest_of_;  // the day of the last digest
};

}  // namespace vrm::daemon
