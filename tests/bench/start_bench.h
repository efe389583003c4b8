#pragma once
// `vrm-bench start`: how long the daemon takes to answer, how long `vrm status` takes, and how much
// room 1,000 small fields take.

#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

// Prints a few lines. The errors are the rig's.
Result<void> run_start_bench(const RigPlan& rig);

}  // namespace vrm::bench
