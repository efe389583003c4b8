#pragma once
// Money: whole minor units of one currency (ISO 4217), never a floating number.

#include <cstdint>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace vrm {

// 1,000,000,000,000 minor units: no amount is larger, so that sums of a few never overflow.
inline constexpr std::int64_t kMostMinorUnits = 1'000'000'000'000;

struct Money {
  std::int64_t minor = 0;  // cents of EUR, yen of JPY
  std::string currency;    // ISO 4217, upper case

  friend bool operator==(const Money&, const Money&) = default;
};

// How many decimals amounts of this currency have. Malformed: no currency that we know.
Result<int> decimals_of(std::string_view currency);

// A decimal string as the wire has it: digits, and a point with at most the currency's decimals; "849", "849.5" and
// "849.00". Malformed: a sign, a leading zero before a digit, an exponent, too many decimals, more than
// kMostMinorUnits.
Result<Money> money_from_amount(std::string_view amount, std::string_view currency);

// As a person types it: 900EUR, "900 EUR", 900.50eur, 900,50EUR. Malformed, with words for a person.
Result<Money> money_from_typed(std::string_view typed);

// "849.00": always with the currency's decimals. REQUIRES: not below zero, in a currency that we know.
std::string amount_of(const Money& money);

}  // namespace vrm
