#include "vault/outbound/lookups.h"

#include <algorithm>

namespace vrm::outbound {

Lookups::Lookups(Resolver& resolver, const Clock& clock, const Bell& bell, std::size_t most_threads)
    : resolver_(resolver), clock_(clock), bell_(bell), most_threads_(most_threads) {}

Lookups::~Lookups() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

void Lookups::ask(std::uint64_t key, const std::string& host, Duration until) {
  const std::lock_guard lock(mutex_);
  asked_.push_back({key, host, until});
  if (asked_.size() > idle_ && threads_.size() < most_threads_) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
}

std::vector<Found> Lookups::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(found_, {});
}

void Lookups::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !asked_.empty(); });
    --idle_;
    if (ending_) return;
    const Asked one = std::move(asked_.front());
    asked_.pop_front();
    lock.unlock();
    const Duration left = std::max(one.until - clock_.ticks(), Duration(0));
    auto addresses = resolver_.resolve(one.host, left);
    lock.lock();
    found_.push_back({one.key, std::move(addresses)});
    bell_.ring();
  }
}

}  // namespace vrm::outbound
