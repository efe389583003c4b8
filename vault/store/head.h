#pragma once
// The head: one sealed row, written with every commit, that says what the rest of the file must be.
//
//   head = format 4 | epoch 4 | counter 8 | log records 8 | log chain 32 | high water 8 | hash of
//   the ring's box 32 |
//          hash of the head's box before 32 | sums (vault/store/sums.h)

#include <cstdint>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/hash.h"
#include "vault/store/sums.h"

namespace vrm::store {

// Format 1 had the tables 1 to 9, format 2 those to 14. They are read, and the next commit writes the present one.
inline constexpr std::uint32_t kFormat = 3;
inline constexpr std::uint32_t kOldestFormat = 1;

struct Head {
  std::uint32_t epoch = 0;
  std::uint64_t counter = 0;      // of commits
  std::uint64_t log_records = 0;  // their numbers are 1 to this
  crypto::Digest log_chain{};
  Instant high_water;
  crypto::Digest ring{};
  crypto::Digest previous{};
  Sums sums;
};

Bytes encode_head(const Head& head);
// Corrupt: not a head, or one of another format.
Result<Head> decode_head(BytesView bytes);

}  // namespace vrm::store
