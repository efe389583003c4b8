#pragma once
// `vrm-bench revoke`: how long `vrm revoke` takes while brands read as fast as they can, and whether the next read with
// what was taken back is refused.

#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct RevokeBenchPlan {
  int revocations = 1000;
  int connections = 64;  // of the load
};

// Prints the figures. False: a read was served after its revocation, one before it was not, or the load itself was
// refused. The errors are the rig's.
Result<bool> run_revoke_bench(const RigPlan& rig, const RevokeBenchPlan& plan);

}  // namespace vrm::bench
