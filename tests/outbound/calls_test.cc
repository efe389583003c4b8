#include "vault/outbound/calls.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/outbound/servers.h"
#include "vault/outbound/deliveries.h"

using namespace vrm;                  // tests only
using namespace vrm::outbound_tests;  // tests only
using outbound::WebCalls;
using namespace std::chrono_literals;

namespace {

outbound::Outgoing post(const std::string& url, const std::string& body) {
  return {.method = outbound::Method::Post,
          .url = url,
          .content_type = "application/jwt",
          .body = body};
}
outbound::Outgoing get(const std::string& url) {
  return {.method = outbound::Method::Get, .url = url, .content_type = {}, .body = {}};
}

// Waits for `count` ends: what each said.
std::map<std::uint64_t, std::string> ends(WebCalls& calls, std::size_t count) {
  std::map<std::uint64_t, std::string> heard;
  while (heard.size() < count) {
    for (const auto& one : calls.wait(10s)) {
      CHECK(heard.emplace(one.key, why(one.answer)).second);
    }
  }
  return heard;
}

std::string only(WebCalls& calls, outbound::Outgoing outgoing) {
  static std::uint64_t key = 1'000'000;
  calls.begin(++key, std::move(outgoing));
  return ends(calls, 1).begin()->second;
}

// Hears everything of a Deliveries, and lets a test wait for the ends.
class Ends final : public outbound::DeliveryLog {
 public:
  void moved(const outbound::Delivery& delivery, outbound::DeliveryState state, const Error*,
             const Fetched*) override {
    const std::lock_guard lock(mutex_);
    if (state == outbound::DeliveryState::Acked) acked_.insert(delivery.id);
    changed_.notify_all();
  }
  std::size_t wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    (void)changed_.wait_for(lock, 30s, [&] { return acked_.size() >= count; });
    return acked_.size();
  }
  std::set<std::string> acked() {
    const std::lock_guard lock(mutex_);
    return acked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> acked_;
};

// Asks are answered when the test says so.
class SlowNames final : public outbound::Resolver {
 public:
  Result<std::vector<Address>> resolve(const std::string& host, Duration) override {
    std::unique_lock lock(mutex_);
    asked_.insert(host);
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    return refusal(ErrorCode::Unavailable, "outbound.name_not_found");
  }
  void wait_for(const std::string& host) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 10s, [&] { return asked_.contains(host); }));
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> asked_;
  bool open_ = false;
};

}  // namespace

