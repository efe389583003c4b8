#include "vault/market/demand.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/text.h"

namespace vrm::market {

namespace {

using nlohmann::json;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr Instant kLastInstant{253'402'300'799'999};  // the end of the year 9999

constexpr std::string_view kToldWords[] = {"none", "band", "exact"};

bool is_gtin_length(std::size_t digits) {
  return digits == 8 || digits == 12 || digits == 13 || digits == 14;
}

bool is_text(std::string_view text, std::size_t most) {
  return text.size() <= most && text.find_first_not_of(' ') != text.npos &&
         printable(text, most) == text;
}

bool is_moment(Instant at) {
  return at.ms >= 0 && at <= kLastInstant;
}

bool is_day(Instant at) {
  return is_moment(at) && at.ms % kDayMs == 0;
}

Error wrong(std::string key, Gaps with = {}) {
  return refusal(ErrorCode::Malformed, std::move(key), std::move(with));
}

bool is_amount(const Money& money, std::string_view currency) {
  return money.currency == currency && money.minor > 0 && money.minor <= kMostMinorUnits;
}

Result<void> check_properties(const std::vector<Property>& properties) {
  if (properties.size() > kMostWantedProperties)
    return wrong("market.too_many_properties", {{"most", std::to_string(kMostWantedProperties)}});
  for (const auto& property : properties)
    if (!is_text(property.name, kMostPropertyNameBytes) ||
        !is_text(property.value, kMostPropertyValueBytes))
      return wrong("market.bad_property", {{"property", property.name + "=" + property.value}});
  return {};
}

Result<void> check_gtins(const std::vector<std::string>& gtins) {
  if (gtins.size() > kMostGtins)
    return wrong("market.too_many_gtins", {{"most", std::to_string(kMostGtins)}});
  for (const auto& gtin : gtins)
    if (!is_gtin(gtin)) return wrong("market.bad_gtin", {{"gtin", gtin}});
  return {};
}

json property_value(const Property& property) {
  return {{"@type", "PropertyValue"}, {"propertyID", property.name}, {"value", property.value}};
}

json item_wanted(const PublicPart& part) {
  json item = {{"@type", "Product"}, {"name", part.text}};
  if (!part.category.empty()) item["category"] = part.category;
  if (!part.gtins.empty()) item["gtin"] = part.gtins;
  for (const auto& property : part.must)
    item["additionalProperty"].push_back(property_value(property));
  return item;
}

json constraint_list(const std::vector<Property>& properties) {
  json list = json::array();
  for (const auto& property : properties)
    list.push_back({{"propertyID", property.name}, {"value", property.value}});
  return list;
}

json price_wanted(const PublicPart& part) {
  json price = {{"@type", "PriceSpecification"}, {"priceCurrency", part.currency}};
  if (part.limit_told) price["maxPrice"] = amount_of(*part.limit_told);
  return price;
}

// The lower case of Latin letters up to U+017F; all others stay.
char32_t lower(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  const bool upper_is_even =
      (c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
  const bool upper_is_odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if ((upper_is_even && c % 2 == 0) || (upper_is_odd && c % 2 == 1)) return c + 1;
  return c == 0x178 ? char32_t{0xFF} : c;
}

}  // namespace

std::string_view to_string(Told told) {
  return kToldWords[static_cast<std::size_t>(told)];
}

Result<Told> told_from(std::string_view word) {
  for (const auto told : {Told::None, Told::Band, Told::Exact})
    if (to_string(told) == word) return told;
  return wrong("market.bad_told", {{"typed", std::string(word)}});
}

Money band_above(const Money& limit) {
  const auto decimals = decimals_of(limit.currency);
  VRM_CHECK(decimals.ok() && limit.minor >= 0 && limit.minor <= kMostMinorUnits);
  std::int64_t unit = 1;
  for (int i = 0; i < decimals.value(); ++i) unit *= 10;
  constexpr std::array<std::int64_t, 6> kTenths = {10, 15, 20, 30, 50, 75};
  for (std::int64_t power = unit;; power *= 10) {
    for (const std::int64_t tenths : kTenths) {
      const std::int64_t tenfold = power * tenths;
      if (tenfold % (10 * unit) == 0 && tenfold / 10 > limit.minor)
        return {tenfold / 10, limit.currency};
    }
  }
}

Instant band_after(Instant deadline, Instant now) {
  const std::int64_t today = std::chrono::floor<std::chrono::days>(Duration(now.ms)).count();
  const auto after = [today](std::int64_t days) { return Instant{(today + days) * kDayMs}; };
  for (const std::int64_t days : {1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180, 365})
    if (after(days) > deadline) return after(days);
  const std::int64_t years = (deadline - after(0)).count() / (365 * kDayMs);
  return after(365 * (years + 1));
}

std::string date_of(Instant day) {
  return to_rfc3339(day).substr(0, 10);
}

json write_demand(const PublicPart& part) {
  json demand = {{"@context", {"https://schema.org", "https://vrm.example/ns/v1"}},
                 {"@type", "Demand"},
                 {"itemOffered", item_wanted(part)},
                 {"priceSpecification", price_wanted(part)},
                 {"validThrough", to_rfc3339(Instant{part.offers_until.seconds() * 1000})},
                 {"vrm:maxOffers", part.most_offers}};
  if (part.limit_told) demand["vrm:budgetDisclosure"] = to_string(part.limit_kind);
  if (!part.near.empty()) demand["areaServed"] = {{"@type", "Place"}, {"name", part.near}};
  if (part.deadline_told) demand["vrm:deliverBy"] = date_of(*part.deadline_told);
  if (!part.must.empty()) demand["vrm:constraints"]["must"] = constraint_list(part.must);
  if (!part.nice.empty()) demand["vrm:constraints"]["prefer"] = constraint_list(part.nice);
  return demand;
}

Result<void> check_public(const PublicPart& part) {
  if (!is_text(part.text, kMostTextBytes)) return wrong("market.bad_want");
  if (!part.category.empty() && !is_text(part.category, kMostTextBytes))
    return wrong("market.bad_category", {{"typed", part.category}});
  if (!part.near.empty() && !is_text(part.near, kMostTextBytes))
    return wrong("market.bad_place", {{"typed", part.near}});
  TRY(check_gtins(part.gtins));
  TRY(check_properties(part.must));
  TRY(check_properties(part.nice));
  if (!decimals_of(part.currency).ok())
    return wrong("market.bad_currency", {{"typed", part.currency}});
  if (part.limit_told.has_value() != (part.limit_kind != Told::None) ||
      (part.limit_told && !is_amount(*part.limit_told, part.currency)))
    return wrong("market.bad_limit");
  if (part.deadline_told && !is_day(*part.deadline_told)) return wrong("market.bad_deadline");
  if (!is_moment(part.offers_until)) return wrong("market.bad_offers_until");
  if (part.most_offers < 1 || part.most_offers > kMostLiveOffers)
    return wrong("market.bad_most_offers", {{"most", std::to_string(kMostLiveOffers)}});
  return {};
}

Result<void> check_weights(const Weights& weights) {
  int sum = 0;
  for (const int weight :
       {weights.price, weights.delivery, weights.data, weights.terms, weights.nice}) {
    if (weight < 0 || weight > kMostWeight)
      return wrong("market.bad_weights", {{"most", std::to_string(kMostWeight)}});
    sum += weight;
  }
  if (sum == 0) return wrong("market.bad_weights", {{"most", std::to_string(kMostWeight)}});
  return {};
}

Result<void> check_private(const PrivatePart& part, std::string_view currency) {
  if (part.limit && !is_amount(*part.limit, currency)) return wrong("market.bad_limit");
  if (part.deadline && !is_day(*part.deadline)) return wrong("market.bad_deadline");
  return check_weights(part.weights);
}

std::string comparable(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  text = text.substr(first, text.find_last_not_of(' ') + 1 - first);
  std::string out;
  for (std::size_t at = 0; at < text.size();)
    append_utf8(out, lower(next_scalar(text, at).value_or(0xFFFD)));
  return out;
}

bool is_gtin(std::string_view text) {
  if (!is_gtin_length(text.size()) ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = text[text.size() - 1 - i] - '0';
    sum += i % 2 == 0 ? digit : 3 * digit;
  }
  return sum % 10 == 0;
}

}  // namespace vrm::market
