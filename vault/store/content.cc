#include "vault/store/content.h"

#include <algorithm>

#include "vault/crypto/aead.h"
#include "vault/crypto/derive.h"
#include "vault/store/anchor.h"
#include "vault/store/encoding.h"
#include "vault/store/witness.h"

namespace vrm::store {

namespace {

Bytes context_of(std::string_view what, const VaultId& vault) {
  Encoder out;
  out.raw(bytes_of(what));
  out.raw(vault);
  return out.take();
}

}  // namespace

crypto::Secret head_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "head", vault);
}

crypto::Secret sums_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "sums", vault);
}

WritingKeys writing_keys(const crypto::Secret& root, const VaultId& vault, crypto::Secret log) {
  return {.head = head_key(root, vault),
          .sums = sums_key(root, vault),
          .anchor = anchor_key(root, vault),
          .witness = witness_key(root, vault),
          .log = std::move(log),
          .log_then = crypto::Secret::zeros(crypto::kAeadKeyBytes)};
}

Bytes seal_ring(const crypto::Secret& ring, const crypto::Secret& root, const VaultId& vault) {
  const crypto::Secret key = crypto::derive_key(root.bytes(), "ring", vault);
  return crypto::seal(key, ring.bytes(), context_of("vrm.ring", vault));
}

Result<crypto::Secret> open_ring(BytesView box, const crypto::Secret& root, const VaultId& vault) {
  if (box.size() != crypto::kAeadKeyBytes + crypto::kAeadOverheadBytes)
    return corrupt_at("ring: another length");
  const crypto::Secret key = crypto::derive_key(root.bytes(), "ring", vault);
  crypto::Secret ring = crypto::Secret::zeros(crypto::kAeadKeyBytes);
  if (!crypto::open_into(ring.writable(), key.bytes(), box, context_of("vrm.ring", vault)).ok()) {
    return corrupt_at("ring: does not open");
  }
  return ring;
}

Bytes seal_head(const Head& head, const crypto::Secret& key, const VaultId& vault) {
  return crypto::seal(key, encode_head(head), context_of("vrm.head", vault));
}

Result<Head> open_head(BytesView box, const crypto::Secret& key, const VaultId& vault) {
  const auto plain = crypto::open(key, box, context_of("vrm.head", vault));
  if (!plain.ok()) return corrupt_at("head: does not open");
  return decode_head(plain.value());
}

}  // namespace vrm::store
