#include "policies/cedar/integer.h"

#include <algorithm>

#include "vault/base/check.h"

namespace cedar {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> signed_number(std::string_view digits, bool negative) {
  VRM_CHECK(all_digits(digits));
  std::int64_t value = 0;
  for (const char c : digits) {
    const std::int64_t digit = c - '0';
    const auto shifted = checked_multiply(value, 10);
    if (!shifted) return std::nullopt;
    const auto next = checked_add(*shifted, negative ? -digit : digit);
    if (!next) return std::nullopt;
    value = *next;
  }
  return value;
}

std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}

std::optional<std::int64_t> checked_subtract(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_sub_overflow(a, b, &out)) return std::nullopt;
  return out;
}

std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}

}  // namespace cedar
