#pragma once
// Bodies on their way to brands: sent by one worker thread, tried again when nobody answers, at
// last given up.
//
//   queued -> sent -> acked
//                  -> retry (5 s, 1 min, 10 min, 1 h, 6 h, 24 h after each failure) -> sent ...
//                  -> dead  (after the seventh failure, or when told that nobody will ever answer:
//                  410)
//
// The queue lives in memory. A DeliveryLog hears of every step and keeps it; after a restart what
// was not acked is added again with its attempts and its time.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/outbound/fetch.h"

namespace vrm::outbound {

struct Delivery {
  std::string id;  // unique in the queue
  std::string url;
  std::string content_type;
  std::string body;
  int attempts = 0;  // failures so far
  Instant due{};     // not before
};

enum class DeliveryState { Queued, Sent, Acked, Retry, Dead };

// Called without locks held: Queued on the thread that adds, everything else on the worker's.
class DeliveryLog {
 public:
  virtual ~DeliveryLog() = default;
  // `delivery` as it stands after the step: with its attempts and, for Retry, its next time. A
  // failure has its reason; an Acked delivery its answer.
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

// Safe from any thread.
class Deliveries {
 public:
  // All references live longer than this. The worker starts at once.
  Deliveries(Poster& poster, DeliveryLog& log, const Clock& clock, std::size_t most = 1000);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  // Unavailable: the queue is full or stopped. Conflict: the id is in the queue.
  Result<void> add(const Delivery& delivery);
  // True: it was waiting and is gone, and the log is not told. False: it is not in the queue, or
  // just under way; then it is not tried again, and the log hears Acked or Dead.
  bool cancel(const std::string& id);
  // The clock was moved: look again at what is due.
  void clock_moved();
  std::size_t size() const;

  // Sends nothing further and joins the worker. A call under way is waited for: stop the Fetcher
  // first to end it at once. What was not acked stays as the log last heard of it.
  void stop();

 private:
  void work();
  void send(Delivery delivery);
  bool put_back(const Delivery& delivery);

  Poster& poster_;
  DeliveryLog& log_;
  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Delivery> waiting_;
  std::string sending_;     // the id under way, empty for none
  bool cancelled_ = false;  // the one under way is not to be tried again
  bool moved_ = false;
  bool stopping_ = false;
  std::thread worker_;
};

// The pause after the `attempts`-th failure; nothing when it is given up.
std::optional<Duration> pause_after(int attempts);

}  // namespace vrm::outbound
