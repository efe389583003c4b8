#pragma once
// `vrm-bench see`: how long it takes to say exactly what one brand can read, and what all can.

#include "vault/base/result.h"

namespace vrm::bench {

struct SeeBenchPlan {
  int brands = 100;         // of the whole vault
  int grants_of_all = 500;  // spread over them
  int grants_of_one = 50;   // of the brand that is looked at alone
  int fields = 200;
  int rounds = 9;
};

// Prints the figures. False: what was found is not what the grants give.
Result<bool> run_see_bench(const SeeBenchPlan& plan);

}  // namespace vrm::bench
