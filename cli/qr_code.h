#pragma once
// A QR code for a terminal: two rows of it in one line of half blocks (qrcodegen).

#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::cli {

// Its lines. What is light in the code is drawn, what is dark is left blank, as on a dark screen; readers take it the
// other way round, too. Malformed (doc.no_qr): the text is empty, too long for a code, or the code is wider than
// `columns`.
Result<std::vector<std::string>> qr_code(std::string_view text, std::size_t columns);

}  // namespace vrm::cli
