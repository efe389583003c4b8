#pragma once
// Ed25519 signatures (RFC 8032, libsodium).
//
// A signing key is made from a 32-byte seed and lives in guarded memory. Signing is deterministic:
// one key and one message give one signature. Safe from any thread.

#include <array>
#include <cstdint>

#include "vault/base/bytes.h"
#include "vault/base/random.h"
#include "vault/crypto/secret.h"

namespace vrm::crypto {

inline constexpr std::size_t kSigningSeedBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, kSignatureBytes>;

class SigningKey {
 public:
  // REQUIRES: seed holds kSigningSeedBytes.
  explicit SigningKey(const Secret& seed);
  static SigningKey random(Random& source);

  PublicKey public_key() const { return public_; }
  Signature sign(BytesView message) const;

 private:
  PublicKey public_{};
  Secret secret_;  // seed | public key
};

// True when the holder of the secret half signed exactly `message`. False as well for a signature
// of another length and for a key that is no point, is not in its one spelling, or has small order.
bool verify_ed25519(const PublicKey& key, BytesView message, BytesView signature);

// How many signatures were looked at since the start, Ed25519 and ES256: what strangers can make the
// vault do. Safe from any thread.
std::uint64_t signatures_checked();
// For the other kinds of signatures of this room.
void count_signature();

// True for a point of the prime-order group in its one spelling, as every honest key is. Costs as
// much as a verification: ask once, when a key is first heard of.
bool is_ed25519_key(const PublicKey& key);

}  // namespace vrm::crypto
