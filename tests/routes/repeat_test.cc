// A read that is repeated under its Idempotency-Key, and the read whose names stand in a body.

#include <doctest/doctest.h>

#include "tests/support/world.h"

using namespace vrm;  // tests only
using testing::error_of;
using testing::TestBrand;
using testing::World;

namespace {

const std::string kTown = "address.home.locality";

struct Counter {
  explicit Counter(const nlohmann::json& bounds = {{"max_reads", 2}}) {
    world.set(kTown, "Lyon");
    world.set("address.home.postal_code", "69002");
    const auto answer = brand.granted({kTown, "address.home.postal_code"}, bounds);
    token = answer["access_token"];
    grant = answer["grant_id"];
  }
  routes::Answer read(const std::vector<std::string>& keys, const std::string& fields = kTown) {
    auto request = brand.read_request(token, fields);
    for (const auto& key : keys) request.headers.emplace_back("idempotency-key", key);
    return world.call(std::move(request));
  }
  routes::Answer query(std::string body, const std::string& type = "application/json") {
    const std::string path = "/v/" + brand.vid + "/v1/query";
    routes::Request request{.method = "POST",
                            .path = path,
                            .query = "",
                            .headers = {{"authorization", "DPoP " + token},
                                        {"dpop", brand.proof_for("POST", path, token)},
                                        {"content-type", type}},
                            .body = std::move(body),
                            .peer = ""};
    return world.call(std::move(request));
  }
  std::int64_t used() { return testing::must(world.owner->grant(grant))["reads"]["used"]; }

  World world;
  TestBrand brand{world, "velo.example", "Velo"};
  std::string token;
  std::string grant;
};

}  // namespace

TEST_SUITE("routes/repeat") {
  TEST_CASE("a read repeated under its key is answered and recorded anew, and counted once") {
    Counter shop;
    CHECK(shop.read({"order-42"}).status == 200);
    CHECK(shop.read({"order-42"}).status == 200);
    CHECK(shop.used() == 1);
    CHECK(shop.world.log_count("read", "allowed") == 2);
    CHECK(shop.read({"order-43"}).status == 200);
    CHECK(shop.used() == 2);
  }

  TEST_CASE("the last read of a grant may be repeated under its key, and under no other") {
    Counter shop(nlohmann::json{{"for", "once"}});
    CHECK(shop.read({"a"}).status == 200);
    CHECK(shop.read({"a"}).status == 200);
    CHECK(shop.read({"b"}).status == 401);
    CHECK(shop.read({}).status == 401);
    CHECK(shop.read({"a"}).status == 200);
    CHECK(shop.used() == 1);
  }

  TEST_CASE("a repeat sees what became of the value and of the grant") {
    Counter shop;
    CHECK(shop.read({"a"}).status == 200);
    shop.world.set(kTown, "Grenoble");
    const auto again = shop.read({"a"});
    CHECK(nlohmann::json::parse(again.body)["data"][kTown]["value"] == "Grenoble");
    testing::must(shop.world.owner->revoke({{"ids", {shop.grant}}}));
    CHECK(shop.read({"a"}).status == 401);
  }

  TEST_CASE("after a minute a key counts anew, also when the clock went back") {
    Counter shop;
    CHECK(shop.read({"a"}).status == 200);
    shop.world.clock.advance(std::chrono::seconds(61));
    CHECK(shop.read({"a"}).status == 200);
    CHECK(shop.used() == 2);
  }

  TEST_CASE("a key that came with another read is refused, and the count stands") {
    Counter shop;
    CHECK(shop.read({"a"}).status == 200);
    const auto other = shop.read({"a"}, "address.home.postal_code");
    CHECK(other.status == 400);
    CHECK(error_of(other) == "invalid_request");
    CHECK(shop.used() == 1);
    CHECK(shop.world.log_count("read", "refused") == 1);
  }

  TEST_CASE("another grant's key is another") {
    Counter shop;
    const auto second = shop.brand.granted({kTown}, {{"max_reads", 5}});
    CHECK(shop.read({"a"}).status == 200);
    shop.token = second["access_token"];
    CHECK(shop.read({"a"}).status == 200);
    const auto grant =
        testing::must(shop.world.owner->grant(second["grant_id"].get<std::string>()));
    CHECK(grant["reads"]["used"] == 1);
  }

  TEST_CASE("a key that is none is refused") {
    Counter shop;
    const std::vector<std::vector<std::string>> bad = {
        {""}, {"a", "a"}, {"a b"}, {"\x7f"}, {"caf\xc3\xa9"}, {std::string(65, 'a')}};
    for (const auto& keys : bad) CHECK(shop.read(keys).status == 400);
    CHECK(shop.used() == 0);
    CHECK(shop.read({std::string(64, 'a')}).status == 200);
  }

  TEST_CASE("a query is the same read, its names in the body") {
    Counter shop;
    const auto answer = shop.query(R"({"fields":["address.home.locality"],"purpose":"delivery"})");
    CHECK(answer.status == 200);
    CHECK(nlohmann::json::parse(answer.body)["data"][kTown]["value"] == "Lyon");
    CHECK(shop.used() == 1);
    CHECK(shop.query(R"({"fields":["contact.email"],"purpose":"delivery"})").status == 403);
    CHECK(shop.query(R"({"fields":["address.home.locality"],"purpose":"marketing"})").status ==
          403);
  }

  TEST_CASE("a query that is malformed reads nothing") {
    Counter shop;
    for (const std::string body :
         {R"()", R"([])", R"({"fields":["address.home.locality"]})",
          R"({"fields":[],"purpose":"delivery"})", R"({"fields":[""],"purpose":"delivery"})",
          R"({"fields":"address.home.locality","purpose":"delivery"})",
          R"({"fields":["address.home.locality","address.home.locality"],"purpose":"delivery"})",
          R"({"fields":["address.home.locality,address.home.postal_code"],"purpose":"delivery"})",
          R"({"fields":["Nope!"],"purpose":"delivery"})",
          R"({"fields":["address.home.locality"],"purpose":"because"})",
          R"({"fields":["address.home.locality"],"purpose":"delivery","more":1})",
          R"({"fields":["address.home.locality"],"purpose":"delivery","purpose":"delivery"})"}) {
      CAPTURE(body);
      const auto answer = shop.query(body);
      CHECK(answer.status == 400);
      CHECK(error_of(answer) == "invalid_request");
    }
    CHECK(shop.query(R"({"fields":["address.home.locality"],"purpose":"delivery"})", "text/plain")
              .status == 400);
    CHECK(shop.used() == 0);
  }

  TEST_CASE("a proof for the one way to read is none for the other") {
    Counter shop;
    const std::string path = "/v/" + shop.brand.vid + "/v1/query";
    const auto crossed =
        shop.brand.read_with(shop.token, shop.brand.proof_for("POST", path, shop.token),
                             "fields=" + kTown + "&purpose=delivery");
    CHECK(crossed.status == 401);
    CHECK(error_of(crossed) == "invalid_dpop_proof");
  }
}
