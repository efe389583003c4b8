#pragma once
// `vrm-bench read`: authorised reads a second, beside what bounds them, measured in the same run.

#include <vector>

#include "tests/bench/read_measure.h"
#include "tests/bench/rig.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

struct ReadBenchPlan {
  std::vector<int> connections;
  Duration length;         // of each measurement, all its rounds together
  int rounds = 5;          // constant, verification and reads in turn, as a machine's pace changes
  bool all_cores = false;  // both sides where the system likes, not one core each
};

struct ReadGrowthPlan {
  int few = 10;
  int many = 10'000;
  ReadMeasure reads = {.connections = 16, .length = Duration(1000)};
  int rounds = 9;
};

// Prints a table. False: a read was refused or a connection broke. The errors are the rig's.
Result<bool> run_read_bench(RigPlan rig, const ReadBenchPlan& plan);

// The same read in two vaults that differ in how many grants and fields they have, in turn.
Result<bool> run_read_growth_bench(RigPlan rig, const ReadGrowthPlan& plan);

}  // namespace vrm::bench
