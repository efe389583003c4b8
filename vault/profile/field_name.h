#pragma once
// The grammar of a field's name: 1 to 6 parts of a-z 0-9 _, each begun by a letter, joined by dots,
// at most 64 bytes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::profile {

inline constexpr std::size_t kMaxFieldNameBytes = 64;
inline constexpr std::size_t kMaxFieldNameParts = 6;

bool is_field_name(std::string_view name);

// Malformed (profile.bad_name): not a field's name.
Result<void> check_field_name(std::string_view name);

// At most 3 of `names` that `typed` may have meant, the nearest first: near ones, those that end
// with it (`email` for contact.email), and those whose first parts are near (`adress.home` for
// address.home.locality).
std::vector<std::string> nearest(std::string_view typed,
                                 const std::vector<std::string_view>& names);

}  // namespace vrm::profile
