#pragma once
// `vrm-bench intents`: an intent handed to many brands by the real vrmd, beside the same bytes by
// libcurl alone; the way from their offers to a correct table; 10,000 offers ranked.

#include <vector>

#include "tests/bench/rig.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct IntentsBenchPlan {
  std::vector<int> brands;
  int rounds = 9;      // of handing over; a new intent each, and the median counts
  int revisions = 11;  // offers that change while the owner looks, of each way of looking
};

// Prints tables. The errors are those of the rig and the crowd; Unavailable: a message did not
// arrive, or a table was wrong.
Result<void> run_intents_bench(const RigPlan& rig, const IntentsBenchPlan& plan);

}  // namespace vrm::bench
