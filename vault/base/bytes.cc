#include "vault/base/bytes.h"

#include <array>

namespace vrm {

namespace {

constexpr char kBase64Letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kAlphabet = kBase64Letters;
constexpr std::uint8_t kForeign = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_table() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kForeign);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}

constexpr auto kDigits = digit_table();

Error malformed_base64url() {
  return Error{ErrorCode::Malformed, "not base64url without padding"};
}

}  // namespace

BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_base64url(BytesView bytes) {
  std::string out((bytes.size() * 4 + 2) / 3, '\0');
  char* at = out.data();
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8U) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      *at++ = kBase64Letters[(held >> bits) & 63U];
    }
  }
  if (bits > 0) *at++ = kBase64Letters[(held << (6 - bits)) & 63U];
  return out;
}

Result<Bytes> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return malformed_base64url();
  Bytes out(text.size() * 3 / 4);
  std::uint8_t* at = out.data();
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kForeign) return malformed_base64url();
    held = (held << 6U) | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *at++ = static_cast<std::uint8_t>((held >> bits) & 255U);
    }
  }
  if ((held & ((1U << bits) - 1U)) != 0) return malformed_base64url();
  return out;
}

std::string to_hex(BytesView bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

}  // namespace vrm
