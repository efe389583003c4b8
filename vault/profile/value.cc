#include "vault/profile/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/text.h"
#include "vault/base/time.h"
#include "vault/profile/quantities.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

constexpr std::size_t kMaxTypedShown = 40;
constexpr std::size_t kMaxUrlBytes = 2048;

struct TypeWords {
  std::string_view name;
  std::string_view example;
};

// In the order of enum Type.
constexpr std::array<TypeWords, 13> kTypes = {{
    {"text", "Ana"},
    {"multiline", "12 rue des Lilas"},
    {"date", "1990-02-14"},
    {"email", "ana@example.org"},
    {"phone", "+33 6 12 34 56 78"},
    {"country", "FR"},
    {"postal_code", "69007"},
    {"language", "fr-FR"},
    {"number", "42.5"},
    {"measure", "178 cm"},
    {"money", "849.00 EUR"},
    {"url", "https://example.org/"},
    {"bool", "yes"},
}};

Error refused(std::string key, std::string_view field, std::string_view typed,
              std::string example) {
  return owners_refusal(ErrorCode::Malformed, std::move(key),
                        {{"field", std::string(field)},
                         {"typed", printable(typed, kMaxTypedShown)},
                         {"example", std::move(example)}});
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

bool has_control(std::string_view text, std::string_view allowed) {
  for (std::size_t at = 0; at < text.size();) {
    const auto scalar = next_scalar(text, at);
    if (!scalar || !is_control(*scalar)) continue;
    if (*scalar >= 0x80 || allowed.find(static_cast<char>(*scalar)) == std::string_view::npos)
      return true;
  }
  return false;
}

std::optional<std::string> canonical_date(std::string_view typed) {
  std::string text(typed);
  if (text.size() == 8 && std::all_of(text.begin(), text.end(), is_digit)) {
    text.insert(6, "-");
    text.insert(4, "-");
  }
  if (!date_from_text(text).ok() || text.starts_with("0000")) return std::nullopt;
  return text;
}

bool is_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > 253 || domain.find('.') == std::string_view::npos)
    return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i <= domain.size(); ++i) {
    if (i == domain.size() || domain[i] == '.') {
      if (label == 0 || label > 63 || domain[i - 1] == '-' || domain[i - label] == '-')
        return false;
      label = 0;
      continue;
    }
    const bool beyond_ascii = (static_cast<unsigned char>(domain[i]) & 0x80U) != 0;
    if (!is_letter(domain[i]) && !is_digit(domain[i]) && domain[i] != '-' && !beyond_ascii)
      return false;
    ++label;
  }
  return true;
}

// RFC 5322's dot-atom, and beyond ASCII as RFC 6531 allows; no quoted forms.
std::optional<std::string> canonical_email(std::string_view typed) {
  const auto at = typed.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || !is_domain(typed.substr(at + 1)))
    return std::nullopt;
  const std::string_view local = typed.substr(0, at);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return std::nullopt;
  const bool plain = std::all_of(local.begin(), local.end(), [](char c) {
    return is_letter(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0 ||
           std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
  });
  if (!plain) return std::nullopt;
  return std::string(local) + "@" + lower(typed.substr(at + 1));
}

// What the countries of the world use: letters, digits, single spaces and hyphens, with at least
// one digit.
std::optional<std::string> canonical_postal_code(std::string_view typed) {
  std::string out;
  bool digit = false;
  for (const char c : typed) {
    if (c == ' ' && out.ends_with(' ')) continue;
    if (!is_letter(c) && !is_digit(c) && c != ' ' && c != '-') return std::nullopt;
    digit = digit || is_digit(c);
    out += upper(c);
  }
  if (!digit || out.size() < 2 || out.size() > 12 || out.front() == '-' || out.back() == '-')
    return std::nullopt;
  return out;
}

// The shape of BCP 47, in its usual case: fr, fr-FR, zh-Hant-TW.
std::optional<std::string> canonical_language(std::string_view typed) {
  std::string out;
  bool first = true;
  bool single = false;  // behind a singleton all is lower case
  for (std::string_view rest = typed; first || !rest.empty();) {
    const auto end = std::min(rest.find_first_of("-_"), rest.size());
    std::string part = lower(rest.substr(0, end));
    const bool hangs = end + 1 == rest.size();
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto letters =
        static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is_letter));
    const auto digits = static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is_digit));
    if (hangs || part.empty() || part.size() > 8 || letters + digits != part.size())
      return std::nullopt;
    if (first && (digits > 0 || part.size() < 2)) return std::nullopt;
    if (!first && !single && letters == 4 && digits == 0) part[0] = upper(part[0]);
    if (!first && !single && letters == 2 && digits == 0) part = {upper(part[0]), upper(part[1])};
    single = single || part.size() == 1;
    out += (first ? "" : "-") + part;
    first = false;
  }
  if (out.size() > 35) return std::nullopt;
  return out;
}

