#include "vault/base/text.h"

namespace vrm {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool between(char32_t c, char32_t low, char32_t high) {
  return c >= low && c <= high;
}

// Characters that move the cursor, reverse the reading, hide, or mean nothing to others.
bool is_unsafe(char32_t c) {
  return c < 0x20 || between(c, 0x7F, 0x9F) || c == 0xAD || c == 0x34F || c == 0x61C ||
         c == 0x115F || c == 0x1160 || between(c, 0x17B4, 0x17B5) || between(c, 0x180B, 0x180F) ||
         between(c, 0x200B, 0x200F) || between(c, 0x2028, 0x202E) || between(c, 0x2060, 0x206F) ||
         c == 0x3164 || between(c, 0xD800, 0xF8FF) || between(c, 0xFDD0, 0xFDEF) ||
         between(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFA0 || between(c, 0xFFF0, 0xFFFC) ||
         (c & 0xFFFEU) == 0xFFFE || between(c, 0x1BCA0, 0x1BCA3) || between(c, 0x1D173, 0x1D17A) ||
         c >= 0x40000;
}

}  // namespace

std::optional<char32_t> next_scalar(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || at + more > text.size()) return std::nullopt;
  char32_t scalar = first & (0x3FU >> more);
  for (unsigned i = 0; i < more; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0U) != 0x80) return std::nullopt;
    scalar = (scalar << 6U) | (next & 0x3FU);
  }
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  if (scalar < kLeast[more] || scalar > 0x10FFFF || between(scalar, 0xD800, 0xDFFF))
    return std::nullopt;
  at += more;
  return scalar;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (!next_scalar(text, at)) return false;
  return true;
}

void append_utf8(std::string& out, char32_t scalar) {
  const auto byte = [&out](char32_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (scalar < 0x80) {
    byte(scalar);
  } else if (scalar < 0x800) {
    byte(0xC0U | (scalar >> 6U));
    byte(0x80U | (scalar & 0x3FU));
  } else if (scalar < 0x10000) {
    byte(0xE0U | (scalar >> 12U));
    byte(0x80U | ((scalar >> 6U) & 0x3FU));
    byte(0x80U | (scalar & 0x3FU));
  } else {
    byte(0xF0U | (scalar >> 18U));
    byte(0x80U | ((scalar >> 12U) & 0x3FU));
    byte(0x80U | ((scalar >> 6U) & 0x3FU));
    byte(0x80U | (scalar & 0x3FU));
  }
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count == most) {
      append_utf8(out, 0x2026);
      break;
    }
    const auto scalar = next_scalar(text, at);
    if (scalar == U'\n' || scalar == U'\r' || scalar == U'\t')
      out += ' ';
    else
      append_utf8(out, !scalar || is_unsafe(*scalar) ? kReplacement : *scalar);
  }
  return out;
}

}  // namespace vrm
