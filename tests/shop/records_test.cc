#include "examples/shop/records.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/shop/scene.h"
#include "vault/base/json.h"

using vrm::shop::Tokens;

namespace {

nlohmann::json answer() {
  return {{"access_token", "eyJ"},
          {"token_type", "DPoP"},
          {"expires_in", 600},
          {"refresh_token", "r"},
          {"grant_id", "gr_7F2K9QXD"},
          {"authorization_details",
           {{{"type", "vrm_data"},
             {"datatypes", {"address.home.locality"}},
             {"purpose", "delivery"}}}}};
}

vrm::Result<Tokens> tokens_from(const nlohmann::json& body) {
  return Tokens::from_answer(vrm::write_json(body), "https://vault.example/v/a", {1000});
}

}  // namespace

TEST_SUITE("shop/records") {
  TEST_CASE("tokens come back from the folder as they were kept") {
    vrm::testing::ScratchFolder scratch;
    const auto tokens = tokens_from(answer());
    REQUIRE(tokens.ok());
    REQUIRE(vrm::shop::save_tokens(scratch.folder(), {tokens.value(), tokens.value()}).ok());
    const auto loaded = vrm::shop::load_tokens(scratch.folder());
    REQUIRE(loaded.ok());
    REQUIRE(loaded.value().size() == 2);
    const Tokens& kept = loaded.value()[1];
    CHECK(kept.access_token == "eyJ");
    CHECK(kept.expires == vrm::Instant{601000});
    CHECK(kept.fields == std::vector<std::string>{"address.home.locality"});
    CHECK(kept.purpose == "delivery");
  }

  TEST_CASE("a token that is bound to no key is not taken") {
    nlohmann::json bearer = answer();
    bearer["token_type"] = "Bearer";
    CHECK(!tokens_from(bearer).ok());
  }

  TEST_CASE("an answer that breaks the contract is not taken") {
    for (const char* name :
         {"access_token", "token_type", "expires_in", "grant_id", "authorization_details"}) {
      CAPTURE(name);
      nlohmann::json bent = answer();
      bent.erase(name);
      CHECK(!tokens_from(bent).ok());
    }
    nlohmann::json two = answer();
    two["authorization_details"].push_back(two["authorization_details"][0]);
    CHECK(!tokens_from(two).ok());
    nlohmann::json endless = answer();
    endless["expires_in"] = 9'000'000'000'000'000'000;
    CHECK(!tokens_from(endless).ok());
  }

  TEST_CASE("a refresh without a new refresh token keeps the old one") {
    const auto first = tokens_from(answer());
    nlohmann::json again = answer();
    again["access_token"] = "eyK";
    again["refresh_token"] = "r2";
    CHECK(first.value().refreshed_by(vrm::write_json(again), {1}).value().refresh_token == "r2");
    again.erase("refresh_token");
    const auto fresh = first.value().refreshed_by(vrm::write_json(again), {1});
    REQUIRE(fresh.ok());
    CHECK(fresh.value().access_token == "eyK");
    CHECK(fresh.value().refresh_token == "r");
    CHECK(fresh.value().issuer == first.value().issuer);
  }

  TEST_CASE("a shop that was never opened says what to do first") {
    vrm::testing::ScratchFolder scratch;
    const auto brand = vrm::shop::Brand::load(scratch.folder());
    REQUIRE(!brand.ok());
    CHECK(brand.error().message == "the shop was never opened: vrm-shop serve");
  }
}
