#pragma once
// The yardstick of sending: the same bytes to the same places by libcurl's multi interface and
// nothing else. No address is checked, nothing is kept, nothing is tried again.

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/many_sites.h"
#include "vault/base/result.h"

namespace vrm::bench {

struct RawPost {
  std::string url;
  std::string content_type;
  std::string body;
};

// Sends all of them, at most `at_once` at a time, over connections that are kept.
// Unavailable: one of them was not answered 2xx; the message says what came.
Result<void> post_raw(const std::vector<RawPost>& posts, std::size_t at_once);

// The same, to `sites`: how many milliseconds it takes until the last of them has arrived. What was
// posted there before is forgotten. Unavailable: as above.
Result<double> time_raw(ManySites& sites, const std::vector<RawPost>& posts, std::size_t at_once);

}  // namespace vrm::bench
