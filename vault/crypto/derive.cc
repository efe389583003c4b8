#include "vault/crypto/derive.h"

#include "vault/base/check.h"
#include "vault/crypto/hash.h"

namespace vrm::crypto {

void derive_into(std::span<std::uint8_t, 32> out, BytesView key, std::string_view use,
                 BytesView context) {
  VRM_CHECK(!use.empty() && use.size() <= 255);
  const std::uint8_t length = static_cast<std::uint8_t>(use.size());
  keyed_hash_into(out, key, {bytes_of("vrm.derive.1"), {&length, 1}, bytes_of(use), context});
}

Secret derive_key(BytesView key, std::string_view use, BytesView context) {
  Secret made = Secret::zeros(32);
  derive_into(made.writable().first<32>(), key, use, context);
  return made;
}

}  // namespace vrm::crypto
