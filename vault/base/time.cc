#include "vault/base/time.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace vrm {

namespace {

using namespace std::chrono;

// What four digits of a year can say: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z.
constexpr std::int64_t kFirstMs = -62'167'219'200'000;
constexpr std::int64_t kLastMs = 253'402'300'799'999;

Error no_time(std::string_view text) {
  return refusal(ErrorCode::Malformed, "time.not_a_time", {{"text", std::string(text)}});
}

// Digits only, exactly as many as `text` has.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional<int>(value);
}

std::optional<sys_days> calendar_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = digits(text.substr(0, 4));
  const auto m = digits(text.substr(5, 2));
  const auto d = digits(text.substr(8, 2));
  if (!y || !m || !d) return std::nullopt;
  const year_month_day day{year(*y), month(static_cast<unsigned>(*m)),
                           std::chrono::day(static_cast<unsigned>(*d))};
  if (!day.ok()) return std::nullopt;
  return sys_days(day);
}

std::optional<milliseconds> offset_of(std::string_view text) {
  if (text == "Z" || text == "z") return milliseconds(0);
  if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto h = digits(text.substr(1, 2));
  const auto m = digits(text.substr(4, 2));
  if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
  const milliseconds offset = hours(*h) + minutes(*m);
  return text[0] == '+' ? offset : -offset;
}

// Writes `count` digits of a number over those at `at`.
template <typename Number>
void put_digits(std::string& text, std::size_t at, std::size_t count, Number value) {
  for (std::size_t i = at + count; i > at; --i) {
    text[i - 1] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  }
}

}  // namespace

std::string to_rfc3339(Instant at) {
  const sys_time<milliseconds> when{milliseconds(std::clamp(at.ms, kFirstMs, kLastMs))};
  const auto day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss time{when - day};
  const auto ms = time.subseconds().count();
  std::string text = "YYYY-MM-DDTHH:MM:SS";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, time.hours().count());
  put_digits(text, 14, 2, time.minutes().count());
  put_digits(text, 17, 2, time.seconds().count());
  if (ms != 0) {
    text += ".mmm";
    put_digits(text, 20, 3, ms);
  }
  return text + "Z";
}

Result<Instant> instant_from_rfc3339(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return no_time(text);
  const auto day = calendar_day(text.substr(0, 10));
  const auto h = digits(text.substr(11, 2));
  const auto m = digits(text.substr(14, 2));
  const auto s = digits(text.substr(17, 2));
  if (!day || !h || !m || !s || *h > 23 || *m > 59 || *s > 59) return no_time(text);
  std::string_view rest = text.substr(19);
  milliseconds part{0};
  if (rest[0] == '.') {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
    if (end < 2 || end > 10) return no_time(text);
    std::string thousandths(rest.substr(1, std::min<std::size_t>(end - 1, 3)));
    thousandths.resize(3, '0');
    part = milliseconds(*digits(thousandths));
    rest.remove_prefix(end);
  }
  const auto offset = offset_of(rest);
  if (!offset) return no_time(text);
  const auto when =
      sys_time<milliseconds>(*day) + hours(*h) + minutes(*m) + seconds(*s) + part - *offset;
  const auto ms = when.time_since_epoch().count();
  if (ms < kFirstMs || ms > kLastMs) return no_time(text);
  return Instant{ms};
}

Result<Instant> date_from_text(std::string_view text) {
  const auto day = calendar_day(text);
  if (!day) return refusal(ErrorCode::Malformed, "time.not_a_date", {{"text", std::string(text)}});
  return Instant{duration_cast<milliseconds>(day->time_since_epoch()).count()};
}

Result<Duration> duration_from_text(std::string_view text) {
  const Error wrong =
      refusal(ErrorCode::Malformed, "time.not_a_duration", {{"text", std::string(text)}});
  if (text.size() < 2 || text.size() > 12) return wrong;
  std::int64_t count = 0;
  const auto* end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc() || read.ptr != end || count <= 0) return wrong;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    case 'w':
      unit = 604800;
      break;
    default:
      return wrong;
  }
  constexpr std::int64_t kMostSeconds = 100LL * 366 * 86400;
  if (count > kMostSeconds / unit) return wrong;
  return Duration(count * unit * 1000);
}

}  // namespace vrm
