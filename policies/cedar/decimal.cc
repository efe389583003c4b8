#include "policies/cedar/decimal.h"

#include <algorithm>

#include "policies/cedar/integer.h"

namespace cedar {

namespace {

vrm::Error bad_decimal(std::string reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, std::move(reason)};
}

}  // namespace

vrm::Result<Decimal> Decimal::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view number = text.substr(negative ? 1 : 0);
  const auto dot = number.find('.');
  const auto whole = number.substr(0, dot);
  const auto fraction = dot == std::string_view::npos ? "" : number.substr(dot + 1);
  if (!all_digits(whole) || !all_digits(fraction))
    return bad_decimal("`" + std::string(text) + "` is not a well-formed decimal value");
  if (fraction.size() > 4)
    return bad_decimal("too many digits after the decimal in `" + std::string(text) + "`");
  std::string digits(whole);
  digits += fraction;
  digits.append(4 - fraction.size(), '0');
  const auto value = signed_number(digits, negative);
  if (!value) return bad_decimal("overflow when converting to decimal");
  return Decimal{*value};
}

std::string Decimal::to_string() const {
  const bool negative = ten_thousandths < 0;
  const auto bits = static_cast<std::uint64_t>(ten_thousandths);
  std::string digits = std::to_string(negative ? 0 - bits : bits);
  if (digits.size() < 5) digits.insert(0, 5 - digits.size(), '0');
  digits.insert(digits.size() - 4, ".");
  while (digits.ends_with('0') && digits[digits.size() - 2] != '.') digits.pop_back();
  return (negative ? "-" : "") + digits;
}

}  // namespace cedar
