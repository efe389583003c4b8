#pragma once
// Bodies on their way to brands: many sent at once by one thread, tried again when nobody answers, at
// last given up.
//
//   add -> sent -> acked
//               -> retry (5 s, 1 min, 10 min, 1 h, 6 h, 24 h after each failure) -> sent ...
//               -> dead  (after the seventh failure, or when the answer is the brand's last word:
//                         4xx but 408, 425 and 429)
//       -> withdrawn
//
// The queue lives in memory. A DeliveryLog hears of every step and keeps it; after a restart what
// was not acked is added again with its attempts and its time.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/outbound/calls.h"
#include "vault/outbound/lanes.h"

namespace vrm::outbound {

enum class DeliveryState { Sent, Acked, Retry, Dead, Withdrawn };

// Called on the sender's thread, without locks held.
class DeliveryLog {
 public:
  virtual ~DeliveryLog() = default;
  // `delivery` as it stands after the step: with its attempts and, for Retry, its next time. A
  // failure has its reason; an answer is there whenever the brand gave one.
  virtual void moved(const Delivery& delivery, DeliveryState state, const Error* reason,
                     const Fetched* answer) = 0;
  // Asked just before it is sent: false takes it out of the queue unsent (its grant was taken back,
  // say).
  virtual bool may_send(const Delivery&) { return true; }
  // Whether this answer means that the brand has it.
  virtual bool accepts(const Delivery&, const Fetched& answer) {
    return answer.status >= 200 && answer.status < 300;
  }
};

struct DeliveryLimits {
  std::size_t waiting = 100'000;
  std::size_t at_once = 64;
  std::size_t per_origin = 8;  // at once
};

// Safe from any thread.
class Deliveries {
 public:
  // All references live longer than this; `calls` is used by nobody else. The sender starts at once.
  Deliveries(Calls& calls, DeliveryLog& log, const Clock& clock, DeliveryLimits limits = {});
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  // Unavailable: the queue is full or stopped. Conflict: the id is in the queue.
  Result<void> add(Delivery delivery);
  // Many at once; gives how many of them were not taken.
  std::size_t add_all(std::vector<Delivery> deliveries);
  // It is not sent any more. The log hears Withdrawn; of one that is just under way it hears Acked
  // when the brand takes it, and else Withdrawn. Nothing happens when it is not in the queue.
  void cancel(const std::string& id);
  // The clock was moved: look again at what is due.
  void clock_moved();
  std::size_t size() const;

  // Ends what is under way and joins the sender. What was not acked stays as the log last heard of
  // it.
  void stop();

 private:
  using Held = std::lock_guard<std::mutex>;

  Result<void> take_in(Delivery delivery, const Held& held);
  void work();
  bool start_due();
  void start(Delivery delivery);
  void settle(Ended ended);
  void fail(Delivery delivery, bool is_final, const Error& reason, const Fetched* answer);
  bool leave_if_cancelled(const Delivery& delivery);
  void leave(const Delivery& delivery);
  void tell_withdrawn();
  Duration rest() const;
  void wake(const Held& held);

  Calls& calls_;
  DeliveryLog& log_;
  const Clock& clock_;
  const DeliveryLimits limits_;
  std::unordered_map<std::uint64_t, Delivery> under_way_;  // the sender's thread only
  std::uint64_t calls_made_ = 0;

  mutable std::mutex mutex_;
  Lanes lanes_;
  std::vector<Delivery> withdrawn_;            // to be told
  std::unordered_set<std::string> cancelled_;  // of those under way
  bool woken_ = false;
  bool stopping_ = false;
  std::thread sender_;
};

// The pause after the `attempts`-th failure; nothing when it is given up.
std::optional<Duration> pause_after(int attempts);

}  // namespace vrm::outbound
