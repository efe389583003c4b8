#pragma once
// A shop with a character and a vault that introduced itself, and the messages that the vault
// signs.

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/shop/business.h"
#include "examples/shop/intake.h"
#include "examples/shop/paper.h"
#include "examples/shop/seller.h"
#include "tests/shop/fake_vault.h"
#include "tests/shop/scene.h"
#include "vault/base/json.h"

namespace vrm::testing {

inline nlohmann::json plain_character() {
  return {{"currency", "EUR"},
          {"catalogue",
           {{{"name", "Trail 7"},
             {"category", "mountain bike"},
             {"gtin", "4006381333931"},
             {"properties", {{"frame", "L"}}},
             {"price", "829.00"},
             {"stock", 1}}}},
          {"shipping", "29.90"},
          {"arrival_days", 2},
          {"warranty_months", 24},
          {"return_days", 30},
          {"offer_valid", "48h"},
          {"required_data",
           {{{"field", "address.home.street_address"},
             {"purpose", "delivery"},
             {"neededAt", "ship"},
             {"retention", "P30D"},
             {"recipients", {"La Poste"}}}}}};
}

class SaleScene {
 public:
  static constexpr const char* kIid = "intent-1";

  explicit SaleScene(nlohmann::json character = plain_character())
      : vault(door.origin() + "/v/abc", kClientId, clock), character_(std::move(character)) {
    introduce(vault);
    reopen();
    vault.know(business->keys.client.jwk());
    door.open(vault);
    vault.grant("req-1", vault.pass(kIid));
    vault.grant("refresh-of-intent-1", vault.pass(kIid));
  }

  // As a restart: everything anew but the folder.
  void reopen() {
    seller.reset();
    intake.reset();
    auto keys = shop::ShopKeys::load_or_make(scratch.folder(), random).value();
    auto character = shop::read_character(write_json(character_));
    REQUIRE(character.ok());
    business = std::make_unique<shop::Business>(
        shop::Business{scratch.folder(), kClientId, std::move(keys), std::move(character).value(),
                       clock, random, [this](std::string_view line) { said.emplace_back(line); }});
    intake = std::make_unique<shop::Intake>(*business);
    seller = std::make_unique<shop::Seller>(*business);
  }

  void introduce(const FakeVault& other) {
    auto vaults = shop::load_vaults(scratch.folder()).value();
    vaults.push_back({.issuer = other.issuer(),
                      .subject = kSubject,
                      .reference = "",
                      .jwks = write_json(other.key().jwks())});
    REQUIRE(shop::save_vaults(scratch.folder(), vaults).ok());
  }

  nlohmann::json claims(std::string_view jti) const {
    return {{"iss", vault.issuer()},
            {"aud", kClientId},
            {"sub", kSubject},
            {"iat", clock.now().seconds()},
            {"exp", clock.now().seconds() + 900},
            {"jti", jti}};
  }
  nlohmann::json intent() const {
    nlohmann::json payload = claims(kIid);
    payload["exp"] = clock.now().seconds() + 48 * 3600;
    payload["auth_req_id"] = "req-1";
    payload["interval"] = 2;
    payload["demand"] = {
        {"@type", "Demand"},
        {"itemOffered", {{"@type", "Product"}, {"name", "mountain bike"}}},
        {"priceSpecification", {{"maxPrice", "1000.00"}, {"priceCurrency", "EUR"}}}};
    return payload;
  }
  // Of the offer as it stands in the book.
  nlohmann::json acceptance(std::string_view jti = "accept-1") const {
    const shop::OfferEntry offer = this->offer();
    nlohmann::json payload = claims(jti);
    payload["intent"] = kIid;
    payload["offer"] = offer.oid;
    payload["rev"] = offer.latest().rev;
    payload["offer_sha256"] = shop::sha256_of(offer.jws);
    payload["grants"] = {{{"auth_req_id", "grant-1"}}, {{"auth_req_id", "grant-2"}}};
    return payload;
  }
  nlohmann::json cancellation(std::string_view acceptance) const {
    nlohmann::json payload = claims("cancel-1");
    payload["intent"] = kIid;
    payload["acceptance"] = acceptance;
    return payload;
  }
  nlohmann::json closing() const {
    nlohmann::json payload = claims("close-1");
    payload["intent"] = kIid;
    return payload;
  }

  Result<shop::Reply> take(std::string_view type, const nlohmann::json& payload) {
    return intake->take(vault.key().sign(type, payload));
  }
  // Hears the intent and offers.
  void offer_something() {
    REQUIRE(take("vrm-intent+jwt", intent()).ok());
    work();
    REQUIRE(offer().latest().taken);
  }
  std::optional<Instant> work() {
    const auto next = seller->work();
    REQUIRE(next.ok());
    return next.value();
  }

  shop::Ledger ledger() const { return business->book().read().value(); }
  shop::IntentEntry intent_entry() const {
    const shop::Ledger book = ledger();
    REQUIRE(!book.intents.empty());
    return book.intents.front();
  }
  shop::OfferEntry offer() const {
    const shop::Ledger book = ledger();
    REQUIRE(!book.offers.empty());
    return book.offers.front();
  }
  bool heard_saying(std::string_view part) const {
    for (const std::string& line : said) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }

  ScratchFolder scratch;
  MovableClock clock;
  crypto::SystemRandom random;
  VaultDoor door;
  FakeVault vault;
  std::vector<std::string> said;
  std::unique_ptr<shop::Business> business;
  std::unique_ptr<shop::Intake> intake;
  std::unique_ptr<shop::Seller> seller;

 private:
  nlohmann::json character_;
};

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE(!result.ok());
  return result.error().code;
}

}  // namespace vrm::testing
