#pragma once
// Text from outside, made safe to print on a terminal or a page.

#include <optional>
#include <string>
#include <string_view>

namespace vrm {

// The scalar value at `at`, which moves behind it. Nothing: no UTF-8 there (too long a form,
// surrogate, cut short); `at` then moves by one byte. REQUIRES: at < text.size().
std::optional<char32_t> next_scalar(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t scalar);

// `text` with every control, escape, bidirectional, zero-width, tag, private or unassigned-plane
// character and every byte that is not UTF-8 replaced by U+FFFD, line ends and tabs by a space, and
// cut to `most` scalars with an ellipsis.
std::string printable(std::string_view text, std::size_t most = 500);

}  // namespace vrm
