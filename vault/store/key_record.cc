#include "vault/store/key_record.h"

#include "vault/base/check.h"
#include "vault/crypto/aead.h"

namespace vrm::store {

namespace {

constexpr std::size_t kKeyBytes = crypto::KeySlab::kKeyBytes;

}  // namespace

bool is_key_record(BytesView record) {
  return !record.empty() && record.size() % kKeyBytes == 0;
}

BytesView key_in(BytesView record) {
  return record.first(kKeyBytes);
}

BytesView first_key_in(BytesView record) {
  return record.last(kKeyBytes);
}

std::optional<crypto::WipedBytes> key_record(const Content& content, const KeyId& id) {
  const BytesView key = content.keys.find(id);
  if (key.empty()) return std::nullopt;
  const RowPtr row = content.find(Table::Keys, id);
  const bool is_alone =
      row == nullptr || row->box().size() == padded_size(kKeyBytes) + crypto::kAeadOverheadBytes;
  if (is_alone) return crypto::WipedBytes(Bytes(key.begin(), key.end()));
  if (content.roots == nullptr) return std::nullopt;
  auto record = open_row(row->view(), content.vault, content.roots->ring.bytes());
  VRM_CHECK(record.ok() && is_key_record(record.value().view()));
  return std::move(record).value();
}

}  // namespace vrm::store
