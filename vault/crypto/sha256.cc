#include "vault/crypto/sha256.h"

#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(std::tuple_size_v<Sha256> == crypto_hash_sha256_BYTES);
static_assert(std::tuple_size_v<Sha256> == crypto_auth_hmacsha256_BYTES);

Sha256 sha256(BytesView bytes) {
  Sha256 hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

Sha256 hmac_sha256(const Secret& key, BytesView bytes) {
  VRM_CHECK(key.bytes().size() == crypto_auth_hmacsha256_KEYBYTES);
  Sha256 hash;
  crypto_auth_hmacsha256(hash.data(), bytes.data(), bytes.size(), key.bytes().data());
  return hash;
}

bool same_bytes(BytesView a, BytesView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace vrm::crypto
