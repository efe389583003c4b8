// What one turn of the loop hands over together, and what comes back together.

#include <set>

#include "tests/http/wire.h"

using namespace vrm;  // tests only
using wire::Client;

namespace {

// Collects what a turn hands over and answers it at the turn's end, as one durable flush would.
class Grouping : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view) const override { return 0; }
  void handle(routes::Request request, std::shared_ptr<routes::Reply> reply) override {
    threads_.insert(std::this_thread::get_id());
    if (request.path == "/hold") {
      std::unique_lock lock(mutex_);
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !held_; });
    }
    waiting_.push_back(std::move(reply));
  }
  void turn_ended() override {
    threads_.insert(std::this_thread::get_id());
    if (waiting_.empty()) return;
    groups_.push_back(waiting_.size());
    for (auto& reply : waiting_) {
      reply->send_later([this] {
        threads_.insert(std::this_thread::get_id());
        return routes::Answer{200, {}, "grouped"};
      });
    }
    waiting_.clear();
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(5), [this] { return held_; }));
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Read when the door is closed.
  std::set<std::thread::id> threads_;
  std::vector<std::size_t> groups_;

 private:
  std::vector<std::shared_ptr<routes::Reply>> waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
};

}  // namespace

TEST_SUITE("http/turn") {
  TEST_CASE(
      "requests that are there together are handed over in one turn and answered as a group") {
    Grouping grouping;
    const auto door = wire::open(wire::loopback(), grouping);
    std::vector<Client> clients;
    for (int i = 0; i < 40; ++i) {
      clients.emplace_back(door->port());
      REQUIRE(clients.back().send(wire::get()));
      REQUIRE(clients.back().status() == 200);
    }
    Client holding(door->port());
    REQUIRE(holding.send(wire::get("/hold")));
    grouping.wait_until_held();
    for (auto& client : clients) REQUIRE(client.send(wire::get()));
    grouping.let_go();
    for (auto& client : clients) CHECK(client.answer().ends_with("grouped"));
    CHECK(holding.status() == 200);
    door->stop();
    // All forty, and no other thread than the loop's for handle, turn_ended and finish.
    CHECK(*std::max_element(grouping.groups_.begin(), grouping.groups_.end()) >= 40);
    CHECK(grouping.threads_.size() == 1);
  }

  TEST_CASE("many answers from many threads all arrive") {
    wire::Keeper keeper;
    const auto door = wire::open(wire::loopback(), keeper);
    std::vector<Client> clients;
    for (int i = 0; i < 120; ++i) clients.emplace_back(door->port());
    for (int round = 0; round < 5; ++round) {
      for (auto& client : clients) REQUIRE(client.send(wire::get()));
      auto kept = keeper.take(clients.size());
      std::vector<std::thread> threads;
      for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&kept, t] {
          for (std::size_t i = t; i < kept.size(); i += 4) {
            if (i % 2 == 0) {
              kept[i]->send({200, {}, "x"});
            } else {
              kept[i]->send_later([] { return routes::Answer{200, {}, "x"}; });
            }
          }
        });
      }
      for (auto& client : clients) REQUIRE(client.status() == 200);
      for (auto& thread : threads) thread.join();
    }
  }
}
