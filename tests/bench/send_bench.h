#pragma once
// `vrm-bench send`: many messages to as many brands by the vault's sender, beside the same bytes by
// libcurl alone, in the same run.

#include <vector>

#include "vault/base/result.h"

namespace vrm::bench {

struct SendBenchPlan {
  std::vector<int> brands;
  int rounds = 7;  // of each; the median counts
};

// Prints a table. Io, Unavailable: a message did not arrive.
Result<void> run_send_bench(const SendBenchPlan& plan);

}  // namespace vrm::bench
