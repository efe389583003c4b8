#pragma once
// `vrm-bench read`: authorised reads a second, beside what bounds them, measured in the same run.

#include <vector>

#include "tests/bench/rig.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

struct ReadBenchPlan {
  std::vector<int> connections;
  Duration length;  // of each measurement, all its rounds together
  int rounds = 5;   // constant, verification and reads in turn, as a machine's pace changes
};

// Prints a table. False: a read was refused or a connection broke. The errors are the rig's.
Result<bool> run_read_bench(RigPlan rig, const ReadBenchPlan& plan);

}  // namespace vrm::bench
