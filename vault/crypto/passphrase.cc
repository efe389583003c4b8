#include "vault/crypto/passphrase.h"

#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);

bool within_bounds(PassphraseCost cost) {
  return cost.memory_bytes >= kCostFloor.memory_bytes &&
         cost.memory_bytes <= kCostCeiling.memory_bytes && cost.passes >= kCostFloor.passes &&
         cost.passes <= kCostCeiling.passes;
}

Result<Secret> key_from_passphrase(const Secret& passphrase, const Salt& salt,
                                   PassphraseCost cost) {
  VRM_CHECK(sodium_init() >= 0);
  if (!within_bounds(cost))
    return Error{ErrorCode::Malformed, "cost of the passphrase is out of bounds"};
  Secret key = Secret::zeros(32);
  const BytesView text = passphrase.bytes();
  if (crypto_pwhash_argon2id(key.writable().data(), key.bytes().size(),
                             reinterpret_cast<const char*>(text.data()), text.size(), salt.data(),
                             cost.passes, cost.memory_bytes,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Error{ErrorCode::Unavailable, "not enough memory for the passphrase"};
  }
  return key;
}

}  // namespace vrm::crypto
