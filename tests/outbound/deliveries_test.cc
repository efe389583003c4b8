#include "vault/outbound/deliveries.h"

#include <doctest/doctest.h>

#include <deque>

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

// Answers 503 until told otherwise; may hold a call until let go.
class Brand final : public outbound::Poster {
 public:
  Result<Fetched> post(const std::string& url, const std::string& type,
                       std::string_view body) override {
    std::unique_lock lock(mutex_);
    posted.push_back(url + " " + type + " " + std::string(body));
    if (hold) {
      held = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !hold; });
    }
    if (status == 0) return refusal(ErrorCode::Unavailable, "outbound.no_answer");
    return Fetched{status, "", "said"};
  }
  void set(int to) {
    const std::lock_guard lock(mutex_);
    status = to;
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 5s, [this] { return held; }));
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    hold = false;
    changed_.notify_all();
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return posted.size();
  }
  std::vector<std::string> posted;
  int status = 503;
  bool hold = false;
  bool held = false;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct Step {
  std::string id;
  DeliveryState state;
  int attempts;
  Instant due;
  std::string reason;
};

class Log final : public outbound::DeliveryLog {
 public:
  void moved(const Delivery& delivery, DeliveryState state, const Error* reason,
             const Fetched*) override {
    const std::lock_guard lock(mutex_);
    steps_.push_back({delivery.id, state, delivery.attempts, delivery.due,
                      reason == nullptr ? "" : reason->message});
    changed_.notify_all();
  }
  bool may_send(const Delivery& delivery) override { return delivery.id != "forbidden"; }
  // The next step, waited for.
  Step next() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 5s, [this] { return !steps_.empty(); }));
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

}  // namespace

TEST_SUITE("outbound/deliveries") {
  TEST_CASE("a delivery that is answered goes from queued to sent to acked") {
    SetClock clock;
    Brand brand;
    brand.set(202);
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("1")).ok());
    CHECK(log.next().state == DeliveryState::Queued);
    CHECK(log.next().state == DeliveryState::Sent);
    CHECK(log.next().state == DeliveryState::Acked);
    deliveries.stop();
    CHECK(brand.posted == std::vector<std::string>{"https://a.fr/in application/jwt body-1"});
    CHECK(deliveries.size() == 0);
  }

  TEST_CASE(
      "without an answer it is tried after 5 s, 1 min, 10 min, 1 h, 6 h and 24 h, then it is "
      "dead") {
    SetClock clock;
    Brand brand;
    brand.set(0);
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("1")).ok());
    CHECK(log.next().state == DeliveryState::Queued);
    int attempts = 0;
    for (const Duration pause : {Duration(5s), Duration(1min), Duration(10min), Duration(1h),
                                 Duration(6h), Duration(24h)}) {
      CAPTURE(attempts);
      CHECK(log.next().state == DeliveryState::Sent);
      const Step retry = log.next();
      CHECK(retry.state == DeliveryState::Retry);
      CHECK(retry.attempts == ++attempts);
      CHECK(retry.due == clock.now() + pause);
      CHECK(retry.reason == "outbound.no_answer");
      clock.move(pause - Duration(1));
      deliveries.clock_moved();
      CHECK(deliveries.size() == 1);
      CHECK(log.quiet());
      clock.move(Duration(1));
      deliveries.clock_moved();
    }
    CHECK(log.next().state == DeliveryState::Sent);
    const Step dead = log.next();
    CHECK(dead.state == DeliveryState::Dead);
    CHECK(dead.attempts == 7);
    deliveries.stop();
    CHECK(brand.count() == 7);
  }

  TEST_CASE("an answer that is no yes is a failure, and 410 is the last one") {
    SetClock clock;
    Brand brand;
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("1")).ok());
    (void)log.next();
    (void)log.next();
    CHECK(log.next().reason == "the brand answered 503");
    brand.set(410);
    clock.move(5s);
    deliveries.clock_moved();
    CHECK(log.next().state == DeliveryState::Sent);
    CHECK(log.next().state == DeliveryState::Dead);
  }

  TEST_CASE("what is due first goes first, also what is taken up again after a restart") {
    SetClock clock;
    Brand brand;
    brand.set(200);
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    Delivery later = of("later", clock.now() + Duration(10s));
    later.attempts = 3;
    REQUIRE(deliveries.add(later).ok());
    (void)log.next();
    REQUIRE(deliveries.add(of("sooner", clock.now() + Duration(5s))).ok());
    (void)log.next();
    clock.move(10s);
    deliveries.clock_moved();
    CHECK(log.next().id == "sooner");
    CHECK(log.next().id == "sooner");
    const Step step = log.next();
    CHECK(step.id == "later");
    CHECK(step.attempts == 3);
  }

  TEST_CASE("a waiting delivery can be cancelled, one under way is not tried again") {
    SetClock clock;
    Brand brand;
    brand.hold = true;
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("waiting", clock.now() + Duration(1h))).ok());
    REQUIRE(deliveries.add(of("under way")).ok());
    brand.wait_until_held();
    CHECK(deliveries.cancel("waiting"));
    CHECK_FALSE(deliveries.cancel("waiting"));
    CHECK_FALSE(deliveries.cancel("under way"));
    brand.let_go();
    for (const auto state :
         {DeliveryState::Queued, DeliveryState::Queued, DeliveryState::Sent, DeliveryState::Dead}) {
      CHECK(log.next().state == state);
    }
    CHECK(brand.count() == 1);
  }

  TEST_CASE("what the log forbids is not sent") {
    SetClock clock;
    Brand brand;
    brand.set(200);
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("forbidden")).ok());
    REQUIRE(deliveries.add(of("2")).ok());
    CHECK(log.next().id == "forbidden");
    CHECK(log.next().id == "2");
    CHECK(log.next().id == "2");
    CHECK(log.next().state == DeliveryState::Acked);
    CHECK(brand.count() == 1);
  }

  TEST_CASE("the queue has a limit and knows an id only once") {
    SetClock clock;
    Brand brand;
    Log log;
    outbound::Deliveries deliveries(brand, log, clock, 2);
    const Instant far = clock.now() + Duration(1h);
    REQUIRE(deliveries.add(of("1", far)).ok());
    CHECK(deliveries.add(of("1", far)).error().code == ErrorCode::Conflict);
    REQUIRE(deliveries.add(of("2", far)).ok());
    CHECK(deliveries.add(of("3", far)).error().say == "outbound.queue_full");
    deliveries.stop();
    CHECK(deliveries.add(of("4", far)).error().say == "outbound.stopped");
  }

  TEST_CASE("stop leaves what waits as it was, and a call cut short is no failure") {
    SetClock clock;
    Brand brand;
    brand.hold = true;
    Log log;
    outbound::Deliveries deliveries(brand, log, clock);
    REQUIRE(deliveries.add(of("1")).ok());
    brand.wait_until_held();
    std::thread stopping([&] { deliveries.stop(); });
    // stop() is waiting for the call; nothing can be added once it has begun.
    while (deliveries.add(of("2", clock.now() + Duration(1h))).ok()) {
      (void)deliveries.cancel("2");
    }
    brand.let_go();
    stopping.join();
    CHECK(log.next().state == DeliveryState::Queued);
    CHECK(log.next().state == DeliveryState::Sent);
    while (!log.quiet()) CHECK(log.next().state == DeliveryState::Queued);
  }
}
