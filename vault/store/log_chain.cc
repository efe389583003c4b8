#include "vault/store/log_chain.h"

#include <algorithm>

#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

std::array<std::uint8_t, 24> context_of(const VaultId& vault, std::uint64_t number) {
  std::array<std::uint8_t, 24> out;
  const auto tail = bytes_of_number(number);
  std::copy(tail.begin(), tail.end(), std::copy(vault.begin(), vault.end(), out.begin()));
  return out;
}

}  // namespace

crypto::Secret first_log_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "log", vault);
}

void turn_log_key(crypto::Secret& key) {
  crypto::derive_into(key.writable().first<32>(), key.bytes(), "log next");
}

crypto::Digest first_chain(const VaultId& vault) {
  return crypto::hash({bytes_of("vrm.log"), vault});
}

crypto::Digest next_chain(const crypto::Digest& chain, std::uint64_t number, BytesView box) {
  return crypto::hash({chain, bytes_of_number(number), box});
}

Bytes seal_log(BytesView key, const VaultId& vault, std::uint64_t number,
               const crypto::Nonce& nonce, BytesView record) {
  const crypto::WipedBytes plain = padded(record);
  Bytes box(plain.view().size() + crypto::kAeadOverheadBytes);
  crypto::seal_into(box, key, nonce, plain.view(), context_of(vault, number));
  return box;
}

Result<crypto::WipedBytes> open_log(BytesView key, const VaultId& vault, std::uint64_t number,
                                    BytesView box) {
  crypto::WipedBytes plain(box.size() - std::min(box.size(), crypto::kAeadOverheadBytes));
  TRY(crypto::open_into(plain.writable(), key, box, context_of(vault, number)));
  return unpadded(std::move(plain));
}

}  // namespace vrm::store
