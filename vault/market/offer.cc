#include "vault/market/offer.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"
#include "vault/market/record.h"
#include "vault/profile/field_name.h"

namespace vrm::market {

namespace {

using nlohmann::json;

constexpr std::string_view kOfferTypes[] = {"vrm-offer+jwt"};
constexpr Duration kDay = std::chrono::hours(24);

Error bad_offer(std::string_view reason) {
  return Error{ErrorCode::Malformed, "not an offer as expected: " + std::string(reason)};
}

Error bad_offer(std::string_view name, std::string_view reason) {
  return bad_offer("`" + std::string(name) + "` " + std::string(reason));
}

Result<jose::Jws> read_jws(std::string_view jws) {
  return jose::Jws::read(jws, {.types = kOfferTypes, .most_bytes = kMostOfferBytes});
}

// A text of the brand's made safe, without blanks around, 1 to `most` bytes.
Result<std::string> safe_text(std::string_view text, std::string_view name, std::size_t most) {
  if (text.size() > most) return bad_offer(name, "is too long");
  std::string safe = printable(text, most);
  const auto first = safe.find_first_not_of(' ');
  if (first == safe.npos) return bad_offer(name, "is empty");
  safe = safe.substr(first, safe.find_last_not_of(' ') + 1 - first);
  if (safe.size() > most) return bad_offer(name, "is too long");
  return safe;
}

Result<std::string> need_text(const json& object, std::string_view name, std::size_t most) {
  const std::string text = TRY(need_string(object, name));
  return safe_text(text, name, most);
}

// Null when it is missing.
Result<const json*> find_object(const json& object, std::string_view name) {
  if (!object.contains(name)) return static_cast<const json*>(nullptr);
  return need_object(object, name);
}

Result<std::optional<std::int64_t>> find_bounded(const json& object, std::string_view name,
                                                 std::int64_t most) {
  const auto value = TRY(find_int(object, name));
  if (value && (*value < 0 || *value > most)) return bad_offer(name, "is out of range");
  return value;
}

Result<void> check_kind(const json& object, std::string_view wanted) {
  const auto kind = TRY(find_string(object, "@type"));
  if (kind && *kind != wanted) return bad_offer("@type", "must be " + std::string(wanted));
  return {};
}

// A property's value may be a text, a whole number, true or false.
Result<std::string> value_text(const json& object) {
  const auto found = object.find("value");
  if (found == object.end()) return bad_offer("value", "is missing");
  if (found->is_boolean()) return std::string(found->get<bool>() ? "true" : "false");
  if (found->is_number_integer()) return std::to_string(found->get<std::int64_t>());
  return need_text(object, "value", kMostPropertyValueBytes);
}

Result<std::vector<Property>> read_properties(const json& item) {
  std::vector<Property> properties;
  if (!item.contains("additionalProperty")) return properties;
  const json* list = TRY(need_array(item, "additionalProperty"));
  if (list->size() > kMostOfferedProperties)
    return bad_offer("additionalProperty", "has too many members");
  for (const json& member : *list) {
    Property property;
    property.name = TRY(need_text(member, "propertyID", kMostPropertyNameBytes));
    property.value = TRY(value_text(member));
    properties.push_back(std::move(property));
  }
  return properties;
}

Result<void> read_item(const json& object, Offer& offer) {
  const json* item = TRY(need_object(object, "itemOffered"));
  TRY(check_kind(*item, "Product"));
  offer.title = TRY(need_text(*item, "name", kMostTitleBytes));
  const auto gtin = TRY(find_string(*item, "gtin"));
  if (gtin && !is_gtin(*gtin)) return bad_offer("gtin", "is no article number");
  offer.gtin = gtin.value_or("");
  offer.properties = TRY(read_properties(*item));
  return {};
}

Result<Money> need_money(const json& object, std::string_view name, const std::string& currency) {
  const std::string amount = TRY(need_string(object, name));
  auto money = money_from_amount(amount, currency);
  if (!money.ok()) return bad_offer(name, "is no amount of " + printable(currency, 3));
  return money;
}

Result<void> read_prices(const json& object, Offer& offer) {
  const std::string currency = TRY(need_string(object, "priceCurrency"));
  const json* total = TRY(need_object(object, "vrm:total"));
  const Money price = TRY(need_money(object, "price", currency));
  offer.subtotal = TRY(need_money(*total, "subtotal", currency));
  offer.shipping = TRY(need_money(*total, "shipping", currency));
  offer.fee = TRY(need_money(*total, "fee", currency));
  offer.total = TRY(need_money(*total, "total", currency));
  if (price != offer.subtotal) return bad_offer("price", "is not the subtotal");
  if (offer.subtotal.minor + offer.shipping.minor + offer.fee.minor != offer.total.minor)
    return bad_offer("total", "is not the sum of its parts");
  return {};
}

Result<void> read_terms(const json& object, Offer& offer) {
  if (const json* warranty = TRY(find_object(object, "warranty"))) {
    const json* lasting = TRY(need_object(*warranty, "durationOfWarranty"));
    const std::string unit = TRY(need_string(*lasting, "unitCode"));
    if (unit != "MON" && unit != "ANN") return bad_offer("unitCode", "must be MON or ANN");
    const std::int64_t months = unit == "MON" ? 1 : 12;
    const auto value = TRY(find_bounded(*lasting, "value", kMostWarrantyMonths / months));
    if (!value) return bad_offer("value", "is missing");
    offer.warranty_months = *value * months;
  }
  if (const json* policy = TRY(find_object(object, "hasMerchantReturnPolicy")))
    offer.return_days = TRY(find_bounded(*policy, "merchantReturnDays", kMostReturnDays));
  return {};
}

// P30D.
Result<std::int64_t> days_from(std::string_view text) {
  if (text.size() < 3 || text.size() > 8 || text.front() != 'P' || text.back() != 'D')
    return bad_offer("retention", "must be whole days, as P30D");
  const char* end = text.data() + text.size() - 1;
  std::int64_t days = 0;
  const auto read = std::from_chars(text.data() + 1, end, days);
  if (read.ec != std::errc() || read.ptr != end || days < 0 || days > kMostRetentionDays)
    return bad_offer("retention", "must be whole days, as P30D");
  return days;
}

Result<std::vector<std::string>> read_recipients(const json& object) {
  const auto listed = TRY(find_strings(object, "recipients"));
  std::vector<std::string> recipients;
  if (!listed) return recipients;
  if (listed->size() > kMostRecipients) return bad_offer("recipients", "has too many members");
  for (const auto& text : *listed) {
    std::string recipient = TRY(safe_text(text, "recipients", kMostRecipientBytes));
    recipients.push_back(std::move(recipient));
  }
  return recipients;
}

Result<RequiredData> read_required(const json& object) {
  RequiredData data;
  data.field = TRY(need_string(object, "field"));
  if (!profile::is_field_name(data.field))
    return bad_offer("field", "`" + printable(data.field, 40) + "` is no name of a field");
  data.purpose = TRY(need_text(object, "purpose", kMostPurposeBytes));
  data.needed_at = TRY(need_string(object, "neededAt"));
  if (data.needed_at != "accept" && data.needed_at != "ship" && data.needed_at != "after")
    return bad_offer("neededAt", "must be accept, ship or after");
  const std::string retention = TRY(need_string(object, "retention"));
  data.retention_days = TRY(days_from(retention));
  data.recipients = TRY(read_recipients(object));
  data.optional = TRY(find_bool(object, "optional")).value_or(false);
  return data;
}

Result<std::vector<RequiredData>> read_required_list(const json& object) {
  std::vector<RequiredData> required;
  if (!object.contains("vrm:requiredData")) return required;
  const json* list = TRY(need_array(object, "vrm:requiredData"));
  if (list->size() > kMostRequiredFields)
    return bad_offer("vrm:requiredData", "has too many members");
  std::set<std::pair<std::string, std::string>> seen;
  for (const json& member : *list) {
    RequiredData data = TRY(read_required(member));
    if (!seen.emplace(data.field, data.purpose).second)
      return bad_offer("vrm:requiredData", "names a field twice for one purpose");
    required.push_back(std::move(data));
  }
  return required;
}

Result<void> read_content(const json& object, Offer& offer) {
  TRY(check_kind(object, "Offer"));
  TRY(read_item(object, offer));
  TRY(read_prices(object, offer));
  TRY(read_terms(object, offer));
  const std::string day = TRY(need_string(object, "vrm:deliverBy"));
  const auto arrives = date_from_text(day);
  if (!arrives.ok() || arrives.value().ms < 0)
    return bad_offer("vrm:deliverBy", "must be a day, as 2026-11-26");
  offer.arrives = arrives.value();
  offer.required = TRY(read_required_list(object));
  return {};
}

// What can be said of the claims without knowing who asks and when.
Result<Offer> read_offer(const json& payload) {
  const jose::Claims claims = TRY(jose::read_claims(payload));
  if (!claims.iat) return bad_offer("iat", "is missing");
  if (!claims.exp || *claims.exp <= *claims.iat) return bad_offer("exp", "is not behind `iat`");
  if (!is_wire_name(claims.jti)) return bad_offer("jti", "must be 1 to 64 of A-Z a-z 0-9 _ -");
  Offer offer;
  offer.oid = claims.jti;
  offer.signed_at = *claims.iat;
  offer.valid_until = *claims.exp;
  offer.rev = TRY(need_int(payload, "rev"));
  if (offer.rev < 1 || offer.rev > kMostRevision) return bad_offer("rev", "must be 1 to 20");
  const json* content = TRY(need_object(payload, "offer"));
  TRY(read_content(*content, offer));
  return offer;
}

Result<void> check_addressed(const json& payload, const OfferRules& rules) {
  const jose::Claims claims = TRY(jose::read_claims(payload));
  if (!jose::check_issuer(claims, rules.client_id).ok()) return bad_offer("iss", "is another");
  if (!jose::check_audience(claims, rules.issuer).ok()) return bad_offer("aud", "is another");
  if (claims.jti != rules.oid) return bad_offer("jti", "is not the name in the path");
  if (claims.nbf && *claims.nbf > rules.now + jose::kClockSkew)
    return bad_offer("nbf", "is to come");
  const std::string intent = TRY(need_string(payload, "intent"));
  if (intent != rules.intent) return bad_offer("intent", "is another");
  return {};
}

Result<void> check_fits(const Offer& offer, const OfferRules& rules) {
  if (offer.signed_at > rules.now + jose::kClockSkew) return bad_offer("iat", "is to come");
  if (offer.valid_until <= rules.now) return bad_offer("exp", "is past");
  if (offer.valid_until > rules.now + kMostOfferLife) return bad_offer("exp", "is too far off");
  if (offer.total.currency != rules.currency)
    return bad_offer("priceCurrency", "is not the one that was asked for");
  // A day begins in some place 14 hours before it does in UTC, and ends in another 12 hours after.
  if (offer.arrives + kDay + kDay < rules.now) return bad_offer("vrm:deliverBy", "is past");
  if (offer.arrives > rules.now + kMostDeliveryTime)
    return bad_offer("vrm:deliverBy", "is too far off");
  return {};
}

Result<json> kept_payload(std::string_view jws) {
  const auto read = read_jws(jws);
  if (!read.ok()) return unreadable("an offer");
  auto payload = read.value().claims();
  if (!payload.ok()) return unreadable("an offer");
  return payload;
}

// As deep as the strict reader goes.
json made_safe(const json& value) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>(), kMostOfferBytes);
  if (value.is_array()) {
    json list = json::array();
    for (const json& member : value) list.push_back(made_safe(member));
    return list;
  }
  if (!value.is_object()) return value;
  json object = json::object();
  for (const auto& [name, member] : value.items())
    object[printable(name, kMostOfferBytes)] = made_safe(member);
  return object;
}

}  // namespace

Result<Offer> take_offer(std::string_view jws, const jose::JwkSet& keys, const OfferRules& rules) {
  const jose::Jws read = TRY(read_jws(jws));
  const jose::VerifyingKey* key = keys.find(read.kid(), read.kind());
  if (key == nullptr)
    return Error{ErrorCode::BadKey, "the offer is signed by no key of the brand's document"};
  TRY(read.verify(*key));
  const json payload = TRY(read.claims());
  TRY(check_addressed(payload, rules));
  Offer offer = TRY(read_offer(payload));
  TRY(check_fits(offer, rules));
  return offer;
}

Result<Offer> read_kept_offer(std::string_view jws) {
  const json payload = TRY(kept_payload(jws));
  auto offer = read_offer(payload);
  if (!offer.ok()) return unreadable("an offer");
  return offer;
}

Result<json> offer_document(std::string_view jws) {
  const json payload = TRY(kept_payload(jws));
  const auto content = need_object(payload, "offer");
  if (!content.ok()) return unreadable("an offer");
  return made_safe(*content.value());
}

}  // namespace vrm::market
