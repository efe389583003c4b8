// Any text as an offer, and any text as the content of one that is signed: it is refused, or what was read keeps every
// bound, and the vault's own record of it reads the same.

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/jose/jws.h"
#include "vault/market/offer.h"
#include "vault/profile/field_name.h"

namespace {

using namespace vrm;  // tests only
using namespace vrm::market;

constexpr OfferRules kRules{.client_id = "c",
                            .issuer = "v",
                            .intent = "i",
                            .oid = "o",
                            .currency = "EUR",
                            .now = {1'795'305'600'000}};

const crypto::SigningKey& key() {
  static const crypto::SigningKey made(
      crypto::Secret::copy_of(Bytes(crypto::kSigningSeedBytes, 1)));
  return made;
}
const jose::JwkSet& keys() {
  static const jose::JwkSet made = [] {
    const std::vector<jose::Jwk> listed{jose::jwk_of(key().public_key())};
    return jose::JwkSet::from(jose::write_jwk_set(listed)).value();
  }();
  return made;
}

void check_text(const std::string& text, std::size_t most) {
  VRM_CHECK(!text.empty() && text.size() <= most && printable(text, most) == text);
}

void check(const Offer& offer) {
  check_text(offer.title, kMostTitleBytes);
  VRM_CHECK(offer.rev >= 1 && offer.rev <= kMostRevision);
  VRM_CHECK(offer.gtin.empty() || is_gtin(offer.gtin));
  VRM_CHECK(offer.properties.size() <= kMostOfferedProperties);
  for (const auto& property : offer.properties) {
    check_text(property.name, kMostPropertyNameBytes);
    check_text(property.value, kMostPropertyValueBytes);
  }
  VRM_CHECK(offer.subtotal.minor + offer.shipping.minor + offer.fee.minor == offer.total.minor);
  VRM_CHECK(offer.total.minor >= 0 && offer.total.minor <= kMostMinorUnits);
  VRM_CHECK(money_from_amount(amount_of(offer.total), offer.total.currency).value() == offer.total);
  VRM_CHECK(offer.arrives.ms >= 0 && offer.arrives.ms % 86'400'000 == 0);
  VRM_CHECK(offer.required.size() <= kMostRequiredFields);
  for (const auto& data : offer.required) {
    VRM_CHECK(profile::is_field_name(data.field));
    check_text(data.purpose, kMostPurposeBytes);
    VRM_CHECK(data.retention_days >= 0 && data.retention_days <= kMostRetentionDays);
    VRM_CHECK(data.recipients.size() <= kMostRecipients);
  }
}

std::string signed_offer(const std::string& payload) {
  return jose::sign_jws(key(), {.typ = "vrm-offer+jwt"}, payload);
}

void take(const std::string& jws) {
  const auto taken = take_offer(jws, keys(), kRules);
  const auto kept = read_kept_offer(jws);
  static_cast<void>(offer_document(jws).ok());
  if (!taken.ok()) return;
  VRM_CHECK(jws.size() <= kMostOfferBytes && kept.ok());
  check(taken.value());
  VRM_CHECK(taken.value().oid == "o" && taken.value().total.currency == "EUR");
  VRM_CHECK(kept.value().total == taken.value().total && kept.value().title == taken.value().title);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = text_of({data, size});
  VRM_CHECK(!take_offer(text, keys(), kRules).ok());  // nobody can guess a signature
  const auto kept = read_kept_offer(text);
  if (kept.ok()) check(kept.value());
  if (text.find("\"iss\"") != text.npos) take(signed_offer(text));
  // And as the content of claims that hold.
  take(signed_offer(
      R"({"iss":"c","aud":"v","iat":1795305600,"exp":1795392000,"jti":"o","rev":1,"intent":"i","offer":)" +
      text + "}"));
  return 0;
}
