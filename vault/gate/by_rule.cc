#include "vault/gate/by_rule.h"

#include <algorithm>

#include "vault/gate/documents.h"

namespace vrm::gate {

namespace {

// Whether each of what the rule would give can be told now: while locked, what is not here cannot be told from what
// the owner has not got.
bool can_give(const Rooms& rooms, const grants::Grant& grant) {
  return std::all_of(grant.fields.begin(), grant.fields.end(),
                     [&rooms](const auto& name) { return is_there(rooms, name); });
}

journal::Entry entry_of(const grants::Grant& grant, const grants::Rule& rule, Instant at) {
  return {.at = at,
          .kind = journal::Kind::RequestApproved,
          .brand_key = grant.key,
          .brand = grant.brand,
          .grant = grant.id.text,
          .fields = grant.fields,
          .purpose = grant.purpose,
          .reason = rule.id.text};
}

}  // namespace

grants::RulePtr answering_rule(const Vault& vault, const grants::AccessRequest& request) {
  const auto& rooms = *vault.rooms();
  const auto brand = rooms.brands.find(request.brand);
  if (brand == nullptr || brand->standing != brands::Standing::Known) return nullptr;
  const auto rule = rooms.rules.covering(request);
  if (rule == nullptr || rule->says == grants::Says::Deny) return rule;
  if (vault.doubt()) return nullptr;
  if (vault.state() == State::Open) return rule;
  const auto grant = rule->grant_for(request, {}, request.received_at);
  return rule->served_while_locked && can_give(rooms, grant) ? rule : nullptr;
}

Result<void> take(store::Txn& txn, Vault& vault, grants::AccessRequest request,
                  journal::Entry entry) {
  auto& rooms = *vault.rooms();
  Random& random = vault.means().random;
  const auto brand = rooms.brands.find(request.brand);
  if (brand == nullptr) return Error{ErrorCode::NotFound, "the brand was forgotten"};
  const auto rule = answering_rule(vault, request);
  // To a brand that gets nothing, its request looks like any other that the owner lets lapse.
  const bool is_denied = brand->standing != brands::Standing::Known ||
                         (rule != nullptr && rule->says == grants::Says::Deny);
  if (rule != nullptr) request.rule = rule->id.text;
  if (is_denied) {
    request.answered = grants::Answered::Denied;
    entry.outcome = journal::Outcome::Refused;
    entry.reason = request.rule;
  }
  std::optional<grants::Grant> grant;
  if (rule != nullptr && !is_denied) {
    grant = rule->grant_for(request, GrantId::make(random), request.received_at);
    request.answered = grants::Answered::Approved;
    request.grant = grant->id.text;
  }
  TRY(rooms.requests.receive(txn, std::move(request), random));
  TRY(journal::append(txn, *rooms.store, entry));
  if (!grant) return {};
  TRY(rooms.grants.make(txn, *grant, random));
  TRY(journal::append(txn, *rooms.store, entry_of(*grant, *rule, entry.at)));
  return {};
}

Result<void> answer_waiting(Vault& vault) {
  auto* rooms = TRY(vault.changeable_rooms());
  const Instant now = vault.now();
  const auto answers = [&vault, now](const grants::AccessRequest& request) -> grants::RulePtr {
    if (request.condition(now) != grants::RequestCondition::Pending) return nullptr;
    const auto rule = answering_rule(vault, request);
    const bool was_there = rule != nullptr && rule->made_at <= request.received_at;
    return was_there && rule->says == grants::Says::Approve ? rule : nullptr;
  };
  const auto waiting = rooms->requests.list();
  if (std::none_of(waiting.begin(), waiting.end(),
                   [&](const auto& each) { return answers(*each) != nullptr; }))
    return {};
  return rooms->store->run([&](store::Txn& txn) -> Result<void> {
    for (const auto& request : rooms->requests.list()) {
      const auto rule = answers(*request);
      if (rule == nullptr) continue;
      const auto grant = rule->grant_for(*request, GrantId::make(vault.means().random), now);
      TRY(rooms->requests.approve(txn, request->id.text, grant.id.text, now, rule->id.text));
      TRY(rooms->grants.make(txn, grant, vault.means().random));
      TRY(journal::append(txn, *rooms->store, entry_of(grant, *rule, now)));
    }
    return {};
  });
}

}  // namespace vrm::gate
