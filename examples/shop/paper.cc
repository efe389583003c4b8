#include "examples/shop/paper.h"

#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/ids.h"
#include "vault/base/json.h"
#include "vault/crypto/sha256.h"
#include "vault/jose/jws.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

json product_json(const Product& product) {
  json properties = json::array();
  for (const Property& property : product.properties) {
    properties.push_back(
        {{"@type", "PropertyValue"}, {"propertyID", property.name}, {"value", property.value}});
  }
  json item = {{"@type", "Product"}, {"name", product.name}};
  if (!product.gtin.empty()) item["gtin"] = product.gtin;
  if (!properties.empty()) item["additionalProperty"] = properties;
  return item;
}

json required_json(const std::vector<RequiredData>& required) {
  json items = json::array();
  for (const RequiredData& data : required) {
    items.push_back({{"field", data.field},
                     {"purpose", data.purpose},
                     {"neededAt", data.needed_at},
                     {"retention", "P" + std::to_string(data.retention_days) + "D"},
                     {"recipients", data.recipients},
                     {"optional", data.optional}});
  }
  return items;
}

void add_terms(const Character& character, json& offer) {
  if (character.warranty_months) {
    offer["warranty"] = {{"@type", "WarrantyPromise"},
                         {"durationOfWarranty",
                          {{"@type", "QuantitativeValue"},
                           {"value", *character.warranty_months},
                           {"unitCode", "MON"}}}};
  }
  if (character.return_days) {
    offer["hasMerchantReturnPolicy"] = {{"@type", "MerchantReturnPolicy"},
                                        {"merchantReturnDays", *character.return_days}};
  }
}

json offer_json(const Character& character, const OfferWords& words, const Money& total) {
  const std::string price = amount_of(words.price);
  json offer = {
      {"@context", {"https://schema.org", "https://vrm.example/ns/v1"}},
      {"@type", "Offer"},
      {"itemOffered", product_json(words.product)},
      {"price", price},
      {"priceCurrency", character.currency},
      {"vrm:total",
       {{"subtotal", price},
        {"shipping", amount_of(character.shipping)},
        {"fee", amount_of(character.fee)},
        {"total", amount_of(total)}}},
      {"vrm:deliverBy", day_of(words.now + std::chrono::hours(24 * character.arrival_days))},
      {"vrm:requiredData", required_json(character.required_data)}};
  add_terms(character, offer);
  return offer;
}

}  // namespace

Result<std::string> write_offer(const Parties& parties, const Character& character,
                                const OfferWords& words) {
  const Money total = TRY(character.total_at(words.price));
  const json claims = {
      {"iss", parties.client_id},   {"aud", parties.issuer},
      {"iat", words.now.seconds()}, {"exp", words.valid_until.seconds()},
      {"jti", words.oid},           {"rev", words.rev},
      {"intent", words.iid},        {"offer", offer_json(character, words, total)}};
  std::string jws =
      jose::sign_jws(parties.key.signing(), {.typ = "vrm-offer+jwt", .kid = parties.key.jwk().kid},
                     write_json(claims));
  if (jws.size() > kMostOfferBytes) {
    return Error{ErrorCode::Malformed, "the offer is longer than a vault takes"};
  }
  return jws;
}

std::string write_acknowledgement(const Parties& parties, const AcknowledgementWords& words,
                                  Random& random) {
  const json claims = {{"iss", parties.client_id},
                       {"aud", parties.issuer},
                       {"iat", words.now.seconds()},
                       {"exp", words.until.seconds()},
                       {"jti", new_unguessable_name(random)},
                       {"acceptance", words.acceptance},
                       {"accept_sha256", words.sha256},
                       {"order", words.order}};
  return jose::sign_jws(parties.key.signing(), {.typ = "vrm-ack+jwt", .kid = parties.key.jwk().kid},
                        write_json(claims));
}

std::string sha256_of(std::string_view text) {
  return to_base64url(crypto::sha256(bytes_of(text)));
}

std::string day_of(Instant at) {
  return to_rfc3339(at).substr(0, 10);
}

}  // namespace vrm::shop
