#pragma once
// A vault in memory: its rows as they lie on the disk, its head, and the keys that are here.

#include <array>
#include <cstdint>
#include <memory>

#include "vault/crypto/key_slab.h"
#include "vault/crypto/secret.h"
#include "vault/store/head.h"
#include "vault/store/row_table.h"

namespace vrm::store {

// What names the ring key in the rows of table Keys.
inline constexpr KeyId kRingKey = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// The key in table Keys that seals witnesses, once the root key is no longer the one that they were sealed under.
inline constexpr KeyId kWitnessKey = {0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe,
                                      0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe};

// What writing needs; here while serving and open.
struct WritingKeys {
  crypto::Secret head;
  crypto::Secret sums;
  crypto::Secret anchor;
  crypto::Secret witness;
  crypto::Secret log;       // of the next record
  crypto::Secret log_then;  // what `log` becomes when the commit in hand is durable
};

// Here while open only.
struct RootKeys {
  crypto::Secret root;
  crypto::Secret ring;
};

struct Content {
  VaultId vault{};
  Head head;
  crypto::Digest head_hash{};  // of the head's box
  std::array<RowTable, kTables> tables;
  std::int64_t next_place = 1;
  crypto::KeySlab keys;
  std::unique_ptr<WritingKeys> writing;
  std::unique_ptr<RootKeys> roots;

  RowTable& rows(Table table) { return tables[static_cast<std::size_t>(table) - 1]; }
  const RowTable& rows(Table table) const { return tables[static_cast<std::size_t>(table) - 1]; }
  // Nothing: no such row.
  RowPtr find(Table table, const RowId& id) const { return rows(table).find(id); }
};

// `log` is the key of the next record.
WritingKeys writing_keys(const crypto::Secret& root, const VaultId& vault, crypto::Secret log);

// The keys that the root key gives.
crypto::Secret head_key(const crypto::Secret& root, const VaultId& vault);
crypto::Secret sums_key(const crypto::Secret& root, const VaultId& vault);

Bytes seal_ring(const crypto::Secret& ring, const crypto::Secret& root, const VaultId& vault);
// Corrupt: it does not open.
Result<crypto::Secret> open_ring(BytesView box, const crypto::Secret& root, const VaultId& vault);

Bytes seal_head(const Head& head, const crypto::Secret& key, const VaultId& vault);
// Corrupt: it does not open, or is no head.
Result<Head> open_head(BytesView box, const crypto::Secret& key, const VaultId& vault);

}  // namespace vrm::store
