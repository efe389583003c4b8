#include "vault/store/row.h"

#include <algorithm>
#include <bit>

#include "vault/base/check.h"
#include "vault/crypto/key_slab.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kSmallest = 64;
constexpr std::size_t kStep = 65536;

std::array<std::uint8_t, 57> context_of(const RowHead& row, const VaultId& vault) {
  std::array<std::uint8_t, 57> out;
  auto at = std::copy(vault.begin(), vault.end(), out.begin());
  *at++ = static_cast<std::uint8_t>(row.table);
  at = std::copy(row.id.begin(), row.id.end(), at);
  for (int i = 0; i < 8; ++i) *at++ = static_cast<std::uint8_t>(row.version >> (8 * i));
  std::copy(row.key.begin(), row.key.end(), at);
  return out;
}

}  // namespace

std::size_t RowKeyHash::operator()(const RowKey& key) const {
  return crypto::KeyIdHash{}(key.id) + static_cast<std::size_t>(key.table);
}

std::optional<Table> table_from(std::int64_t number) {
  if (number < 1 || number > kTables) return std::nullopt;
  return static_cast<Table>(number);
}

std::string_view to_string(Table table) {
  switch (table) {
    case Table::Keys:
      return "keys";
    case Table::Settings:
      return "settings";
    case Table::Fields:
      return "fields";
    case Table::Brands:
      return "brands";
    case Table::Grants:
      return "grants";
    case Table::Requests:
      return "requests";
    case Table::Refresh:
      return "refresh";
    case Table::Imports:
      return "imports";
    case Table::Outbox:
      return "outbox";
    case Table::Intents:
      return "intents";
    case Table::Invitations:
      return "invitations";
    case Table::Offers:
      return "offers";
    case Table::Inbox:
      return "inbox";
    case Table::Acceptances:
      return "acceptances";
    case Table::Documents:
      return "documents";
    case Table::Versions:
      return "versions";
    case Table::Rules:
      return "rules";
  }
  return "";
}

std::string place_of(Table table, const RowId& id) {
  return "table " + std::string(to_string(table)) + ", row " + to_hex(id);
}

Error corrupt_at(std::string place) {
  return refusal(ErrorCode::Corrupt, "store.corrupt", {{"place", std::move(place)}});
}

std::size_t padded_size(std::size_t record) {
  const std::size_t need = record + kLengthBytes;
  if (need <= kSmallest) return kSmallest;
  if (need <= kStep) return std::bit_ceil(need);
  return (need + kStep - 1) / kStep * kStep;
}

crypto::WipedBytes padded(BytesView record) {
  VRM_CHECK(record.size() <= kMostRecordBytes);
  crypto::WipedBytes out(padded_size(record.size()));
  const std::span<std::uint8_t> bytes = out.writable();
  std::copy(record.begin(), record.end(), bytes.begin());
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    bytes[bytes.size() - kLengthBytes + i] = static_cast<std::uint8_t>(record.size() >> (8 * i));
  }
  return out;
}

Result<crypto::WipedBytes> unpadded(crypto::WipedBytes bytes) {
  const BytesView view = bytes.view();
  if (view.size() < kSmallest) return Error{ErrorCode::Corrupt, "record is too short"};
  const std::size_t room = view.size() - kLengthBytes;
  const std::size_t length = Decoder(view.subspan(room)).u32();
  if (length > room || padded_size(length) != view.size()) {
    return Error{ErrorCode::Corrupt, "record has no proper length"};
  }
  const BytesView filling = view.subspan(length, room - length);
  if (std::any_of(filling.begin(), filling.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return Error{ErrorCode::Corrupt, "record is not filled with zeros"};
  }
  bytes.shrink(length);
  return bytes;
}

Bytes seal_row(const RowHead& row, const VaultId& vault, BytesView key, const crypto::Nonce& nonce,
               BytesView record) {
  const crypto::WipedBytes plain = padded(record);
  Bytes box(plain.view().size() + crypto::kAeadOverheadBytes);
  crypto::seal_into(box, key, nonce, plain.view(), context_of(row, vault));
  return box;
}

Result<crypto::WipedBytes> open_row(const Row& row, const VaultId& vault, BytesView key) {
  crypto::WipedBytes plain(row.box.size() - std::min(row.box.size(), crypto::kAeadOverheadBytes));
  TRY(crypto::open_into(plain.writable(), key, row.box, context_of(row, vault)));
  return unpadded(std::move(plain));
}

}  // namespace vrm::store
