#pragma once
// 64-bit integers that never overflow silently.

#include <cstdint>
#include <optional>
#include <string_view>

namespace cedar {

// One digit or more, and nothing else.
bool all_digits(std::string_view text);

// The number that digits name, made negative if asked; nothing when int64 does not hold it.
// REQUIRES: all_digits(digits).
std::optional<std::int64_t> signed_number(std::string_view digits, bool negative);

// Sums and products; nothing when int64 does not hold them.
std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> checked_subtract(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b);

}  // namespace cedar
