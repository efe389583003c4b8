#pragma once
// The log's keys and chain.
//
//   K_1     = derived from the root key; K_(n+1) = derived from K_n, which is then wiped
//   box n   = record, padded, under K_n; authenticated: vault id | n
//   chain 0 = BLAKE2b-256("vrm.log" | vault id); chain n = BLAKE2b-256(chain n-1 | n | box n)
//
// Who takes the key of today reads and writes no record of before; who changes a record changes the
// chain.

#include <cstdint>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/store/row.h"

namespace vrm::store {

// K_1.
crypto::Secret first_log_key(const crypto::Secret& root, const VaultId& vault);
// K_n becomes K_(n+1).
void turn_log_key(crypto::Secret& key);

crypto::Digest first_chain(const VaultId& vault);
crypto::Digest next_chain(const crypto::Digest& chain, std::uint64_t number, BytesView box);

Bytes seal_log(BytesView key, const VaultId& vault, std::uint64_t number,
               const crypto::Nonce& nonce, BytesView record);
// Corrupt: it does not open.
Result<crypto::WipedBytes> open_log(BytesView key, const VaultId& vault, std::uint64_t number,
                                    BytesView box);

}  // namespace vrm::store
