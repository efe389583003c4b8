#pragma once
// Numbers, measures and money in the forms people type them, made canonical. No double is ever
// involved.

#include <optional>
#include <string>
#include <string_view>

namespace vrm::profile {

// Digits with at most one point or comma: "1 ", "-0,50" -> "1", "-0.50"; no leading zeros, no minus
// before zero, at most 30 digits. Nothing: no such number.
std::optional<std::string> canonical_decimal(std::string_view typed);

// "178cm", "1,78 m" -> "178 cm", "1.78 m". A bare number gets `unit` when there is one. Nothing: no
// number, negative, or an unknown unit.
std::optional<std::string> canonical_measure(std::string_view typed, std::string_view unit);

// "849 €", "EUR 849.00", "-3 usd" -> "849 EUR", "849.00 EUR", "-3 USD"; at most 4 decimals.
// Nothing: no amount, or no currency.
std::optional<std::string> canonical_money(std::string_view typed);

}  // namespace vrm::profile
