#include "policies/cedar/string_literal.h"

#include <optional>

#include "vault/base/text.h"

namespace cedar {

namespace {

vrm::Error bad_escape(std::string_view escape) {
  return vrm::Error{vrm::ErrorCode::Malformed,
                    "the input `" + std::string(escape) + "` is not a valid escape"};
}

std::optional<char32_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<char32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<char32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<char32_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<char32_t> simple_escape(char c) {
  switch (c) {
    case 'n':
      return U'\n';
    case 'r':
      return U'\r';
    case 't':
      return U'\t';
    case '0':
      return U'\0';
    case '\\':
    case '\'':
    case '"':
      return static_cast<char32_t>(c);
    default:
      return std::nullopt;
  }
}

// Two hex digits behind `\x`; `at` moves behind them.
std::optional<char32_t> byte_escape(std::string_view text, std::size_t& at) {
  if (at + 2 > text.size()) return std::nullopt;
  const auto high = hex_digit(text[at]);
  const auto low = hex_digit(text[at + 1]);
  at += 2;
  if (!high || !low || *high > 7) return std::nullopt;
  return *high * 16 + *low;
}

// `{`, digits and `}` behind `\u`; `at` moves behind what was read.
std::optional<char32_t> scalar_escape(std::string_view text, std::size_t& at) {
  if (at >= text.size() || text[at] != '{') return std::nullopt;
  char32_t scalar = 0;
  int digits = 0;
  for (++at; at < text.size() && text[at] != '}'; ++at) {
    if (text[at] == '_' && digits > 0) continue;
    const auto digit = hex_digit(text[at]);
    if (!digit || ++digits > 6) return std::nullopt;
    scalar = scalar * 16 + *digit;
  }
  if (at >= text.size() || digits == 0) return std::nullopt;
  ++at;
  if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) return std::nullopt;
  return scalar;
}

// Reads one scalar of a literal; `escaped_star` tells `\*` from `*` and is null where `\*` is no
// escape.
std::optional<char32_t> read_scalar(std::string_view text, std::size_t& at, bool* escaped_star) {
  const auto plain = vrm::next_scalar(text, at);
  if (!plain || *plain == U'\r') return std::nullopt;
  if (*plain != U'\\') return plain;
  if (at >= text.size()) return std::nullopt;
  const char kind = text[at++];
  if (kind == 'x') return byte_escape(text, at);
  if (kind == 'u') return scalar_escape(text, at);
  if (kind == '*' && escaped_star != nullptr) {
    *escaped_star = true;
    return U'*';
  }
  return simple_escape(kind);
}

}  // namespace

vrm::Result<std::string> unescape_string(std::string_view inside) {
  std::string out;
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t start = at;
    const auto scalar = read_scalar(inside, at, nullptr);
    if (!scalar) return bad_escape(inside.substr(start, at - start));
    vrm::append_utf8(out, *scalar);
  }
  return out;
}

vrm::Result<Pattern> unescape_pattern(std::string_view inside) {
  Pattern pattern;
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t start = at;
    bool escaped_star = false;
    const auto scalar = read_scalar(inside, at, &escaped_star);
    if (!scalar) return bad_escape(inside.substr(start, at - start));
    if (*scalar == U'*' && !escaped_star)
      pattern.add_wildcard();
    else
      pattern.add_scalar(*scalar);
  }
  return pattern;
}

std::string quote_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\0') {
      out += "\\0";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u{";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
      out += '}';
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace cedar
