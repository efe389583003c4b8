#pragma once
// A text of policies laid out anew: one blank line between policies, and every comment kept near what it stood at.
//
// A comment alone in its line comes to stand above the line of what it was above; one behind something, at the end of that
// line. Laying out what was laid out changes nothing.

#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

// Malformed: what parse_policies() refuses.
vrm::Result<std::string> format_policies(std::string_view text);

}  // namespace cedar
