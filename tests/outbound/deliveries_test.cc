#include "vault/outbound/deliveries.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <set>

#include "tests/outbound/servers.h"

using namespace vrm;  // tests only
using outbound::Delivery;
using outbound::DeliveryState;
using outbound::Fetched;
using namespace std::chrono_literals;

namespace {

class SetClock final : public Clock {
 public:
  Instant now() const override { return {ms_.load()}; }
  Duration ticks() const override { return Duration(ms_.load()); }
  void move(Duration by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_ = 1'000'000;
};

// Answers every call at once with `status` until told otherwise; or holds it until it is answered.
class Line final : public outbound::Calls {
 public:
  void begin(std::uint64_t key, outbound::Outgoing outgoing) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(outgoing.url + " " + outgoing.content_type + " " + outgoing.body);
    held_.emplace_back(key, outgoing.body);
    if (!hold_) answer_all();
    changed_.notify_all();
  }
  void drop(std::uint64_t key) override {
    const std::lock_guard lock(mutex_);
    dropped_ += std::erase_if(held_, [key](const auto& one) { return one.first == key; });
  }
  std::vector<outbound::Ended> wait(Duration most) override {
    std::unique_lock lock(mutex_);
    (void)changed_.wait_for(lock, most, [this] { return woken_ || !ended_.empty(); });
    woken_ = false;
    return std::exchange(ended_, {});
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

  void set(int status, std::string body = "said") {
    const std::lock_guard lock(mutex_);
    status_ = status;
    body_ = std::move(body);
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    hold_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    hold_ = false;
    answer_all();
    changed_.notify_all();
  }
  void wait_until_held(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 5s, [&] { return held_.size() == count; }));
  }
  std::vector<std::string> posted() {
    const std::lock_guard lock(mutex_);
    return posted_;
  }
  std::size_t dropped() {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  void answer_all() {
    for (const auto& [key, body] : held_) {
      if (status_ == 0) {
        ended_.push_back({key, refusal(ErrorCode::Unavailable, "outbound.no_answer")});
      } else {
        ended_.push_back({key, Fetched{status_, "text/plain", body_}});
      }
    }
    held_.clear();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> posted_;
  std::vector<std::pair<std::uint64_t, std::string>> held_;
  std::vector<outbound::Ended> ended_;
  int status_ = 503;
  std::string body_ = "said";
  bool hold_ = false;
  bool woken_ = false;
  std::size_t dropped_ = 0;
};

struct Step {
  std::string id;
  DeliveryState state;
  int attempts;
  Instant due;
  std::string reason;
  int status;
  std::string body;
};

class Log final : public outbound::DeliveryLog {
 public:
  void moved(const Delivery& delivery, DeliveryState state, const Error* reason,
             const Fetched* answer) override {
    const std::lock_guard lock(mutex_);
    steps_.push_back({delivery.id, state, delivery.attempts, delivery.due,
                      reason == nullptr ? "" : reason->message,
                      answer == nullptr ? 0 : answer->status,
                      answer == nullptr ? "" : answer->body});
    changed_.notify_all();
  }
  bool may_send(const Delivery& delivery) override { return delivery.id != "forbidden"; }
  // The next step, waited for.
  Step next() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 20s, [this] { return !steps_.empty(); }));
    Step step = steps_.front();
    steps_.pop_front();
    return step;
  }
  bool quiet() {
    const std::lock_guard lock(mutex_);
    return steps_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> steps_;
};

Delivery of(const std::string& id, Instant due = {}) {
  return {id, "https://a.fr/in", "application/jwt", "body-" + id, 0, due};
}

struct Desk {
  explicit Desk(outbound::DeliveryLimits limits = {}) : deliveries(line, log, clock, limits) {}
  SetClock clock;
  Line line;
  Log log;
  outbound::Deliveries deliveries;
};

}  // namespace

