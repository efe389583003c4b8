#pragma once
// `vrm-bench store`: what sealing costs beside plain SQLite and, of documents, beside secretstream; how long a vault of many cells takes to open, and what a
// cell costs in memory and on the disk.

#include <filesystem>
#include <vector>

#include "vault/base/result.h"

namespace vrm::bench {

struct StoreBenchPlan {
  std::filesystem::path below;  // where the temporary vaults are made; must be a disk
  std::vector<int> cells;       // sizes of vaults to open
};

// Prints a few lines, each with its aim. Io: the disk refused.
Result<void> run_store_bench(const StoreBenchPlan& plan);

}  // namespace vrm::bench
