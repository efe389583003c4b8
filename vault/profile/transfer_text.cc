#include "vault/profile/transfer_text.h"

#include <algorithm>
#include <array>

#include "vault/base/text.h"

namespace vrm::profile {

namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

// What Windows-1252 has at 0x80..0x9F; 0 where it has nothing.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

enum class Charset { Utf8, Latin1, Windows1252 };

std::optional<Charset> charset_from_text(std::string_view name) {
  std::string wanted(name);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (wanted.empty() || wanted == "UTF-8" || wanted == "UTF8" || wanted == "US-ASCII")
    return Charset::Utf8;
  if (wanted == "ISO-8859-1" || wanted == "ISO8859-1" || wanted == "LATIN1") return Charset::Latin1;
  if (wanted == "WINDOWS-1252" || wanted == "CP1252") return Charset::Windows1252;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> from_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    if (i + 1 == text.size()) break;  // a soft break with nothing behind it
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(static_cast<unsigned char>(*high * 16 + *low));
    i += 2;
  }
  return out;
}

std::optional<std::string> to_utf8(std::string_view text, std::string_view charset) {
  const auto known = charset_from_text(charset);
  if (!known || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (*known == Charset::Utf8)
    return is_utf8(text) ? std::optional(std::string(text)) : std::nullopt;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char32_t scalar = byte;
    if (*known == Charset::Windows1252 && byte >= 0x80 && byte < 0xA0)
      scalar = kWindows1252[byte - 0x80U];
    if (scalar == 0) return std::nullopt;
    append_utf8(out, scalar);
  }
  return out;
}

std::string from_rfc6868(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '^' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n' || next == '\'' || next == '^') {
      out += next == 'n' ? '\n' : next == '\'' ? '"' : '^';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace vrm::profile
