#pragma once
// Key slots: each wraps the vault's root key under something its owner has. They lie in the file `slots` beside the
// database; docs/formats/slots.md draws the bytes.
//
//   passphrase slot   Argon2id(passphrase, salt, cost) -> key; the cost stands in the slot, authenticated, and is
//                     refused below the floor (a thief lowered it) and above the ceiling (it would stop the machine)
//   credential slot   32 random bytes in a file the owner keeps; no key derivation

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
using Opener = std::variant<Passphrase, Credential>;

}  // namespace vrm::store
