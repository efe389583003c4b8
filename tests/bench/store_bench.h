#pragma once
// `vrm-bench store`: what sealing costs beside plain SQLite and, of documents, beside secretstream; how long a vault of
// many cells takes to open, what a cell and a field cost in memory and on the disk, and whether a vault of many fields
// serves reads as fast as one of few.

#include <vector>

#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct StoreBenchPlan {
  RigPlan rig;             // below it all vaults are made; must be a disk
  std::vector<int> cells;  // sizes of vaults to open
};

// Prints a few lines, each with its aim. Io: the disk refused.
Result<void> run_store_bench(const StoreBenchPlan& plan);

}  // namespace vrm::bench
