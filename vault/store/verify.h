#pragma once
// Reads a vault's file, or a backup of it, whole and says all that is not as the vault left it.

#include <vector>

#include "vault/crypto/secret.h"
#include "vault/store/boxes.h"
#include "vault/store/content.h"
#include "vault/store/store.h"

namespace vrm::store {

// The keys to check with. Without the root key neither the ring nor what it wraps nor the log's
// records are opened, and rows are opened with `keys`.
struct CheckingKeys {
  const crypto::Secret& head;
  const crypto::Secret& sums;
  const crypto::Secret* root = nullptr;
  const crypto::KeySlab* keys = nullptr;  // when root is not given
};

enum class Depth {
  Sums,    // each row by what it adds to the sums, the log by its chain; what does not agree is
           // looked into
  Opened,  // every row and record is opened as well, and SQLite checks its pages
};

struct Findings {
  Content content;  // with root: its keys, and all that writing needs
  CheckReport report;
};

// Io: the file cannot be read. Whatever is wrong with what was read is in the report.
Result<Findings> read_vault(Boxes& boxes, const VaultId& vault, const CheckingKeys& keys,
                            Depth depth);

}  // namespace vrm::store
