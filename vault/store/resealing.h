#pragma once
// A vault written anew into vault.db.new, under another root key: new ring, new data keys, every row and record sealed
// again, and the head of the commit that comes after the last.

#include <functional>

#include "vault/base/random.h"
#include "vault/store/backup.h"
#include "vault/store/boxes.h"
#include "vault/store/content.h"
#include "vault/store/disk.h"

namespace vrm::store {

// The old vault, which nobody changes meanwhile.
struct Resealed {
  const Content& content;  // with all of its keys
  std::function<Result<std::vector<LogBox>>(std::uint64_t from, std::size_t most)> read_log;
};

// What the new vault has beyond the old one.
struct Addition {
  const crypto::Secret& root;
  BytesView record;  // the log's last; empty: none
  Instant at;        // for the high water
};

// The database is whole, durable and closed when it returns; it was read back as an unlock reads it, every row and
// record of it opened, and its digest compared. Gives the new vault as it is in memory once it is open.
// Corrupt: the old vault's log does not verify, or what was written is not what the old vault holds. Io.
Result<Content> reseal(Disk& disk, Random& random, const std::filesystem::path& fresh,
                       const Resealed& old, const Addition& addition, const Progress& progress);

}  // namespace vrm::store
