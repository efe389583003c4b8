#include "cli/qr_code.h"

#include <exception>
#include <qrcodegen/QrCode.hpp>

namespace vrm::cli {

namespace {

// The margin that readers want around it.
constexpr int kQuiet = 2;

std::string_view half_block(bool upper, bool lower) {
  if (upper && lower) return "█";
  if (upper) return "▀";
  return lower ? "▄" : " ";
}

}  // namespace

Result<std::vector<std::string>> qr_code(std::string_view text, std::size_t columns) {
  const Error none = refusal(ErrorCode::Malformed, "doc.no_qr");
  if (text.empty()) return none;
  try {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    const auto code = qrcodegen::QrCode::encodeBinary(bytes, qrcodegen::QrCode::Ecc::LOW);
    const int size = code.getSize();
    if (static_cast<std::size_t>(size + 2 * kQuiet) > columns) return none;
    // Outside of the code getModule() says light, and so is the margin.
    const auto light = [&](int x, int y) { return !code.getModule(x, y); };
    std::vector<std::string> lines;
    for (int y = -kQuiet; y < size + kQuiet; y += 2) {
      std::string line;
      for (int x = -kQuiet; x < size + kQuiet; ++x)
        line += half_block(light(x, y), y + 1 < size + kQuiet && light(x, y + 1));
      lines.push_back(std::move(line));
    }
    return lines;
  } catch (const std::exception&) {
    return none;  // more than the largest code holds
  }
}

}  // namespace vrm::cli
