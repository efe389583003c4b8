#include "vault/profile/field_name.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "vault/base/spelling.h"
#include "vault/base/text.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

bool is_small_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_part_letter(char c) {
  return is_small_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool is_field_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxFieldNameBytes) return false;
  std::size_t parts = 1;
  bool begins = true;
  for (const char c : name) {
    if (begins) {
      if (!is_small_letter(c)) return false;
      begins = false;
    } else if (c == '.') {
      ++parts;
      begins = true;
    } else if (!is_part_letter(c)) {
      return false;
    }
  }
  return !begins && parts <= kMaxFieldNameParts;
}

Result<void> check_field_name(std::string_view name) {
  if (is_field_name(name)) return {};
  return owners_refusal(ErrorCode::Malformed, "profile.bad_name", {{"field", printable(name, 80)}});
}

namespace {

// `name` down to as many parts as `typed` has; all of it when it has no more.
std::string_view first_parts(std::string_view name, std::string_view typed) {
  std::size_t end = name.find('.');
  for (auto left = std::count(typed.begin(), typed.end(), '.'); left > 0 && end != name.npos;
       --left)
    end = name.find('.', end + 1);
  return name.substr(0, end);
}

}  // namespace

std::vector<std::string> nearest(std::string_view typed,
                                 const std::vector<std::string_view>& names) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const auto name : names) {
    const bool last_part = name.size() > typed.size() && name.ends_with(typed) &&
                           name[name.size() - typed.size() - 1] == '.';
    const auto first = first_parts(name, typed);
    if (typed.empty()) continue;
    if (last_part)
      found.emplace_back(0, name);
    else if (is_near(typed, name))
      found.emplace_back(distance(typed, name), name);
    else if (is_near(typed, first))
      found.emplace_back(distance(typed, first), name);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  // What is much farther than the nearest was not meant.
  while (!found.empty() && (found.size() > kMost || found.back().first > found.front().first + 1))
    found.pop_back();
  std::vector<std::string> out;
  for (const auto& [_, name] : found) out.emplace_back(name);
  return out;
}

}  // namespace vrm::profile
