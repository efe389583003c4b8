#pragma once
// Boxes that anyone can make and only the holder of the secret half opens (X25519,
// XSalsa20-Poly1305, libsodium's crypto_box_seal): what a locked vault takes in. The maker is not
// authenticated.
//
//   box = ephemeral public key (32 bytes) | tag (16 bytes) | ciphertext

#include <array>
#include <cstdint>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/secret.h"

namespace vrm::crypto {

inline constexpr std::size_t kSealedBoxOverheadBytes = 48;
using BoxPublicKey = std::array<std::uint8_t, 32>;

struct BoxKeyPair {
  BoxPublicKey public_key;
  Secret secret_key;
};

// The same pair for the same seed. REQUIRES: seed holds 32 bytes.
BoxKeyPair box_key_pair(const Secret& seed);

Bytes seal_to(const BoxPublicKey& reader, BytesView plain);

// Corrupt: too short, altered, or made for another reader.
Result<Bytes> open_sealed(const BoxKeyPair& reader, BytesView box);

}  // namespace vrm::crypto
