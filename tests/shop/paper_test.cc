#include "examples/shop/paper.h"

#include <nlohmann/json.hpp>
#include <string>

#include "tests/shop/sale_scene.h"
#include "vault/base/json.h"
#include "vault/jose/jws.h"

using vrm::Instant;
using vrm::Money;
using vrm::shop::Character;
using vrm::testing::plain_character;

namespace {

struct Desk {
  vrm::testing::ScratchFolder scratch;
  vrm::crypto::SystemRandom random;
  vrm::shop::ShopKeys keys = vrm::shop::ShopKeys::load_or_make(scratch.folder(), random).value();

  vrm::Result<std::string> write(const Character& character, const Money& price) const {
    return vrm::shop::write_offer({keys.client, vrm::testing::kClientId, vrm::testing::kIssuer},
                                  character,
                                  {.iid = "intent-1",
                                   .oid = "bo_1",
                                   .rev = 3,
                                   .product = character.catalogue.front(),
                                   .price = price,
                                   .now = Instant{1795283771000},
                                   .valid_until = Instant{1795370171000}});
  }
};

Character character_from(const nlohmann::json& json) {
  auto character = vrm::shop::read_character(vrm::write_json(json));
  REQUIRE(character.ok());
  return std::move(character).value();
}

nlohmann::json claims_of(const std::string& jws) {
  constexpr std::string_view kType = "vrm-offer+jwt";
  return vrm::jose::Jws::read(jws, {.types = std::span(&kType, 1), .most_bytes = 16384})
      .value()
      .claims()
      .value();
}

}  // namespace

TEST_SUITE("shop/paper") {
  TEST_CASE("an offer has the members of the contract") {
    const Desk desk;
    const Character character = character_from(plain_character());
    const auto jws = desk.write(character, character.catalogue[0].price);
    REQUIRE(jws.ok());
    const nlohmann::json claims = claims_of(jws.value());
    CHECK(claims["exp"] == 1795370171);
    CHECK(claims["rev"] == 3);
    const nlohmann::json& offer = claims["offer"];
    CHECK(offer["@type"] == "Offer");
    CHECK(offer["itemOffered"]["gtin"] == "4006381333931");
    CHECK(offer["itemOffered"]["additionalProperty"][0]["propertyID"] == "frame");
    CHECK(offer["priceCurrency"] == "EUR");
    CHECK(offer["vrm:deliverBy"] == vrm::shop::day_of(Instant{1795283771000 + 2 * 86400000LL}));
    CHECK(offer["warranty"]["durationOfWarranty"]["value"] == 24);
    CHECK(offer["hasMerchantReturnPolicy"]["merchantReturnDays"] == 30);
    CHECK(offer["vrm:requiredData"] ==
          nlohmann::json::array({{{"field", "address.home.street_address"},
                                  {"purpose", "delivery"},
                                  {"neededAt", "ship"},
                                  {"retention", "P30D"},
                                  {"recipients", {"La Poste"}},
                                  {"optional", false}}}));
  }

  TEST_CASE("sums are right to the cent, also where binary fractions are not") {
    const Desk desk;
    for (std::int64_t cents = 1; cents < 3000; cents += 41) {
      nlohmann::json json = plain_character();
      const Money shipping{cents, "EUR"};
      json["shipping"] = vrm::amount_of(shipping);
      json["fee"] = "0.01";
      const Character character = character_from(json);
      const Money price{110, "EUR"};
      const auto jws = desk.write(character, price);
      REQUIRE(jws.ok());
      const nlohmann::json total = claims_of(jws.value())["offer"]["vrm:total"];
      CHECK(total["subtotal"] == "1.10");
      CHECK(total["total"] == vrm::amount_of({110 + cents + 1, "EUR"}));
    }
  }

  TEST_CASE("money without cents has none") {
    nlohmann::json json = plain_character();
    json["currency"] = "JPY";
    json["shipping"] = "900";
    json["catalogue"][0]["price"] = "120000";
    const Desk desk;
    const Character character = character_from(json);
    const auto jws = desk.write(character, character.catalogue[0].price);
    REQUIRE(jws.ok());
    CHECK(claims_of(jws.value())["offer"]["vrm:total"]["total"] == "120900");
  }

  TEST_CASE("an offer that no vault would take is not written") {
    const Desk desk;
    nlohmann::json json = plain_character();
    for (int i = 0; i < 60; ++i) {
      json["catalogue"][0]["properties"]["name " + std::to_string(i)] = std::string(200, 'x');
    }
    const Character wordy = character_from(json);
    CHECK(!desk.write(wordy, wordy.catalogue[0].price).ok());
    const Character plain = character_from(plain_character());
    CHECK(!desk.write(plain, Money{vrm::kMostMinorUnits, "EUR"}).ok());
  }
}
