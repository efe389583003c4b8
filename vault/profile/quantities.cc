#include "vault/profile/quantities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/money.h"
#include "vault/profile/value.h"

namespace vrm::profile {

namespace {

constexpr std::size_t kMaxDigits = 30;
constexpr std::size_t kMaxMoneyDecimals = 4;

constexpr std::array<std::string_view, 34> kUnits = {
    "mm", "cm", "m", "km", "in",  "ft", "yd", "mi",   "g",   "kg", "lb",  "oz",
    "ml", "cl", "l", "m2", "km2", "ha", "m3", "s",    "min", "h",  "day", "week",
    "%",  "°C", "W", "kW", "kWh", "V",  "A",  "km/h", "GB",  "dpt"};

// Splits "178 cm" behind the number.
std::pair<std::string_view, std::string_view> split_number(std::string_view typed) {
  std::size_t end = 0;
  while (end < typed.size() && (is_digit(typed[end]) || typed[end] == '.' || typed[end] == ',' ||
                                (end == 0 && (typed[end] == '-' || typed[end] == '+'))))
    ++end;
  return {typed.substr(0, end), trimmed(typed.substr(end))};
}

std::optional<std::string> currency_of(std::string_view typed) {
  if (typed == "€") return "EUR";
  if (typed == "£") return "GBP";
  std::string code = upper(typed);
  if (!vrm::decimals_of(code).ok()) return std::nullopt;
  return code;
}

std::size_t decimals_of(std::string_view decimal) {
  const auto point = decimal.find('.');
  return point == std::string_view::npos ? 0 : decimal.size() - point - 1;
}

}  // namespace

std::optional<std::string> canonical_decimal(std::string_view typed) {
  typed = trimmed(typed);
  const bool minus = typed.starts_with('-');
  if (minus || typed.starts_with('+')) typed.remove_prefix(1);
  const auto point = std::min(typed.find_first_of(".,"), typed.size());
  std::string_view whole = typed.substr(0, point);
  const std::string_view part = typed.substr(std::min(point + 1, typed.size()));
  if (whole.empty() || whole.size() + part.size() > kMaxDigits) return std::nullopt;
  if (point < typed.size() && part.empty()) return std::nullopt;
  if (!std::all_of(whole.begin(), whole.end(), is_digit)) return std::nullopt;
  if (!std::all_of(part.begin(), part.end(), is_digit)) return std::nullopt;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  std::string out(whole);
  if (!part.empty()) out.append(".").append(part);
  if (minus && out.find_first_not_of("0.") != std::string::npos) out.insert(0, "-");
  return out;
}

std::optional<std::string> canonical_measure(std::string_view typed, std::string_view unit) {
  const auto [number, suffix] = split_number(trimmed(typed));
  const auto decimal = canonical_decimal(number);
  if (!decimal || decimal->starts_with('-')) return std::nullopt;
  const std::string_view wanted = suffix.empty() ? unit : suffix;
  const auto* known = std::find(kUnits.begin(), kUnits.end(), wanted);
  if (known == kUnits.end()) return std::nullopt;
  return *decimal + " " + std::string(*known);
}

std::optional<std::string> canonical_money(std::string_view typed) {
  typed = trimmed(typed);
  std::optional<std::string> currency;
  std::optional<std::string> decimal;
  const bool begins_with_number =
      !typed.empty() && (is_digit(typed[0]) || typed[0] == '-' || typed[0] == '+');
  if (begins_with_number) {
    const auto [number, suffix] = split_number(typed);
    decimal = canonical_decimal(number);
    currency = currency_of(suffix);
  } else {
    const auto end = std::min(typed.find_first_of("0123456789-+"), typed.size());
    currency = currency_of(trimmed(typed.substr(0, end)));
    decimal = canonical_decimal(typed.substr(end));
  }
  if (!decimal || !currency || decimals_of(*decimal) > kMaxMoneyDecimals) return std::nullopt;
  return *decimal + " " + *currency;
}

}  // namespace vrm::profile
