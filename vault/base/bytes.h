#pragma once
// Runs of bytes, and their text forms.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// The bytes of a text, and the text of bytes; nothing is converted. The view dies with `text`.
BytesView bytes_of(std::string_view text);
std::string text_of(BytesView bytes);

// RFC 4648 section 5 without padding, one spelling per value.
std::string to_base64url(BytesView bytes);

// Malformed: padding, a foreign character, an impossible length, or spare bits that are not zero.
Result<Bytes> from_base64url(std::string_view text);

// Lower case.
std::string to_hex(BytesView bytes);

}  // namespace vrm
