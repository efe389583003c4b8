#include "vault/http/pace.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vrm::http {

namespace {

constexpr std::int64_t kPartsOfACall = 60'000;  // milliseconds in a minute
// Looking for the quiet costs a walk over the table.
constexpr Duration kBetweenLooks = std::chrono::seconds(1);

}  // namespace

std::int64_t Pace::full() const {
  return per_minute_ * kPartsOfACall;
}

void Pace::fill(Bucket& bucket, Duration now) const {
  const std::int64_t waited =
      std::clamp<std::int64_t>((now - bucket.filled_at).count(), 0, kPartsOfACall);
  bucket.parts = std::min(full(), bucket.parts + waited * per_minute_);
  bucket.filled_at = now;
}

// A full bucket says as much as none.
void Pace::forget_the_quiet(Duration now) {
  looked_at_ = now;
  for (auto one = buckets_.begin(); one != buckets_.end();) {
    fill(one->second, now);
    one = one->second.parts == full() ? buckets_.erase(one) : std::next(one);
  }
}

Pace::Bucket& Pace::bucket_of(const std::string& peer, Duration now) {
  const auto found = buckets_.find(peer);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= most_peers_ && now - looked_at_ >= kBetweenLooks) forget_the_quiet(now);
  if (buckets_.size() < most_peers_)
    return buckets_.emplace(peer, Bucket{full(), now}).first->second;
  if (!std::exchange(shared_begun_, true)) shared_ = {full(), now};
  return shared_;
}

bool Pace::take(const std::string& peer, Duration now) {
  if (per_minute_ == 0) return true;
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(peer, now);
  fill(bucket, now);
  if (bucket.parts < kPartsOfACall) return false;
  bucket.parts -= kPartsOfACall;
  return true;
}

std::int64_t Pace::retry_after_s() const {
  constexpr std::int64_t kSeconds = 60;
  return std::max<std::int64_t>(1,
                                per_minute_ == 0 ? 0 : (kSeconds + per_minute_ - 1) / per_minute_);
}

std::size_t Pace::peers() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace vrm::http
