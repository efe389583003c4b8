#include "vault/store/witness.h"

#include <utility>

#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

Bytes context_of(const VaultId& vault) {
  Encoder out;
  out.raw(bytes_of("vrm.witness"));
  out.raw(vault);
  return out.take();
}

}  // namespace

crypto::Secret witness_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "witness", vault);
}

Bytes seal_witness(const Head& head, const crypto::Secret& key, const VaultId& vault) {
  Encoder out;
  out.u32(head.epoch);
  out.u64(head.counter);
  return crypto::seal(key, out.view(), context_of(vault));
}

bool is_later(BytesView witness, const Head& head, const crypto::Secret& key,
              const VaultId& vault) {
  if (witness.size() != kWitnessBytes) return false;
  const auto plain = crypto::open(key, witness, context_of(vault));
  if (!plain.ok()) return false;
  Decoder in(plain.value());
  const std::uint32_t epoch = in.u32();
  const std::uint64_t counter = in.u64();
  return in.done() && std::pair(epoch, counter) > std::pair(head.epoch, head.counter);
}

}  // namespace vrm::store
