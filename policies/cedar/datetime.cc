#include "policies/cedar/datetime.h"

#include <array>
#include <chrono>

#include "policies/cedar/integer.h"

namespace cedar {

namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

vrm::Error malformed(std::string reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, std::move(reason)};
}

// Reads a text of one fixed shape from left to right; after the first mismatch it stays failed.
class Shape {
 public:
  explicit Shape(std::string_view text) : rest_(text) {}

  std::int64_t number(std::size_t digits) {
    if (rest_.size() < digits || !all_digits(rest_.substr(0, digits))) {
      failed_ = true;
      return 0;
    }
    const auto value = signed_number(rest_.substr(0, digits), false);
    rest_.remove_prefix(digits);
    return value.value_or(0);
  }

  void letter(char wanted) {
    if (!take(wanted)) failed_ = true;
  }

  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool ok() const { return !failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

vrm::Result<std::int64_t> read_date(Shape& shape, std::string_view text) {
  const auto year = shape.number(4);
  shape.letter('-');
  const auto month = shape.number(2);
  shape.letter('-');
  const auto day = shape.number(2);
  if (!shape.ok()) return malformed("invalid date pattern");
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return malformed("invalid date: " + std::string(text.substr(0, 10)));
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * kDay;
}

vrm::Result<std::int64_t> read_time(Shape& shape, std::string_view text) {
  shape.letter('T');
  const auto hour = shape.number(2);
  shape.letter(':');
  const auto minute = shape.number(2);
  shape.letter(':');
  const auto second = shape.number(2);
  if (!shape.ok()) return malformed("invalid hour/minute/second pattern");
  if (hour > 23 || minute > 59 || second > 59)
    return malformed("invalid hour/minute/second: " + std::string(text.substr(11, 8)));
  return hour * kHour + minute * kMinute + second * kSecond;
}

// What to subtract for the offset; `Z` is none.
vrm::Result<std::int64_t> read_offset(Shape& shape) {
  if (shape.take('Z')) {
    if (!shape.at_end()) return malformed("invalid millisecond and/or offset pattern");
    return std::int64_t{0};
  }
  const bool minus = shape.take('-');
  if (!minus) shape.letter('+');
  const auto hours = shape.number(2);
  const auto minutes = shape.number(2);
  if (!shape.ok() || !shape.at_end()) return malformed("invalid millisecond and/or offset pattern");
  if (hours > 23 || minutes > 59) return malformed("invalid offset range");
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  return minus ? -offset : offset;
}

}  // namespace

vrm::Result<Duration> Duration::parse(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t ms;
  };
  constexpr std::array<Unit, 5> kUnits{
      {{"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1}}};
  const bool negative = text.starts_with('-');
  auto rest = text.substr(negative ? 1 : 0);
  if (rest.empty()) return malformed("invalid duration pattern");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!rest.empty()) {
    const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    rest.remove_prefix(digits.size());
    const auto name = rest.substr(0, rest.find_first_of("0123456789"));
    rest.remove_prefix(name.size());
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (digits.empty() || next_unit == kUnits.size()) return malformed("invalid duration pattern");
    const auto count = signed_number(digits, negative);
    const auto part = count ? checked_multiply(*count, kUnits[next_unit].ms) : std::nullopt;
    const auto sum = part ? checked_add(total, *part) : std::nullopt;
    if (!sum) return malformed("Duration overflows internal representation");
    total = *sum;
    ++next_unit;
  }
  return Duration{total};
}

vrm::Result<Datetime> Datetime::parse(std::string_view text) {
  Shape shape(text);
  const std::int64_t date = TRY(read_date(shape, text));
  if (shape.at_end()) return Datetime{date};
  std::int64_t ms = date + TRY(read_time(shape, text));
  if (shape.take('.')) {
    ms += shape.number(3);
    if (!shape.ok()) return malformed("invalid millisecond and/or offset pattern");
  }
  const std::int64_t offset = TRY(read_offset(shape));
  return Datetime{ms - offset};
}

std::optional<Datetime> Datetime::offset(Duration by) const {
  const auto moved = checked_add(ms, by.ms);
  return moved ? std::optional(Datetime{*moved}) : std::nullopt;
}

std::optional<Duration> Datetime::since(Datetime earlier) const {
  const auto between = checked_subtract(ms, earlier.ms);
  return between ? std::optional(Duration{*between}) : std::nullopt;
}

std::optional<Datetime> Datetime::to_date() const {
  const auto midnight = checked_subtract(ms, to_time().ms);
  return midnight ? std::optional(Datetime{*midnight}) : std::nullopt;
}

Duration Datetime::to_time() const {
  const std::int64_t rest = ms % kDay;
  return Duration{rest < 0 ? rest + kDay : rest};
}

}  // namespace cedar
