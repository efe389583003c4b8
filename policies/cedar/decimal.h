#pragma once
// Cedar's decimal: a number with up to four digits behind the dot, exact.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

struct Decimal {
  std::int64_t ten_thousandths = 0;

  // Text such as 12.5 or -0.0001: a dot is needed, with digits on both sides.
  // Malformed: another shape, more than four digits behind the dot, or a value beyond int64
  // ten-thousandths.
  static vrm::Result<Decimal> parse(std::string_view text);

  // With at least one and at most four digits behind the dot.
  std::string to_string() const;

  friend auto operator<=>(Decimal, Decimal) = default;
};

}  // namespace cedar
