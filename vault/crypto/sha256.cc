#include "vault/crypto/sha256.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(std::tuple_size_v<Sha256> == crypto_hash_sha256_BYTES);
static_assert(std::tuple_size_v<Sha256> == crypto_auth_hmacsha256_BYTES);

namespace {

// Asked for once: OpenSSL takes longer to look it up than to hash a short text.
const EVP_MD* algorithm() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  VRM_CHECK(found != nullptr);
  return found;
}

}  // namespace

// By OpenSSL, which uses the processor's own instructions for it: a fifth of libsodium's time.
Sha256 sha256(BytesView bytes) {
  Sha256 hash;
  unsigned int size = 0;
  VRM_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, algorithm(), nullptr) == 1);
  VRM_CHECK(size == hash.size());
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
