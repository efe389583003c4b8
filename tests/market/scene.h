#pragma once
// What the suites of this room share: a brand that signs, its offer as a document to be spoilt, and a demand.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "tests/jose/forge.h"
#include "vault/base/json.h"
#include "vault/base/time.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"
#include "vault/market/demand.h"
#include "vault/market/offer.h"

namespace vrm::market {

inline constexpr Instant kNow{1'795'305'600'000};  // 2026-11-22T00:00:00Z
inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr const char* kClient = "https://velo.example/vrm-brand.json";
inline constexpr const char* kIssuer = "https://vault.example/v/AAAAAAAAAAAAAAAAAAAAAA";
inline constexpr const char* kIid = "Yk3vYk3vYk3vYk3vYk3vYg";

inline Instant day(std::int64_t days) {
  return {kNow.ms + days * kDayMs};
}

inline crypto::SigningKey brand_key() {
  return test::key_of(5);
}
inline jose::JwkSet keys_of(const crypto::SigningKey& key) {
  const std::vector<jose::Jwk> keys{jose::jwk_of(key.public_key())};
  return jose::JwkSet::from(jose::write_jwk_set(keys)).value();
}

inline std::string signed_with(const crypto::SigningKey& key, std::string_view typ,
                               std::string_view payload) {
  const std::string kid = jose::jwk_of(key.public_key()).kid;
  return jose::sign_jws(key, {.typ = typ, .kid = kid}, payload);
}
inline std::string signed_by_brand(std::string_view typ, const nlohmann::json& payload) {
  return signed_with(brand_key(), typ, write_json(payload));
}

// The offer of docs/api/brand.md.
inline nlohmann::json offer_payload() {
  return nlohmann::json::parse(R"({
    "iss":"https://velo.example/vrm-brand.json","aud":"https://vault.example/v/AAAAAAAAAAAAAAAAAAAAAA",
    "iat":1795305590,"exp":1795478400,"jti":"rock-540","rev":1,"intent":"Yk3vYk3vYk3vYk3vYk3vYg",
    "offer":{"@context":["https://schema.org","https://vrm.example/ns/v1"],"@type":"Offer",
     "itemOffered":{"@type":"Product","name":"Rockrider 540","gtin":"4006381333931",
      "additionalProperty":[{"@type":"PropertyValue","propertyID":"frame","value":"L"}]},
     "price":"829.00","priceCurrency":"EUR",
     "vrm:total":{"subtotal":"829.00","shipping":"29.90","fee":"0.00","total":"858.90"},
     "vrm:deliverBy":"2026-11-26",
     "warranty":{"@type":"WarrantyPromise","durationOfWarranty":{"@type":"QuantitativeValue","value":24,"unitCode":"MON"}},
     "hasMerchantReturnPolicy":{"@type":"MerchantReturnPolicy","merchantReturnDays":30},
     "vrm:requiredData":[{"field":"address.home.street_address","purpose":"delivery","neededAt":"ship",
      "retention":"P30D","recipients":["La Poste"],"optional":false}]}})");
}
inline OfferRules offer_rules() {
  return {.client_id = kClient,
          .issuer = kIssuer,
          .intent = kIid,
          .oid = "rock-540",
          .currency = "EUR",
          .now = kNow};
}

inline PublicPart demand() {
  PublicPart part;
  part.text = "mountain bike";
  part.category = "Cycling > Bicycles";
  part.gtins = {"4006381333931"};
  part.near = "Lyon";
  part.must = {{"frame", "L"}};
  part.nice = {{"colour", "green"}};
  part.currency = "EUR";
  part.limit_told = Money{100'000, "EUR"};
  part.limit_kind = Told::Band;
  part.deadline_told = day(6);
  part.offers_until = {kNow.ms + 2 * kDayMs};
  return part;
}

}  // namespace vrm::market
