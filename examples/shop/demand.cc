#include "examples/shop/demand.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostListed = 20;
constexpr std::int64_t kMostOffersAsked = 3;

Error bad_demand(const char* why) {
  return {ErrorCode::Malformed, why};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same_text(std::string_view a, std::string_view b) {
  a = trimmed(a);
  b = trimmed(b);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char one, char other) {
    return std::tolower(static_cast<unsigned char>(one)) ==
           std::tolower(static_cast<unsigned char>(other));
  });
}

// The member `name`, an empty object when it is missing.
Result<nlohmann::json> part(const nlohmann::json& object, std::string_view name) {
  if (!object.contains(name)) return nlohmann::json::object();
  const nlohmann::json* found = TRY(need_object(object, name));
  return *found;
}

Result<std::vector<Property>> read_properties(const nlohmann::json& object, std::string_view name) {
  std::vector<Property> properties;
  if (!object.contains(name)) return properties;
  const nlohmann::json* items = TRY(need_array(object, name));
  if (items->size() > kMostListed) return bad_demand("more properties than the contract allows");
  for (const nlohmann::json& item : *items) {
    Property property;
    property.name = TRY(need_string(item, "propertyID"));
    property.value = TRY(need_string(item, "value"));
    properties.push_back(std::move(property));
  }
  return properties;
}

Result<void> read_product(const nlohmann::json& product, Demand& demand) {
  demand.name = TRY(need_string(product, "name"));
  if (trimmed(demand.name).empty()) return bad_demand("the demand does not say what is wanted");
  demand.category = TRY(find_string(product, "category")).value_or("");
  demand.gtins = TRY(find_strings(product, "gtin")).value_or(std::vector<std::string>());
  if (demand.gtins.size() > kMostListed) return bad_demand("more gtins than anybody needs");
  return {};
}

Result<void> read_price(const nlohmann::json& price, Demand& demand) {
  demand.currency = TRY(find_string(price, "priceCurrency")).value_or("");
  const std::optional<std::string> most = TRY(find_string(price, "maxPrice"));
  if (most) demand.limit = TRY(money_from_amount(*most, demand.currency));
  return {};
}

}  // namespace

bool same(const Property& a, const Property& b) {
  return same_text(a.name, b.name) && same_text(a.value, b.value);
}

std::string Demand::in_words() const {
  std::string text = printable(name, 100);
  for (const Property& property : must) {
    text += ", " + printable(property.name, 40) + " " + printable(property.value, 60);
  }
  if (limit) text += ", up to " + amount_of(*limit) + " " + limit->currency;
  if (!deliver_by.empty()) text += ", by " + printable(deliver_by, 10);
  if (!near.empty()) text += ", near " + printable(near, 60);
  return text;
}

Result<Demand> read_demand(const nlohmann::json& json) {
  const std::string type = TRY(need_string(json, "@type"));
  if (type != "Demand") return bad_demand("not a schema.org Demand");
  Demand demand;
  const nlohmann::json* product = TRY(need_object(json, "itemOffered"));
  TRY(read_product(*product, demand));
  const nlohmann::json price = TRY(part(json, "priceSpecification"));
  TRY(read_price(price, demand));
  const nlohmann::json area = TRY(part(json, "areaServed"));
  demand.near = TRY(find_string(area, "name")).value_or("");
  demand.deliver_by = TRY(find_string(json, "vrm:deliverBy")).value_or("");
  const nlohmann::json constraints = TRY(part(json, "vrm:constraints"));
  demand.must = TRY(read_properties(constraints, "must"));
  demand.prefer = TRY(read_properties(constraints, "prefer"));
  demand.most_offers = TRY(find_int(json, "vrm:maxOffers")).value_or(kMostOffersAsked);
  if (demand.most_offers < 1) return bad_demand("`vrm:maxOffers` is less than one");
  demand.most_offers = std::min(demand.most_offers, kMostOffersAsked);
  return demand;
}

}  // namespace vrm::shop
