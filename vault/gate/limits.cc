#include "vault/gate/limits.h"

#include <algorithm>

namespace vrm::gate {

namespace {
constexpr std::int64_t kPartsOfACall = 60'000;  // milliseconds in a minute
}

bool RateLimit::take(std::string_view who) {
  const Duration now = clock_.ticks();
  const std::lock_guard lock(mutex_);
  auto found = buckets_.find(who);
  const std::int64_t full = per_minute_ * kPartsOfACall;
  if (found == buckets_.end()) found = buckets_.emplace(std::string(who), Bucket{full, now}).first;
  Bucket& bucket = found->second;
  const std::int64_t waited =
      std::clamp<std::int64_t>((now - bucket.filled_at).count(), 0, kPartsOfACall);
  bucket.tokens = std::min(full, bucket.tokens + waited * per_minute_);
  bucket.filled_at = now;
  if (bucket.tokens < kPartsOfACall) return false;
  bucket.tokens -= kPartsOfACall;
  return true;
}

}  // namespace vrm::gate
