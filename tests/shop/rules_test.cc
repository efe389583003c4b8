#include "examples/shop/rules.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

using vrm::shop::check_wish;
using vrm::shop::Wish;

namespace {

Wish good_wish() {
  Wish wish;
  wish.needed = {"address.home.street_address"};
  wish.optional = {"contact.phone_number"};
  wish.purpose = "delivery";
  wish.reason = "to deliver order 42";
  return wish;
}

}  // namespace

TEST_SUITE("shop/rules") {
  TEST_CASE("a wish that says what, why and how long may be asked") {
    CHECK(check_wish(good_wish()).ok());
  }

  TEST_CASE("a careless wish never reaches a person") {
    const auto refused = [](auto&& bend) {
      Wish wish = good_wish();
      bend(wish);
      return !check_wish(wish).ok();
    };
    CHECK(refused([](Wish& wish) { wish.needed.clear(); }));
    CHECK(refused([](Wish& wish) { wish.needed.assign(21, "a"); }));
    CHECK(refused([](Wish& wish) { wish.optional = wish.needed; }));
    CHECK(refused([](Wish& wish) { wish.purpose.clear(); }));
    CHECK(refused([](Wish& wish) { wish.reason.clear(); }));
    CHECK(refused([](Wish& wish) { wish.reason.assign(201, 'x'); }));
    CHECK(refused([](Wish& wish) { wish.max_reads = 0; }));
    CHECK(refused([](Wish& wish) { wish.retention_days = 0; }));
    CHECK(refused([](Wish& wish) { wish.expires_in_s = -1; }));
  }

  TEST_CASE("the details keep needed and optional apart and leave out what is not said") {
    const auto details = vrm::read_json(vrm::shop::details_of(good_wish()));
    REQUIRE(details.ok());
    REQUIRE(details.value().size() == 1);
    const nlohmann::json& detail = details.value()[0];
    CHECK(detail["type"] == "vrm_data");
    CHECK(detail["datatypes"] == nlohmann::json{"address.home.street_address"});
    CHECK(detail["optional"] == nlohmann::json{"contact.phone_number"});
    CHECK(!detail.contains("max_reads"));
  }
}
