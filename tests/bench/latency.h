#pragma once
// Many lengths of time, and what is told of them.

#include <cstdint>
#include <vector>

namespace vrm::bench {

// The value below which `share` of all lie: the smallest that is not less than that share of them
// (nearest rank). Sorts `values`. 0 when there is none. REQUIRES: 0 < share <= 1.
std::uint64_t percentile(std::vector<std::uint64_t>& values, double share);

}  // namespace vrm::bench
