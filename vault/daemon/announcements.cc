#include "vault/daemon/announcements.h"

#include <algorithm>

namespace vrm::daemon {

namespace {

constexpr int kHours = 24;
constexpr int kMinutes = 60;

std::optional<int> two_digits(std::string_view text, int below) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
  const int value = (text[0] - '0') * 10 + (text[1] - '0');
  return value < below ? std::optional(value) : std::nullopt;
}

}  // namespace

bool QuietHours::hold(int minute) const {
  if (from < to) return minute >= from && minute < to;
  return minute >= from || minute < to;
}

std::optional<int> minute_from_text(std::string_view text) {
  constexpr std::size_t kLength = 5;  // of HH:MM
  if (text.size() != kLength || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2), kHours);
  const auto minute = two_digits(text.substr(3), kMinutes);
  if (!hour || !minute) return std::nullopt;
  return *hour * kMinutes + *minute;
}

std::optional<QuietHours> quiet_hours_from_text(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto from = minute_from_text(text.substr(0, dash));
  const auto to = minute_from_text(text.substr(dash + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  return QuietHours{*from, *to};
}

bool Announcements::are_due(const std::set<std::string>& waiting, LocalTime now) {
  if (options_.quiet && options_.quiet->hold(now.minute)) return false;
  if (options_.digest) {
    const std::int64_t of = now.minute >= *options_.digest ? now.day : now.day - 1;
    if (digest_of_ == of) return false;
    digest_of_ = of;  // with nothing to tell as well: what comes later is for the next
    return !waiting.empty();
  }
  const bool is_new = !std::includes(told_.begin(), told_.end(), waiting.begin(), waiting.end());
  told_ = waiting;
  return is_new;
}

}  // namespace vrm::daemon
