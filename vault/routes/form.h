#pragma once
// application/x-www-form-urlencoded, as bodies and queries carry it, read strictly.

#include <map>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace vrm::routes {

inline constexpr std::size_t kMostFormFields = 32;

// Names and values, decoded. Malformed: a name twice (RFC 6749 section 3.1), no name, a percent sign without two
// hex digits, NUL, text that is not UTF-8, more than kMostFormFields. An empty text is an empty form.
Result<std::map<std::string, std::string, std::less<>>> read_form(std::string_view text);

}  // namespace vrm::routes
