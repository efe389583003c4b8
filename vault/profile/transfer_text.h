#pragma once
// The wrappings text arrives in: quoted-printable, Latin-1 and Windows-1252, and the carets of RFC
// 6868.

#include <optional>
#include <string>
#include <string_view>

namespace vrm::profile {

// RFC 2045 section 6.7, soft line breaks already joined. Nothing: a = without two hexadecimal
// digits behind it.
std::optional<std::string> from_quoted_printable(std::string_view text);

// `charset` is what the text declares, "" for none: then it must be UTF-8.
// Nothing: another charset, bytes it does not have, or a NUL.
std::optional<std::string> to_utf8(std::string_view text, std::string_view charset);

// ^n, ^' and ^^ of a parameter's value; another caret stays.
std::string from_rfc6868(std::string_view text);

}  // namespace vrm::profile
