// Telephone numbers as people write them, made E.164.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "vault/base/text.h"
#include "vault/profile/value.h"

namespace vrm::profile {

namespace {

constexpr std::size_t kLeastDigits = 7;
constexpr std::size_t kMostDigits = 15;
constexpr std::size_t kFrenchDigits = 9;  // behind +33 or the 0

// Spaces and hyphens of any kind, points, slashes and brackets.
bool is_between(char32_t c) {
  return c == U' ' || c == U'.' || c == U'-' || c == U'/' || c == U'(' || c == U')' || c == 0xA0 ||
         c == 0x202F || (c >= 0x2000 && c <= 0x200A) || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

// The digits, behind a + when there was one first. Nothing: something else is in it.
std::optional<std::string> only_digits(std::string_view typed) {
  std::string out;
  for (std::size_t at = 0; at < typed.size();) {
    const auto scalar = next_scalar(typed, at);
    if (!scalar) return std::nullopt;
    if (*scalar >= U'0' && *scalar <= U'9')
      out += static_cast<char>(*scalar);
    else if (*scalar == U'+' && out.empty())
      out += '+';
    else if (!is_between(*scalar))
      return std::nullopt;
  }
  return out;
}

std::string without_trunk_zero(std::string_view typed) {
  std::string out(typed);
  const auto at = out.find("(0)");
  const bool international = out.find('+') != std::string::npos || out.starts_with("00");
  if (at != std::string::npos && international) out.erase(at, 3);
  return out;
}

}  // namespace

std::optional<std::string> normalise_phone(std::string_view typed) {
  if (typed.size() > 64) return std::nullopt;
  auto digits = only_digits(without_trunk_zero(typed));
  if (!digits) return std::nullopt;
  std::string number = std::move(*digits);
  if (number.starts_with("00")) number.replace(0, 2, "+");
  if (number.starts_with("0") && number.size() == kFrenchDigits + 1) number.replace(0, 1, "+33");
  if (!number.starts_with("+")) return std::nullopt;
  if (number.starts_with("+330")) number.erase(3, 1);
  const std::size_t count = number.size() - 1;
  if (count < kLeastDigits || count > kMostDigits || number[1] == '0') return std::nullopt;
  if (number.starts_with("+33") && count != kFrenchDigits + 2) return std::nullopt;
  return number;
}

}  // namespace vrm::profile
