#pragma once
// How fast brands read from a vault of many fields, beside one of few.

#include <cstddef>
#include <vector>

#include "tests/bench/rig.h"

namespace vrm::bench {

inline constexpr std::size_t kFewFields = 10;
inline constexpr std::size_t kManyFields = 10'000;
inline constexpr int kReadConnections = 64;

// Reads a second of each round.
struct ReadRates {
  std::vector<double> few;
  std::vector<double> many;

  // The median of many/few, round by round: both of a round met the same minute. REQUIRES: as many of each, one at
  // the least.
  double ratio() const;
};

// Two daemons, of which one at a time has anything to do; turn by turn. Unavailable, Denied: what they refused; also
// an answer that was no 200. Io.
Result<ReadRates> time_few_and_many(RigPlan plan);

}  // namespace vrm::bench
