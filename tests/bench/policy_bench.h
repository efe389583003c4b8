#pragma once
// `vrm-bench policy`: how long a decision takes as the grants grow, in the vault's gate and on the bare engine, and beside the
// reference in WebAssembly.

#include <filesystem>
#include <vector>

#include "vault/base/result.h"

namespace vrm::bench {

struct PolicyBenchPlan {
  std::vector<int> grants = {20, 200, 2'000, 20'000};  // ascending
  int rounds = 9;                                      // the sizes take turns
  // A folder whose node_modules have @cedar-policy/cedar-wasm 4.10.0; "": without the reference.
  std::filesystem::path wasm_folder = {};
  std::filesystem::path below = "/var/tmp";  // for what the reference is given
};

// Prints the figures. False: a decision was not what it must be. Unavailable: node could not be run, or said no.
Result<bool> run_policy_bench(const PolicyBenchPlan& plan);

}  // namespace vrm::bench
