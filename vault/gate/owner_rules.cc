// OwnerDesk: decisions that stand for the next time: made when a request is decided on, looked at, taken back.

#include <nlohmann/json.hpp>

#include "vault/gate/by_rule.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/typed_brand.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

journal::Entry entry_of_rule(const grants::Rule& rule, journal::Kind kind, Instant at) {
  return {.at = at,
          .kind = kind,
          .brand_key = rule.key,
          .brand = rule.brand,
          .fields = rule.says == grants::Says::Approve ? rule.gives : rule.decided,
          .purpose = rule.purpose,
          .reason = rule.id.text};
}

}  // namespace

grants::Rule OwnerDesk::rule_on(const grants::AccessRequest& request, grants::Says says) const {
  grants::Rule rule;
  rule.id = RuleId::make(vault_.means().random);
  rule.brand = request.brand;
  rule.key = request.key;
  rule.says = says;
  rule.purpose = request.purpose;
  rule.decided = request.needed;
  rule.decided.insert(rule.decided.end(), request.optional.begin(), request.optional.end());
  rule.asked_s = request.expires_in_s;
  rule.retention_days = request.retention_days;
  rule.asked_reads = request.max_reads;
  rule.terms = request.terms;
  if (rule.terms) rule.terms->jws.clear();
  rule.request = request.id.text;
  rule.made_at = vault_.now();
  return rule;
}

Result<void> OwnerDesk::keep_rule(store::Txn& txn, Rooms& rooms, const grants::Rule& rule) const {
  for (const auto& former : rooms.rules.same_as(rule)) {
    TRY(rooms.rules.remove(txn, former->id.text));
    TRY(journal::append(txn, *rooms.store,
                        entry_of_rule(*former, journal::Kind::RuleRemoved, rule.made_at)));
  }
  TRY(rooms.rules.make(txn, rule, vault_.means().random));
  TRY(journal::append(txn, *rooms.store,
                      entry_of_rule(rule, journal::Kind::RuleMade, rule.made_at)));
  return {};
}

Result<json> OwnerDesk::rules(std::string_view brand) const {
  auto* rooms = TRY(vault_.open_rooms());
  const std::string wanted =
      brand.empty() ? std::string() : TRY(typed_brand(rooms->brands, brand))->handle;
  json items = json::array();
  for (const auto& rule : rooms->rules.list())
    if (wanted.empty() || rule->brand == wanted)
      items.push_back(rule_document(*rooms, *rule, vault_.knowledge().purposes));
  return json{{"schema", "vrm.rules/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::rule(std::string_view id) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto rule = TRY(rooms->rules.find_typed(id));
  return rule_document(*rooms, *rule, vault_.knowledge().purposes);
}

Result<json> OwnerDesk::remove_rule(std::string_view id) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto rule = TRY(rooms->rules.find_typed(id));
  const json document = rule_document(*rooms, *rule, vault_.knowledge().purposes);
  const auto job = [&](store::Txn& txn) -> Result<void> {
    return rooms->rules.remove(txn, rule->id.text);
  };
  TRY(record(*rooms, entry_of_rule(*rule, journal::Kind::RuleRemoved, vault_.now()), job));
  return document;
}

}  // namespace vrm::gate
