#include "vault/crypto/hash.h"

#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

namespace {

void run(std::span<std::uint8_t, kDigestBytes> out, BytesView key,
         std::initializer_list<BytesView> parts) {
  crypto_generichash_state state;
  VRM_CHECK(crypto_generichash_init(&state, key.data(), key.size(), kDigestBytes) == 0);
  for (const BytesView part : parts)
    VRM_CHECK(crypto_generichash_update(&state, part.data(), part.size()) == 0);
  VRM_CHECK(crypto_generichash_final(&state, out.data(), out.size()) == 0);
  if (!key.empty()) sodium_memzero(&state, sizeof state);
}

}  // namespace

Digest hash(std::initializer_list<BytesView> parts) {
  Digest out;
  run(out, {}, parts);
  return out;
}

Digest keyed_hash(BytesView key, std::initializer_list<BytesView> parts) {
  Digest out;
  keyed_hash_into(out, key, parts);
  return out;
}

void keyed_hash_into(std::span<std::uint8_t, kDigestBytes> out, BytesView key,
                     std::initializer_list<BytesView> parts) {
  VRM_CHECK(key.size() == 32);
  run(out, key, parts);
}

}  // namespace vrm::crypto
