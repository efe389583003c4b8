#pragma once
// What a field was before: one sealed row of Table::Versions a field, by the field's row id.
//
//   history = 1 | key id 16 | for each version, the oldest first: undone 1 | size 4 | record
//   record  = as in record.h, without a name
//
// Numbers are big-endian. The row is sealed under a data key of its own, which it names so that the next
// version can be written: the field's own key may stay in memory while the vault is locked, for brands
// that are served then, and what a field was before is no business of theirs. A field that was set once
// has no history and costs nothing.

#include <cstddef>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/profile/record.h"
#include "vault/store/store.h"

namespace vrm::profile {

// What is beyond either is dropped, the oldest version first; the latest is always kept.
inline constexpr std::size_t kMostVersions = 50;
inline constexpr std::size_t kMostHistoryBytes = 64 * 1024 - 4;  // what fills a box of 64 KiB

struct History {
  struct Version {
    Record record;
    bool undone = false;  // an import made it, which was undone
  };
  store::KeyId key{};
  std::vector<Version> versions;  // the oldest first
};

// As much of it as is kept.
crypto::WipedBytes encode_history(const History& history);

// Corrupt: no such record. The views die with `bytes`.
Result<History> decode_history(BytesView bytes);

}  // namespace vrm::profile
