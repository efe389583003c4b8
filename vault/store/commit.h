#pragma once
// From what a group has staged to what its transaction writes, and what memory becomes when that is
// durable.

#include <optional>

#include "vault/base/random.h"
#include "vault/crypto/aead.h"
#include "vault/store/content.h"
#include "vault/store/database.h"
#include "vault/store/staging.h"

namespace vrm::store {

// Random nonces, drawn many at a time: a system call for each would cost as much as the sealing.
class Nonces {
 public:
  explicit Nonces(Random& random) : random_(random) {}
  const crypto::Nonce& next();
  Random& random() { return random_; }

 private:
  Random& random_;
  std::array<crypto::Nonce, 128> drawn_;
  std::size_t used_ = 128;
};

struct Commit {
  Changes changes;
  Head head;
  crypto::Digest head_hash{};
  std::int64_t next_place = 0;
  std::vector<std::pair<RowKey, RowPtr>> rows;  // a row that goes is nothing
  std::optional<crypto::Secret> ring;           // when it is made anew
};

// Of `content` it changes log_then alone. When a data key is destroyed the ring key is made anew and every other data
// key wrapped under it, so that a copy of the old row that some disk still holds opens with nothing that is left here.
// REQUIRES: content has its writing keys.
Commit prepare(Content& content, const Staging& staging, Nonces& nonces);

// Makes the commit true in memory.
void take(Content& content, Commit commit, const std::vector<KeyId>& destroyed);

}  // namespace vrm::store
