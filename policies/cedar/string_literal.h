#pragma once
// The inside of a string between quotes: escapes to text, and text to escapes.
//
//   \n \r \t \\ \0 \' \"   \xHH up to 7F   \u{1 to 6 hex digits, _ between}   and in a pattern \*

#include <string>
#include <string_view>

#include "policies/cedar/pattern.h"
#include "vault/base/result.h"

namespace cedar {

// `inside` is what stands between the quotes.
// Malformed: an escape that does not exist, or a bare carriage return; the message names it.
vrm::Result<std::string> unescape_string(std::string_view inside);

// The same for the right side of `like`: `*` is the wildcard, however it is written; only `\*` is
// the star itself.
vrm::Result<Pattern> unescape_pattern(std::string_view inside);

// `text` between quotes, escaped so that unescape_string gives it back.
std::string quote_string(std::string_view text);

}  // namespace cedar
