#include "tests/bench/many_sites.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <set>

#include "tests/bench/raw_posts.h"

namespace bench = vrm::bench;

namespace {

std::vector<bench::RawPost> posts_to(const std::string& base, int count) {
  std::vector<bench::RawPost> posts;
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    posts.push_back({base + "/b" + n + "/intents", "application/jwt", "body " + n});
  }
  return posts;
}

}  // namespace

TEST_SUITE("bench/many_sites") {
  TEST_CASE("a request is found once it is whole, and what lies behind it stays") {
    const std::string whole =
        "POST /b1/intents HTTP/1.1\r\nHost: h\r\nCONTENT-length: 4\r\n\r\nbodyGET / HTTP/1.1\r\n";
    const std::size_t size = whole.find("GET");
    for (std::size_t part = 0; part < size; ++part) {
      CAPTURE(part);
      const auto read = bench::first_request(whole.substr(0, part));
      REQUIRE(read.ok());
      CHECK_FALSE(read.value().has_value());
    }
    const auto read = bench::first_request(whole);
    REQUIRE(read.ok());
    REQUIRE(read.value().has_value());
    CHECK(read.value()->method == "POST");
    CHECK(read.value()->path == "/b1/intents");
    CHECK(read.value()->body == "body");
    CHECK(read.value()->size == size);
  }

  TEST_CASE("what is no request is refused") {
    CHECK_FALSE(bench::first_request("nothing\r\n\r\n").ok());
    CHECK_FALSE(bench::first_request("GET /\r\nA: b c d\r\n\r\n").ok());
    CHECK_FALSE(bench::first_request("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n").ok());
    CHECK_FALSE(bench::first_request("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").ok());
  }

  TEST_CASE("documents are served and nothing else is there") {
    auto sites = bench::ManySites::open();
    REQUIRE(sites.ok());
    sites.value()->serve("/b7/vrm-brand.json", "{\"n\":7}");
    httplib::Client client("127.0.0.1", sites.value()->port());
    const auto found = client.Get("/b7/vrm-brand.json");
    REQUIRE(found);
    CHECK(found->status == 200);
    CHECK(found->body == "{\"n\":7}");
    const auto absent = client.Get("/b8/vrm-brand.json");
    REQUIRE(absent);
    CHECK(absent->status == 404);
  }

  TEST_CASE("raw posts all arrive, each once, however many go at once") {
    auto sites = bench::ManySites::open();
    REQUIRE(sites.ok());
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{8}, std::size_t{64}}) {
      CAPTURE(at_once);
      sites.value()->forget_posted();
      REQUIRE(bench::post_raw(posts_to(sites.value()->base(), 200), at_once).ok());
      REQUIRE(sites.value()->wait_posted(200, vrm::Duration(0)).ok());
      std::set<std::string> seen;
      for (const auto& one : sites.value()->posted()) seen.insert(one.path + " " + one.body);
      CHECK(seen.size() == 200);
      CHECK(seen.contains("/b199/intents body 199"));
    }
    CHECK_FALSE(sites.value()->wait_posted(201, vrm::Duration(0)).ok());
  }

  TEST_CASE("a raw post that is not taken is told") {
    CHECK_FALSE(bench::post_raw(posts_to("http://127.0.0.1:1", 3), 2).ok());
    CHECK(bench::post_raw({}, 2).ok());
  }
}
