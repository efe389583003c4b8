#pragma once
// How often a brand may come: a bucket of calls for each, filled at a steady rate. Safe from any thread.

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "vault/base/clock.h"

namespace vrm::gate {

class RateLimit {
 public:
  // `per_minute` calls on average; at most that many at once.
  RateLimit(const Clock& clock, std::int64_t per_minute) : clock_(clock), per_minute_(per_minute) {}

  // Takes one call from the bucket of `who`. False: it is empty.
  bool take(std::string_view who);

 private:
  struct Bucket {
    std::int64_t tokens = 0;  // in 60,000ths of a call, so that a millisecond adds a whole number
    Duration filled_at{0};
  };

  const Clock& clock_;
  const std::int64_t per_minute_;
  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace vrm::gate
