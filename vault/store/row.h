#pragma once
// One sealed row, as it lies in the database and in memory.
//
//   record in its box = record | zeros | length of the record (4 bytes)     padded to 64, 128, 256
//   ... 65536, then
//                                                                           to multiples of 65536
//   authenticated     = vault id | table | row id | version | key id
//   version           = the counter of the commit that wrote it

#include <cstdint>
#include <string>

#include "vault/crypto/aead.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/store/store.h"

namespace vrm::store {

inline constexpr std::size_t kMostRecordBytes = std::size_t{16} << 20;

using VaultId = std::array<std::uint8_t, 16>;

// A row but for its box.
struct RowHead {
  RowId id{};
  KeyId key{};
  std::uint64_t version = 0;
  std::int64_t place = 0;  // its number in the database, which is no part of the state
  Table table = Table::Keys;
};

// A row whose box lies elsewhere, and lives longer.
struct Row : RowHead {
  BytesView box;
};

struct RowKey {
  Table table;
  RowId id;
  friend bool operator==(const RowKey&, const RowKey&) = default;
};
struct RowKeyHash {
  std::size_t operator()(const RowKey& key) const;
};

// Nothing: no table has the number.
std::optional<Table> table_from(std::int64_t number);
std::string_view to_string(Table table);

// "table grants, row 3f0c…"
std::string place_of(Table table, const RowId& id);

// An Error for whoever unlocks: what does not verify, and where.
Error corrupt_at(std::string place);

// What a record of so many bytes takes within its box.
std::size_t padded_size(std::size_t record);
crypto::WipedBytes padded(BytesView record);
// Corrupt: not what padded() makes.
Result<crypto::WipedBytes> unpadded(crypto::WipedBytes bytes);

// The row's box.
Bytes seal_row(const RowHead& row, const VaultId& vault, BytesView key, const crypto::Nonce& nonce,
               BytesView record);
// Corrupt: it does not open.
Result<crypto::WipedBytes> open_row(const Row& row, const VaultId& vault, BytesView key);

}  // namespace vrm::store