std::optional<std::string> canonical_url(std::string_view typed) {
  const auto colon = typed.find("://");
  if (colon == std::string_view::npos || typed.size() > kMaxUrlBytes) return std::nullopt;
  const std::string scheme = lower(typed.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const std::string_view rest = typed.substr(colon + 3);
  const std::string_view host = rest.substr(0, std::min(rest.find_first_of("/?#"), rest.size()));
  if (host.empty() || host.find('@') != std::string_view::npos) return std::nullopt;
  if (rest.find_first_of(" \"<>\\^`{|}") != std::string_view::npos || has_control(rest, ""))
    return std::nullopt;
  return scheme + "://" + lower(host) + std::string(rest.substr(host.size()));
}

std::optional<std::string> canonical_bool(std::string_view typed) {
  const std::string word = lower(typed);
  for (const auto* yes : {"true", "yes", "oui", "vrai"})
    if (word == yes) return "true";
  for (const auto* no : {"false", "no", "non", "faux"})
    if (word == no) return "false";
  return std::nullopt;
}

std::optional<std::string> canonical(Type type, std::string_view typed, std::string_view unit) {
  switch (type) {
    case Type::Text:
    case Type::Multiline:
      return std::string(typed);
    case Type::Date:
      return canonical_date(trimmed(typed));
    case Type::Email:
      return canonical_email(trimmed(typed));
    case Type::Phone:
      return normalise_phone(trimmed(typed));
    case Type::Country:
      return country_code(trimmed(typed));
    case Type::PostalCode:
      return canonical_postal_code(trimmed(typed));
    case Type::Language:
      return canonical_language(trimmed(typed));
    case Type::Number:
      return canonical_decimal(trimmed(typed));
    case Type::Measure:
      return canonical_measure(trimmed(typed), unit);
    case Type::Money:
      return canonical_money(trimmed(typed));
    case Type::Url:
      return canonical_url(trimmed(typed));
    case Type::Bool:
      return canonical_bool(trimmed(typed));
  }
  return std::nullopt;
}

bool is_int64(std::string_view decimal) {
  std::int64_t number = 0;
  const auto* end = decimal.data() + decimal.size();
  const auto read = std::from_chars(decimal.data(), end, number);
  return read.ec == std::errc() && read.ptr == end;
}

// "178 cm" -> ,"unit":"cm" beside the value.
void append_quantity(std::string_view canonical, std::string& out) {
  const auto space = std::min(canonical.find(' '), canonical.size());
  append_json_string(canonical.substr(0, space), out);
  if (space == canonical.size()) return;
  out += ",\"unit\":";
  append_json_string(canonical.substr(space + 1), out);
}

}  // namespace

std::string_view to_string(Type type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::optional<Type> type_from_text(std::string_view text) {
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if (kTypes[i].name == text) return static_cast<Type>(i);
  return std::nullopt;
}

std::string example_of(Type type, std::string_view unit) {
  if (type == Type::Measure && !unit.empty()) return "58 " + std::string(unit);
  return std::string(kTypes[static_cast<std::size_t>(type)].example);
}

Result<std::string> parse_value(Type type, std::string_view field, std::string_view typed,
                                std::string_view unit) {
  const auto no = [&](std::string key) {
    return refused(std::move(key), field, typed, example_of(type, unit));
  };
  if (trimmed(typed).empty()) return no("profile.empty_value");
  if (typed.size() > kMaxValueBytes) return no("profile.value_too_long");
  if (!is_utf8(typed)) return no("profile.not_text");
  const std::string_view allowed = type == Type::Text ? "" : "\t\n\r";
  if (has_control(typed, allowed)) return no("profile.control_character");
  auto value = canonical(type, typed, unit);
  if (!value) return no("profile.bad_" + std::string(to_string(type)));
  return std::move(*value);
}

void append_value_json(Type type, std::string_view canonical, std::string& out) {
  out += "\"value\":";
  const bool bare = type == Type::Bool || (type == Type::Number && is_int64(canonical));
  if (bare)
    out += canonical;
  else if (type == Type::Measure || type == Type::Money)
    append_quantity(canonical, out);
  else
    append_json_string(canonical, out);
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace vrm::profile
