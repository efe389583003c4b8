#pragma once
// Key slots: each wraps the vault's root key under something its owner has. They lie in the file `slots` beside the
// database; docs/formats/slots.md draws the bytes.
//
//   passphrase slot   Argon2id(passphrase, salt, cost) -> key; the cost stands in the slot, authenticated, and is
//                     refused below the floor (a thief lowered it) and above the ceiling (it would stop the machine)
//   credential slot   32 random bytes in a file the owner keeps; no key derivation
//   recovery slot     16 random bytes that the owner keeps as twelve words (vault/store/recovery_words.h); likewise

#include <cstdint>
#include <variant>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/crypto/passphrase.h"
#include "vault/crypto/secret.h"

namespace vrm::store {

using KdfCost = crypto::PassphraseCost;

// What opens a slot, or makes one.
struct Passphrase {
  crypto::Secret text;
};
struct Credential {
  crypto::Secret bytes;  // kCredentialBytes
};
inline constexpr std::size_t kCredentialBytes = 32;
struct Recovery {
  crypto::Secret bytes;  // kRecoveryBytes
};
inline constexpr std::size_t kRecoveryBytes = 16;
using Opener = std::variant<Passphrase, Credential, Recovery>;

// The numbers are part of the format.
enum class SlotKind : std::uint8_t { Passphrase = 1, Credential = 2, Recovery = 3 };

}  // namespace vrm::store
