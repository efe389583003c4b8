#include "vault/crypto/signing.h"

#include <sodium.h>

#include <atomic>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(kSigningSeedBytes == crypto_sign_ed25519_SEEDBYTES);
static_assert(kSignatureBytes == crypto_sign_ed25519_BYTES);
static_assert(std::tuple_size_v<PublicKey> == crypto_sign_ed25519_PUBLICKEYBYTES);

namespace {
std::atomic<std::uint64_t> checked = 0;
}

std::uint64_t signatures_checked() {
  return checked.load(std::memory_order_relaxed);
}

void count_signature() {
  checked.fetch_add(1, std::memory_order_relaxed);
}

SigningKey::SigningKey(const Secret& seed)
    : secret_(Secret::zeros(crypto_sign_ed25519_SECRETKEYBYTES)) {
  VRM_CHECK(seed.bytes().size() == kSigningSeedBytes);
  VRM_CHECK(crypto_sign_ed25519_seed_keypair(public_.data(), secret_.writable().data(),
                                             seed.bytes().data()) == 0);
}

SigningKey SigningKey::random(Random& source) {
  return SigningKey(Secret::random(kSigningSeedBytes, source));
}

Signature SigningKey::sign(BytesView message) const {
  Signature signature;
  VRM_CHECK(crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                                         secret_.bytes().data()) == 0);
  return signature;
}

bool verify_ed25519(const PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() != kSignatureBytes) return false;
  count_signature();
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                             key.data()) == 0;
}

bool is_ed25519_key(const PublicKey& key) {
  return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

}  // namespace vrm::crypto
