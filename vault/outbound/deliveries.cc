#include "vault/outbound/deliveries.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vrm::outbound {

namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 6> kPauses{Duration(5s), Duration(1min), Duration(10min),
                                          Duration(1h), Duration(6h),   Duration(24h)};
// The wall clock may be set, and the machine may sleep: look again at least so often.
constexpr Duration kLookAgain = 30s;

constexpr std::size_t kPerLock = 64;

// Of the refusals, those that speak of this moment and not of the message.
bool passes_by(int status) {
  return status == 408 || status == 425 || status == 429;
}

bool is_last_word(int status) {
  return status >= 400 && status < 500 && !passes_by(status);
}

}  // namespace

std::optional<Duration> pause_after(int attempts) {
  const auto index = static_cast<std::size_t>(std::max(attempts, 1) - 1);
  if (index >= kPauses.size()) return std::nullopt;
  return kPauses[index];
}

Deliveries::Deliveries(Calls& calls, DeliveryLog& log, const Clock& clock, DeliveryLimits limits)
    : calls_(calls),
      log_(log),
      clock_(clock),
      limits_(limits),
      lanes_(limits.per_origin),
      sender_([this] { work(); }) {}

Deliveries::~Deliveries() {
  stop();
}

Result<void> Deliveries::add(Delivery delivery) {
  const Held lock(mutex_);
  return take_in(std::move(delivery), lock);
}

// The first are on their way while the last are still taken in.
std::size_t Deliveries::add_all(std::vector<Delivery> deliveries) {
  std::size_t refused = 0;
  for (std::size_t at = 0; at < deliveries.size();) {
    const Held lock(mutex_);
    for (const std::size_t end = std::min(at + kPerLock, deliveries.size()); at < end; ++at) {
      if (!take_in(std::move(deliveries[at]), lock).ok()) ++refused;
    }
  }
  return refused;
}

Result<void> Deliveries::take_in(Delivery delivery, const Held& held) {
  if (stopping_) return refusal(ErrorCode::Unavailable, "outbound.stopped");
  if (lanes_.size() >= limits_.waiting) {
    return refusal(ErrorCode::Unavailable, "outbound.queue_full");
  }
  if (lanes_.contains(delivery.id)) {
    return Error{ErrorCode::Conflict, "a delivery of this id is in the queue"};
  }
  lanes_.add(std::move(delivery));
  wake(held);
  return {};
}

void Deliveries::cancel(const std::string& id) {
  const Held lock(mutex_);
  if (auto waiting = lanes_.remove(id)) {
    withdrawn_.push_back(std::move(*waiting));
    wake(lock);
  } else if (lanes_.contains(id)) {
    cancelled_.insert(id);
  }
}

void Deliveries::clock_moved() {
  const Held lock(mutex_);
  wake(lock);
}

std::size_t Deliveries::size() const {
  const Held lock(mutex_);
  return lanes_.size();
}

void Deliveries::stop() {
  {
    const Held lock(mutex_);
    stopping_ = true;
    wake(lock);
  }
  if (sender_.joinable()) sender_.join();
}

// Once for all that comes before the sender looks.
void Deliveries::wake(const Held&) {
  if (!std::exchange(woken_, true)) calls_.wake();
}

void Deliveries::work() {
  while (start_due()) {
    tell_withdrawn();
    for (auto& ended : calls_.wait(rest())) settle(std::move(ended));
  }
  for (const auto& [key, delivery] : under_way_) calls_.drop(key);
}

// False: it is time to stop.
bool Deliveries::start_due() {
  std::vector<Delivery> due;
  {
    const Held lock(mutex_);
    woken_ = false;
    if (stopping_) return false;
    const Instant now = clock_.now();
    while (under_way_.size() + due.size() < limits_.at_once) {
      auto one = lanes_.take(now);
      if (!one) break;
      due.push_back(std::move(*one));
    }
  }
  for (auto& one : due) start(std::move(one));
  return true;
}

void Deliveries::start(Delivery delivery) {
  if (leave_if_cancelled(delivery)) {
    return log_.moved(delivery, DeliveryState::Withdrawn, nullptr, nullptr);
  }
  if (!log_.may_send(delivery)) return leave(delivery);
  log_.moved(delivery, DeliveryState::Sent, nullptr, nullptr);
  const std::uint64_t key = ++calls_made_;
  calls_.begin(key, {.method = Method::Post,
                     .url = delivery.url,
                     .content_type = delivery.content_type,
                     .body = delivery.body});
  under_way_.emplace(key, std::move(delivery));
}

void Deliveries::settle(Ended ended) {
  auto node = under_way_.extract(ended.key);
  Delivery& delivery = node.mapped();
  if (!ended.answer.ok()) return fail(std::move(delivery), false, ended.answer.error(), nullptr);
  const Fetched& answer = ended.answer.value();
  if (!log_.accepts(delivery, answer)) {
    const Error reason{ErrorCode::Unavailable,
                       "the brand answered " + std::to_string(answer.status)};
    return fail(std::move(delivery), is_last_word(answer.status), reason, &answer);
  }
  leave(delivery);
  log_.moved(delivery, DeliveryState::Acked, nullptr, &answer);
}

void Deliveries::fail(Delivery delivery, bool is_final, const Error& reason,
                      const Fetched* answer) {
  ++delivery.attempts;
  const auto pause = is_final ? std::nullopt : pause_after(delivery.attempts);
  if (leave_if_cancelled(delivery)) {
    return log_.moved(delivery, DeliveryState::Withdrawn, &reason, answer);
  }
  if (!pause) {
    leave(delivery);
    return log_.moved(delivery, DeliveryState::Dead, &reason, answer);
  }
  delivery.due = clock_.now() + *pause;
  log_.moved(delivery, DeliveryState::Retry, &reason, answer);
  const Held lock(mutex_);
  if (cancelled_.erase(delivery.id) > 0) {
    lanes_.finish(delivery.id);
    withdrawn_.push_back(std::move(delivery));
  } else {
    lanes_.put_back(std::move(delivery));
  }
}

bool Deliveries::leave_if_cancelled(const Delivery& delivery) {
  const Held lock(mutex_);
  if (cancelled_.erase(delivery.id) == 0) return false;
  lanes_.finish(delivery.id);
  return true;
}

void Deliveries::leave(const Delivery& delivery) {
  const Held lock(mutex_);
  lanes_.finish(delivery.id);
  cancelled_.erase(delivery.id);
}

void Deliveries::tell_withdrawn() {
  std::vector<Delivery> withdrawn;
  {
    const Held lock(mutex_);
    withdrawn.swap(withdrawn_);
  }
  for (const auto& one : withdrawn) {
    log_.moved(one, DeliveryState::Withdrawn, nullptr, nullptr);
  }
}

// How long nothing will be due.
Duration Deliveries::rest() const {
  const Held lock(mutex_);
  const auto next = lanes_.next_due();
  if (!next || under_way_.size() >= limits_.at_once) return kLookAgain;
  return std::clamp(*next - clock_.now(), Duration(0), Duration(kLookAgain));
}

}  // namespace vrm::outbound
