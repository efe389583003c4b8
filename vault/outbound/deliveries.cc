#include "vault/outbound/deliveries.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace vrm::outbound {

namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 6> kPauses{Duration(5s), Duration(1min), Duration(10min),
                                          Duration(1h), Duration(6h),   Duration(24h)};
// The wall clock may be set, and the machine may sleep: look again at least so often.
constexpr Duration kLookAgain = 30s;
constexpr int kGone = 410;

}  // namespace

std::optional<Duration> pause_after(int attempts) {
  const auto index = static_cast<std::size_t>(std::max(attempts, 1) - 1);
  if (index >= kPauses.size()) return std::nullopt;
  return kPauses[index];
}

Deliveries::Deliveries(Poster& poster, DeliveryLog& log, const Clock& clock, std::size_t most)
    : poster_(poster), log_(log), clock_(clock), most_(most), worker_([this] { work(); }) {}

Deliveries::~Deliveries() {
  stop();
}

Result<void> Deliveries::add(const Delivery& delivery) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return refusal(ErrorCode::Unavailable, "outbound.stopped");
    if (waiting_.size() >= most_) return refusal(ErrorCode::Unavailable, "outbound.queue_full");
    const bool known = sending_ == delivery.id ||
                       std::any_of(waiting_.begin(), waiting_.end(),
                                   [&](const auto& one) { return one.id == delivery.id; });
    if (known) return Error{ErrorCode::Conflict, "a delivery of this id is in the queue"};
  }
  log_.moved(delivery, DeliveryState::Queued, nullptr, nullptr);
  (void)put_back(delivery);
  return {};
}

bool Deliveries::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& one) { return one.id == id; });
  if (found != waiting_.end()) {
    waiting_.erase(found);
    return true;
  }
  if (!sending_.empty() && sending_ == id) cancelled_ = true;
  return false;
}

void Deliveries::clock_moved() {
  const std::lock_guard lock(mutex_);
  moved_ = true;
  changed_.notify_all();
}

std::size_t Deliveries::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + (sending_.empty() ? 0U : 1U);
}

void Deliveries::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (worker_.joinable()) worker_.join();
}

// False: it was cancelled while it was under way.
bool Deliveries::put_back(const Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  if (sending_ == delivery.id) {
    if (cancelled_) return false;
    sending_.clear();
  }
  waiting_.push_back(delivery);
  moved_ = true;
  changed_.notify_all();
  return true;
}

void Deliveries::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const auto& a, const auto& b) { return a.due < b.due; });
    const Instant now = clock_.now();
    if (next != waiting_.end() && next->due <= now) {
      Delivery one = std::move(*next);
      waiting_.erase(next);
      sending_ = one.id;
      cancelled_ = false;
      lock.unlock();
      send(std::move(one));
      lock.lock();
      sending_.clear();
      continue;
    }
    moved_ = false;
    const auto woken = [this] { return stopping_ || moved_; };
    if (next == waiting_.end()) {
      changed_.wait(lock, woken);
    } else {
      (void)changed_.wait_for(lock, std::min(next->due - now, kLookAgain), woken);
    }
  }
}

void Deliveries::send(Delivery delivery) {
  if (!log_.may_send(delivery)) return;
  log_.moved(delivery, DeliveryState::Sent, nullptr, nullptr);
  const auto answer = poster_.post(delivery.url, delivery.content_type, delivery.body);
  if (answer.ok() && log_.accepts(delivery, answer.value())) {
    log_.moved(delivery, DeliveryState::Acked, nullptr, &answer.value());
    return;
  }
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    // A call that stop() cut short is no failure of the brand's.
    if (stopping_) return;
    cancelled = cancelled_;
  }
  const Error reason = answer.ok()
                           ? Error{ErrorCode::Unavailable,
                                   "the brand answered " + std::to_string(answer.value().status)}
                           : answer.error();
  ++delivery.attempts;
  const auto pause = pause_after(delivery.attempts);
  const bool gone = answer.ok() && answer.value().status == kGone;
  if (!pause || gone || cancelled) {
    log_.moved(delivery, DeliveryState::Dead, &reason, answer.ok() ? &answer.value() : nullptr);
    return;
  }
  delivery.due = clock_.now() + *pause;
  log_.moved(delivery, DeliveryState::Retry, &reason, answer.ok() ? &answer.value() : nullptr);
  if (put_back(delivery)) return;
  log_.moved(delivery, DeliveryState::Dead, &reason, nullptr);
}

}  // namespace vrm::outbound
