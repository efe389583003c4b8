#include "vault/gate/wish.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/fake_clock.h"
#include "vault/gate/limits.h"

using namespace vrm;  // tests only

TEST_SUITE("gate/wish") {
  TEST_CASE("a purpose that is unknown or never granted is answered with those that there are") {
    const auto purposes = grants::Purposes::load().value();
    const auto roster = grants::Roster::load().value();
    for (const std::string purpose : {"deliver", "resale", "any"}) {
      const auto wish = gate::read_wish(
          R"([{"type":"vrm_data","datatypes":["a.b"],"purpose":")" + purpose + R"("}])", purposes,
          roster);
      REQUIRE_FALSE(wish.ok());
      CHECK(wish.error().message.find("quote, service, request, delivery") != std::string::npos);
      CHECK(wish.error().message.find("resale") == std::string::npos);
    }
  }

  TEST_CASE("what a brand wishes is read with its bounds and its words made safe") {
    const auto purposes = grants::Purposes::load().value();
    const auto roster = grants::Roster::load().value();
    const auto wish =
        gate::read_wish(
            R"([{"type":"vrm_data","actions":["read"],"datatypes":["contact.email"],"optional":["size.shoe_eu"],
      "purpose":"delivery","reason":"order\u001b[31m 42","expires_in":3600,"max_reads":2,"retention_days":30}])",
            purposes, roster)
            .value();
    CHECK(wish.needed == std::vector<std::string>{"contact.email"});
    CHECK(wish.optional == std::vector<std::string>{"size.shoe_eu"});
    CHECK(wish.purpose == "dpv:DeliveryOfGoods");
    CHECK(wish.reason.find('\x1b') == std::string::npos);
    CHECK(wish.expires_in_s == 3600);
    CHECK(*wish.max_reads == 2);
    CHECK(wish.retention_days == 30);
  }

  TEST_CASE(
      "a member that there is not is refused by name: a limit that was mistyped would be none") {
    const auto wish = gate::read_wish(
        R"([{"type":"vrm_data","datatypes":["contact.email"],"purpose":"delivery","max_read":3}])",
        grants::Purposes::load().value(), grants::Roster::load().value());
    REQUIRE_FALSE(wish.ok());
    CHECK(wish.error().message == "there is no member `max_read`");
  }

  TEST_CASE("what was granted is written as it would be asked") {
    const auto purposes = grants::Purposes::load().value();
    const auto roster = grants::Roster::load().value();
    grants::Grant granted;
    granted.fields = {"contact.email"};
    granted.purpose = "dpv:DeliveryOfGoods";
    granted.expires_at = {1'795'283'771'500};
    granted.retention_days = 30;
    granted.max_reads = 3;
    const std::string text = gate::write_granted(granted);
    const auto wish = gate::read_wish(text, purposes, roster).value();
    CHECK(wish.needed == std::vector<std::string>{"contact.email"});
    CHECK(wish.retention_days == 30);
    CHECK(*wish.max_reads == 3);
    CHECK(nlohmann::json::parse(text)[0]["expires_at"] == 1'795'283'771);
    granted.max_reads.reset();
    CHECK_FALSE(nlohmann::json::parse(gate::write_granted(granted))[0].contains("max_reads"));
  }
}

TEST_SUITE("gate/limits") {
  TEST_CASE("a bucket empties, fills at its rate, and holds no more than a minute's calls") {
    testing::FakeClock clock;
    gate::RateLimit limit(clock, 2);
    CHECK(limit.take("velo"));
    CHECK(limit.take("velo"));
    CHECK_FALSE(limit.take("velo"));
    CHECK(limit.take("troc"));
    clock.advance(std::chrono::seconds(30));
    CHECK(limit.take("velo"));
    CHECK_FALSE(limit.take("velo"));
    clock.advance(std::chrono::hours(5));
    CHECK(limit.take("velo"));
    CHECK(limit.take("velo"));
    CHECK_FALSE(limit.take("velo"));
  }
}
