#pragma once
// Reads that were counted, by the Idempotency-Key that each came with: for a minute the same read under the same key is
// not counted again (docs/api/brand.md). Kept in memory alone, so that after a restart it counts. Safe from any thread.

#include <map>
#include <mutex>
#include <string>

#include "vault/base/clock.h"
#include "vault/journal/journal.h"

namespace vrm::gate {

class Repeats {
 public:
  explicit Repeats(const Clock& clock) : clock_(clock) {}

  enum class Seen {
    Never,
    Counted,  // this very read
    Another,  // the key came with another read
  };
  // REQUIRES: key is not empty.
  Seen look(const journal::Entry& read, const std::string& key) const;
  // `read` was counted and is recorded.
  void note(const journal::Entry& read, const std::string& key);

 private:
  struct Counted {
    std::string what;  // fields and purpose
    Duration until;
  };

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Counted, std::less<>> counted_;  // by grant and key
};

}  // namespace vrm::gate
