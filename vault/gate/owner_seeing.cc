// OwnerDesk: what a brand can see, why it may or may not read a field, and whether a field can be read at all.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/never.h"
#include "vault/gate/orders.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/policy_world.h"
#include "vault/gate/sight.h"
#include "vault/gate/typed_brand.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// As it is once its brand has taken it up.
grants::Grant as_taken_up(const grants::Grant& grant) {
  grants::Grant then = grant;
  const bool waits =
      grant.stored == grants::Stored::Waiting || grant.stored == grants::Stored::Held;
  if (waits) then.stored = grants::Stored::Active;
  return then;
}

// Also where its only read was made.
bool gives(const grants::Grant& grant, const std::string& field) {
  return std::find(grant.fields.begin(), grant.fields.end(), field) != grant.fields.end();
}

std::string word_for(const grants::Purposes& purposes, const std::string& dpv) {
  const auto* purpose = purposes.find(dpv);
  return purpose == nullptr ? dpv : purpose->word;
}

json decision_document(const Rules& rules, const Decision& decision) {
  return {{"allowed", decision.allowed},
          {"policies", policies_document(rules.ground(), decision.reasons)},
          {"erring", policies_document(rules.ground(), decision.errors)}};
}

json decision_on_grant(const Rooms& rooms, const Rules& rules, const brands::Brand& brand,
                       const grants::Grant& grant, const std::string& field,
                       const std::string& purpose, Instant at) {
  const grants::Grant then = as_taken_up(grant);
  const auto condition = condition_of(rooms, then, at);
  Decision decision = rules.decide({brand, &then, field, purpose, at});
  if (condition != grants::Condition::Active) decision.allowed = false;
  json document = decision_document(rules, decision);
  document["grant"] = grant.id.text;
  document["state"] = grants::to_string(condition);
  document["covers"] = then.covers(field);
  return document;
}

// What is open of one field to anybody; null where that cannot be enumerated.
Result<json> open_of(const std::string& field, const Rooms& rooms, const Knowledge& knowledge,
                     const Rules& rules, Instant now) {
  auto openings = openings_now(rooms, knowledge, rules.ground(), "", now);
  if (!openings.ok() && openings.error().code == ErrorCode::Malformed) return json(nullptr);
  auto open = TRY(std::move(openings));
  std::erase_if(open, [&field](const Opening& opening) { return opening.field != field; });
  return openings_document(open, knowledge.purposes, now);
}

// What the policies say of a grant for just this, made at that moment.
json decision_if_given(const Rules& rules, const brands::Brand& brand, const std::string& field,
                       const grants::Purpose& purpose, Instant at) {
  const grants::Grant grant = imagined_grant(brand, field, purpose, at);
  Decision decision = rules.decide({brand, &grant, field, purpose.dpv, at});
  if (!purpose.grantable && decision.allowed) decision = {};
  json document = decision_document(rules, decision);
  document["purpose"] = purpose.word;
  document["grantable"] = purpose.grantable;
  return document;
}

}  // namespace

Result<std::shared_ptr<const Rules>> OwnerDesk::rules_in_force() const {
  auto rules = policies_.rules();
  if (rules == nullptr)
    return refusal(ErrorCode::Unavailable, "policy.none_in_force",
                   {{"folder", policies_.folder().string()}});
  return rules;
}

Result<json> OwnerDesk::sees(std::string_view typed) const {
  const auto rules = TRY(rules_in_force());
  auto* rooms = TRY(vault_.open_rooms());
  const auto brand = TRY(typed_brand(rooms->brands, typed));
  const Instant now = vault_.now();
  const auto& knowledge = vault_.knowledge();
  const auto found = openings_now(*rooms, knowledge, rules->ground(), brand->handle, now);
  if (!found.ok() && found.error().code == ErrorCode::Malformed)
    return refusal(ErrorCode::Malformed, "see.not_exact", {{"why", found.error().message}});
  const auto openings = TRY(found);
  return json{{"schema", "vrm.sees/1"},
              {"brand", brand->handle},
              {"brand_name", brand->name},
              {"at", in_seconds(now)},
              {"items", openings_document(openings, knowledge.purposes, now)}};
}

Result<json> OwnerDesk::why(std::string_view typed, const WhyQuery& query) const {
  const auto rules = TRY(rules_in_force());
  auto* rooms = TRY(vault_.open_rooms());
  const auto brand = TRY(typed_brand(rooms->brands, typed));
  TRY(profile::check_field_name(query.field));
  const auto& purposes = vault_.knowledge().purposes;
  const auto* wanted = query.purpose.empty() ? nullptr : purposes.find(query.purpose);
  if (wanted == nullptr && !query.purpose.empty())
    return refusal(ErrorCode::Malformed, "purpose.unknown", {{"purpose", query.purpose}});
  const Instant at = query.at.value_or(vault_.now());
  json decisions = json::array();
  bool allowed = false;
  for (const auto& grant : rooms->grants.list()) {
    if (grant->brand != brand->handle || !gives(*grant, query.field)) continue;
    const std::string purpose = wanted == nullptr ? grant->purpose : wanted->dpv;
    json decision = decision_on_grant(*rooms, *rules, *brand, *grant, query.field, purpose, at);
    allowed = allowed || decision["allowed"].get<bool>();
    decision["purpose"] = word_for(purposes, purpose);
    decisions.push_back(std::move(decision));
  }
  json document = {{"schema", "vrm.why/1"},
                   {"brand", brand->handle},
                   {"brand_name", brand->name},
                   {"field", query.field},
                   {"at", in_seconds(at)},
                   {"allowed", allowed},
                   {"decisions", std::move(decisions)},
                   {"if_given", nullptr}};
  if (wanted != nullptr) {
    document["if_given"] = decision_if_given(*rules, *brand, query.field, *wanted, at);
  }
  return document;
}

Result<json> OwnerDesk::never(std::string_view field) const {
  const auto rules = TRY(rules_in_force());
  auto* rooms = TRY(vault_.open_rooms());
  const std::string name(field);
  TRY(profile::check_field_name(name));
  const Instant now = vault_.now();
  const auto& knowledge = vault_.knowledge();
  const auto found =
      TRY(never_read(rules->ground(), knowledge.purposes, rooms->brands.list(), name, now));
  const auto open_now = TRY(open_of(name, *rooms, knowledge, *rules, now));
  json document = {{"schema", "vrm.never/1"},
                   {"field", name},
                   {"never", nullptr},
                   {"example", nullptr},
                   {"policies", policies_document(rules->ground(), found.refusing)},
                   {"open_now", open_now}};
  if (found.is_sure) document["never"] = true;
  // A grant that a policy names may open it where no other would.
  if (!open_now.empty()) document["never"] = false;
  if (!found.example) return document;
  const auto& example = *found.example;
  document["never"] = false;
  document["example"] = {{"brand", example.brand.empty() ? json() : json(example.brand)},
                         {"trust", brands::to_string(example.trust)},
                         {"purpose", word_for(knowledge.purposes, example.opening.purpose)},
                         {"policies", policies_document(rules->ground(), example.opening.reasons)}};
  return document;
}

}  // namespace vrm::gate
