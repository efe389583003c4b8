#pragma once
// The way of an answer from any thread back to the loop that holds its connection.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "vault/routes/request.h"

namespace vrm::http {

struct Connection;

// One answer: ready, or to be finished on the loop's thread.
struct Return {
  Connection* connection = nullptr;
  routes::Answer answer;
  std::function<routes::Answer()> finish;
};

// A queue with a bell. The loop is woken once for all that is given until it takes.
class Returns {
 public:
  Returns();
  ~Returns();
  Returns(const Returns&) = delete;
  Returns& operator=(const Returns&) = delete;

  bool usable() const { return bell_ >= 0; }
  int bell() const { return bell_; }  // readable when something was given, or somebody rang

  // From the loop's thread: it is the one that takes.
  void belongs_here() { loop_thread_ = std::this_thread::get_id(); }
  // From the loop's thread: an answer for this connection may now be given directly; null ends
  // that.
  void hand_over(Connection* connection) { handed_ = connection; }
  std::optional<Return> take_direct() { return std::exchange(direct_, std::nullopt); }

  // Any thread. What comes after close() is dropped.
  void give(Return one);
  void ring();
  // The loop's thread. `into` is emptied first.
  void take(std::vector<Return>& into);
  void silence();  // empties the bell
  bool waiting() const;
  // After this no connection is named any more; what was given and not taken is dropped.
  void close();

 private:
  const int bell_;
  std::thread::id loop_thread_;   // written before the first request is handed over
  Connection* handed_ = nullptr;  // the loop's thread only
  std::optional<Return> direct_;  // the loop's thread only
  mutable std::mutex mutex_;
  std::vector<Return> given_;
  bool open_ = true;
};

// The Reply of one request. Dropped without an answer, it answers 500: no connection waits for
// ever.
class Ticket final : public routes::Reply {
 public:
  Ticket(std::shared_ptr<Returns> returns, Connection* connection)
      : returns_(std::move(returns)), connection_(connection) {}
  ~Ticket() override;
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  void send(routes::Answer answer) override;
  void send_later(std::function<routes::Answer()> finish) override;

 private:
  const std::shared_ptr<Returns> returns_;
  Connection* const connection_;
  std::atomic<bool> answered_ = false;
};

}  // namespace vrm::http
