#include "tests/cedar_random/second/extensions.h"

#include <limits>
#include <map>

namespace cedar_second {

namespace {

constexpr std::int64_t kDay = 86'400'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One digit or more. Numbers that are far too large become one that fits nothing.
Wide read_digits(const std::string& text) {
  if (text.empty()) throw Erred{};
  Wide number = 0;
  for (const char c : text) {
    if (!is_digit(c)) throw Erred{};
    if (number < Wide{1} << 80) number = number * 10 + (c - '0');
  }
  return number;
}

// 12.3456: at most four digits after the point, at least one on each side.
Value read_decimal(const std::string& text) {
  const bool negative = text.starts_with('-');
  const std::string rest = text.substr(negative ? 1 : 0);
  const auto point = rest.find('.');
  if (point == std::string::npos) throw Erred{};
  std::string fraction = rest.substr(point + 1);
  const Wide whole = read_digits(rest.substr(0, point));
  if (fraction.empty() || fraction.size() > 4) throw Erred{};
  while (fraction.size() < 4) fraction += '0';
  const Wide number = whole * 10000 + read_digits(fraction);
  return of_number(Kind::Decimal, fit(negative ? -number : number));
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

int read_small(const std::string& text, std::size_t most_digits, int most) {
  if (text.size() > most_digits) throw Erred{};
  if (text.size() > 1 && text[0] == '0') throw Erred{};
  const Wide number = read_digits(text);
  if (number > most) throw Erred{};
  return static_cast<int>(number);
}

std::string bits_of(int number, int count) {
  std::string bits;
  for (int i = count - 1; i >= 0; --i) bits += ((number >> i) & 1) == 0 ? '0' : '1';
  return bits;
}

int read_group(const std::string& text) {
  if (text.empty() || text.size() > 4) throw Erred{};
  int number = 0;
  for (const char c : text) {
    const auto digit = std::string("0123456789abcdef").find(c);
    const auto upper = std::string("0123456789ABCDEF").find(c);
    if (digit == std::string::npos && upper == std::string::npos) throw Erred{};
    number = number * 16 + static_cast<int>(digit == std::string::npos ? upper : digit);
  }
  return number;
}

std::vector<int> read_groups(const std::string& text) {
  std::vector<int> groups;
  if (text.empty()) return groups;
  for (const auto& part : split(text, ':')) groups.push_back(read_group(part));
  return groups;
}

void read_v6(const std::string& text, Ip& ip) {
  ip.is_v6 = true;
  const auto gap = text.find("::");
  std::vector<int> groups;
  if (gap == std::string::npos) {
    groups = read_groups(text);
  } else {
    groups = read_groups(text.substr(0, gap));
    const auto last = read_groups(text.substr(gap + 2));
    if (groups.size() + last.size() > 7) throw Erred{};
    groups.resize(8 - last.size());
    groups.insert(groups.end(), last.begin(), last.end());
  }
  if (groups.size() != 8) throw Erred{};
  for (const int group : groups) ip.bits += bits_of(group, 16);
}

void read_v4(const std::string& text, Ip& ip) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) throw Erred{};
  for (const auto& part : parts) ip.bits += bits_of(read_small(part, 3, 255), 8);
}

Value read_ip(const std::string& text) {
  const auto slash = text.find('/');
  const std::string address = text.substr(0, slash);
  Value value;
  value.kind = Kind::Ip;
  if (address.find(':') != std::string::npos)
    read_v6(address, value.ip);
  else
    read_v4(address, value.ip);
  const int width = value.ip.is_v6 ? 128 : 32;
  value.ip.prefix = width;
  if (slash != std::string::npos)
    value.ip.prefix = read_small(text.substr(slash + 1), value.ip.is_v6 ? 3 : 2, width);
  return value;
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int64_t days_in(std::int64_t year, std::int64_t month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Days since 1970-01-01, counted one year and one month after the other.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  std::int64_t days = day - 1;
  for (std::int64_t y = 1970; y < year; ++y) days += is_leap(y) ? 366 : 365;
  for (std::int64_t y = year; y < 1970; ++y) days -= is_leap(y) ? 366 : 365;
  for (std::int64_t m = 1; m < month; ++m) days += days_in(year, m);
  return days;
}

// Whether `text` has the digits and signs of `shape`, where 0 is any digit.
bool has_shape(const std::string& text, const std::string& shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
  return true;
}

Value read_datetime(const std::string& text) {
  std::string shape;
  for (const char* each : {"0000-00-00", "0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z",
                           "0000-00-00T00:00:00+0000", "0000-00-00T00:00:00-0000",
                           "0000-00-00T00:00:00.000+0000", "0000-00-00T00:00:00.000-0000"})
    if (has_shape(text, each)) shape = each;
  if (shape.empty()) throw Erred{};
  const auto at = [&text](std::size_t from, std::size_t count) {
    return static_cast<std::int64_t>(read_digits(text.substr(from, count)));
  };
  const auto year = at(0, 4);
  const auto month = at(5, 2);
  const auto day = at(8, 2);
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) throw Erred{};
  std::int64_t number = days_of(year, month, day) * kDay;
  if (shape.size() == 10) return of_number(Kind::Datetime, number);
  const auto hour = at(11, 2);
  const auto minute = at(14, 2);
  const auto second = at(17, 2);
  if (hour > 23 || minute > 59 || second > 59) throw Erred{};
  number += ((hour * 60 + minute) * 60 + second) * 1000;
  if (shape[19] == '.') number += at(20, 3);
  if (shape.back() == 'Z') return of_number(Kind::Datetime, number);
  const auto offset_hour = at(text.size() - 4, 2);
  const auto offset_minute = at(text.size() - 2, 2);
  if (offset_hour > 23 || offset_minute > 59) throw Erred{};
  const auto offset = (offset_hour * 60 + offset_minute) * 60'000;
  // What the clock shows east of Greenwich is ahead.
  return of_number(Kind::Datetime,
                   text[text.size() - 5] == '+' ? number - offset : number + offset);
}

// -1d2h3m4s5ms: each unit at most once, in this order, at least one.
Value read_duration(const std::string& text) {
  const bool negative = text.starts_with('-');
  std::string rest = text.substr(negative ? 1 : 0);
  if (rest.empty()) throw Erred{};
  Wide number = 0;
  const std::vector<std::pair<std::string, std::int64_t>> units = {
      {"d", kDay}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
  for (const auto& [unit, size] : units) {
    std::size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) ++digits;
    std::size_t letters = digits;
    while (letters < rest.size() && !is_digit(rest[letters])) ++letters;
    if (rest.substr(digits, letters - digits) != unit) continue;
    number += read_digits(rest.substr(0, digits)) * size;
    rest = rest.substr(letters);
  }
  if (!rest.empty()) throw Erred{};
  return of_number(Kind::Duration, fit(negative ? -number : number));
}

// Whether every address of `a` is one of `b`.
bool is_within(const Ip& a, const Ip& b) {
  const auto prefix = static_cast<std::size_t>(b.prefix);
  return a.is_v6 == b.is_v6 && a.prefix >= b.prefix &&
         a.bits.substr(0, prefix) == b.bits.substr(0, prefix);
}

bool is_within(const Ip& a, const char* range) {
  return is_within(a, read_ip(range).ip);
}

std::int64_t floor_to_day(std::int64_t number) {
  const std::int64_t rest = ((number % kDay) + kDay) % kDay;
  return fit(Wide{number} - rest);
}

const Value& need(const Value& value, Kind kind) {
  if (value.kind != kind) throw Erred{};
  return value;
}

Value decimal_method(const std::string& name, const Value& a, const Value& b) {
  const std::int64_t left = need(a, Kind::Decimal).number;
  const std::int64_t right = need(b, Kind::Decimal).number;
  if (name == "lessThan") return of_bool(left < right);
  if (name == "lessThanOrEqual") return of_bool(left <= right);
  if (name == "greaterThan") return of_bool(left > right);
  return of_bool(left >= right);
}

Value ip_method(const std::string& name, const Value& value) {
  const Ip& ip = need(value, Kind::Ip).ip;
  if (name == "isIpv4") return of_bool(!ip.is_v6);
  if (name == "isIpv6") return of_bool(ip.is_v6);
  if (name == "isLoopback") return of_bool(is_within(ip, "127.0.0.0/8") || is_within(ip, "::1"));
  return of_bool(is_within(ip, "224.0.0.0/4") || is_within(ip, "ff00::/8"));
}

Value in_units(const std::string& name, const Value& value) {
  const std::int64_t number = need(value, Kind::Duration).number;
  if (name == "toMilliseconds") return of_number(Kind::Long, number);
  if (name == "toSeconds") return of_number(Kind::Long, number / 1000);
  if (name == "toMinutes") return of_number(Kind::Long, number / 60'000);
  if (name == "toHours") return of_number(Kind::Long, number / 3'600'000);
  return of_number(Kind::Long, number / kDay);
}

enum class Family { Text, Decimals, Ip, Range, Day, Units, Offset, Since, Unknown };

const std::map<std::string, Family> kFamilies = {
    {"decimal", Family::Text},
    {"ip", Family::Text},
    {"datetime", Family::Text},
    {"duration", Family::Text},
    {"lessThan", Family::Decimals},
    {"lessThanOrEqual", Family::Decimals},
    {"greaterThan", Family::Decimals},
    {"greaterThanOrEqual", Family::Decimals},
    {"isIpv4", Family::Ip},
    {"isIpv6", Family::Ip},
    {"isLoopback", Family::Ip},
    {"isMulticast", Family::Ip},
    {"isInRange", Family::Range},
    {"toDate", Family::Day},
    {"toTime", Family::Day},
    {"toMilliseconds", Family::Units},
    {"toSeconds", Family::Units},
    {"toMinutes", Family::Units},
    {"toHours", Family::Units},
    {"toDays", Family::Units},
    {"offset", Family::Offset},
    {"durationSince", Family::Since},
    {"unknown", Family::Unknown},  // of partial evaluation: it has no value
};

bool takes_two(Family family) {
  return family == Family::Decimals || family == Family::Range || family == Family::Offset ||
         family == Family::Since;
}

Value read_text(const std::string& name, const std::string& text) {
  if (name == "decimal") return read_decimal(text);
  if (name == "ip") return read_ip(text);
  return name == "datetime" ? read_datetime(text) : read_duration(text);
}

Value of_day(const std::string& name, std::int64_t number) {
  if (name == "toDate") return of_number(Kind::Datetime, floor_to_day(number));
  return of_number(Kind::Duration, ((number % kDay) + kDay) % kDay);
}

}  // namespace

std::int64_t fit(Wide number) {
  if (number < std::numeric_limits<std::int64_t>::min() ||
      number > std::numeric_limits<std::int64_t>::max())
    throw Erred{};
  return static_cast<std::int64_t>(number);
}

bool is_extension(const std::string& name) {
  return kFamilies.contains(name);
}

Value call_extension(const std::string& name, const std::vector<Value>& arguments) {
  const Family family = kFamilies.at(name);
  if (arguments.size() != (takes_two(family) ? 2U : 1U)) throw Erred{};
  const Value& first = arguments.front();
  const Value& last = arguments.back();
  switch (family) {
    case Family::Text:
      return read_text(name, need(first, Kind::String).text);
    case Family::Decimals:
      return decimal_method(name, first, last);
    case Family::Ip:
      return ip_method(name, first);
    case Family::Range:
      return of_bool(is_within(need(first, Kind::Ip).ip, need(last, Kind::Ip).ip));
    case Family::Day:
      return of_day(name, need(first, Kind::Datetime).number);
    case Family::Units:
      return in_units(name, first);
    case Family::Offset:
      return of_number(Kind::Datetime, fit(Wide{need(first, Kind::Datetime).number} +
                                           need(last, Kind::Duration).number));
    case Family::Since:
      return of_number(Kind::Duration, fit(Wide{need(first, Kind::Datetime).number} -
                                           need(last, Kind::Datetime).number));
    case Family::Unknown:
      break;
  }
  throw Erred{};
}

}  // namespace cedar_second
