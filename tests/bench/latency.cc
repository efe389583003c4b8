#include "tests/bench/latency.h"

#include <algorithm>
#include <cmath>

#include "vault/base/check.h"

namespace vrm::bench {

std::uint64_t percentile(std::vector<std::uint64_t>& values, double share) {
  VRM_CHECK(share > 0 && share <= 1);
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double milliseconds(Moment from, Moment to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace vrm::bench
