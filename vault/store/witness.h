#pragma once
// A witness: how far the vault had come when it was made, sealed, for others to carry. Shown to a vault that is not so
// far it proves that the vault was rolled back. To whoever carries it it is random bytes: no counter, hash or activity
// can be read from it, or two of them be joined.
//
//   witness = nonce 24 | epoch 4 | counter 8, sealed | tag 16          authenticated: "vrm.witness" | vault id

#include <optional>

#include "vault/base/bytes.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/secret.h"
#include "vault/store/head.h"
#include "vault/store/row.h"

namespace vrm::store {

inline constexpr std::size_t kWitnessBytes = 4 + 8 + crypto::kAeadOverheadBytes;

crypto::Secret witness_key(const crypto::Secret& root, const VaultId& vault);

Bytes seal_witness(const Head& head, const crypto::Secret& key, const VaultId& vault);

// True: it opens, and is of a later moment than `head`.
bool is_later(BytesView witness, const Head& head, const crypto::Secret& key, const VaultId& vault);

}  // namespace vrm::store
