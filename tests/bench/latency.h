#pragma once
// Many lengths of time, and what is told of them.

#include <chrono>
#include <cstdint>
#include <vector>

namespace vrm::bench {

// The value below which `share` of all lie: the smallest that is not less than that share of them
// (nearest rank). Sorts `values`. 0 when there is none. REQUIRES: 0 < share <= 1.
std::uint64_t percentile(std::vector<std::uint64_t>& values, double share);

// The one in the middle; of an even number the upper of the two. 0 when there is none.
double median(std::vector<double> values);

using Moment = std::chrono::steady_clock::time_point;
double milliseconds(Moment from, Moment to);

}  // namespace vrm::bench
