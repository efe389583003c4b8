#include "vault/base/ids.h"

#include <algorithm>
#include <array>

#include "vault/base/ascii.h"

namespace vrm {

namespace {
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kIdBytes = 5;

}  // namespace

std::string to_base32(BytesView bytes) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kCrockford[(held >> bits) & 31U];
    }
  }
  if (bits > 0) out += kCrockford[(held << (5 - bits)) & 31U];
  return out;
}

std::string new_id(Random& random, std::string_view kind) {
  std::array<std::uint8_t, kIdBytes> drawn{};
  random.fill(drawn);
  return std::string(kind) + "_" + to_base32(drawn);
}

std::string new_unguessable_name(Random& random) {
  std::array<std::uint8_t, 16> drawn{};
  random.fill(drawn);
  return to_base64url(drawn);
}

Result<std::string> id_from_typed(std::string_view kind, std::string_view typed) {
  const Error wrong = refusal(ErrorCode::Malformed, "id.malformed",
                              {{"typed", std::string(typed)}, {"kind", std::string(kind)}});
  if (typed.size() <= kind.size() + 1 || typed.size() > kind.size() + 9) return wrong;
  if (!std::equal(kind.begin(), kind.end(), typed.begin(),
                  [](char a, char b) { return upper(a) == upper(b); }) ||
      typed[kind.size()] != '_')
    return wrong;
  std::string id = std::string(kind) + "_";
  for (char c : typed.substr(kind.size() + 1)) {
    c = upper(c);
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
    if (kCrockford.find(c) == std::string_view::npos) return wrong;
    id += c;
  }
  return id;
}

}  // namespace vrm
