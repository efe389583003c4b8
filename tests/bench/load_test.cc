#include "tests/bench/load.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

namespace bench = vrm::bench;

namespace {

// A server on a port of its own that remembers which values of X-Proof came.
class CountingServer {
 public:
  CountingServer() {
    server_.set_tcp_nodelay(true);
    server_.new_task_queue = [] { return new httplib::ThreadPool(8); };
    server_.set_keep_alive_max_count(1000000);
    server_.Get("/", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard guard(lock_);
      seen_.insert(request.get_header_value("X-Proof"));
      if (request.get_header_value("X-Proof") == "bad") response.status = 401;
      response.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~CountingServer() {
    server_.stop();
    thread_.join();
  }

  int port() const { return port_; }
  std::multiset<std::string> seen() {
    const std::lock_guard guard(lock_);
    return seen_;
  }

 private:
  httplib::Server server_;
  std::mutex lock_;
  std::multiset<std::string> seen_;
  int port_ = 0;
  std::thread thread_;
};

bench::Requests with_proofs(const std::vector<std::string>& proofs) {
  return {.before = "GET / HTTP/1.1\r\nHost: here\r\nX-Proof: ",
          .middles = proofs,
          .after = "\r\n\r\n"};
}

}  // namespace

TEST_SUITE("bench/load") {
  TEST_CASE("each proof is sent exactly once, over every connection") {
    CountingServer server;
    std::vector<std::string> proofs;
    for (int i = 0; i < 200; ++i) proofs.push_back("proof-" + std::to_string(i));
    const auto result =
        bench::run_load({"127.0.0.1", server.port(), 4, vrm::Duration(60000)}, with_proofs(proofs));
    REQUIRE(result.ok());
    CHECK(result.value().ran_out);
    CHECK(result.value().latencies_us.size() == 200);
    CHECK(result.value().broken == 0);
    CHECK(result.value().other.empty());
    CHECK(server.seen() == std::multiset<std::string>(proofs.begin(), proofs.end()));
  }

  TEST_CASE("a refusal is counted apart and never as a read") {
    CountingServer server;
    const auto result = bench::run_load({"127.0.0.1", server.port(), 1, vrm::Duration(60000)},
                                        with_proofs({"good", "bad", "good"}));
    REQUIRE(result.ok());
    CHECK(result.value().latencies_us.size() == 2);
    CHECK(result.value().other == std::map<int, std::uint64_t>{{401, 1}});
    CHECK(result.value().first_other == "{}");
  }

  TEST_CASE("nobody there is an error") {
    int port = 0;
    { port = CountingServer().port(); }
    const auto result =
        bench::run_load({"127.0.0.1", port, 1, vrm::Duration(100)}, with_proofs({"one"}));
    REQUIRE(!result.ok());
    CHECK(result.error().code == vrm::ErrorCode::Unavailable);
  }
}
