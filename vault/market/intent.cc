#include "vault/market/intent.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/market/record.h"

namespace vrm::market {

namespace {

using nlohmann::json;

json list_of(const std::vector<Property>& properties) {
  json list = json::array();
  for (const auto& property : properties)
    list.push_back({{"name", property.name}, {"value", property.value}});
  return list;
}

json written(const PublicPart& part) {
  json told = {{"text", part.text},
               {"category", part.category},
               {"gtins", part.gtins},
               {"near", part.near},
               {"must", list_of(part.must)},
               {"nice", list_of(part.nice)},
               {"currency", part.currency},
               {"limit_kind", to_string(part.limit_kind)},
               {"offers_until", part.offers_until.ms},
               {"most_offers", part.most_offers}};
  if (part.limit_told) told["limit_told"] = part.limit_told->minor;
  if (part.deadline_told) told["deadline_told"] = part.deadline_told->ms;
  return told;
}

json written(const PrivatePart& part) {
  const Weights& weights = part.weights;
  json kept = {{"weights",
                {{"price", weights.price},
                 {"delivery", weights.delivery},
                 {"data", weights.data},
                 {"terms", weights.terms},
                 {"nice", weights.nice}}}};
  if (part.limit) kept["limit"] = part.limit->minor;
  if (part.deadline) kept["deadline"] = part.deadline->ms;
  return kept;
}

Result<std::vector<Property>> read_properties(const json& object, std::string_view name) {
  const json* list = TRY(need_array(object, name));
  std::vector<Property> properties;
  for (const json& item : *list) {
    Property property;
    property.name = TRY(need_string(item, "name"));
    property.value = TRY(need_string(item, "value"));
    properties.push_back(std::move(property));
  }
  return properties;
}

// Minor units of `currency`; their range is asked by check_public and check_private.
Result<std::optional<Money>> find_money(const json& object, std::string_view name,
                                        const std::string& currency) {
  const auto minor = TRY(find_int(object, name));
  if (!minor) return std::optional<Money>();
  return std::optional<Money>(Money{*minor, currency});
}

Result<PublicPart> read_told(const json& object) {
  PublicPart part;
  part.text = TRY(need_string(object, "text"));
  part.category = TRY(need_string(object, "category"));
  part.gtins = TRY(need_strings(object, "gtins"));
  part.near = TRY(need_string(object, "near"));
  part.must = TRY(read_properties(object, "must"));
  part.nice = TRY(read_properties(object, "nice"));
  part.currency = TRY(need_string(object, "currency"));
  part.limit_told = TRY(find_money(object, "limit_told", part.currency));
  const std::string kind = TRY(need_string(object, "limit_kind"));
  part.limit_kind = TRY(told_from(kind));
  part.deadline_told = TRY(find_instant(object, "deadline_told"));
  part.offers_until = TRY(need_instant(object, "offers_until"));
  part.most_offers = TRY(need_int(object, "most_offers"));
  TRY(check_public(part));
  return part;
}

Result<int> need_weight(const json& object, std::string_view name) {
  const std::int64_t weight = TRY(need_int(object, name));
  if (weight < 0 || weight > kMostWeight) return unreadable(name);
  return static_cast<int>(weight);
}

Result<PrivatePart> read_kept(const json& object, const std::string& currency) {
  const json* weights = TRY(need_object(object, "weights"));
  PrivatePart part;
  part.limit = TRY(find_money(object, "limit", currency));
  part.deadline = TRY(find_instant(object, "deadline"));
  part.weights.price = TRY(need_weight(*weights, "price"));
  part.weights.delivery = TRY(need_weight(*weights, "delivery"));
  part.weights.data = TRY(need_weight(*weights, "data"));
  part.weights.terms = TRY(need_weight(*weights, "terms"));
  part.weights.nice = TRY(need_weight(*weights, "nice"));
  TRY(check_private(part, currency));
  return part;
}

Result<Intent> intent_from(const json& object) {
  const json* told = TRY(need_object(object, "told"));
  const json* kept = TRY(need_object(object, "kept"));
  Intent intent;
  intent.id.text = TRY(need_id(object, "id", IntentKind::kPrefix));
  intent.told = TRY(read_told(*told));
  intent.kept = TRY(read_kept(*kept, intent.told.currency));
  intent.made_at = TRY(need_instant(object, "made_at"));
  intent.cancelled = TRY(need_bool(object, "cancelled"));
  intent.acceptance = TRY(need_string(object, "acceptance"));
  if (!intent.acceptance.empty() && !is_id(intent.acceptance, AcceptanceKind::kPrefix))
    return unreadable("acceptance");
  return intent;
}

}  // namespace

IntentState Intent::state(std::optional<AcceptanceState> latest, Instant now) const {
  if (latest == AcceptanceState::Acknowledged) return IntentState::Accepted;
  if (latest == AcceptanceState::Pending) return IntentState::Accepting;
  if (cancelled) return IntentState::Cancelled;
  return now < told.offers_until ? IntentState::Open : IntentState::Closed;
}

Bytes write_intent(const Intent& intent) {
  return to_record({{"id", intent.id.text},
                    {"made_at", intent.made_at.ms},
                    {"cancelled", intent.cancelled},
                    {"acceptance", intent.acceptance},
                    {"told", written(intent.told)},
                    {"kept", written(intent.kept)}});
}

Result<Intent> read_intent(BytesView record) {
  const json object = TRY(json_of(record));
  auto intent = intent_from(object);
  if (!intent.ok()) return unreadable("an intent");
  return intent;
}

}  // namespace vrm::market
