#include "policies/cedar/name.h"

#include <algorithm>
#include <array>

namespace cedar {

namespace {

constexpr std::array<std::string_view, 10> kReserved{"true", "false", "if",   "then", "else",
                                                     "in",   "is",    "like", "has",  "__cedar"};

bool starts_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

bool is_reserved(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

bool is_identifier(std::string_view text) {
  if (text.empty() || !starts_identifier(text[0]) || is_reserved(text)) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return starts_identifier(c) || (c >= '0' && c <= '9'); });
}

bool is_name(std::string_view text) {
  for (;;) {
    const auto colons = text.find("::");
    if (!is_identifier(text.substr(0, colons))) return false;
    if (colons == std::string_view::npos) return true;
    text.remove_prefix(colons + 2);
  }
}

bool is_action_type(std::string_view type) {
  return type == "Action" || type.ends_with("::Action");
}

}  // namespace cedar
