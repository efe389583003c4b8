#pragma once
// A vault on a disk that loses and fails.

#include "tests/store/test_vault.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/store_content.h"

namespace vrm::store {

using testing::content_of;
using testing::History;
using testing::Image;
using testing::SimulatedDisk;
using testing::StoreContent;

inline const Options kOptions{.folder = "/home/vault", .kdf = {}, .anchors = "/home/anchors"};

// The one there is on a disk, opened for use.
inline std::unique_ptr<Store> unlocked(SimulatedDisk& disk, Random& random,
                                       const Options& options = kOptions) {
  auto store = must(Store::attach(disk, random, options));
  must(store->unlock(credential(), OpenFor::Use));
  return store;
}

// All that it holds, once every check has found nothing wrong (testing::verified).
inline Result<StoreContent> verified(Disk& disk, std::uint8_t byte = 7) {
  return testing::verified(disk, kOptions, credential(byte));
}

}  // namespace vrm::store