TEST_SUITE("outbound/deliveries") {
  TEST_CASE("a delivery that is answered goes from sent to acked") {
    Desk desk;
    desk.line.set(202);
    REQUIRE(desk.deliveries.add(of("1")).ok());
    CHECK(desk.log.next().state == DeliveryState::Sent);
    const Step acked = desk.log.next();
    CHECK(acked.state == DeliveryState::Acked);
    CHECK(acked.status == 202);
    CHECK(acked.body == "said");
    desk.deliveries.stop();
    CHECK(desk.line.posted() == std::vector<std::string>{"https://a.fr/in application/jwt body-1"});
    CHECK(desk.deliveries.size() == 0);
  }

  TEST_CASE(
      "without an answer it is tried after 5 s, 1 min, 10 min, 1 h, 6 h and 24 h, then it is "
      "dead") {
    Desk desk;
    desk.line.set(0);
    REQUIRE(desk.deliveries.add(of("1")).ok());
    int attempts = 0;
    for (const Duration pause : {Duration(5s), Duration(1min), Duration(10min), Duration(1h),
                                 Duration(6h), Duration(24h)}) {
      CAPTURE(attempts);
      CHECK(desk.log.next().state == DeliveryState::Sent);
      const Step retry = desk.log.next();
      CHECK(retry.state == DeliveryState::Retry);
      CHECK(retry.attempts == ++attempts);
      CHECK(retry.due == desk.clock.now() + pause);
      CHECK(retry.reason == "outbound.no_answer");
      CHECK(retry.status == 0);
      desk.clock.move(pause - Duration(1));
      desk.deliveries.clock_moved();
      CHECK(desk.deliveries.size() == 1);
      CHECK(desk.log.quiet());
      desk.clock.move(Duration(1));
      desk.deliveries.clock_moved();
    }
    CHECK(desk.log.next().state == DeliveryState::Sent);
    const Step dead = desk.log.next();
    CHECK(dead.state == DeliveryState::Dead);
    CHECK(dead.attempts == 7);
    desk.deliveries.stop();
    CHECK(desk.line.posted().size() == 7);
  }

  TEST_CASE("a refusal that speaks of the message is the last word, with what the brand said") {
    for (const int status : {400, 401, 403, 404, 409, 410, 413, 422, 499}) {
      CAPTURE(status);
      Desk desk;
      desk.line.set(status, "because");
      REQUIRE(desk.deliveries.add(of("1")).ok());
      CHECK(desk.log.next().state == DeliveryState::Sent);
      const Step dead = desk.log.next();
      CHECK(dead.state == DeliveryState::Dead);
      CHECK(dead.attempts == 1);
      CHECK(dead.status == status);
      CHECK(dead.body == "because");
    }
  }

  TEST_CASE("a refusal that speaks of the moment, and a server in trouble, are asked again") {
    for (const int status : {408, 425, 429, 500, 502, 503, 599}) {
      CAPTURE(status);
      Desk desk;
      desk.line.set(status);
      REQUIRE(desk.deliveries.add(of("1")).ok());
      CHECK(desk.log.next().state == DeliveryState::Sent);
      const Step retry = desk.log.next();
      CHECK(retry.state == DeliveryState::Retry);
      CHECK(retry.status == status);
      CHECK(retry.reason == "the brand answered " + std::to_string(status));
      desk.line.set(204);
      desk.clock.move(5s);
      desk.deliveries.clock_moved();
      CHECK(desk.log.next().state == DeliveryState::Sent);
      CHECK(desk.log.next().state == DeliveryState::Acked);
    }
  }

  TEST_CASE("what is due first goes first, also what is taken up again after a restart") {
    Desk desk;
    desk.line.set(200);
    Delivery later = of("later", desk.clock.now() + Duration(10s));
    later.attempts = 3;
    REQUIRE(desk.deliveries.add(later).ok());
    REQUIRE(desk.deliveries.add(of("sooner", desk.clock.now() + Duration(5s))).ok());
    desk.clock.move(10s);
    desk.deliveries.clock_moved();
    CHECK(desk.log.next().id == "sooner");
    const Step second = desk.log.next();
    const Step third = desk.log.next();
    CHECK(second.id == "later");
    CHECK(second.attempts == 3);
    CHECK(third.state == DeliveryState::Acked);
  }

  TEST_CASE("attempts that a delivery brings along count") {
    Desk desk;
    desk.line.set(0);
    Delivery old = of("1");
    old.attempts = 6;
    REQUIRE(desk.deliveries.add(old).ok());
    CHECK(desk.log.next().state == DeliveryState::Sent);
    CHECK(desk.log.next().state == DeliveryState::Dead);
  }

  TEST_CASE("what waits is withdrawn at once, what is under way when it fails") {
    Desk desk;
    desk.line.hold();
    REQUIRE(desk.deliveries.add(of("waiting", desk.clock.now() + Duration(1h))).ok());
    REQUIRE(desk.deliveries.add(of("under way")).ok());
    desk.line.wait_until_held(1);
    CHECK(desk.log.next().state == DeliveryState::Sent);
    desk.deliveries.cancel("waiting");
    desk.deliveries.cancel("waiting");
    desk.deliveries.cancel("no such");
    const Step first = desk.log.next();
    CHECK(first.id == "waiting");
    CHECK(first.state == DeliveryState::Withdrawn);
    desk.deliveries.cancel("under way");
    CHECK(desk.log.quiet());
    desk.line.let_go();
    const Step second = desk.log.next();
    CHECK(second.id == "under way");
    CHECK(second.state == DeliveryState::Withdrawn);
    CHECK(second.status == 503);
    CHECK(desk.deliveries.size() == 0);
    CHECK(desk.line.posted().size() == 1);
  }

  TEST_CASE("what was withdrawn under way and arrives was sent, and its id may come again") {
    Desk desk;
    desk.line.hold();
    desk.line.set(200);
    REQUIRE(desk.deliveries.add(of("1")).ok());
    desk.line.wait_until_held(1);
    desk.deliveries.cancel("1");
    desk.line.let_go();
    CHECK(desk.log.next().state == DeliveryState::Sent);
    CHECK(desk.log.next().state == DeliveryState::Acked);
    desk.line.set(0);
    REQUIRE(desk.deliveries.add(of("1")).ok());
    CHECK(desk.log.next().state == DeliveryState::Sent);
    CHECK(desk.log.next().state == DeliveryState::Retry);
  }

  TEST_CASE("what the log forbids is not sent") {
    Desk desk;
    desk.line.set(200);
    REQUIRE(desk.deliveries.add(of("forbidden")).ok());
    REQUIRE(desk.deliveries.add(of("2")).ok());
    CHECK(desk.log.next().id == "2");
    CHECK(desk.log.next().state == DeliveryState::Acked);
    CHECK(desk.line.posted().size() == 1);
    CHECK(desk.deliveries.size() == 0);
  }

  TEST_CASE("the queue has a limit and knows an id only once") {
    Desk desk({.waiting = 2});
    const Instant far = desk.clock.now() + Duration(1h);
    REQUIRE(desk.deliveries.add(of("1", far)).ok());
    CHECK(desk.deliveries.add(of("1", far)).error().code == ErrorCode::Conflict);
    REQUIRE(desk.deliveries.add(of("2", far)).ok());
    CHECK(desk.deliveries.add(of("3", far)).error().say == "outbound.queue_full");
    desk.deliveries.stop();
    CHECK(desk.deliveries.add(of("4", far)).error().say == "outbound.stopped");
  }

  TEST_CASE("of many at once those are taken that there is room for, and none twice") {
    Desk desk({.waiting = 3});
    const Instant far = desk.clock.now() + Duration(1h);
    std::vector<Delivery> many;
    for (const auto* id : {"1", "2", "1", "3", "4"}) many.push_back(of(id, far));
    CHECK(desk.deliveries.add_all(std::move(many)) == 2);
    CHECK(desk.deliveries.size() == 3);
    desk.deliveries.stop();
    CHECK(desk.deliveries.add_all({of("5")}) == 1);
  }

  TEST_CASE("no more are under way than allowed, in all and at one origin") {
    Desk desk({.waiting = 100, .at_once = 5, .per_origin = 3});
    desk.line.hold();
    for (int i = 0; i < 10; ++i) REQUIRE(desk.deliveries.add(of("a" + std::to_string(i))).ok());
    desk.line.wait_until_held(3);
    Delivery other = of("b");
    other.url = "https://b.fr/in";
    REQUIRE(desk.deliveries.add(other).ok());
    desk.line.wait_until_held(4);
    for (int i = 0; i < 3; ++i) {
      other.id = "c" + std::to_string(i);
      other.url = "https://c.fr/in";
      REQUIRE(desk.deliveries.add(other).ok());
    }
    desk.line.wait_until_held(5);
    CHECK(desk.deliveries.size() == 14);
    desk.line.set(200);
    desk.line.let_go();
    std::set<std::string> acked;
    while (acked.size() < 14) {
      const Step step = desk.log.next();
      if (step.state == DeliveryState::Acked) acked.insert(step.id);
    }
    CHECK(desk.deliveries.size() == 0);
  }

  TEST_CASE("stop leaves what waits as it was, and a call cut short is no failure") {
    Desk desk;
    desk.line.hold();
    REQUIRE(desk.deliveries.add(of("1")).ok());
    REQUIRE(desk.deliveries.add(of("2", desk.clock.now() + Duration(1h))).ok());
    desk.line.wait_until_held(1);
    desk.deliveries.stop();
    CHECK(desk.line.dropped() == 1);
    CHECK(desk.deliveries.size() == 2);
    CHECK(desk.log.next().state == DeliveryState::Sent);
    CHECK(desk.log.quiet());
  }

  // What the log heard of is what a restart brings back.
  TEST_CASE("what a stop left is sent by the next sender, with its attempts") {
    SetClock clock;
    Log log;
    Instant due{};
    {
      Line line;
      outbound::Deliveries deliveries(line, log, clock);
      REQUIRE(deliveries.add(of("1")).ok());
      CHECK(log.next().state == DeliveryState::Sent);
      const Step retry = log.next();
      CHECK(retry.attempts == 1);
      due = retry.due;
    }
    CHECK(log.quiet());
    Line line;
    line.set(202);
    outbound::Deliveries deliveries(line, log, clock);
    Delivery again = of("1", due);
    again.attempts = 1;
    REQUIRE(deliveries.add(again).ok());
    CHECK(line.posted().empty());
    clock.move(5s);
    deliveries.clock_moved();
    CHECK(log.next().state == DeliveryState::Sent);
    const Step acked = log.next();
    CHECK(acked.state == DeliveryState::Acked);
    CHECK(acked.attempts == 1);
  }

  TEST_CASE("adding, cancelling and stopping from many threads at once leaves nothing behind") {
    Desk desk;
    desk.line.set(202);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&desk, t] {
        for (int i = 0; i < 200; ++i) {
          const std::string id = std::to_string(t) + "-" + std::to_string(i);
          (void)desk.deliveries.add(of(id)).ok();
          if (i % 3 == 0) desk.deliveries.cancel(id);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> over;
    while (over.size() < 800) {
      const Step step = desk.log.next();
      if (step.state == DeliveryState::Acked || step.state == DeliveryState::Withdrawn) {
        CHECK(over.insert(step.id).second);
      }
    }
    CHECK(desk.deliveries.size() == 0);
    desk.deliveries.stop();
    CHECK(desk.log.quiet());
  }
}
