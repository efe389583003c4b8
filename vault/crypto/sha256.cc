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

void Sha256Sum::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256Sum::Sha256Sum() : context_(EVP_MD_CTX_new()) {
  VRM_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), algorithm(), nullptr) == 1);
}

void Sha256Sum::add(BytesView bytes) {
  VRM_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Sum::finish() {
  Sha256 hash;
  unsigned int size = 0;
  VRM_CHECK(EVP_DigestFinal_ex(context_.get(), hash.data(), &size) == 1 && size == hash.size());
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
