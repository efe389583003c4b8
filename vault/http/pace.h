#pragma once
// How fast one peer may ask: a bucket of calls for each, filled at a steady rate.
//
// This is asked before anything of a request is understood, so that a stranger's calls cost next to nothing. The table of
// peers has a bound: when it is full, newcomers share one bucket until others have been quiet long enough to be forgotten.

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "vault/base/time.h"

namespace vrm::http {

// Safe from any thread.
class Pace {
 public:
  // `per_minute` calls of one peer on average, at most that many at once; 0: as many as come.
  explicit Pace(std::int64_t per_minute, std::size_t most_peers = 4096)
      : per_minute_(per_minute), most_peers_(most_peers) {}

  // Takes one call from the peer's bucket. False: it is empty. `now` is of a clock's ticks.
  bool take(const std::string& peer, Duration now);
  // After how many seconds an empty bucket holds a call again; at least 1.
  std::int64_t retry_after_s() const;

  std::size_t peers() const;

 private:
  struct Bucket {
    std::int64_t parts = 0;  // in 60,000ths of a call, so that a millisecond adds a whole number
    Duration filled_at{0};
  };

  Bucket& bucket_of(const std::string& peer, Duration now);
  void fill(Bucket& bucket, Duration now) const;
  void forget_the_quiet(Duration now);
  std::int64_t full() const;

  mutable std::mutex mutex_;
  const std::int64_t per_minute_;
  const std::size_t most_peers_;
  std::unordered_map<std::string, Bucket> buckets_;
  Bucket shared_;  // of those who found no place
  bool shared_begun_ = false;
  Duration looked_at_{0};  // when the quiet were last looked for
};

}  // namespace vrm::http