TEST_SUITE("outbound/calls") {
  TEST_CASE("many calls at once each get their own answer") {
    Brand brand;
    outbound::SystemResolver resolver;
    WebCalls calls(loopback(Duration(20'000)), resolver, the_clock());
    for (std::uint64_t i = 0; i < 40; ++i) {
      calls.begin(i, post(brand.url("/in"), "body " + std::to_string(i)));
    }
    std::set<std::string> bodies;
    std::size_t heard = 0;
    while (heard < 40) {
      for (const auto& one : calls.wait(10s)) {
        ++heard;
        REQUIRE(one.answer.ok());
        CHECK(one.answer.value().status == 202);
        CHECK(one.answer.value().body == "application/jwt|body " + std::to_string(one.key));
      }
    }
    CHECK(calls.under_way() == 0);
  }

  TEST_CASE("the rules of a single call hold: URL, redirects, size, what is no HTTP") {
    Brand brand;
    outbound::SystemResolver resolver;
    WebCalls calls(loopback(), resolver, the_clock());
    CHECK(only(calls, get("http://example.com/")) == "outbound.url_not_https");
    CHECK(only(calls, get("https://10.0.0.1/")) == "outbound.host_not_public");
    CHECK(only(calls, get("https://user@example.com/")) == "outbound.url_with_user");
    CHECK(only(calls, get("ftp://example.com/")) == "outbound.url_not_https");
    CHECK(only(calls, get(brand.url("/moved"))) == "outbound.redirected");
    CHECK(only(calls, get(brand.url("/bytes/65537"))) == "outbound.answer_too_long");
    CHECK(only(calls, get(brand.url("/bytes/65536"))) == "status 200");
    auto larger = get(brand.url("/bytes/65537"));
    larger.body_bytes = 65537;
    CHECK(only(calls, larger) == "status 200");
    CHECK(only(calls, get("http://127.0.0.1:1/")) == "outbound.no_answer");
    Raw noise([](int fd) { (void)Raw::say(fd, "220 smtp ready\r\n"); });
    CHECK(only(calls, get(noise.url())) != "status 200");
    Raw cut([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"); });
    CHECK(only(calls, get(cut.url())) == "outbound.answer_not_http");
    WebCalls outside({}, resolver, the_clock());
    CHECK(only(outside, get(brand.url("/ok"))) == "outbound.url_not_https");
  }

  TEST_CASE("a name with one address inside is refused before any connection") {
    Raw inside([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
    auto options = loopback(Duration(300));
    options.urls.ports = {static_cast<std::uint16_t>(inside.port)};
    const std::string url = "https://shop.example.fr:" + std::to_string(inside.port) + "/";
    for (const auto& addresses : std::vector<std::vector<const char*>>{
             {"127.0.0.1"}, {"2a00::1", "127.0.0.1"}, {"::1"}, {"::ffff:127.0.0.1"}, {}}) {
      Scripted resolver({addresses});
      WebCalls calls(options, resolver, the_clock());
      CHECK(only(calls, get(url)) == "outbound.address_not_public");
    }
    CHECK(inside.came == 0);
  }

  TEST_CASE("a name that changes its address between two calls leads nowhere") {
    Raw inside([](int fd) { (void)Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
    auto options = loopback(Duration(300));
    options.urls.ports = {static_cast<std::uint16_t>(inside.port)};
    // Public and assigned to nobody; then the inside.
    Scripted resolver({{"2a00::1"}, {"127.0.0.1"}});
    WebCalls calls(options, resolver, the_clock());
    const std::string url = "https://shop.example.fr:" + std::to_string(inside.port) + "/";
    CHECK(only(calls, get(url)) != "status 200");
    CHECK(resolver.asked == 1);
    CHECK(only(calls, get(url)) == "outbound.address_not_public");
    CHECK(inside.came == 0);
  }

  TEST_CASE("a connection serves the next call to its origin while the name keeps its address") {
    std::atomic<int> connections = 0;
    std::atomic<int> requests = 0;
    Raw keeping([&](int fd) {
      ++connections;
      char part[4096];
      do {
        ++requests;
        if (!Raw::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) return;
      } while (::recv(fd, part, sizeof part, 0) > 0);
    });
    const std::string url = "http://localhost:" + std::to_string(keeping.port) + "/";
    // The server listens on the first alone: the last answer makes it one that the name has no more.
    Scripted resolver({{"127.0.0.1"}, {"127.0.0.1"}, {"127.0.0.9"}});
    {
      WebCalls calls(loopback(), resolver, the_clock());
      CHECK(only(calls, get(url)) == "status 200");
      CHECK(only(calls, get(url)) == "status 200");
      CHECK(connections == 1);
      CHECK(only(calls, get(url)) == "outbound.no_answer");
      CHECK(requests == 2);
    }
    outbound::SystemResolver system;
    outbound::Fetcher fetcher(loopback(), system, the_clock());
    CHECK(why(fetcher.get(keeping.url())) == "status 200");
    CHECK(connections == 2);
  }

  TEST_CASE("a slow brand and a slow name hold up nobody") {
    Brand brand;
    std::atomic<bool> heard = false;
    Raw mute([&](int fd) {
      heard = true;
      char byte = 0;
      (void)::recv(fd, &byte, 1, 0);
    });
    SlowNames resolver;
    WebCalls calls(loopback(Duration(60'000)), resolver, the_clock());
    calls.begin(1, get(mute.url()));
    calls.begin(2, get("https://slow.example.com/"));
    resolver.wait_for("slow.example.com");
    for (std::uint64_t i = 10; i < 30; ++i) calls.begin(i, get(brand.url("/ok")));
    const auto heard_of = ends(calls, 20);
    CHECK_FALSE(heard_of.contains(1));
    CHECK_FALSE(heard_of.contains(2));
    CHECK(calls.under_way() == 2);
    resolver.open();
    CHECK(ends(calls, 1).at(2) == "outbound.name_not_found");
    calls.drop(1);
    calls.drop(1);
    CHECK(calls.under_way() == 0);
  }

  TEST_CASE("a call ends at its deadline, whether its brand or its name is slow") {
    Raw mute([](int fd) {
      char byte = 0;
      (void)::recv(fd, &byte, 1, 0);
    });
    SlowNames resolver;
    WebCalls calls(loopback(Duration(60'000)), resolver, the_clock());
    auto soon = get(mute.url());
    soon.total = Duration(50);
    CHECK(only(calls, soon) == "outbound.too_slow");
    soon = get("https://slow.example.com/");
    soon.total = Duration(50);
    CHECK(only(calls, soon) == "outbound.too_slow");
    resolver.open();
  }

  TEST_CASE("wake brings wait back, also when it comes first") {
    outbound::SystemResolver resolver;
    WebCalls calls(loopback(), resolver, the_clock());
    calls.wake();
    CHECK(calls.wait(Duration(60'000)).empty());
    std::thread other([&] { calls.wake(); });
    CHECK(calls.wait(Duration(60'000)).empty());
    other.join();
  }

  TEST_CASE("a resolver that is stopped gives up its names at once") {
    outbound::SystemResolver resolver;
    resolver.stop();
    CHECK(resolver.resolve("localhost", Duration(60'000)).error().say == "outbound.stopped");
  }

  TEST_CASE("two hundred messages arrive, each once, while two brands never answer") {
    std::mutex mutex;
    std::multiset<std::string> arrived;
    Brand brand;
    brand.server.Post(R"(/brands/\d+)",
                      [&](const httplib::Request& request, httplib::Response& response) {
                        const std::lock_guard lock(mutex);
                        arrived.insert(request.path + " " + request.body);
                        response.status = 202;
                      });
    Raw first([](int fd) {
      char byte = 0;
      (void)::recv(fd, &byte, 1, 0);
    });
    outbound::SystemResolver resolver;
    WebCalls calls(loopback(Duration(60'000)), resolver, the_clock());
    Ends ends;
    outbound::Deliveries deliveries(calls, ends, the_clock());
    for (int i = 0; i < 20; ++i) {
      REQUIRE(deliveries.add({"slow" + std::to_string(i), first.url(), "a/b", "x"}).ok());
    }
    for (int i = 0; i < 200; ++i) {
      const std::string n = std::to_string(i);
      REQUIRE(deliveries.add({n, brand.url("/brands/" + n), "application/jwt", "body " + n}).ok());
    }
    CHECK(ends.wait_for(200) == 200);
    CHECK(deliveries.size() == 20);
    // Stopped under load: the twenty are cut short.
    deliveries.stop();
    const std::lock_guard lock(mutex);
    CHECK(arrived.size() == 200);
    for (int i = 0; i < 200; ++i) {
      const std::string n = std::to_string(i);
      CHECK(arrived.count("/brands/" + n + " body " + n) == 1);
    }
  }
}
