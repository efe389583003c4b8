#include "cli/typed_amount.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "vault/base/ascii.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kGroup = 3;

struct Spelling {
  std::string_view written;
  std::string_view currency;
};
constexpr std::array<Spelling, 5> kSpellings = {
    {{"€", "EUR"}, {"euros", "EUR"}, {"euro", "EUR"}, {"£", "GBP"}, {"¥", ""}}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

bool are_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); });
}

// The currency before or behind the number, and the number.
std::optional<std::pair<std::string, std::string>> parted(std::string text) {
  for (const auto& spelling : kSpellings) {
    if (spelling.currency.empty() && text.find(spelling.written) != text.npos) return std::nullopt;
    replace_all(text, spelling.written, spelling.currency);
  }
  for (const auto* blank : {"\u00A0", "\u202F"}) replace_all(text, blank, " ");
  const std::string_view whole = trimmed(text);
  const auto begins = whole.find_first_of("0123456789");
  const auto ends = whole.find_last_of("0123456789");
  if (begins == whole.npos) return std::nullopt;
  const auto before = trimmed(whole.substr(0, begins));
  const auto behind = trimmed(whole.substr(ends + 1));
  if (before.empty() == behind.empty()) return std::nullopt;
  const auto currency = upper(before.empty() ? behind : before);
  if (currency.size() != 3 || !std::all_of(currency.begin(), currency.end(), is_letter))
    return std::nullopt;
  return std::pair(currency, std::string(whole.substr(begins, ends + 1 - begins)));
}

// The digits of groups of three parted by `sign`: "1 000 000".
std::optional<std::string> ungrouped(std::string_view text, char sign) {
  std::string digits;
  for (bool first = true;; first = false) {
    const auto end = text.find(sign);
    const auto group = text.substr(0, end);
    const bool fits = first ? group.size() <= kGroup : group.size() == kGroup;
    if (!are_digits(group) || !fits) return std::nullopt;
    digits += group;
    if (end == text.npos) return digits;
    text.remove_prefix(end + 1);
  }
}

// "1000.00". Nothing: it can be read in two ways, or in none.
std::optional<std::string> plain_number(std::string number) {
  for (const auto* mark : {"'", "’"}) replace_all(number, mark, " ");
  std::string decimals;
  const auto last = number.find_last_of(".,");
  const bool grouped_by_sign = last != number.npos && number.find(number[last]) != last;
  if (last != number.npos && !grouped_by_sign) {
    const bool is_only_sign = number.find_first_of(".,") == last;
    decimals = number.substr(last + 1);
    const bool can_be_group = is_only_sign && decimals.size() == kGroup;
    if (!are_digits(decimals) || can_be_group) return std::nullopt;
    number.resize(last);
  }
  std::optional<std::string> digits;
  if (are_digits(number)) digits = number;
  for (const char sign : {' ', '.', ','})
    if (!digits && number.find(sign) != number.npos) digits = ungrouped(number, sign);
  if (!digits) return std::nullopt;
  return decimals.empty() ? *digits : *digits + "." + decimals;
}

}  // namespace

std::string amount_from_typed(std::string_view typed) {
  const auto parts = parted(std::string(typed));
  if (!parts) return std::string(typed);
  const auto number = plain_number(parts->second);
  return number ? *number + parts->first : std::string(typed);
}

}  // namespace vrm::cli
